/**
 * Writes a prescription. Favourites come first and a digit takes one; Ctrl+Enter signs. It is stored as a draft from the first drug on, so
 * that what speaks against a drug is said as soon as it is there, and nothing is lost.
 */
import { ActionIcon, Alert, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconAlertTriangle, IconCheck, IconPencil, IconPlus, IconStar, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { write } from "@/api/operations";
import { ApiProblem } from "@/api/problem";
import { apiQuery, invalidate, useApiMutation, useApiQuery } from "@/api/query";
import { formatMoney } from "@/lib/money";
import { useConfirm } from "@/ui/confirm";
import { Dialog } from "@/ui/Dialog";
import { FormProblem } from "@/ui/form/FormProblem";
import { useClinic } from "@/ui/session";
import { Keys } from "@/ui/shortcuts";
import { done, failed } from "@/ui/toast";
import { useLocale } from "@/ui/useTime";
import { AllergyBar } from "./AllergyBar";
import classes from "./clinical.module.css";
import { ItemForm } from "./ItemForm";
import { PdfMenu } from "./PdfMenu";
import { bodyOf, itemValues, titleOf } from "./prescription";
import type { Allergy, Favorite, ItemBody, Prescription } from "./types";
import { Unprintable } from "./Unprintable";

interface PrescriptionWriterProps {
  patientId: number;
  visitId?: number | undefined;
  allergies: readonly Allergy[];
  draft: Prescription | null;
  onClose: () => void;
}

const READS = ["/api/prescriptions", "/api/patients/{patient_id}"];

/** The draft as it is stored. Changes are sent one after the other, each upon the version that the one before made. */
function useDraft({ patientId, visitId, draft }: Pick<PrescriptionWriterProps, "patientId" | "visitId" | "draft">) {
  const client = useQueryClient();
  const [stored, setStored] = useState(draft);
  const latest = useRef(draft);
  const queue = useRef<Promise<unknown>>(Promise.resolve());
  const take = (next: Prescription | null) => {
    latest.current = next;
    setStored(next);
    void invalidate(client, READS);
  };
  const enqueue = <T,>(work: () => Promise<T>): Promise<T> => {
    const next = queue.current.then(work, work);
    queue.current = next.catch(() => undefined);
    return next;
  };
  const setItems = (change: (items: ItemBody[]) => ItemBody[]) =>
    enqueue(async () => {
      const now = latest.current;
      const items = change((now?.items ?? []).map(bodyOf));
      if (now === null) {
        const of = visitId ? { visit_id: visitId } : { patient_id: patientId };
        take((await write("post", "/api/prescriptions", { body: { ...of, items } })).prescription);
      } else {
        const params = { path: { prescription_id: now.prescription_id } };
        const sent = { params, body: { items }, version: now.version };
        take((await write("put", "/api/prescriptions/{prescription_id}", sent)).prescription);
      }
    });
  const setNote = (note: string) =>
    enqueue(async () => {
      const now = latest.current;
      if (now === null || (now.note ?? "") === note.trim()) return;
      const params = { path: { prescription_id: now.prescription_id } };
      const sent = { params, body: { note: note.trim() || null }, version: now.version };
      take((await write("put", "/api/prescriptions/{prescription_id}", sent)).prescription);
    });
  const sign = (reason: string | null) =>
    enqueue(async () => {
      const now = latest.current;
      if (now === null) return;
      const params = { path: { prescription_id: now.prescription_id } };
      const body = reason === null ? {} : { acknowledge_warnings: true, reason };
      const path = "/api/prescriptions/{prescription_id}/finalize";
      take((await write("put", path, { params, body: body as never, version: now.version })).prescription);
    });
  const discard = () =>
    enqueue(async () => {
      const now = latest.current;
      if (now === null) return;
      const params = { path: { prescription_id: now.prescription_id } };
      await write("delete", "/api/prescriptions/{prescription_id}", { params, version: now.version });
      take(null);
    });
  /** What somebody else, or another tab, made of it. */
  const reload = () =>
    enqueue(async () => {
      const now = latest.current;
      if (now === null) return;
      const path = { prescription_id: now.prescription_id };
      take(await client.fetchQuery({ ...apiQuery("/api/prescriptions/{prescription_id}", { path }), staleTime: 0 }));
    });
  return { stored, setItems, setNote, sign, discard, reload };
}

export default function PrescriptionWriter({ patientId, visitId, allergies, draft, onClose }: PrescriptionWriterProps) {
  const { t } = useTranslation("clinical");
  const isPhone = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const rx = useDraft({ patientId, visitId, draft });
  const isSigned = rx.stored !== null && rx.stored.status !== "draft";
  return (
    <Dialog
      onClose={onClose}
      size={920}
      fullScreen={isPhone}
      title={rx.stored?.supersedes ? t("rx.correction") : t("rx.title")}
    >
      {isSigned && rx.stored ? (
        <Signed prescription={rx.stored} onClose={onClose} />
      ) : (
        <Writing rx={rx} allergies={allergies} onClose={onClose} />
      )}
    </Dialog>
  );
}

function Signed({ prescription, onClose }: { prescription: Prescription; onClose: () => void }) {
  const { t } = useTranslation("clinical");
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus(), []);
  return (
    <Stack align="center" gap="sm" py="lg" ref={place} tabIndex={-1} role="status">
      <span className={classes.signed}>
        <IconCheck size={26} stroke={2} aria-hidden />
      </span>
      <Text fw={600}>{t("rx.signed", { reference: prescription.reference })}</Text>
      <Unprintable letters={prescription.unprintable} />
      <Group gap="xs">
        <PdfMenu
          path={`/api/prescriptions/${prescription.prescription_id}/pdf`}
          name={prescription.reference}
          label={t("pdf.open")}
          variant="filled"
          size="sm"
        />
        <Button variant="default" onClick={onClose}>
          {t("common:action.close")}
        </Button>
      </Group>
    </Stack>
  );
}

interface WritingProps {
  rx: ReturnType<typeof useDraft>;
  allergies: readonly Allergy[];
  onClose: () => void;
}

function Writing({ rx, allergies, onClose }: WritingProps) {
  const { t } = useTranslation("clinical");
  const clinic = useClinic();
  const language = useLocale();
  const confirm = useConfirm();
  const [edited, edit] = useState<number | "new" | null>(null);
  const [note, setNote] = useState(rx.stored?.note ?? "");
  const [reason, setReason] = useState("");
  const [isAsked, ask] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const favorites = useApiQuery("/api/prescription-favorites");
  const keep = useApiMutation("post", "/api/prescription-favorites", { invalidates: ["/api/prescription-favorites"] });
  const known = favorites.data?.favorites ?? [];
  // Keys are heard here: after a drug was taken over the focus must not be left where the form was.
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (edited === null && !place.current?.contains(document.activeElement)) place.current?.focus();
  }, [edited]);
  const items = rx.stored?.items ?? [];
  const warnings = rx.stored?.warnings ?? [];

  const attempt = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setProblem(null);
    try {
      await work();
      return true;
    } catch (error) {
      setProblem(error);
      // What the server refused for what it knows and we don't is shown.
      if (error instanceof ApiProblem && [409, 412].includes(error.status)) await rx.reload().catch(() => undefined);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const add = (favorite: Favorite) => void attempt(() => rx.setItems((all) => [...all, favorite.item]));
  const sign = async () => {
    if (items.length === 0 || edited !== null || busy) return;
    if (warnings.length > 0 && reason.trim() === "") return ask(true);
    await attempt(async () => {
      await rx.setNote(note);
      await rx.sign(warnings.length > 0 ? reason.trim() : null);
    });
  };
  const discard = async () => {
    const question = { title: t("rx.discardTitle"), body: t("rx.discardBody"), action: t("rx.discard"), danger: true };
    if (!(await confirm(question))) return;
    if (await attempt(rx.discard)) onClose();
  };
  const hear = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      return void sign();
    }
    const isTyping = (event.target as HTMLElement).closest("input, textarea, [role=combobox]");
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || edited !== null) return;
    const favorite = known[Number(event.key) - 1];
    if (/^[1-9]$/.test(event.key) && favorite) {
      event.preventDefault();
      add(favorite);
    }
    if (event.key === "n") {
      event.preventDefault();
      edit("new");
    }
  };
  const store = async (item: ItemBody, isFavorite: boolean) => {
    const at = edited;
    await rx.setItems((all) => (at === "new" ? [...all, item] : all.map((one, index) => (index === at ? item : one))));
    edit(null);
    if (!isFavorite) return;
    try {
      await keep.mutateAsync({ body: { name: titleOf(item), item } });
      done(t("rx.kept", { name: titleOf(item) }));
    } catch (error) {
      failed(error, t);
    }
  };
  const currency = rx.stored?.currency ?? clinic.currency;
  if (edited !== null) {
    const item = edited === "new" ? undefined : items[edited];
    return (
      <ItemForm
        key={String(edited)}
        initial={itemValues(item)}
        currency={currency}
        save={store}
        onCancel={() => edit(null)}
      />
    );
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are a short way to the buttons below
    <div ref={place} tabIndex={-1} className={classes.writer} onKeyDown={hear}>
      <AllergyBar allergies={allergies} />
      <FormProblem problem={problem} />
      <div className={classes.writerSides}>
        <Favorites favorites={known} isLoading={favorites.isPending} add={add} />
        <section aria-label={t("rx.items")}>
          {items.length === 0 ? (
            <Text size="sm" c="dimmed" mb="sm">
              {t("rx.empty")}
            </Text>
          ) : (
            <ol className={classes.items}>
              {items.map((item, index) => (
                <li key={item.line_no}>
                  <div className={classes.itemHead}>
                    <span className={classes.entryName}>{titleOf(item)}</span>
                    <span>
                      <ActionIcon aria-label={t("rx.editItem", { name: item.drug })} onClick={() => edit(index)}>
                        <IconPencil size={16} stroke={1.8} aria-hidden />
                      </ActionIcon>
                      <ActionIcon
                        aria-label={t("rx.removeItem", { name: item.drug })}
                        disabled={busy}
                        onClick={() => void attempt(() => rx.setItems((all) => all.filter((_, at) => at !== index)))}
                      >
                        <IconTrash size={16} stroke={1.8} aria-hidden />
                      </ActionIcon>
                    </span>
                  </div>
                  <span className={classes.small}>
                    {[item.directions, item.note, item.cost && formatMoney(item.cost, currency, language)]
                      .filter(Boolean)
                      .join(" · ")}
                  </span>
                </li>
              ))}
            </ol>
          )}
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={15} stroke={1.8} aria-hidden />}
            rightSection={<Keys keys="n" />}
            onClick={() => edit("new")}
          >
            {t("rx.another")}
          </Button>
          {rx.stored?.total_cost && (
            <p className={classes.small}>
              {t("rx.total", { amount: formatMoney(rx.stored.total_cost, currency, language) })}
            </p>
          )}
          {items.length > 0 && (
            <Textarea
              mt="sm"
              label={t("rx.note")}
              maxLength={2000}
              value={note}
              onChange={(event) => setNote(event.currentTarget.value)}
              onBlur={() => void attempt(() => rx.setNote(note))}
            />
          )}
        </section>
      </div>
      {warnings.length > 0 && (
        <Alert color="red" role="alert" icon={<IconAlertTriangle size={20} aria-hidden />} title={t("rx.warnings")}>
          <ul className={classes.plain}>
            {warnings.map(({ line_no, kind, message }) => (
              <li key={`${line_no}${kind}${message}`}>
                <strong>{t(`rx.${kind}`)}</strong> {message}
              </li>
            ))}
          </ul>
          <Textarea
            mt="xs"
            label={t("rx.reason")}
            required
            maxLength={500}
            value={reason}
            error={isAsked && reason.trim() === "" ? t("rx.reasonMissing") : undefined}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        </Alert>
      )}
      <Unprintable letters={rx.stored?.unprintable} />
      <Group justify="space-between" mt="sm">
        {rx.stored ? (
          <Button variant="subtle" color="red" onClick={() => void discard()}>
            {t("rx.discard")}
          </Button>
        ) : (
          <span />
        )}
        <Group gap="xs">
          <Button variant="default" onClick={onClose}>
            {t(rx.stored ? "rx.later" : "common:action.cancel")}
          </Button>
          <Button
            disabled={items.length === 0}
            loading={busy}
            color={warnings.length > 0 ? "red.9" : undefined}
            onClick={() => void sign()}
            rightSection={<Keys keys="mod+Enter" />}
          >
            {t(warnings.length > 0 ? "rx.signAgainst" : "rx.sign")}
          </Button>
        </Group>
      </Group>
    </div>
  );
}

interface FavoritesProps {
  favorites: readonly Favorite[];
  isLoading: boolean;
  add: (favorite: Favorite) => void;
}

function Favorites({ favorites, isLoading, add }: FavoritesProps) {
  const { t } = useTranslation("clinical");
  const confirm = useConfirm();
  const first = useRef<HTMLButtonElement>(null);
  const hasAny = favorites.length > 0;
  useEffect(() => {
    if (hasAny) first.current?.focus();
  }, [hasAny]);
  const remove = useApiMutation("delete", "/api/prescription-favorites/{favorite_id}", {
    invalidates: ["/api/prescription-favorites"],
  });
  const forget = async ({ favorite_id, name }: Favorite) => {
    if (!(await confirm({ title: t("rx.forgetTitle", { name }), action: t("rx.forget"), danger: true }))) return;
    await remove.mutateAsync({ params: { path: { favorite_id } } }).catch((error: unknown) => failed(error, t));
  };
  return (
    <section aria-label={t("rx.favorites")} className={classes.favorites}>
      <h3>
        <IconStar size={16} stroke={1.8} aria-hidden /> {t("rx.favorites")}
      </h3>
      {!hasAny && !isLoading && <p className={classes.small}>{t("rx.noFavorites")}</p>}
      <ol>
        {favorites.map((favorite, index) => (
          <li key={favorite.favorite_id}>
            <button
              ref={index === 0 ? first : undefined}
              type="button"
              className={classes.favorite}
              aria-keyshortcuts={index < 9 ? String(index + 1) : undefined}
              onClick={() => add(favorite)}
            >
              {index < 9 && <Keys keys={String(index + 1)} />}
              <span>
                {favorite.name}
                <span className={classes.small}>
                  {[
                    favorite.item.dose,
                    favorite.item.frequency ??
                      (favorite.item.frequency_code && t(`frequency.${favorite.item.frequency_code}`)),
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </span>
              </span>
            </button>
            <ActionIcon
              size="sm"
              aria-label={t("rx.forgetOne", { name: favorite.name })}
              onClick={() => void forget(favorite)}
            >
              <IconTrash size={14} stroke={1.8} aria-hidden />
            </ActionIcon>
          </li>
        ))}
      </ol>
    </section>
  );
}
