/** A visit while it goes on: the chart at hand, the note in the middle, what is ordered and billed beside it. Completed it is only read. */
import { Alert, Anchor, Button, Group, SegmentedControl } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconCheck } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiQuery } from "@/api/query";
import { ConflictDialog } from "@/ui/ConflictDialog";
import { AllergyBar } from "@/ui/clinical/AllergyBar";
import { ChartSummary } from "@/ui/clinical/ChartSummary";
import type { Visit } from "@/ui/clinical/types";
import { Page } from "@/ui/Page";
import { useCan } from "@/ui/session";
import { Loading, QueryView } from "@/ui/states";
import { Tag } from "@/ui/Tag";
import { useTime } from "@/ui/useTime";
import { Addenda } from "./Addenda";
import { Diagnoses } from "./Diagnoses";
import { NoteEditor, SavedMark, WrittenNote } from "./NoteEditor";
import { PARTS } from "./notes";
import { Orders } from "./Orders";
import { useNotes } from "./useNotes";
import { useVisit, type VisitChanges } from "./useVisit";
import { VisitVitals } from "./VisitVitals";
import classes from "./visits.module.css";

const CompleteDialog = lazy(() => import("./CompleteDialog"));

const route = getRouteApi("/app/visits/$visitId");
const NARROW = "(max-width: 75em)";

export function Screen() {
  const { t } = useTranslation("visits");
  const { visitId } = route.useParams();
  const { query, changes } = useVisit(Number(visitId));
  if (query.data) return <Workspace key={query.data.visit_id} visit={query.data} changes={changes} />;
  return (
    <Page title={t("visit")}>
      <QueryView query={query} loading={<Loading rows={4} height={140} />}>
        {() => null}
      </QueryView>
    </Page>
  );
}

type Side = "visit" | "orders" | "chart";

function Workspace({ visit, changes }: { visit: Visit; changes: VisitChanges }) {
  const { t } = useTranslation("visits");
  const can = useCan();
  const isNarrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  const [side, turn] = useState<Side>("visit");
  const [isCompleting, complete] = useState(false);
  const notes = useNotes(visit, changes);
  // The question comes up by itself; who puts it off finds it at the mark of what is saved.
  const [isDeciding, decideNow] = useState(true);
  const isTorn = notes.torn !== null;
  useEffect(() => {
    if (isTorn) decideNow(true);
  }, [isTorn]);
  const finish = async () => {
    if (await notes.store()) complete(true);
    else if (isTorn) decideNow(true);
  };
  const chart = useApiQuery("/api/patients/{patient_id}/chart", { path: { patient_id: visit.patient.patient_id } });
  const isOpen = visit.status === "in_progress";
  const mayWrite = can("chart_write") && isOpen;
  const { patient } = visit;
  // The chart's own list is the fresher one: an allergy that is added here shows at once.
  const allergies =
    chart.data?.patient.patient_id === patient.patient_id ? chart.data.patient.allergies : patient.allergies;
  const isShown = (one: Side) => !isNarrow || side === one;
  return (
    <Page
      wide
      title={`${patient.first_name} ${patient.last_name}`}
      documentTitle={t("visit")}
      subtitle={<Facts visit={visit} />}
      actions={
        mayWrite && (
          <>
            <SavedMark saving={notes.saving} retry={() => (isTorn ? decideNow(true) : void notes.store())} />
            <Button leftSection={<IconCheck size={17} stroke={1.9} aria-hidden />} onClick={() => void finish()}>
              {t("complete")}
            </Button>
          </>
        )
      }
    >
      <AllergyBar allergies={allergies} />
      {isNarrow && (
        <SegmentedControl
          fullWidth
          aria-label={t("side.label")}
          value={side}
          onChange={(next) => turn(next as Side)}
          data={(["visit", "orders", "chart"] as const).map((value) => ({ value, label: t(`side.${value}`) }))}
        />
      )}
      <div className={classes.workspace} data-narrow={isNarrow || undefined}>
        {isShown("chart") && (
          <aside className={classes.chart} aria-label={t("side.chart")}>
            <QueryView query={chart} loading={<Loading rows={3} height={120} />}>
              {(data) => <ChartSummary chart={data} visitId={isOpen ? visit.visit_id : null} narrow={!isNarrow} />}
            </QueryView>
          </aside>
        )}
        {isShown("visit") && (
          <div className={classes.centre}>
            {notes.orphan.length > 0 && (
              <Alert color="red" role="alert" title={t("orphan.title")}>
                {t("orphan.body")}
                <p className={classes.written}>{notes.orphan.map((part) => notes.notes[part]).join("\n\n")}</p>
              </Alert>
            )}
            <VisitVitals visit={visit} mayWrite={mayWrite} />
            {mayWrite ? (
              <NoteEditor notes={notes.notes} change={notes.change} flush={notes.store} />
            ) : (
              <WrittenNote visit={visit} />
            )}
            <Diagnoses visit={visit} changes={changes} mayWrite={mayWrite} />
            {!isOpen && <Addenda visit={visit} mayWrite={can("chart_write")} />}
          </div>
        )}
        {isShown("orders") && (
          <aside className={classes.orders} aria-label={t("side.orders")}>
            <Orders visit={visit} changes={changes} mayWrite={mayWrite} allergies={allergies} />
          </aside>
        )}
      </div>
      <ConflictDialog
        conflict={notes.torn && isDeciding ? { mine: notes.notes, theirs: notes.torn.theirs } : null}
        fields={PARTS.filter((part) => notes.torn?.parts.includes(part)).map((key) => ({
          key,
          label: t(`part.${key}`),
        }))}
        onResolve={notes.decide}
        onCancel={() => decideNow(false)}
      />
      <Suspense>
        {isCompleting && <CompleteDialog visit={visit} changes={changes} onClose={() => complete(false)} />}
      </Suspense>
    </Page>
  );
}

function Facts({ visit }: { visit: Visit }) {
  const { t } = useTranslation("visits");
  const time = useTime();
  const { patient, provider, reference, started_at, completed_at, status, reason } = visit;
  return (
    <span className={classes.facts}>
      <Group gap={8} component="span">
        <Tag tone={status === "completed" ? "good" : "info"}>{t(`status.${status}`)}</Tag>
        <span>{reference}</span>
      </Group>
      <span>
        {t("years", { count: patient.age_years })} · {t(`sex.${patient.sex}`)} · {time.day(patient.dob, "numeric")}
      </span>
      <Anchor component={Link} to={`/patients/${patient.patient_id}` as never} size="sm">
        {patient.mrn}
      </Anchor>
      <span>
        {provider.first_name} {provider.last_name} · {time.dateTime(started_at)}
        {completed_at && ` – ${time.time(completed_at)}`}
      </span>
      {reason && <span>{reason}</span>}
    </span>
  );
}
