/** Who works in several clinics says which one this is about. */
import { UnstyledButton } from "@mantine/core";
import { IconArrowRight, IconBuildingHospital } from "@tabler/icons-react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { switchClinic } from "@/api/session";
import { FormProblem } from "@/ui/form/FormProblem";
import { Page } from "@/ui/Page";
import { useMe } from "@/ui/session";
import { homeOf } from "@/ui/shell/navigation";
import classes from "./sign-in.module.css";

const route = getRouteApi("/app/choose-clinic");

export function Screen() {
  const { t } = useTranslation("sign-in");
  const me = useMe();
  const { next } = route.useSearch();
  const navigate = useNavigate();
  const [problem, setProblem] = useState<unknown>(null);
  const choose = async (id: number) => {
    try {
      const user = id === me.clinic_id ? me : await switchClinic(id);
      await (next ? navigate({ href: next }) : navigate({ to: homeOf(user) }));
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <Page title={t("chooseTitle")} subtitle={t("chooseIntro", { name: me.first_name })}>
      <FormProblem problem={problem} />
      <ul className={classes.clinics}>
        {me.clinics.map(({ clinic_id, name, role }) => (
          <li key={clinic_id}>
            <UnstyledButton className={classes.clinic} onClick={() => void choose(clinic_id)}>
              <IconBuildingHospital size={22} stroke={1.6} aria-hidden />
              <span>
                <span className={classes.clinicName}>{name}</span>
                <span className={classes.clinicRole}>{t(`common:role.${role}`)}</span>
              </span>
              <IconArrowRight size={18} aria-hidden className={classes.arrow} />
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </Page>
  );
}
