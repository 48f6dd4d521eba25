/** What is wrong with a whole form, said above its buttons and read out at once. */
import { Alert } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { problemText } from "../problemText";

export function FormProblem({ problem }: { problem: unknown }) {
  const { t } = useTranslation("common");
  return (
    <div role="alert">
      {problem !== null && problem !== undefined && (
        <Alert
          variant="default"
          icon={<IconAlertCircle size={18} aria-hidden />}
          styles={{
            root: { background: "var(--tone-bad-bg)", borderColor: "var(--tone-bad-line)" },
            icon: { color: "var(--tone-bad-fg)" },
            message: { color: "var(--tone-bad-fg)" },
          }}
        >
          {problemText(problem, t)}
        </Alert>
      )}
    </div>
  );
}
