/** The flow board: who is expected, waiting, in a room, done; live for everybody who looks at it. */
import { ActionIcon, Button, Skeleton, Tooltip } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconAlertTriangle, IconArchive, IconDeviceTv, IconInbox, IconStethoscope } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiQuery } from "@/api/query";
import { addDays, bounds } from "@/lib/time";
import { useConfirm } from "@/ui/confirm";
import { Page } from "@/ui/Page";
import { useClinic, useMe } from "@/ui/session";
import { QueryView } from "@/ui/states";
import { refused, undoable } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import { BoardView } from "./Board";
import { type BoardAppointment, useBoard } from "./board";
import classes from "./board.module.css";
import { CardMenu, type MenuAt } from "./CardMenu";
import { type Actions, ActionsProvider } from "./context";
import { DetailPanel, Side } from "./DetailPanel";
import { columnsOf, filtered, fullName } from "./day";
import { LaneTabs, PANEL, tabOf } from "./LaneTabs";
import { isHasty, isUndoable, LANES, type Lane, type Status, type Subject, stepsOf, wantsReason } from "./lanes";
import { Closed, OpenEnds, Requests } from "./lists";
import { type Move, useIsMoving, useMove, useWithMoves } from "./moves";
import { type Ended, ReasonDialog } from "./ReasonDialog";
import { refusal } from "./refusal";
import { Toolbar, type View } from "./Toolbar";
import { now, setBy, useTicking } from "./ticker";
import { WallDisplay } from "./WallDisplay";

const route = getRouteApi("/app/today");
const NOBODY: readonly BoardAppointment[] = [];

export function Screen() {
  const { t } = useTranslation("today");
  const time = useTime();
  const { appointment: shownId, list, display, lane, ...asked } = route.useSearch();
  const navigate = route.useNavigate();
  const today = useTicking((at) => time.dayOf(new Date(at)));
  const date = asked.date ?? today;
  const board = useBoard(date);
  const { data } = board;
  const { isPlaceholderData: isOfBefore, dataUpdatedAt } = board;
  useEffect(() => {
    if (data && !isOfBefore) setBy(data.now, dataUpdatedAt);
  }, [data, isOfBefore, dataUpdatedAt]);

  const appointments = useWithMoves(data?.appointments ?? NOBODY);
  const { provider, department } = asked;
  const columns = useMemo(
    () => columnsOf(filtered(appointments, { provider, department })),
    [appointments, provider, department],
  );
  const [said, say] = useState("");
  const root = useRef<HTMLDivElement>(null);
  const focus = useFollowingFocus(root, columns);
  const steps = useSteps({ appointments, say, onMoved: focus.follow });
  const [menu, setMenu] = useState<MenuAt | null>(null);
  const [isMenuOpen, openMenu] = useState(false);
  const closeMenu = useCallback(() => openMenu(false), []);

  const go = useCallback(
    (change: Partial<ReturnType<typeof route.useSearch>>) =>
      void navigate({ search: (before) => ({ ...before, ...change }), resetScroll: false }),
    [navigate],
  );
  const show = ({ ...change }: Partial<View>) => {
    if (change.date === today) change.date = undefined;
    go(change);
  };
  const { stepsOf: allowed, act } = steps;
  const doctors = data?.doctors;
  const actions = useMemo<Actions>(
    () => ({
      stepsOf: allowed,
      act,
      open: ({ appointment_id }) => go({ appointment: appointment_id, list: undefined }),
      menu: (appointment, button) => {
        setMenu({ appointment, button });
        openMenu(true);
      },
      colorOf: (user) => doctors?.find(({ user_id }) => user_id === user)?.color_index,
    }),
    [allowed, act, go, doctors],
  );
  const isPhone = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const first = useFirstLane(columns, data !== undefined);
  const only = isPhone ? (lane ?? first) : undefined;
  const title = { [addDays(today, -1)]: t("yesterday"), [today]: t("title"), [addDays(today, 1)]: t("tomorrow") }[date];
  const detail = useLast(appointments.find(({ appointment_id }) => appointment_id === shownId));
  return (
    <ActionsProvider value={actions}>
      <Page
        wide
        title={title ?? time.day(date, "weekday")}
        subtitle={time.day(date, "long")}
        actions={
          data && (
            <Badges
              openEnds={data.open_ends}
              requests={data.requests}
              closed={columns.closed.length}
              show={(name) => go({ list: name })}
              display={() => go({ display: true })}
            />
          )
        }
        toolbar={
          <Toolbar
            board={data}
            appointments={appointments}
            today={today}
            view={{ date, provider, department }}
            show={show}
          />
        }
      >
        <QueryView query={board} loading={<BoardSkeleton />}>
          {() => (
            <>
              {only && <LaneTabs columns={columns} lane={only} show={(next) => go({ lane: next })} />}
              <div
                className={classes.frame}
                {...(only && { id: PANEL, role: "tabpanel", "aria-labelledby": tabOf(only) })}
              >
                <BoardView columns={columns} only={only} say={say} busy={isOfBefore} root={root} />
              </div>
              {data?.truncated && <p className={classes.nobody}>{t("truncated")}</p>}
            </>
          )}
        </QueryView>
      </Page>
      <div role="status" aria-live="polite" className="visually-hidden">
        {said}
      </div>
      <CardMenu at={menu} isOpen={isMenuOpen} close={closeMenu} onClosed={focus.restore} />
      <DetailPanel
        appointment={shownId === undefined ? detail : appointments.find((one) => one.appointment_id === shownId)}
        isOpen={shownId !== undefined && data !== undefined}
        close={() => go({ appointment: undefined })}
        onClosed={focus.restore}
      />
      <Lists
        list={list}
        close={() => go({ list: undefined })}
        closed={columns.closed}
        steps={steps}
        open={actions.open}
      />
      <ReasonDialog {...steps.dialog} onClosed={focus.restore} />
      {display && data && <WallDisplay columns={columns} close={() => go({ display: undefined })} />}
    </ActionsProvider>
  );
}

/** What is being closed is still shown while it goes away. */
function useLast<T>(value: T | undefined): T | undefined {
  const last = useRef(value);
  if (value !== undefined) last.current = value;
  return last.current;
}

/** Where a phone begins: with those who wait, if somebody does. It doesn't change by itself afterwards. */
function useFirstLane(columns: ReturnType<typeof columnsOf>, isThere: boolean): Lane {
  const first = useRef<Lane>(undefined);
  if (isThere && first.current === undefined) {
    first.current = columns.lanes.waiting.length > 0 ? "waiting" : "expected";
  }
  return first.current ?? "expected";
}

/** A card that was moved is another element in another column: the focus goes with it. */
function useFollowingFocus(root: React.RefObject<HTMLElement | null>, columns: ReturnType<typeof columnsOf>) {
  const moved = useRef<number>(undefined);
  const restore = useCallback(() => {
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (!isLost || moved.current === undefined) return;
    const card = root.current?.querySelector<HTMLElement>(`[data-card="${moved.current}"] [data-open]`);
    (card ?? document.querySelector<HTMLElement>("main h1"))?.focus({ preventScroll: card === null });
  }, [root]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: after every change of the columns
  useEffect(restore, [columns, restore]);
  const follow = useCallback((id: number) => {
    moved.current = id;
  }, []);
  return { follow, restore };
}

type Stepped = Ended & Subject & Pick<Move, "appointment_id" | "version">;

interface StepsInput {
  appointments: readonly BoardAppointment[];
  say: (words: string) => void;
  onMoved: (id: number) => void;
}

/** Bringing appointments on, with the questions, the words and the way back that belong to it. */
function useSteps({ appointments, say, onMoved }: StepsInput) {
  const { t } = useTranslation("today");
  const me = useMe();
  const { time_zone } = useClinic();
  const time = useTime();
  const confirm = useConfirm();
  const { mutateAsync } = useMove();
  const isMoving = useIsMoving();
  const [asked, ask] = useState<{ about: Stepped; to: Status } | null>(null);
  const [isAsking, setAsking] = useState(false);

  const allowed = useCallback(
    (subject: Subject) => {
      const at = now();
      const endOfToday = bounds(time.dayOf(new Date(at)), time_zone).end.getTime();
      return stepsOf({ ...me, role: me.role ?? null }, subject, { now: at, endOfToday });
    },
    [me, time, time_zone],
  );

  const perform = async (about: Stepped, to: Status, reason?: string): Promise<void> => {
    const { appointment_id, name } = about;
    const known = appointments.find((one) => one.appointment_id === appointment_id) ?? about;
    const from = known.status;
    onMoved(appointment_id);
    const done = mutateAsync({ appointment_id, version: known.version, from, to, reason: reason || undefined });
    say(t("moved", { name, state: t(`common:appointment.${to}`) }));
    const moved = await done;
    if (!isUndoable(from, to)) return;
    const back = () => latest.current({ ...about, status: to, version: moved?.version ?? known.version }, from);
    undoable(t("moved", { name, state: t(`common:appointment.${to}`) }), back, t);
  };
  const attempt = async (about: Stepped, to: Status): Promise<void> => {
    const { name, appointment_id } = about;
    if (isMoving(appointment_id)) return refused(t("refused.underWay", { name }));
    if (wantsReason(to)) {
      ask({ about, to });
      return setAsking(true);
    }
    if (isHasty(about.status, to)) {
      const question = { title: t("hasty.title", { name }), body: t("hasty.body"), action: t("act.completed") };
      if (!(await confirm(question))) return;
    }
    try {
      await perform(about, to);
    } catch (error) {
      refused(refusal(error, name, t));
    }
  };
  const latest = useRef(attempt);
  latest.current = attempt;
  const act = useCallback(
    (one: Omit<Stepped, "name"> & { patient: { first_name: string; last_name: string } }, to: Status) => {
      void latest.current({ ...one, name: fullName(one) }, to);
    },
    [],
  );
  const dialog = {
    asked:
      asked && wantsReason(asked.to)
        ? { about: asked.about, to: asked.to, submit: (reason: string) => perform(asked.about, asked.to, reason) }
        : null,
    isOpen: isAsking,
    close: () => setAsking(false),
  };
  return { stepsOf: allowed, act, isMoving, dialog };
}

interface BadgesProps {
  openEnds: number;
  requests: number;
  closed: number;
  show: (list: "open-ends" | "requests" | "closed") => void;
  display: () => void;
}

/** What waits for somebody, and leads there. */
function Badges({ openEnds, requests, closed, show, display }: BadgesProps) {
  const { t } = useTranslation("today");
  const { permissions } = useMe();
  return (
    <div className={classes.badges}>
      {permissions.includes("chart_read") && <OpenVisits />}
      {openEnds > 0 && permissions.includes("appointment_arrive") && (
        <Button
          variant="default"
          size="compact-md"
          leftSection={<IconAlertTriangle size={16} stroke={1.8} aria-hidden />}
          onClick={() => show("open-ends")}
        >
          {t("openEnds.count", { count: openEnds })}
        </Button>
      )}
      {requests > 0 && (
        <Button
          variant="default"
          size="compact-md"
          leftSection={<IconInbox size={16} stroke={1.8} aria-hidden />}
          onClick={() => show("requests")}
        >
          {t("requests.count", { count: requests })}
        </Button>
      )}
      {closed > 0 && (
        <Button
          variant="subtle"
          color="gray"
          size="compact-md"
          leftSection={<IconArchive size={16} stroke={1.8} aria-hidden />}
          onClick={() => show("closed")}
        >
          {t("closed.count", { count: closed })}
        </Button>
      )}
      <Tooltip label={t("display")}>
        <ActionIcon visibleFrom="sm" aria-label={t("display")} onClick={display}>
          <IconDeviceTv size={19} stroke={1.7} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}

/** Visits that were left open overnight: they lead to their list. */
function OpenVisits() {
  const { t } = useTranslation("today");
  const { data } = useApiQuery("/api/visits/open", { query: { per_page: 1 } }, { staleTime: 60_000 });
  const count = data?.pagination.total ?? 0;
  if (count === 0) return null;
  return (
    <Button
      variant="default"
      size="compact-md"
      component={Link}
      to="/visits"
      search={{ status: "open" } as never}
      leftSection={<IconStethoscope size={16} stroke={1.8} aria-hidden />}
    >
      {t("visit.leftOpen", { count })}
    </Button>
  );
}

interface ListsProps {
  list: "open-ends" | "requests" | "closed" | undefined;
  close: () => void;
  closed: readonly BoardAppointment[];
  steps: ReturnType<typeof useSteps>;
  open: (appointment: BoardAppointment) => void;
}

function Lists({ list, close, closed, steps, open }: ListsProps) {
  const { t } = useTranslation("today");
  const shown = useLast(list);
  return (
    <>
      <Side title={t("openEnds.title")} isOpen={list === "open-ends"} close={close}>
        {shown === "open-ends" && <OpenEnds {...steps} />}
      </Side>
      <Side title={t("requests.title")} isOpen={list === "requests"} close={close}>
        {shown === "requests" && <Requests {...steps} />}
      </Side>
      <Side title={t("closed.title")} isOpen={list === "closed"} close={close}>
        {shown === "closed" && <Closed appointments={closed} open={open} />}
      </Side>
    </>
  );
}

/** Columns where the columns will be. */
function BoardSkeleton() {
  const { t } = useTranslation("common");
  return (
    <div role="status" aria-label={t("common:state.loading")} className={classes.skeleton}>
      {LANES.map((lane) => (
        <Skeleton key={lane} radius="lg" className={classes.skeletonLane} />
      ))}
    </div>
  );
}
