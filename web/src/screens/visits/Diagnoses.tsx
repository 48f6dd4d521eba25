/** What the patient has: found by code or words as one types; the first is what they came for. */
import { ActionIcon, Menu, Switch } from "@mantine/core";
import { IconArrowUp, IconDots } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { write } from "@/api/operations";
import { type BodyOf, invalidate } from "@/api/query";
import { Card } from "@/ui/Card";
import { type Found, Icd10Search } from "@/ui/clinical/Icd10Search";
import type { Visit } from "@/ui/clinical/types";
import { Tag } from "@/ui/Tag";
import { failed } from "@/ui/toast";
import { codeMark } from "./codeMark";
import type { VisitChanges } from "./useVisit";
import classes from "./visits.module.css";

type Diagnosis = Visit["diagnoses"][number];
type NewDiagnosis = NonNullable<BodyOf<"/api/visits/{visit_id}/diagnoses", "put">>["diagnoses"][number];

interface DiagnosesProps {
  visit: Visit;
  changes: VisitChanges;
  mayWrite: boolean;
}

const again = ({ code, description, note }: Diagnosis): NewDiagnosis => ({
  ...(code ? { code } : {}),
  description,
  ...(note ? { note } : {}),
});

function CodeMark({ diagnosis }: { diagnosis: Diagnosis }) {
  const { t } = useTranslation("visits");
  const mark = codeMark(diagnosis);
  return mark && <Tag tone="warn">{t(`codeMark.${mark}`)}</Tag>;
}

export function Diagnoses({ visit, changes, mayWrite }: DiagnosesProps) {
  const { t } = useTranslation("visits");
  const client = useQueryClient();
  const [isProblem, setProblem] = useState(true);
  const { diagnoses } = visit;
  const set = async (change: (all: NewDiagnosis[]) => NewDiagnosis[]) => {
    const params = { path: { visit_id: visit.visit_id } };
    try {
      await changes.send((version) => {
        const known = (changes.latest() ?? visit).diagnoses.map(again);
        return write("put", "/api/visits/{visit_id}/diagnoses", {
          params,
          body: { diagnoses: change(known) },
          version,
        });
      });
      // A diagnosis may have become a problem of the chart.
      void invalidate(client, ["/api/patients/{patient_id}/chart"]);
    } catch (error) {
      failed(error, t);
    }
  };
  const add = ({ code, description }: Found) =>
    void set((all) => [...all, { ...(code ? { code } : {}), description, add_to_problems: isProblem }]);
  return (
    <Card title={t("diagnoses")} className={classes.card}>
      {diagnoses.length === 0 && !mayWrite && <p className={classes.small}>{t("noDiagnoses")}</p>}
      <ol className={classes.lines} aria-label={t("diagnoses")}>
        {diagnoses.map((one, index) => (
          <li key={one.rank}>
            <span>
              {one.code && <strong className={classes.code}>{one.code}</strong>} {one.description}{" "}
              {index === 0 && diagnoses.length > 1 && <Tag tone="info">{t("main")}</Tag>} <CodeMark diagnosis={one} />
              {one.note && <span className={classes.small}> {one.note}</span>}
            </span>
            {mayWrite && (
              <Menu position="bottom-end">
                <Menu.Target>
                  <ActionIcon aria-label={t("lineMenu", { name: one.description })}>
                    <IconDots size={17} stroke={1.8} aria-hidden />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  {index > 0 && (
                    <Menu.Item
                      leftSection={<IconArrowUp size={16} stroke={1.8} aria-hidden />}
                      onClick={() =>
                        void set((all) => {
                          const [taken] = all.splice(index, 1);
                          return taken ? [taken, ...all] : all;
                        })
                      }
                    >
                      {t("makeMain")}
                    </Menu.Item>
                  )}
                  <Menu.Item
                    onClick={() =>
                      void set((all) =>
                        all.map((each, at) => (at === index ? { ...each, add_to_problems: true } : each)),
                      )
                    }
                  >
                    {t("toProblems")}
                  </Menu.Item>
                  <Menu.Item color="red" onClick={() => void set((all) => all.filter((_, at) => at !== index))}>
                    {t("remove")}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            )}
          </li>
        ))}
      </ol>
      {mayWrite && (
        <>
          <Icd10Search label={t("addDiagnosis")} onPick={add} />
          <Switch
            mt="xs"
            size="sm"
            label={t("alsoProblem")}
            checked={isProblem}
            onChange={(event) => setProblem(event.currentTarget.checked)}
          />
        </>
      )}
    </Card>
  );
}
