/** That a document shows boxes for some letters, said before it is printed. */
import { Alert } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** More are not named: who reads the first ones knows which script it is. */
const MOST = 12;

/** `letters` are those that no font of the server has, each once. */
export function Unprintable({ letters }: { letters: string | null | undefined }) {
  const { t } = useTranslation("clinical");
  if (!letters) return null;
  const all = [...letters];
  const shown = all.length > MOST ? `${all.slice(0, MOST).join("")}…` : letters;
  return (
    <Alert color="yellow" role="status" mt="xs" p="xs" className="no-print">
      {t("pdf.unprintable", { letters: shown })}
    </Alert>
  );
}
