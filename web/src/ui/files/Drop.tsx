/**
 * Brings files in: dropped, chosen, or taken with the phone's camera. Each is sent at once and shows how far it is; what was refused stays, with
 * the reason, until it is tried again or put away.
 */
import { ActionIcon, Button, Group, Progress } from "@mantine/core";
import { IconCamera, IconRefresh, IconUpload, IconX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type DragEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import { invalidate } from "@/api/query";
import { isCalledOff, upload } from "@/api/upload";
import { problemText } from "@/ui/problemText";
import { done } from "@/ui/toast";
import { useLocale } from "@/ui/useTime";
import classes from "./files.module.css";
import { formatSize } from "./size";

interface Sending {
  key: string;
  file: File;
  fields: Readonly<Record<string, string>>;
  share: number;
  problem: unknown;
  stop: AbortController;
}

interface DropProps<T> {
  /** Where they are sent. */
  path: string;
  fields?: Readonly<Record<string, string>>;
  /** The reads that show them. */
  invalidates: readonly string[];
  label: string;
  /** Told what the server answered of each that is stored. */
  onSent?: (answer: T) => void;
}

export function Drop<T>({ path, fields = {}, invalidates, label, onSent }: DropProps<T>) {
  const { t } = useTranslation("files");
  const client = useQueryClient();
  const [all, setAll] = useState<readonly Sending[]>([]);
  const [isOver, over] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const patch = (key: string, change: Partial<Sending>) =>
    setAll((before) => before.map((one) => (one.key === key ? { ...one, ...change } : one)));
  const drop = (key: string) => setAll((before) => before.filter((one) => one.key !== key));
  // Who leaves while something is on its way is asked first.
  const isBusy = all.some(({ problem }) => problem === null);
  useEffect(() => {
    if (!isBusy) return;
    const leave = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", leave);
    return () => window.removeEventListener("beforeunload", leave);
  }, [isBusy]);

  const send = async ({ key, file, fields, stop }: Sending) => {
    try {
      const onProgress = (share: number) => patch(key, { share });
      const answer = await upload<T>({ path, fields, file, key, onProgress, signal: stop.signal });
      drop(key);
      onSent?.(answer);
      done(t("sent", { name: file.name }));
      await invalidate(client, invalidates);
    } catch (problem) {
      if (isCalledOff(problem)) drop(key);
      else patch(key, { problem });
    }
  };
  const take = (files: FileList | null) => {
    const taken = [...(files ?? [])].map((file) => ({
      key: crypto.randomUUID(),
      file,
      fields,
      share: 0,
      problem: null,
      stop: new AbortController(),
    }));
    setAll((before) => [...before, ...taken]);
    for (const one of taken) void send(one);
  };
  const again = (one: Sending) => {
    // Without an answer it may be stored all the same: only the same request is safe then.
    const request = one.problem instanceof ApiProblem ? { key: crypto.randomUUID(), fields } : {};
    const next = { ...one, ...request, share: 0, problem: null, stop: new AbortController() };
    setAll((before) => before.map((each) => (each.key === one.key ? next : each)));
    void send(next);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    over(false);
    take(event.dataTransfer.files);
  };
  return (
    <section
      aria-label={label}
      className={classes.drop}
      data-over={isOver || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        over(true);
      }}
      onDragLeave={() => over(false)}
      onDrop={onDrop}
    >
      <Group gap="xs" justify="center">
        <span className={classes.hint}>{t("dropHere")}</span>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconUpload size={15} stroke={1.8} aria-hidden />}
          onClick={() => chooser.current?.click()}
        >
          {t("choose")}
        </Button>
        <Button
          size="xs"
          variant="default"
          className={classes.camera}
          leftSection={<IconCamera size={15} stroke={1.8} aria-hidden />}
          onClick={() => camera.current?.click()}
        >
          {t("camera")}
        </Button>
      </Group>
      <input
        ref={chooser}
        type="file"
        multiple
        hidden
        aria-label={label}
        onChange={(event) => {
          take(event.currentTarget.files);
          event.currentTarget.value = "";
        }}
      />
      <input
        ref={camera}
        type="file"
        accept="image/*"
        capture="environment"
        hidden
        aria-label={t("camera")}
        onChange={(event) => {
          take(event.currentTarget.files);
          event.currentTarget.value = "";
        }}
      />
      {all.length > 0 && (
        <ul className={classes.sending}>
          {all.map((one) => (
            <Row key={one.key} sending={one} again={() => again(one)} away={() => drop(one.key)} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ sending, again, away }: { sending: Sending; again: () => void; away: () => void }) {
  const { t } = useTranslation("files");
  const language = useLocale();
  const { file, share, problem, stop } = sending;
  const percent = Math.round(share * 100);
  return (
    <li>
      <span className={classes.sendingName}>
        <bdi>{file.name}</bdi> <span className={classes.small}>{formatSize(file.size, language)}</span>
      </span>
      {problem === null ? (
        <>
          <Progress.Root size="sm" className={classes.progress}>
            <Progress.Section value={percent} aria-label={t("progress", { name: file.name })} />
          </Progress.Root>
          <ActionIcon size="sm" aria-label={t("stop", { name: file.name })} onClick={() => stop.abort()}>
            <IconX size={15} stroke={1.8} aria-hidden />
          </ActionIcon>
        </>
      ) : (
        <>
          <span role="alert" className={classes.refused}>
            {problemText(problem, t)}
          </span>
          <ActionIcon size="sm" aria-label={t("again", { name: file.name })} onClick={again}>
            <IconRefresh size={15} stroke={1.8} aria-hidden />
          </ActionIcon>
          <ActionIcon size="sm" aria-label={t("putAway", { name: file.name })} onClick={away}>
            <IconX size={15} stroke={1.8} aria-hidden />
          </ActionIcon>
        </>
      )}
    </li>
  );
}
