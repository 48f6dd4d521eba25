/** Which clinics the list shows; the address keeps it. */
import { SegmentedControl, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { FilterBar } from "@/ui/FilterBar";
import { STATUSES } from "./search";

const route = getRouteApi("/app/operator");
/** While somebody types, the list waits this long. */
const PAUSE = 200;

export function Filters() {
  const { t } = useTranslation("operator");
  const { search = "", status } = route.useSearch();
  const navigate = route.useNavigate();
  const [typed, setTyped] = useState(search);
  const set = (change: object) =>
    void navigate({ search: (before) => ({ ...before, page: undefined, ...change }), replace: true });
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is typed starts the wait
  useEffect(() => {
    if (typed.trim() === search) return;
    const timer = setTimeout(() => set({ search: typed.trim() || undefined }), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <FilterBar>
      <TextInput
        type="search"
        label={t("search")}
        placeholder={t("searchHint")}
        leftSection={<IconSearch size={16} stroke={1.7} aria-hidden />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <SegmentedControl
        aria-label={t("status")}
        value={status ?? ""}
        onChange={(value) => set({ status: value || undefined })}
        data={[
          { value: "", label: t("every") },
          ...STATUSES.map((value) => ({ value, label: t(`statusIs.${value}`) })),
        ]}
      />
    </FilterBar>
  );
}
