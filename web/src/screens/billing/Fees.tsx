/** What the clinic charges, in its own words and codes. */
import { Button, NumberInput, Stack, Switch, TextInput } from "@mantine/core";
import { IconListDetails, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiMutation, useApiQuery } from "@/api/query";
import { formatMoney, parseMoney } from "@/lib/money";
import { DataTable } from "@/ui/DataTable";
import { Actions } from "@/ui/form/Actions";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { Modal } from "@/ui/Modal";
import { useCan, useClinic } from "@/ui/session";
import { Message, QueryView } from "@/ui/states";
import { Tag } from "@/ui/Tag";
import { done } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import classes from "./billing.module.css";
import type { Service } from "./types";

export function Fees() {
  const { t } = useTranslation("billing");
  const time = useTime();
  const mayChange = useCan()("fee_schedule_write");
  const [open, setOpen] = useState<Service | "new" | null>(null);
  const query = useApiQuery("/api/fee-schedule", { query: { per_page: 100 } });
  return (
    <>
      {mayChange && (
        <Button mb="md" leftSection={<IconPlus size={16} stroke={1.7} aria-hidden />} onClick={() => setOpen("new")}>
          {t("addService")}
        </Button>
      )}
      <QueryView
        query={query}
        isEmpty={(data) => data.services.length === 0}
        empty={<Message icon={IconListDetails} title={t("noServices")} />}
      >
        {(data) => (
          <DataTable
            label={t("tab.fees")}
            rows={data.services}
            rowKey={(service) => service.service_id}
            {...(mayChange ? { onOpen: setOpen } : {})}
            columns={[
              {
                key: "description",
                label: t("description"),
                cell: (service) => (
                  <span className={classes.service}>
                    {mayChange ? (
                      <button type="button" className={classes.link} onClick={() => setOpen(service)}>
                        {service.description}
                      </button>
                    ) : (
                      service.description
                    )}
                    {service.is_default && <Tag tone="info">{t("default")}</Tag>}
                    {!service.is_active && <Tag tone="neutral">{t("inactive")}</Tag>}
                  </span>
                ),
              },
              { key: "code", label: t("code"), cell: ({ code }) => code },
              {
                key: "minutes",
                label: t("duration"),
                wideOnly: true,
                cell: ({ duration_minutes }) => (duration_minutes ? time.minutes(duration_minutes) : "–"),
              },
              {
                key: "price",
                label: t("price"),
                align: "end",
                cell: ({ price, currency }) => formatMoney(price, currency, time.language),
              },
            ]}
          />
        )}
      </QueryView>
      <p className={classes.note}>{t("cptNote")}</p>
      <Modal
        opened={open !== null}
        onClose={() => setOpen(null)}
        title={t(open === "new" ? "addService" : "changeService")}
      >
        {open !== null && <ServiceForm service={open === "new" ? null : open} onDone={() => setOpen(null)} />}
      </Modal>
    </>
  );
}

function ServiceForm({ service, onDone }: { service: Service | null; onDone: () => void }) {
  const { t } = useTranslation("billing");
  const clinic = useClinic();
  const currency = service?.currency ?? clinic?.currency ?? "USD";
  const create = useApiMutation("post", "/api/fee-schedule", { invalidates: ["/api/fee-schedule"] });
  const update = useApiMutation("put", "/api/fee-schedule/{service_id}", { invalidates: ["/api/fee-schedule"] });
  const required = (value: string) => (value.trim() ? null : t("common:problem.required"));
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: {
      description: service?.description ?? "",
      code: service?.code ?? "",
      price: service?.price ?? "",
      duration_minutes: service?.duration_minutes ?? 30,
      is_default: service?.is_default ?? false,
      is_active: service?.is_active ?? true,
    },
    validate: {
      description: required,
      code: required,
      price: (value) => (parseMoney(value, currency) === null ? t("priceFault") : null),
    },
    submit: async ({ is_active, ...values }) => {
      const body = {
        ...values,
        description: values.description.trim(),
        code: values.code.trim(),
        price: parseMoney(values.price, currency) ?? "",
        duration_minutes: Number(values.duration_minutes) || null,
      };
      if (service === null) await create.mutateAsync({ body });
      else {
        const params = { path: { service_id: service.service_id } };
        await update.mutateAsync({ params, body: { ...body, is_active }, version: service.version });
      }
      done(t("serviceSaved"));
      onDone();
    },
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack gap="sm">
        <FormProblem problem={problem} />
        <TextInput label={t("description")} data-autofocus maxLength={200} {...form.getInputProps("description")} />
        <TextInput label={t("code")} description={t("codeHint")} maxLength={32} {...form.getInputProps("code")} />
        <TextInput label={t("priceIn", { currency })} inputMode="decimal" {...form.getInputProps("price")} />
        <NumberInput label={t("minutes")} min={5} max={1440} step={5} {...form.getInputProps("duration_minutes")} />
        <Switch
          label={t("isDefault")}
          description={t("isDefaultHint")}
          {...form.getInputProps("is_default", { type: "checkbox" })}
        />
        {service !== null && (
          <Switch label={t("isActive")} {...form.getInputProps("is_active", { type: "checkbox" })} />
        )}
        <Actions submit={t("common:action.save")} busy={busy} onCancel={onDone} />
      </Stack>
    </form>
  );
}
