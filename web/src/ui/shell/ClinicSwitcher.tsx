/** Which clinic one is in, and the others one works in. */
import { Menu, Text, UnstyledButton } from "@mantine/core";
import { IconBuildingHospital, IconCheck, IconSelector } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { switchClinic } from "@/api/session";
import { useMe } from "../session";
import { failed } from "../toast";
import classes from "./Menus.module.css";
import { homeOf } from "./navigation";

export function ClinicSwitcher({ short = false }: { short?: boolean }) {
  const { t } = useTranslation("common");
  const me = useMe();
  const navigate = useNavigate();
  const others = me.clinics.filter(({ clinic_id }) => clinic_id !== me.clinic_id);
  const name =
    me.clinic?.name ?? me.clinics.find(({ clinic_id }) => clinic_id === me.clinic_id)?.name ?? t("nav.installation");
  const go = async (id: number) => {
    try {
      await navigate({ to: homeOf(await switchClinic(id)) });
    } catch (error) {
      failed(error, t);
    }
  };
  const label = (
    <>
      <IconBuildingHospital size={18} stroke={1.7} aria-hidden className={classes.lead} />
      <span className={short ? "visually-hidden" : classes.name}>{name}</span>
    </>
  );
  if (others.length === 0) return <div className={classes.plain}>{label}</div>;
  return (
    <Menu position="bottom-start" width={260}>
      <Menu.Target>
        <UnstyledButton className={classes.target} aria-label={t("nav.switch", { clinic: name })}>
          {label}
          {!short && <IconSelector size={15} aria-hidden className={classes.caret} />}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("nav.clinics")}</Menu.Label>
        {me.clinics.map(({ clinic_id, name: clinic, role }) => (
          <Menu.Item
            key={clinic_id}
            onClick={() => clinic_id !== me.clinic_id && void go(clinic_id)}
            rightSection={clinic_id === me.clinic_id && <IconCheck size={16} aria-label={t("nav.current")} />}
          >
            {clinic}
            <Text size="xs" c="dimmed">
              {t(`role.${role}`)}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
