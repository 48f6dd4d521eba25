/**
 * Languages. Texts are in `common.*.json` and, a namespace each, in the folders of the screens (`screens/<name>/en.json`) and of what
 * several screens are made of (`ui/<name>/en.json`); a screen's are loaded with the screen. `?lang=pseudo` shows every text from right to left with accents, made from the English one,
 * to find what is not translated and what does not turn round.
 */
import i18next, { type BackendModule, type ResourceKey } from "i18next";
import { initReactI18next } from "react-i18next";
import commonEn from "./common.en.json";
import { pseudo } from "./pseudo";

export const LANGUAGES = { en: "English", es: "Español" } as const;
export type Language = keyof typeof LANGUAGES;
export const isLanguage = (tag: unknown): tag is Language => typeof tag === "string" && tag in LANGUAGES;

/** Arabic with a private variant: right to left, and no text of its own. */
const PSEUDO = "ar-XB";

const STORED = "clinichub.language";
const files = import.meta.glob<{ default: ResourceKey }>(["../{screens,ui}/*/{en,es}.json", "./common.es.json"]);

const backend: BackendModule = {
  type: "backend",
  init: () => undefined,
  read: (language, namespace, done) => {
    load(language, namespace).then(
      (texts) => done(null, texts),
      (error: Error) => done(error, null),
    );
  },
};

async function load(language: string, namespace: string): Promise<ResourceKey> {
  if (language === PSEUDO) return pseudo(await load("en", namespace)) as ResourceKey;
  if (namespace === "common" && language === "en") return commonEn;
  const paths =
    namespace === "common"
      ? [`./common.${language}.json`]
      : [`../screens/${namespace}/${language}.json`, `../ui/${namespace}/${language}.json`];
  const file = paths.map((path) => files[path]).find(Boolean);
  if (!file) throw new Error(`there are no texts of ${namespace} in ${language}`);
  return (await file()).default;
}

/**
 * The server's sentences in the language at hand, by their English; a number stands there as `#`. They come after the page and are not
 * there in English: what nobody translated is shown as the server wrote it.
 */
let sentences: Readonly<Record<string, string>> = {};
export const serverSentence = (english: string): string | undefined => sentences[english];

async function loadSentences(language: string): Promise<void> {
  sentences = language === "es" ? (await import("./server.es.json")).default : {};
}

/** The language asked for in the address, chosen before, or spoken by the browser. */
function preferred(): string {
  const asked = new URLSearchParams(location.search).get("lang");
  if (asked === "pseudo") return PSEUDO;
  const known = [asked, localStorage.getItem(STORED), ...navigator.languages.map((tag) => tag.split("-", 1)[0] ?? "")];
  return known.find(isLanguage) ?? "en";
}

export const isRightToLeft = (language: string): boolean => language.startsWith("ar");

export async function startLanguages(): Promise<void> {
  i18next.on("languageChanged", (language) => {
    document.documentElement.lang = language;
    document.documentElement.dir = isRightToLeft(language) ? "rtl" : "ltr";
    void loadSentences(language).catch(() => undefined);
  });
  await i18next
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: preferred(),
      fallbackLng: false,
      ns: ["common"],
      defaultNS: "common",
      interpolation: { escapeValue: false },
      react: { useSuspense: true },
    });
}

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(STORED, language);
  await i18next.changeLanguage(language);
}

/** Loads the texts of a screen before it is shown. */
export const loadTexts = (namespaces: string | readonly string[]): Promise<void> => i18next.loadNamespaces(namespaces);

/** The language for `Intl`: where people write English differently, as the browser's owner does. */
export function locale(language: string): string {
  if (language === PSEUDO) return "en-US";
  return (
    navigator.languages.find((tag) => tag.split("-", 1)[0] === language) ?? (language === "en" ? "en-US" : language)
  );
}
