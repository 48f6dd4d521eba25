/** What is wrong with a whole form, said above its fields and read out at once. */
import { useTranslation } from "react-i18next";
import { problemText } from "../problemText";
import classes from "./FormProblem.module.css";

export function FormProblem({ problem }: { problem: unknown }) {
  const { t } = useTranslation("common");
  return (
    <div role="alert" className={classes.place}>
      {problem !== null && problem !== undefined && <div className={classes.problem}>{problemText(problem, t)}</div>}
    </div>
  );
}
