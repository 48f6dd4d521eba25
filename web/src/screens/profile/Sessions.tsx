/** Where one is signed in, and how to end it. */
import { Button, Text } from "@mantine/core";
import { IconDeviceLaptop, IconDeviceMobile } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { type Answer, useApiMutation, useApiQuery } from "@/api/query";
import { Card } from "@/ui/Card";
import { useConfirm } from "@/ui/confirm";
import { QueryView } from "@/ui/states";
import { Tag } from "@/ui/Tag";
import { done, failed } from "@/ui/toast";
import { useTime } from "@/ui/useTime";
import { deviceOf } from "./device";
import classes from "./Sessions.module.css";

type Session = Answer<"/api/auth/sessions">["sessions"][number];

export function Sessions() {
  const { t } = useTranslation("profile");
  const confirm = useConfirm();
  const sessions = useApiQuery("/api/auth/sessions", { query: { per_page: 100 } });
  const end = useApiMutation("delete", "/api/auth/sessions/{session_id}", { invalidates: ["/api/auth/sessions"] });
  const close = ({ session_id }: Session) => end.mutateAsync({ params: { path: { session_id } } });
  const endOne = async (session: Session) => {
    try {
      await close(session);
      done(t("ended"));
    } catch (error) {
      failed(error, t);
    }
  };
  const others = (sessions.data?.sessions ?? []).filter(({ is_current }) => !is_current);
  const endOthers = async () => {
    if (!(await confirm({ title: t("endOthers"), body: t("endOthersBody"), action: t("endOthers"), danger: true })))
      return;
    const ended = await Promise.allSettled(others.map(close));
    const refused = ended.find((one) => one.status === "rejected");
    if (refused) failed(refused.reason, t);
    else done(t("ended"));
  };
  const all = others.length > 0 && (
    <Button variant="default" size="compact-md" onClick={() => void endOthers()}>
      {t("endOthers")}
    </Button>
  );
  return (
    <Card title={t("sessions")} actions={all}>
      <QueryView query={sessions}>
        {(data) => (
          <ul className={classes.list}>
            {data.sessions.map((session) => (
              <Row key={session.session_id} session={session} onEnd={() => void endOne(session)} />
            ))}
          </ul>
        )}
      </QueryView>
    </Card>
  );
}

function Row({ session, onEnd }: { session: Session; onEnd: () => void }) {
  const { t } = useTranslation("profile");
  const time = useTime();
  const known = deviceOf(session.user_agent ?? "");
  const device = known ? t("device", known) : t("unknownDevice");
  const Icon = known?.isPhone ? IconDeviceMobile : IconDeviceLaptop;
  return (
    <li className={classes.row}>
      <Icon size={20} stroke={1.6} aria-hidden />
      <div className={classes.what}>
        <span className={classes.device}>
          {device} {session.is_current && <Tag tone="good">{t("thisOne")}</Tag>}
        </span>
        <Text size="xs" c="dimmed">
          {[session.address, t("lastUsed", { when: time.relative(session.last_used_at) })].filter(Boolean).join(" · ")}
        </Text>
      </div>
      {!session.is_current && (
        <Button variant="default" size="compact-md" onClick={onEnd} aria-label={t("endLabel", { device })}>
          {t("end")}
        </Button>
      )}
    </li>
  );
}
