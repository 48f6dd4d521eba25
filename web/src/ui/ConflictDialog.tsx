/**
 * Somebody else changed the record since it was read (412). Shows both sides, field by field, and lets the person choose; nothing
 * typed is lost and nothing of the other's is overwritten unseen.
 */
import { Button, Group, Radio, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./ConflictDialog.module.css";
import { Modal } from "./Modal";

type Row = Record<string, unknown>;

export interface ConflictField<T extends Row> {
  key: keyof T & string;
  label: string;
  /** How a value is shown; as text where it isn't given. */
  show?: (value: T[keyof T & string]) => string;
}

interface ConflictDialogProps<T extends Row> {
  /** What the person wanted to save, and what is stored now. Open while both are there. */
  conflict: { mine: T; theirs: T } | null;
  fields: readonly ConflictField<T>[];
  onResolve: (merged: T) => void;
  onCancel: () => void;
}

/** Fields in which the two differ. None: the same was saved already, by the first of two tries. */
export function differences<T extends Row>(
  mine: T,
  theirs: T,
  fields: readonly ConflictField<T>[],
): ConflictField<T>[] {
  const plain = (value: unknown) => (value === null || value === undefined ? "" : JSON.stringify(value));
  return fields.filter(({ key }) => plain(mine[key]) !== plain(theirs[key]));
}

export function ConflictDialog<T extends Row>({ conflict, fields, onResolve, onCancel }: ConflictDialogProps<T>) {
  const { t } = useTranslation("common");
  return (
    <Modal opened={conflict !== null} onClose={onCancel} title={t("conflict.title")} size="lg">
      {conflict && <Choices {...conflict} fields={fields} onResolve={onResolve} onCancel={onCancel} />}
    </Modal>
  );
}

type ChoicesProps<T extends Row> = Omit<ConflictDialogProps<T>, "conflict"> & { mine: T; theirs: T };

function Choices<T extends Row>({ mine, theirs, fields, onResolve, onCancel }: ChoicesProps<T>) {
  const { t } = useTranslation("common");
  const different = differences(mine, theirs, fields);
  const [chosen, choose] = useState<Record<string, "mine" | "theirs">>({});
  const side = (key: string) => chosen[key] ?? "mine";
  const shown = ({ key, show }: ConflictField<T>, values: T) => {
    const value = values[key];
    return (show ? show(value) : String(value ?? "")) || t("conflict.empty");
  };
  const resolve = () => {
    const taken = different.filter(({ key }) => side(key) === "theirs").map(({ key }) => [key, theirs[key]]);
    onResolve({ ...mine, ...Object.fromEntries(taken) });
  };
  return (
    <Stack>
      <Text c="dimmed">{t("conflict.hint")}</Text>
      {different.map((field) => (
        <Radio.Group
          key={field.key}
          label={field.label}
          value={side(field.key)}
          onChange={(value) => choose({ ...chosen, [field.key]: value as "mine" | "theirs" })}
        >
          <div className={classes.sides}>
            {(["mine", "theirs"] as const).map((one) => (
              <Radio.Card key={one} value={one} className={classes.side}>
                <Text size="xs" c="dimmed">
                  {t(`conflict.${one}`)}
                </Text>
                <Text className={classes.value}>{shown(field, one === "mine" ? mine : theirs)}</Text>
              </Radio.Card>
            ))}
          </div>
        </Radio.Group>
      ))}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onCancel}>
          {t("conflict.back")}
        </Button>
        <Button onClick={resolve}>{t("conflict.save")}</Button>
      </Group>
    </Stack>
  );
}
