/** One field for everything (Ctrl-K, `/`): patients as one types, places, actions. */
import { Loader, Modal, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconArrowRight, IconSearch, IconUser, IconUserPlus, type TablerIcon } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApiQuery } from "@/api/query";
import { useLayer } from "../layers";
import { useCan, useMe } from "../session";
import { placesOf } from "../shell/navigation";
import { useKnownShortcuts } from "../shortcuts";
import { useTime } from "../useTime";
import { matches } from "./match";
import classes from "./Palette.module.css";

export default function Palette({ isOpen, close }: { isOpen: boolean; close: () => void }) {
  const { t } = useTranslation("common");
  useLayer({ opened: isOpen, onClose: close });
  return (
    <Modal.Root opened={isOpen} onClose={close} closeOnEscape={false} size={600} yOffset="12vh">
      <Modal.Overlay />
      <Modal.Content aria-label={t("palette.open")}>
        <Modal.Body p={0}>
          <Content close={close} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

interface Item {
  id: string;
  group: "patients" | "go" | "actions";
  icon: TablerIcon;
  label: string;
  detail?: ReactNode;
  run: () => void;
}

function Content({ close }: { close: () => void }) {
  const { t } = useTranslation("common");
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const list = useId();
  const { items, isLooking } = useItems(query.trim());
  const chosen = items[Math.min(active, items.length - 1)];
  const run = (item: Item | undefined) => {
    if (!item) return;
    close();
    item.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setActive((Math.min(active, items.length - 1) + step + items.length) % Math.max(items.length, 1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(chosen);
    }
  };
  const optionId = (item: Item) => `${list}-${item.id}`;
  return (
    <>
      <div className={classes.field}>
        <IconSearch size={19} stroke={1.7} aria-hidden />
        <input
          className={classes.input}
          role="combobox"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={chosen && optionId(chosen)}
          aria-label={t("palette.placeholder")}
          placeholder={t("palette.placeholder")}
          data-autofocus
          autoComplete="off"
          spellCheck={false}
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
        {isLooking && <Loader size={16} />}
      </div>
      <div id={list} role="listbox" aria-label={t("palette.results")} className={classes.list}>
        {items.map((item, index) => (
          <div key={item.id} role="presentation">
            {item.group !== items[index - 1]?.group && (
              <div role="presentation" className={classes.group}>
                {t(`palette.${item.group}`)}
              </div>
            )}
            <Option
              id={optionId(item)}
              item={item}
              isActive={item === chosen}
              onHover={() => setActive(index)}
              onRun={() => run(item)}
            />
          </div>
        ))}
      </div>
      <Text role="status" className={classes.status} c="dimmed" size="sm">
        {items.length === 0 && !isLooking ? t("palette.nothing", { query }) : t("palette.hint")}
      </Text>
    </>
  );
}

interface OptionProps {
  id: string;
  item: Item;
  isActive: boolean;
  onHover: () => void;
  onRun: () => void;
}

function Option({ id, item: { icon: Icon, label, detail }, isActive, onHover, onRun }: OptionProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus and takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the field has the focus and points here
    <div
      id={id}
      role="option"
      aria-selected={isActive}
      className={classes.option}
      ref={isActive ? (node) => node?.scrollIntoView?.({ block: "nearest" }) : undefined}
      onMouseMove={isActive ? undefined : onHover}
      onClick={onRun}
    >
      <Icon size={18} stroke={1.7} aria-hidden />
      <span className={classes.label}>{label}</span>
      {detail && <span className={classes.detail}>{detail}</span>}
    </div>
  );
}

function useItems(query: string): { items: Item[]; isLooking: boolean } {
  const { t } = useTranslation("common");
  const navigate = useNavigate();
  const me = useMe();
  const can = useCan();
  const found = usePatients(query, can("patient_read"));
  const shortcuts = useKnownShortcuts();
  const places: Item[] = placesOf(me).map(({ to, label, icon }) => ({
    id: `go${to.replace("/", "-")}`,
    group: "go",
    icon,
    label: t(label),
    run: () => void navigate({ to }),
  }));
  const profile: Item = {
    id: "go-profile",
    group: "go",
    icon: IconUser,
    label: t("user.profile"),
    run: () => void navigate({ to: "/profile" }),
  };
  const add: Item = {
    id: "new-patient",
    group: "actions",
    icon: IconUserPlus,
    label: t("palette.newPatient"),
    run: () => void navigate({ to: "/patients/new" }),
  };
  const own: Item[] = shortcuts
    .filter(({ keys }) => !/^(g |mod\+|\/$|\?$|\[$)/.test(keys))
    .map(({ keys, label, run }) => ({
      id: `key-${keys}`,
      group: "actions",
      icon: IconArrowRight,
      label,
      detail: keys.toUpperCase(),
      run,
    }));
  const rest = [...own, ...(can("patient_create") ? [add] : []), ...places, profile];
  return { items: [...found.items, ...rest.filter(({ label }) => matches(label, query))], isLooking: found.isLooking };
}

function usePatients(query: string, isOn: boolean): { items: Item[]; isLooking: boolean } {
  const navigate = useNavigate();
  const time = useTime();
  const [asked] = useDebouncedValue(query, 80);
  const search = useApiQuery(
    "/api/patients/search",
    { query: { q: asked, per_page: 7 } },
    { enabled: isOn && asked.length > 0, staleTime: 30_000 },
  );
  if (!isOn || query === "") return { items: [], isLooking: false };
  const items = (search.data?.patients ?? []).map(
    ({ patient_id, first_name, last_name, dob, mrn, phone }): Item => ({
      id: `patient-${patient_id}`,
      group: "patients",
      icon: IconUser,
      label: `${first_name} ${last_name}`,
      detail: [time.day(dob, "numeric"), mrn, phone].filter(Boolean).join(" · "),
      run: () => void navigate({ to: "/patients/$patientId", params: { patientId: String(patient_id) } }),
    }),
  );
  return { items, isLooking: search.isFetching };
}
