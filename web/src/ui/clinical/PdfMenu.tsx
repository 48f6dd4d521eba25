/** A document on paper of one's choice: opened in a tab to print, or saved. */
import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconFileTypePdf } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { download, show } from "@/api/client";
import { failed } from "@/ui/toast";
import { PAPERS } from "./prescription";

interface PdfMenuProps {
  path: string;
  /** The file's name, without its ending. */
  name: string;
  label: string;
  variant?: "filled" | "default";
  size?: "xs" | "sm";
}

export function PdfMenu({ path, name, label, variant = "default", size = "xs" }: PdfMenuProps) {
  const { t } = useTranslation("clinical");
  const [busy, setBusy] = useState(false);
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    try {
      await work();
    } catch (error) {
      failed(error, t);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button.Group>
      <Button
        size={size}
        variant={variant}
        loading={busy}
        leftSection={<IconFileTypePdf size={16} stroke={1.7} aria-hidden />}
        onClick={() => void run(() => show(path, `${name}.pdf`))}
      >
        {label}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button size={size} variant={variant} px={6} aria-label={t("pdf.more", { name })}>
            <IconChevronDown size={15} stroke={1.8} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {PAPERS.map((paper) => (
            <Menu.Item key={paper} onClick={() => void run(() => show(`${path}?paper=${paper}`, `${name}.pdf`))}>
              {t("pdf.on", { paper: t(`pdf.${paper}`) })}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={() => void run(() => download(path, `${name}.pdf`))}>{t("pdf.save")}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Button.Group>
  );
}
