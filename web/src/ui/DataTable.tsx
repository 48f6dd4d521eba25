/**
 * A list: a table where there is room and cards where there isn't. Headings sort, rows open with a click, and the link in the first
 * cell does the same by keyboard; arrow keys go from row to row.
 */
import { Group, Pagination as Pages, Text, UnstyledButton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconArrowDown, IconArrowUp, IconSelector } from "@tabler/icons-react";
import { type KeyboardEvent, type MouseEvent, type ReactNode, useRef } from "react";
import { useTranslation } from "react-i18next";
import classes from "./DataTable.module.css";

export interface Column<T> {
  key: string;
  label: string;
  cell: (row: T) => ReactNode;
  /** The name of the API's sort field, where one can sort by it. */
  sort?: string;
  align?: "start" | "end";
  /** Left out on a phone. */
  wideOnly?: boolean;
  width?: string;
  /** A moment or a number, which isn't broken into two lines. */
  whole?: boolean;
}

export interface Sorting {
  sort: string | undefined;
  order: "asc" | "desc" | undefined;
}

interface DataTableProps<T> {
  /** What the list holds, for screen readers. */
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string | number;
  /** Opens a row. The first cell should hold a link to the same place. */
  onOpen?: (row: T) => void;
  sorting?: Sorting;
  onSort?: (sorting: Sorting) => void;
  /** What is shown is of before; the new is on its way. */
  busy?: boolean;
}

export function DataTable<T>(props: DataTableProps<T>) {
  const isNarrow = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  return isNarrow ? <Cards {...props} /> : <Table {...props} />;
}

function Table<T>({ label, columns, rows, rowKey, onOpen, sorting, onSort, busy }: DataTableProps<T>) {
  const body = useRef<HTMLTableSectionElement>(null);
  return (
    <div className={classes.frame} data-busy={busy || undefined}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className={classes.scroller} role="region" aria-label={label} tabIndex={0}>
        <table className={classes.table} aria-busy={busy || undefined}>
          <caption className="visually-hidden">{label}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <Heading key={column.key} column={column} sorting={sorting} onSort={onSort} />
              ))}
            </tr>
          </thead>
          <tbody ref={body} onKeyDown={(event) => moveFocus(event, body.current)}>
            {rows.map((row) => (
              <tr
                key={rowKey(row)}
                data-opens={onOpen ? true : undefined}
                onClick={(event) => open(event, () => onOpen?.(row))}
              >
                {columns.map(({ key, cell, align, whole }) => (
                  <td key={key} data-align={align} data-whole={whole}>
                    {cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Heading<T>({
  column,
  sorting,
  onSort,
}: {
  column: Column<T>;
  sorting?: Sorting;
  onSort?: (sorting: Sorting) => void;
}) {
  const { label, sort, align, width } = column;
  const isSorted = sort !== undefined && sorting?.sort === sort;
  const direction = isSorted ? (sorting?.order ?? "asc") : undefined;
  const style = width ? { inlineSize: width } : undefined;
  if (sort === undefined || !onSort) {
    return (
      <th scope="col" data-align={align} style={style}>
        {label}
      </th>
    );
  }
  const Icon = direction === "asc" ? IconArrowUp : direction === "desc" ? IconArrowDown : IconSelector;
  const next = direction === "asc" ? "desc" : "asc";
  return (
    <th
      scope="col"
      data-align={align}
      style={style}
      aria-sort={direction ? (direction === "asc" ? "ascending" : "descending") : "none"}
    >
      <UnstyledButton className={classes.sort} onClick={() => onSort({ sort, order: next })}>
        {label}
        <Icon size={14} aria-hidden className={classes.sortIcon} data-active={isSorted || undefined} />
      </UnstyledButton>
    </th>
  );
}

function Cards<T>({ label, columns, rows, rowKey, onOpen, busy }: DataTableProps<T>) {
  const shown = columns.filter(({ wideOnly }) => !wideOnly);
  return (
    <ul className={classes.cards} aria-label={label} aria-busy={busy || undefined}>
      {rows.map((row) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the link in the card does the same by keyboard
        <li key={rowKey(row)} className={classes.card} onClick={(event) => open(event, () => onOpen?.(row))}>
          {shown.map(({ key, label: name, cell }, index) => (
            <div key={key} className={index === 0 ? classes.cardTitle : classes.cardLine}>
              {index > 0 && <span className={classes.cardLabel}>{name}</span>}
              <span>{cell(row)}</span>
            </div>
          ))}
        </li>
      ))}
    </ul>
  );
}

/** A click on the row, and not on something in it that has its own click, nor the end of selecting text. */
function open(event: MouseEvent, go: () => void): void {
  const isOwn = (event.target as HTMLElement).closest("a, button, input, label, select, textarea, [role=menuitem]");
  if (!isOwn && !document.getSelection()?.toString()) go();
}

function moveFocus(event: KeyboardEvent, body: HTMLTableSectionElement | null): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const row = (event.target as HTMLElement).closest("tr");
  if (step === 0 || !row || !body || (event.target as HTMLElement).matches("input, select, textarea")) return;
  const rows = [...body.rows];
  const next = rows[rows.indexOf(row) + step]?.querySelector<HTMLElement>("a, button");
  if (!next) return;
  event.preventDefault();
  next.focus();
}

interface PagerProps {
  pagination: { total: number; page: number; per_page: number };
  onPage: (page: number) => void;
}

/** Which rows of how many, and the pages. */
export function Pager({ pagination: { total, page, per_page }, onPage }: PagerProps) {
  const { t } = useTranslation("common");
  const pages = Math.ceil(total / per_page);
  const from = total === 0 ? 0 : (page - 1) * per_page + 1;
  return (
    <Group justify="space-between" gap="xs">
      <Text c="dimmed" size="sm" aria-live="polite">
        {t("list.range", { from, to: Math.min(total, page * per_page), total })}
      </Text>
      {pages > 1 && (
        <Pages
          total={pages}
          value={page}
          onChange={onPage}
          size="sm"
          getControlProps={(control) => ({ "aria-label": t(`list.${control}`) })}
          getItemProps={(item) => ({ "aria-label": t("list.page", { page: item }) })}
        />
      )}
    </Group>
  );
}
