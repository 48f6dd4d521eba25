/** Which clinic one is in, and the others one works in. */
import { IconBuildingHospital, IconCheck, IconSelector } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { switchClinic } from "@/api/session";
import { PopGroup, PopItem, PopMenu } from "../PopMenu";
import { useMe } from "../session";
import { failed } from "../toast";
import classes from "./Menus.module.css";

export function ClinicSwitcher({ short = false }: { short?: boolean }) {
  const { t } = useTranslation("common");
  const me = useMe();
  const name = me.clinic?.name ?? t("nav.installation");
  const label = (
    <>
      <IconBuildingHospital size={18} stroke={1.7} aria-hidden className={classes.lead} />
      <span className={short ? "visually-hidden" : classes.name}>{name}</span>
    </>
  );
  if (me.clinics.every(({ clinic_id }) => clinic_id === me.clinic_id))
    return <div className={classes.plain}>{label}</div>;
  const trigger = (
    <>
      {label}
      {!short && <IconSelector size={15} aria-hidden className={classes.caret} />}
    </>
  );
  const go = (id: number) => {
    if (id !== me.clinic_id) switchClinic(id).catch((error: unknown) => failed(error, t));
  };
  return (
    <PopMenu label={t("nav.switch", { clinic: name })} trigger={trigger} className={classes.target} short={short}>
      <PopGroup label={t("nav.clinics")}>
        {me.clinics.map(({ clinic_id, name: clinic, role }) => (
          <PopItem
            key={clinic_id}
            checked={clinic_id === me.clinic_id}
            aside={clinic_id === me.clinic_id && <IconCheck size={16} aria-hidden />}
            onSelect={() => go(clinic_id)}
          >
            {clinic}
            <span className={classes.role}>{t(`role.${role}`)}</span>
          </PopItem>
        ))}
      </PopGroup>
    </PopMenu>
  );
}
