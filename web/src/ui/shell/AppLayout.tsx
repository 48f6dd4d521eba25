/** What stands around every screen of somebody who is signed in. */
import { Loader, UnstyledButton } from "@mantine/core";
import { useLocalStorage, useMediaQuery } from "@mantine/hooks";
import { IconDots, IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand, IconSearch } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useMatches, useNavigate, useRouter, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { streamEvents } from "@/api/events";
import { currentUser, seatOf } from "@/api/session";
import { useKeptPreferences } from "../preferences";
import { useMe, useSession } from "../session";
import { Keys, useShortcut, useShortcutKeys } from "../shortcuts";
import { NoPermission } from "../states";
import classes from "./AppLayout.module.css";
import { AppParts } from "./AppParts";
import { Brand } from "./Brand";
import { ClinicSwitcher } from "./ClinicSwitcher";
import { ConnectionBanner } from "./ConnectionBanner";
import { homeOf, mayEnter } from "./home";
import { type Place, placesOf } from "./navigation";
import { UserMenu } from "./UserMenu";

const SignInAgain = lazy(() => import("./SignInAgain"));
const Palette = lazy(() => import("../palette/Palette"));
const ShortcutHelp = lazy(() => import("./ShortcutHelp"));
const MoreDrawer = lazy(() => import("./MoreDrawer"));

/** A dialog that is loaded when it is opened for the first time, and closes with its animation. */
function useLazyDialog() {
  const [isOpen, setOpen] = useState<boolean | null>(null);
  return { isWanted: isOpen !== null, isOpen: isOpen === true, open: () => setOpen(true), close: () => setOpen(false) };
}

export function AppLayout() {
  const session = useSession();
  const seat = useSettledSeat();
  // Between two people, or two clinics, there is nobody to show anything to.
  if (seat === null || !("user" in session) || seat !== seatOf(session)) return null;
  return (
    <AppParts>
      <Shell key={seat} />
      <Suspense>{session.state === "expired" && <SignInAgain user={session.user} />}</Suspense>
    </AppParts>
  );
}

/**
 * Who sits where, once the address fits them: signed out, here or in another tab, leads to the sign-in page, and another clinic to where
 * the day begins, since what was on the screen is of the other one.
 */
function useSettledSeat(): string | null {
  const session = useSession();
  const router = useRouter();
  const now = seatOf(session);
  const [settled, settle] = useState(now);
  useEffect(() => {
    if (now === settled) return;
    const user = currentUser();
    const isChoosing = router.state.location.pathname === "/choose-clinic";
    const arrive = user
      ? settled !== null && !isChoosing && router.navigate({ to: homeOf(user) })
      : router.navigate({ to: "/sign-in", search: {} });
    void Promise.resolve(arrive).then(() => settle(now));
  }, [now, settled, router]);
  return settled;
}

function Shell() {
  const { t } = useTranslation("common");
  const queries = useQueryClient();
  const palette = useLazyDialog();
  const help = useLazyDialog();
  const [isRail, setRail] = useLocalStorage({
    key: "clinichub.rail",
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const isPhone = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  useEffect(() => streamEvents(queries), [queries]);
  useKeptPreferences();
  useShortcutKeys();
  useShortcut("mod+k", t("shortcut.search"), palette.open);
  useShortcut("/", t("shortcut.search"), palette.open);
  useShortcut("?", t("shortcut.help"), help.open);
  useShortcut("[", t("shortcut.rail"), () => setRail(!isRail), !isPhone);
  useFocusOnArrival();
  return (
    <div className={classes.shell} data-rail={isRail || undefined}>
      <a href="#content" className={classes.skip}>
        {t("nav.skip")}
      </a>
      {isPhone ? (
        <TopBar onSearch={palette.open} />
      ) : (
        <Sidebar isRail={isRail} setRail={setRail} onSearch={palette.open} />
      )}
      <main id="content" className={classes.main} tabIndex={-1}>
        <ConnectionBanner />
        <Allowed />
      </main>
      {isPhone && <BottomBar />}
      <GoKeys />
      <Suspense>
        {palette.isWanted && <Palette isOpen={palette.isOpen} close={palette.close} />}
        {help.isWanted && <ShortcutHelp isOpen={help.isOpen} close={help.close} />}
      </Suspense>
    </div>
  );
}

/** The screen, if the person may see it. */
function Allowed() {
  const me = useMe();
  const needed = useMatches({
    select: (matches) => matches.map(({ staticData }) => staticData.permission).findLast(Boolean),
  });
  if (needed && !mayEnter(me, needed)) return <NoPermission />;
  return (
    <Suspense fallback={<Loader size="sm" m="auto" />}>
      <Outlet />
    </Suspense>
  );
}

/** Moves the focus to the new screen's title, so that the keyboard and the screen reader go on from there. */
function useFocusOnArrival(): void {
  const path = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname });
  const first = useRef(true);
  useEffect(() => {
    if (path === undefined) return;
    if (first.current) {
      first.current = false;
      return;
    }
    requestAnimationFrame(() => {
      const isTaken = document.activeElement?.closest("main, [role=dialog]");
      if (!isTaken)
        (document.querySelector<HTMLElement>("main h1") ?? document.querySelector<HTMLElement>("main"))?.focus({
          preventScroll: true,
        });
    });
  }, [path]);
}

function GoKeys() {
  const places = placesOf(useMe());
  return places.map((place) => <GoKey key={place.to} place={place} />);
}

function GoKey({ place: { to, label, letter } }: { place: Place }) {
  const { t } = useTranslation("common");
  const navigate = useNavigate();
  useShortcut(`g ${letter}`, t("shortcut.go", { place: t(label) }), () => void navigate({ to }));
  return null;
}

interface SidebarProps {
  isRail: boolean;
  setRail: (isRail: boolean) => void;
  onSearch: () => void;
}

function Sidebar({ isRail, setRail, onSearch }: SidebarProps) {
  const { t } = useTranslation("common");
  const places = placesOf(useMe());
  const Toggle = isRail ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  const toggle = t(isRail ? "nav.expand" : "nav.collapse");
  return (
    <aside className={classes.sidebar} aria-label={t("nav.label")}>
      <div className={classes.sidebarTop}>
        <Brand short={isRail} />
        <UnstyledButton
          className={classes.toggle}
          aria-label={toggle}
          title={toggle}
          aria-expanded={!isRail}
          onClick={() => setRail(!isRail)}
        >
          <Toggle size={18} stroke={1.6} aria-hidden className={classes.flips} />
        </UnstyledButton>
      </div>
      <ClinicSwitcher short={isRail} />
      <UnstyledButton
        className={classes.search}
        onClick={onSearch}
        aria-label={t("palette.open")}
        aria-keyshortcuts="Control+K"
      >
        <IconSearch size={17} stroke={1.7} aria-hidden />
        {!isRail && (
          <>
            <span>{t("palette.open")}</span>
            <span className={classes.hint}>
              <Keys keys="mod+k" />
            </span>
          </>
        )}
      </UnstyledButton>
      <nav className={classes.nav} aria-label={t("nav.main")}>
        {places.map((place) => (
          <NavLink key={place.to} place={place} short={isRail} />
        ))}
      </nav>
      <UserMenu short={isRail} />
    </aside>
  );
}

function NavLink({ place: { to, label, icon: Icon }, short }: { place: Place; short: boolean }) {
  const { t } = useTranslation("common");
  return (
    <Link
      to={to}
      className={classes.link}
      activeProps={{ "aria-current": "page" }}
      aria-label={short ? t(label) : undefined}
      title={short ? t(label) : undefined}
    >
      <Icon size={19} stroke={1.7} aria-hidden />
      {!short && <span>{t(label)}</span>}
    </Link>
  );
}

function TopBar({ onSearch }: { onSearch: () => void }) {
  const { t } = useTranslation("common");
  return (
    <header className={classes.topBar}>
      <ClinicSwitcher />
      <UnstyledButton className={classes.round} onClick={onSearch} aria-label={t("palette.open")}>
        <IconSearch size={20} stroke={1.7} aria-hidden />
      </UnstyledButton>
      <UserMenu short />
    </header>
  );
}

/** As many as a thumb reaches; the rest behind "More". */
const IN_BAR = 4;

function BottomBar() {
  const { t } = useTranslation("common");
  const places = placesOf(useMe());
  const more = useLazyDialog();
  const shown = places.length > IN_BAR + 1 ? places.slice(0, IN_BAR) : places;
  const rest = places.slice(shown.length);
  return (
    <nav className={classes.bottomBar} aria-label={t("nav.main")}>
      {shown.map(({ to, label, short, icon: Icon }) => (
        <Link key={to} to={to} className={classes.tab} activeProps={{ "aria-current": "page" }}>
          <Icon size={21} stroke={1.7} aria-hidden />
          {t(short ?? label)}
        </Link>
      ))}
      {rest.length > 0 && (
        <UnstyledButton className={classes.tab} aria-haspopup="dialog" onClick={more.open}>
          <IconDots size={21} stroke={1.7} aria-hidden />
          {t("nav.more")}
        </UnstyledButton>
      )}
      <Suspense>{more.isWanted && <MoreDrawer places={rest} isOpen={more.isOpen} close={more.close} />}</Suspense>
    </nav>
  );
}
