/** The next free times, of one doctor or of everybody. */
import { Button, Group, Switch } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Answer, useApiQuery } from "@/api/query";
import { QueryView } from "@/ui/states";
import { useTime } from "@/ui/useTime";

type Slot = Answer<"/api/slots">["slots"][number];

interface FreeSlotsProps {
  from: string;
  minutes: number;
  provider: number;
  onChoose: (slot: Slot) => void;
}

export function FreeSlots({ from, minutes, provider, onChoose }: FreeSlotsProps) {
  const { t } = useTranslation("schedule");
  const time = useTime();
  const [everybody, setEverybody] = useState(false);
  const query = useApiQuery("/api/slots", {
    query: { from, minutes, limit: 12, ...(everybody ? {} : { provider_user_id: [provider] }) },
  });
  return (
    <div role="group" aria-label={t("findFree")}>
      <Switch
        mb="xs"
        label={t("anyDoctor")}
        checked={everybody}
        onChange={(event) => setEverybody(event.currentTarget.checked)}
      />
      <QueryView query={query} isEmpty={(data) => data.slots.length === 0} empty={<p>{t("noneFree")}</p>}>
        {(data) => (
          <Group gap="xs">
            {data.slots.map((slot) => (
              <Button
                key={`${slot.start} ${slot.provider_user_id}`}
                size="xs"
                variant="light"
                onClick={() => onChoose(slot)}
              >
                {time.dateTime(slot.start)}
                {everybody && ` · ${slot.provider_name}`}
              </Button>
            ))}
          </Group>
        )}
      </QueryView>
    </div>
  );
}
