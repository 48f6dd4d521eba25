/** The files of a chart: brought in, looked at, released to the patient, taken away. */
import { ActionIcon, Menu, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { IconDots, IconFile, IconFiles, IconFileTypePdf } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { download, file } from "@/api/client";
import { type Answer, useApiMutation, useApiQuery } from "@/api/query";
import { useConfirm } from "@/ui/confirm";
import { Pager } from "@/ui/DataTable";
import { Dialog } from "@/ui/Dialog";
import { Actions } from "@/ui/form/Actions";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { useCan } from "@/ui/session";
import { Message, QueryView } from "@/ui/states";
import { Tag } from "@/ui/Tag";
import { done, failed } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import { Drop } from "./Drop";
import classes from "./files.module.css";
import type { Shown } from "./Preview";
import { formatSize } from "./size";
import { useObjectUrl } from "./useObjectUrl";

const Preview = lazy(() => import("./Preview"));

type Document = Answer<"/api/patients/{patient_id}/documents">["documents"][number];

const READS = ["/api/patients/{patient_id}/documents", "/api/patients/{patient_id}/timeline"];
const CATEGORIES = [
  "identification",
  "insurance",
  "referral",
  "consent",
  "letter",
  "report",
  "picture",
  "other",
] as const;

type Category = (typeof CATEGORIES)[number];

const shownOf = ({ document_id, title, file_name, mime_type }: Document): Shown => ({
  path: `/api/documents/${document_id}/download`,
  title,
  name: file_name,
  mime: mime_type,
});

export function Documents({ patientId }: { patientId: number }) {
  const { t } = useTranslation("files");
  const can = useCan();
  const [page, setPage] = useState(1);
  const [category, setCategory] = useState<Category | null>(null);
  const [kind, setKind] = useState<Category>("other");
  const [shown, show] = useState<Shown | null>(null);
  const [edited, edit] = useState<Document | null>(null);
  const path = { patient_id: patientId };
  const query = useApiQuery("/api/patients/{patient_id}/documents", {
    path,
    query: { page, per_page: 25, ...(category ? { category } : {}) },
  });
  // The last one of a page was taken away.
  const isBehind = page > 1 && query.data?.documents.length === 0;
  useEffect(() => {
    if (isBehind) setPage(1);
  }, [isBehind]);
  const isFilterable = category !== null || (query.data?.pagination.total ?? 0) > 0;
  const choices = CATEGORIES.map((value) => ({ value, label: t(`categoryIs.${value}`) }));
  return (
    <>
      {can("document_upload") && (
        <Stack gap="xs" mb="md">
          <Select
            label={t("category")}
            allowDeselect={false}
            maw={240}
            data={choices}
            value={kind}
            onChange={(next) => setKind((next ?? "other") as Category)}
          />
          <Drop
            path={`/api/patients/${patientId}/documents`}
            fields={{ category: kind }}
            invalidates={READS}
            label={t("add")}
          />
        </Stack>
      )}
      {isFilterable && (
        <Select
          aria-label={t("everyCategory")}
          placeholder={t("everyCategory")}
          clearable
          clearButtonProps={{ "aria-label": t("everyCategory") }}
          maw={240}
          data={choices}
          value={category}
          onChange={(next) => {
            setPage(1);
            setCategory(next as Category | null);
          }}
        />
      )}
      <QueryView
        query={query}
        isEmpty={({ pagination }) => pagination.total === 0}
        empty={
          <Message icon={IconFiles} title={t(category ? "noneOfKind" : "none")}>
            {!category && can("document_upload") && t("noneHint")}
          </Message>
        }
      >
        {(data) => (
          <>
            <ul className={classes.list}>
              {data.documents.map((one) => (
                <Row key={one.document_id} document={one} show={() => show(shownOf(one))} edit={() => edit(one)} />
              ))}
            </ul>
            {data.pagination.total > data.pagination.per_page && (
              <Pager pagination={data.pagination} onPage={setPage} />
            )}
          </>
        )}
      </QueryView>
      <Suspense>{shown && <Preview shown={shown} onClose={() => show(null)} />}</Suspense>
      {edited && <EditDialog document={edited} onClose={() => edit(null)} />}
    </>
  );
}

function Row({ document, show, edit }: { document: Document; show: () => void; edit: () => void }) {
  const { t } = useTranslation("files");
  const time = useTime();
  const can = useCan();
  const confirm = useConfirm();
  const { document_id, title, category, note, file_name, file_size, created_at, released_at, version } = document;
  const params = { path: { document_id } };
  const update = useApiMutation("put", "/api/documents/{document_id}", { invalidates: READS });
  const remove = useApiMutation("delete", "/api/documents/{document_id}", { invalidates: READS });
  const run = async (work: () => Promise<unknown>, said: string) => {
    try {
      await work();
      done(said);
    } catch (error) {
      failed(error, t);
    }
  };
  const release = () =>
    void run(() => update.mutateAsync({ params, body: { released: !released_at }, version }), t("saved"));
  const erase = async () => {
    const question = {
      title: t("deleteTitle", { name: title }),
      body: t("deleteBody"),
      action: t("delete"),
      danger: true,
    };
    if (await confirm(question)) {
      void run(() => remove.mutateAsync({ params, version }), t("deleted", { name: title }));
    }
  };
  return (
    <li>
      <Thumbnail document={document} />
      <div className={classes.about}>
        <button type="button" className={classes.title} onClick={show}>
          <bdi>{title}</bdi>
        </button>{" "}
        {released_at && <Tag tone="info">{t("released")}</Tag>}
        <p className={classes.small}>
          {[t(`categoryIs.${category}`), formatSize(file_size, time.language), time.dateTime(created_at)].join(" · ")}
        </p>
        {note && (
          <p className={classes.small} dir="auto">
            {note}
          </p>
        )}
      </div>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={t("menu", { name: title })}>
            <IconDots size={17} stroke={1.8} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={show}>{t("open")}</Menu.Item>
          <Menu.Item
            onClick={() =>
              void download(`/api/documents/${document_id}/download`, file_name).catch((error: unknown) =>
                failed(error, t),
              )
            }
          >
            {t("keep")}
          </Menu.Item>
          {can("chart_write") && <Menu.Item onClick={edit}>{t("edit")}</Menu.Item>}
          {can("chart_write") && <Menu.Item onClick={release}>{t(released_at ? "unrelease" : "release")}</Menu.Item>}
          {can("chart_delete") && (
            <Menu.Item color="red" onClick={() => void erase()}>
              {t("delete")}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}

function Thumbnail({ document: { document_id, has_thumbnail, file_type } }: { document: Document }) {
  const { data } = useQuery({
    queryKey: ["/api/documents/{document_id}/thumbnail", document_id],
    queryFn: () => file(`/api/documents/${document_id}/thumbnail`),
    enabled: has_thumbnail,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    retry: false,
  });
  const url = useObjectUrl(data);
  if (url) return <img src={url} alt="" className={classes.thumb} />;
  const Icon = file_type === "pdf" ? IconFileTypePdf : IconFile;
  return (
    <span className={`${classes.thumb} ${classes.icon}`}>
      <Icon size={22} stroke={1.5} aria-hidden />
    </span>
  );
}

function EditDialog({ document, onClose }: { document: Document; onClose: () => void }) {
  const { t } = useTranslation("files");
  const update = useApiMutation("put", "/api/documents/{document_id}", { invalidates: READS });
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: { title: document.title, category: document.category as string, note: document.note ?? "" },
    validate: { title: (value) => (value.trim() ? null : t("common:problem.required")) },
    submit: async ({ title, category, note }) => {
      await update.mutateAsync({
        params: { path: { document_id: document.document_id } },
        body: { title: title.trim(), category: category as Category, note: note.trim() || null },
        version: document.version,
      });
      done(t("saved"));
      onClose();
    },
  });
  return (
    <Dialog onClose={onClose} title={t("editTitle")}>
      <form onSubmit={onSubmit} noValidate>
        <Stack gap="sm">
          <FormProblem problem={problem} />
          <TextInput label={t("title")} maxLength={200} data-autofocus {...form.getInputProps("title")} />
          <Select
            label={t("category")}
            allowDeselect={false}
            data={CATEGORIES.map((value) => ({ value, label: t(`categoryIs.${value}`) }))}
            {...form.getInputProps("category")}
          />
          <Textarea label={t("note")} maxLength={2000} {...form.getInputProps("note")} />
          <Actions submit={t("common:action.save")} busy={busy} onCancel={onClose} />
        </Stack>
      </form>
    </Dialog>
  );
}
