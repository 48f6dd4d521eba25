/** A file in the page: a picture or a PDF. What browsers don't show is kept instead. */
import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { download, file } from "@/api/client";
import { Dialog } from "@/ui/Dialog";
import { QueryView } from "@/ui/states";
import { failed } from "@/ui/toast";
import classes from "./files.module.css";
import { previewOf } from "./size";
import { useObjectUrl } from "./useObjectUrl";

export interface Shown {
  /** Where its contents are: `…/download`. */
  path: string;
  title: string;
  name: string;
  mime: string;
}

export default function Preview({ shown, onClose }: { shown: Shown; onClose: () => void }) {
  const { t } = useTranslation("files");
  return (
    <Dialog onClose={onClose} size="xl" title={<bdi>{shown.title}</bdi>}>
      <Contents shown={shown} />
      <Button
        mt="sm"
        size="xs"
        variant="default"
        leftSection={<IconDownload size={15} stroke={1.8} aria-hidden />}
        onClick={() => void download(shown.path, shown.name).catch((error: unknown) => failed(error, t))}
      >
        {t("keep")}
      </Button>
    </Dialog>
  );
}

/** The picture or the pages themselves. */
export function Contents({ shown: { path, title, mime } }: { shown: Shown }) {
  const { t } = useTranslation("files");
  const kind = previewOf(mime);
  const query = useQuery({
    queryKey: [path, "contents"],
    // What it is was decided when it was stored; nothing else may become of it here.
    queryFn: async () => new Blob([await file(`${path}?inline=1`)], { type: mime }),
    enabled: kind !== null,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  if (kind === null) return <p className={classes.small}>{t("noPreview")}</p>;
  return <QueryView query={query}>{(blob) => <Page blob={blob} kind={kind} title={title} />}</QueryView>;
}

function Page({ blob, kind, title }: { blob: Blob; kind: "picture" | "pdf"; title: string }) {
  const url = useObjectUrl(blob);
  if (url === null) return null;
  return kind === "picture" ? (
    <img src={url} alt={title} className={classes.picture} />
  ) : (
    <iframe src={url} title={title} className={classes.pages} />
  );
}
