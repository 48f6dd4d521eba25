/** Whether an invoice is paid: never by colour alone. */
import { IconCheck, IconClock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Tag } from "@/ui/Tag";

export function StatusTag({ status }: { status: "paid" | "unpaid" }) {
  const { t } = useTranslation("billing");
  return (
    <Tag tone={status === "paid" ? "good" : "warn"} icon={status === "paid" ? IconCheck : IconClock}>
      {t(status)}
    </Tag>
  );
}
