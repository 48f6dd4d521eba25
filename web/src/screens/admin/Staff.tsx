/** Who works here: invite, change roles, end and give back access. */
import { Button, Group, Select, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { IconMailForward, IconUserPlus } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Answer, useApiMutation, useApiQuery } from "@/api/query";
import { useConfirm } from "@/ui/confirm";
import { DataTable, Pager } from "@/ui/DataTable";
import { FilterBar } from "@/ui/FilterBar";
import { Actions } from "@/ui/form/Actions";
import { FormProblem } from "@/ui/form/FormProblem";
import { useApiForm } from "@/ui/form/useApiForm";
import { Modal } from "@/ui/Modal";
import { useCan, useMe } from "@/ui/session";
import { QueryView } from "@/ui/states";
import { Tag } from "@/ui/Tag";
import { done, failed } from "@/ui/toast";
import classes from "./admin.module.css";

type Member = Answer<"/api/users">["users"][number];

const route = getRouteApi("/app/admin");
export const ROLES = ["admin", "doctor", "nurse", "technician", "receptionist"] as const;
type StaffRole = (typeof ROLES)[number];
const TONES = { active: "good", invited: "info", inactive: "neutral" } as const;

export function Staff() {
  const { t } = useTranslation("admin");
  const mayManage = useCan()("staff_manage");
  const { role, search, page } = route.useSearch();
  const navigate = route.useNavigate();
  const [open, setOpen] = useState<Member | "new" | null>(null);
  const set = (change: object) =>
    void navigate({ search: (before) => ({ ...before, page: undefined, ...change }), replace: true });
  const query = useApiQuery("/api/users", {
    query: { page: page ?? 1, per_page: 50, search, role: ROLES.find((each) => each === role) },
  });
  return (
    <>
      <FilterBar mb="md">
        <TextInput
          type="search"
          label={t("search")}
          defaultValue={search ?? ""}
          onChange={(event) => set({ search: event.currentTarget.value.trim() || undefined })}
        />
        <Select
          label={t("role")}
          clearable
          placeholder={t("everyRole")}
          data={ROLES.map((value) => ({ value, label: t(`common:role.${value}`) }))}
          value={role ?? null}
          onChange={(value) => set({ role: value ?? undefined })}
        />
        {mayManage && (
          <Button leftSection={<IconUserPlus size={16} stroke={1.7} aria-hidden />} onClick={() => setOpen("new")}>
            {t("invite")}
          </Button>
        )}
      </FilterBar>
      <QueryView query={query} isEmpty={(data) => data.users.length === 0} empty={<p>{t("nobody")}</p>}>
        {(data) => (
          <>
            <DataTable
              label={t("tab.staff")}
              rows={data.users}
              rowKey={({ user_id }) => user_id}
              busy={query.isPlaceholderData}
              {...(mayManage ? { onOpen: setOpen } : {})}
              columns={[
                {
                  key: "name",
                  label: t("name"),
                  cell: (member) =>
                    mayManage ? (
                      <button type="button" className={classes.link} onClick={() => setOpen(member)}>
                        {member.first_name} {member.last_name}
                      </button>
                    ) : (
                      `${member.first_name} ${member.last_name}`
                    ),
                },
                { key: "role", label: t("role"), cell: (member) => t(`common:role.${member.role}`) },
                { key: "email", label: t("email"), wideOnly: true, cell: ({ email, username }) => email ?? username },
                {
                  key: "state",
                  label: t("state"),
                  cell: ({ state }) => <Tag tone={TONES[state]}>{t(`stateIs.${state}`)}</Tag>,
                },
              ]}
            />
            <Pager pagination={data.pagination} onPage={(next) => set({ page: next })} />
          </>
        )}
      </QueryView>
      <Modal
        opened={open !== null}
        onClose={() => setOpen(null)}
        title={open === "new" ? t("invite") : open && `${open.first_name} ${open.last_name}`}
      >
        {open === "new" && <InviteForm onDone={() => setOpen(null)} />}
        {open !== null && open !== "new" && <MemberForm member={open} onDone={() => setOpen(null)} />}
      </Modal>
    </>
  );
}

function useRoles() {
  const { t } = useTranslation("admin");
  return ROLES.map((value) => ({ value, label: t(`common:role.${value}`) }));
}

function InviteForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("admin");
  const roles = useRoles();
  const create = useApiMutation("post", "/api/users", { invalidates: ["/api/users", "/api/doctors"] });
  const required = (value: string) => (value.trim() ? null : t("common:problem.required"));
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: { first_name: "", last_name: "", email: "", role: "receptionist" as StaffRole },
    validate: { first_name: required, last_name: required, email: required },
    submit: async ({ first_name, last_name, email, role }) => {
      await create.mutateAsync({
        body: { first_name: first_name.trim(), last_name: last_name.trim(), email: email.trim(), role },
      });
      done(t("invited", { email: email.trim() }));
      onDone();
    },
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack gap="sm">
        <p className={classes.hint}>{t("inviteHint")}</p>
        <FormProblem problem={problem} />
        <SimpleGrid cols={2} spacing="sm">
          <TextInput label={t("firstName")} data-autofocus {...form.getInputProps("first_name")} />
          <TextInput label={t("lastName")} {...form.getInputProps("last_name")} />
        </SimpleGrid>
        <TextInput label={t("email")} type="email" {...form.getInputProps("email")} />
        <Select label={t("role")} allowDeselect={false} data={roles} {...form.getInputProps("role")} />
        <Actions submit={t("sendInvitation")} busy={busy} onCancel={onDone} />
      </Stack>
    </form>
  );
}

function MemberForm({ member, onDone }: { member: Member; onDone: () => void }) {
  const { t } = useTranslation("admin");
  const roles = useRoles();
  const confirm = useConfirm();
  const isMe = useMe().user_id === member.user_id;
  const invalidates = ["/api/users", "/api/doctors", "/api/schedule"];
  const update = useApiMutation("put", "/api/users/{user_id}", { invalidates });
  const deactivate = useApiMutation("put", "/api/users/{user_id}/deactivate", { invalidates });
  const activate = useApiMutation("put", "/api/users/{user_id}/activate", { invalidates });
  const invite = useApiMutation("post", "/api/users/{user_id}/invitation", { invalidates });
  const params = { path: { user_id: member.user_id } };
  const name = `${member.first_name} ${member.last_name}`;
  const { form, onSubmit, busy, problem } = useApiForm({
    initialValues: { role: member.role as StaffRole },
    submit: async ({ role }) => {
      await update.mutateAsync({ params, body: { role }, version: member.version });
      done(t("saved"));
      onDone();
    },
  });
  const run = async (work: () => Promise<unknown>, said: string) => {
    try {
      await work();
      done(said);
      onDone();
    } catch (error) {
      failed(error, t);
    }
  };
  const end = async () => {
    if (!(await confirm({ title: t("endTitle", { name }), body: t("endBody"), action: t("end"), danger: true })))
      return;
    await run(() => deactivate.mutateAsync({ params }), t("ended", { name }));
  };
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack gap="sm">
        <FormProblem problem={problem} />
        <dl className={classes.facts}>
          <div>
            <dt>{t("email")}</dt>
            <dd>{member.email ?? "–"}</dd>
          </div>
          <div>
            <dt>{t("state")}</dt>
            <dd>
              <Tag tone={TONES[member.state]}>{t(`stateIs.${member.state}`)}</Tag>
            </dd>
          </div>
        </dl>
        <Select
          label={t("role")}
          description={isMe ? t("ownRole") : undefined}
          disabled={isMe}
          allowDeselect={false}
          data={roles}
          {...form.getInputProps("role")}
        />
        <Group gap="xs">
          {member.state === "invited" && (
            <Button
              variant="default"
              size="xs"
              leftSection={<IconMailForward size={15} stroke={1.7} aria-hidden />}
              onClick={() => void run(() => invite.mutateAsync({ params }), t("invited", { email: member.email }))}
            >
              {t("inviteAgain")}
            </Button>
          )}
          {!isMe && member.state !== "inactive" && (
            <Button variant="default" size="xs" onClick={() => void end()}>
              {t("end")}
            </Button>
          )}
          {member.state === "inactive" && (
            <Button
              variant="default"
              size="xs"
              onClick={() => void run(() => activate.mutateAsync({ params }), t("givenBack", { name }))}
            >
              {t("giveBack")}
            </Button>
          )}
        </Group>
        <Actions submit={t("common:action.save")} busy={busy} onCancel={onDone} />
      </Stack>
    </form>
  );
}
