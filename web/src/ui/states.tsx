/** What a screen shows when it has nothing to show yet, nothing at all, an error, or no permission. */
import { Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconCloudOff, IconLock, IconMapQuestion, type TablerIcon } from "@tabler/icons-react";
import { type UseQueryResult, useQueryErrorResetBoundary } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem, NoConnection } from "@/api/problem";
import { problemText } from "./problemText";
import classes from "./states.module.css";

interface MessageProps {
  icon: TablerIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** A calm sentence in the middle of an empty place, with what to do about it. */
export function Message({ icon: Icon, title, children, action }: MessageProps) {
  return (
    <Stack className={classes.message} align="center" gap="xs">
      <span className={classes.icon}>
        <Icon size={22} stroke={1.6} aria-hidden />
      </span>
      <Title order={2}>{title}</Title>
      {children && (
        <Text c="dimmed" ta="center" maw={440}>
          {children}
        </Text>
      )}
      {action && <Group mt="xs">{action}</Group>}
    </Stack>
  );
}

/** Grey lines where the content will be. They come after a moment: what is there at once needs none. */
export function Loading({ rows = 6, height = 44 }: { rows?: number; height?: number }) {
  const { t } = useTranslation("common");
  const [isShown, show] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => show(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Stack gap="xs" role="status" aria-label={t("state.loading")}>
      {isShown &&
        Array.from({ length: rows }, (_, row) => <Skeleton key={row.toString()} height={height} radius="md" />)}
    </Stack>
  );
}

export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation("common");
  if (error instanceof ApiProblem && error.status === 403) return <NoPermission />;
  if (error instanceof ApiProblem && error.status === 404) return <NotFound />;
  const isAway = error instanceof NoConnection;
  const id = error instanceof ApiProblem ? error.requestId : null;
  return (
    <div role="alert">
      <Message
        icon={isAway ? IconCloudOff : IconAlertTriangle}
        title={t(isAway ? "state.away" : "state.failed")}
        action={
          retry && (
            <Button variant="default" onClick={retry}>
              {t("action.retry")}
            </Button>
          )
        }
      >
        {problemText(error, t)} {id && t("state.quote", { id })}
      </Message>
    </div>
  );
}

export function NoPermission({ action }: { action?: ReactNode }) {
  const { t } = useTranslation("common");
  return (
    <Message icon={IconLock} title={t("state.noPermission")} action={action}>
      {t("state.noPermissionHint")}
    </Message>
  );
}

export function NotFound({ action }: { action?: ReactNode }) {
  const { t } = useTranslation("common");
  return (
    <Message icon={IconMapQuestion} title={t("state.notFound")} action={action}>
      {t("state.notFoundHint")}
    </Message>
  );
}

interface QueryViewProps<T> {
  query: Pick<UseQueryResult<T>, "data" | "error" | "refetch">;
  loading?: ReactNode;
  /** Shown in place of the content where `isEmpty` says so. */
  empty?: ReactNode;
  isEmpty?: (data: T) => boolean;
  children: (data: T) => ReactNode;
}

/** A read with its four states. What was shown before stays while it loads again, also when that fails. */
export function QueryView<T>({ query, loading = <Loading />, empty, isEmpty, children }: QueryViewProps<T>) {
  const { reset } = useQueryErrorResetBoundary();
  const { data, error, refetch } = query;
  if (data !== undefined) return isEmpty?.(data) ? empty : children(data);
  if (error === null) return loading;
  const retry = () => {
    reset();
    void refetch();
  };
  return <ErrorState error={error} retry={retry} />;
}
