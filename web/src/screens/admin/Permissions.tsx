/** The clinic's table of who may do what: a change takes effect with the next click of whoever it is about. */
import { Button, Checkbox, Group, NativeSelect, Switch } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Answer, useApiMutation, useApiQuery } from "@/api/query";
import { useConfirm } from "@/ui/confirm";
import { useClinic } from "@/ui/session";
import { QueryView } from "@/ui/states";
import { done, failed } from "@/ui/toast";
import classes from "./admin.module.css";
import { ROLES } from "./Staff";

type Table = Answer<"/api/clinics/{clinic_id}/permissions">;
type Entry = Table["permissions"][number];
type Role = (typeof ROLES)[number];

/** What the table and the list of one role show, and how an entry is changed. */
interface Shown {
  names: readonly Entry["permission"][];
  entry: (permission: string, role: string) => Entry | undefined;
  isOn: (cell: Entry) => boolean;
  set: (cell: Entry, allowed: boolean) => void;
  isBusy: boolean;
}

const differs = (cell: Entry) => cell.allowed !== cell.default;

export function Permissions() {
  const { t } = useTranslation("admin");
  const clinic = useClinic();
  const params = { path: { clinic_id: clinic?.clinic_id ?? 0 } };
  const query = useApiQuery("/api/clinics/{clinic_id}/permissions", params, { enabled: clinic !== null });
  return (
    <>
      <p className={classes.hint}>{t("permissionsHint")}</p>
      <QueryView query={query}>{(table) => <Matrix table={table} />}</QueryView>
    </>
  );
}

function Matrix({ table }: { table: Table }) {
  const { t } = useTranslation("admin");
  const confirm = useConfirm();
  const client = useQueryClient();
  const isPhone = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const save = useApiMutation("put", "/api/clinics/{clinic_id}/permissions", {
    invalidates: ["/api/clinics"],
  });
  // What was just ticked, until the table that comes back says it too.
  const [ticked, setTicked] = useState<Readonly<Record<string, boolean>>>({});
  const names = [
    ...new Set(table.permissions.filter(({ changeable }) => changeable).map(({ permission }) => permission)),
  ];
  const entry = (permission: string, role: string) =>
    table.permissions.find((each) => each.permission === permission && each.role === role);
  const changed = table.permissions.filter(differs);
  const send = async (entries: { role: Entry["role"]; permission: Entry["permission"]; allowed: boolean | null }[]) => {
    try {
      const params = { path: { clinic_id: table.clinic_id } };
      await save.mutateAsync({ params, body: { permissions: entries }, version: table.version });
      await client.refetchQueries({ queryKey: ["/api/clinics/{clinic_id}/permissions"] });
      done(t("saved"));
    } catch (error) {
      failed(error, t);
    }
    setTicked({});
  };
  const set = ({ role, permission, default: usual }: Entry, allowed: boolean) => {
    setTicked({ ...ticked, [`${permission} ${role}`]: allowed });
    void send([{ role, permission, allowed: allowed === usual ? null : allowed }]);
  };
  const isOn = ({ role, permission, allowed }: Entry) => ticked[`${permission} ${role}`] ?? allowed;
  const shown: Shown = { names, entry, isOn, set, isBusy: save.isPending };
  const reset = async () => {
    if (
      !(await confirm({ title: t("resetTitle"), body: t("resetBody", { count: changed.length }), action: t("reset") }))
    )
      return;
    await send(changed.map(({ role, permission }) => ({ role, permission, allowed: null })));
  };
  return (
    <>
      {isPhone ? <OfOneRole {...shown} /> : <OfAllRoles {...shown} />}
      <Group mt="md" justify="space-between">
        <span className={classes.hint}>{t("changedCount", { count: changed.length })}</span>
        {changed.length > 0 && (
          <Button variant="default" size="xs" onClick={() => void reset()}>
            {t("reset")}
          </Button>
        )}
      </Group>
    </>
  );
}

/** Every role beside the others. */
function OfAllRoles({ names, entry, isOn, set, isBusy }: Shown) {
  const { t } = useTranslation("admin");
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div className={classes.matrixFrame} role="region" aria-label={t("tab.permissions")} tabIndex={0}>
      <table className={classes.matrix} aria-busy={isBusy || undefined}>
        <thead>
          <tr>
            <th scope="col">{t("mayDo")}</th>
            {ROLES.map((role) => (
              <th key={role} scope="col">
                {t(`common:role.${role}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((permission) => (
            <tr key={permission}>
              <th scope="row">{t(`permission.${permission}`)}</th>
              {ROLES.map((role) => {
                const cell = entry(permission, role);
                const isChanged = cell !== undefined && differs(cell);
                return (
                  <td key={role} data-changed={isChanged || undefined}>
                    {cell && (
                      <Checkbox
                        aria-label={`${t(`permission.${permission}`)}: ${t(`common:role.${role}`)}${isChanged ? `, ${t("changed")}` : ""}`}
                        checked={isOn(cell)}
                        disabled={!cell.changeable}
                        onChange={(event) => set(cell, event.currentTarget.checked)}
                      />
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** One role at a time, for a screen that has no room for all of them. */
function OfOneRole({ names, entry, isOn, set, isBusy }: Shown) {
  const { t } = useTranslation("admin");
  const [role, setRole] = useState<Role>("doctor");
  return (
    <section aria-label={t("tab.permissions")}>
      <NativeSelect
        label={t("role")}
        data={ROLES.map((each) => ({ value: each, label: t(`common:role.${each}`) }))}
        value={role}
        onChange={(event) => setRole(event.currentTarget.value as Role)}
      />
      <ul className={classes.switches} aria-label={t(`common:role.${role}`)} aria-busy={isBusy || undefined}>
        {names.map((permission) => {
          const cell = entry(permission, role);
          if (cell === undefined) return null;
          const isChanged = differs(cell);
          return (
            <li key={permission} data-changed={isChanged || undefined}>
              <Switch
                classNames={{ body: classes.switchBody, labelWrapper: classes.switchLabel }}
                labelPosition="left"
                label={`${t(`permission.${permission}`)}${isChanged ? ` (${t("changed")})` : ""}`}
                checked={isOn(cell)}
                disabled={!cell.changeable}
                onChange={(event) => set(cell, event.currentTarget.checked)}
              />
            </li>
          );
        })}
      </ul>
    </section>
  );
}
