/** Bookings that are pasted as rows, out of a spreadsheet or typed. Pure. */
import { isDay, isTime } from "@/lib/time";

/** The columns, in their order. */
export const COLUMNS = ["patient", "day", "time", "minutes", "doctor", "reason"] as const;
/** As many as the API takes at once. */
export const MOST_ROWS = 500;

export type Fault = "patientMissing" | "dayWrong" | "timeWrong" | "minutesWrong" | "doctorUnknown";

export interface Row {
  /** As it was pasted. */
  text: string;
  patient: string;
  day: string;
  time: string;
  minutes: number;
  provider: number;
  reason: string;
  fault: Fault | null;
}

interface Defaults {
  doctors: readonly { user_id: number; name: string }[];
  provider: number;
  minutes: number;
}

/** A row a line: tabs as spreadsheets copy them, else semicolons, else commas. A line of headings is left out. */
export function parseRows(pasted: string, defaults: Defaults): Row[] {
  const lines = pasted.split(/\r?\n/).filter((line) => line.trim() !== "");
  const rows = lines.map((line) => rowOf(line, defaults));
  const [first] = rows;
  const isHeading = first !== undefined && first.fault !== null && !/\d/.test(first.text);
  return isHeading ? rows.slice(1) : rows;
}

function rowOf(text: string, { doctors, provider, minutes }: Defaults): Row {
  const [patient = "", day = "", clock = "", length = "", doctor = "", ...reason] = cellsOf(text);
  const time = timeOf(clock);
  const lasts = length === "" ? minutes : Number(length);
  const whose = doctor === "" ? provider : doctorCalled(doctor, doctors);
  const fault = (): Fault | null => {
    if (patient === "") return "patientMissing";
    if (!isDay(day)) return "dayWrong";
    if (!isTime(time)) return "timeWrong";
    if (!Number.isInteger(lasts) || lasts < 5 || lasts > 480) return "minutesWrong";
    return whose === undefined ? "doctorUnknown" : null;
  };
  return {
    text,
    patient,
    day,
    time,
    minutes: lasts,
    provider: whose ?? 0,
    reason: reason.join(", "),
    fault: fault(),
  };
}

function cellsOf(line: string): string[] {
  const separator = ["\t", ";", ","].find((each) => line.includes(each)) ?? "\t";
  return line.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
}

/** `9:30`, `09:30`, `9:30 PM`, `21.30`. */
function timeOf(typed: string): string {
  const match = /^(\d{1,2})[:.](\d{2})(?::\d{2})?\s*([ap])?\.?\s*m?\.?$/i.exec(typed);
  if (!match) return "";
  const [, hours = "", minutes = "", half] = match;
  const hour = half ? (Number(hours) % 12) + (half.toLowerCase() === "p" ? 12 : 0) : Number(hours);
  return `${String(hour).padStart(2, "0")}:${minutes}`;
}

const plain = (name: string): string =>
  name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/^(dr|dra|doctor|doctora)\.?\s+/, "")
    .trim();

/** By the whole name, or by the end of it where only one is called so. */
function doctorCalled(typed: string, doctors: Defaults["doctors"]): number | undefined {
  const name = plain(typed);
  const whole = doctors.find((doctor) => plain(doctor.name) === name);
  if (whole) return whole.user_id;
  const ending = doctors.filter((doctor) => plain(doctor.name).endsWith(` ${name}`));
  return ending.length === 1 ? ending[0]?.user_id : undefined;
}

/** Whom a cell means, of those that a search found: a number, else the whole name where only one has it. */
export function meant<
  T extends { mrn: string; first_name: string; last_name: string; external_reference?: string | null },
>(cell: string, found: readonly T[]): T | "nobody" | "several" {
  const typed = plain(cell);
  const numbered = found.find(
    ({ mrn, external_reference }) => mrn.toLowerCase() === typed || external_reference?.toLowerCase() === typed,
  );
  if (numbered) return numbered;
  const named = found.filter(
    ({ first_name, last_name }) =>
      plain(`${first_name} ${last_name}`) === typed || plain(`${last_name} ${first_name}`) === typed,
  );
  if (named.length > 1) return "several";
  return named[0] ?? "nobody";
}
