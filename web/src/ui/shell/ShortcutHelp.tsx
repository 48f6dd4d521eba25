/** What the keys do on this screen. */
import { Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Modal } from "../Modal";
import { Keys, useKnownShortcuts } from "../shortcuts";

export default function ShortcutHelp({ isOpen, close }: { isOpen: boolean; close: () => void }) {
  const { t } = useTranslation("common");
  const shortcuts = useKnownShortcuts();
  const shown = [...new Map(shortcuts.map((shortcut) => [shortcut.keys, shortcut])).values()];
  return (
    <Modal opened={isOpen} onClose={close} title={t("shortcut.title")}>
      <Table verticalSpacing={6}>
        <Table.Tbody>
          {shown.map(({ keys, label }) => (
            <Table.Tr key={keys}>
              <Table.Td>{label}</Table.Td>
              <Table.Td ta="end">
                <Keys keys={keys} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
