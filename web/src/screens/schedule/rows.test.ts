import { expect, it } from "vitest";
import { meant, parseRows } from "./rows";

const defaults = {
  doctors: [
    { user_id: 2, name: "Dr. José Núñez" },
    { user_id: 3, name: "Ana Rivera" },
    { user_id: 4, name: "Luis Rivera" },
  ],
  provider: 3,
  minutes: 30,
};
const parse = (text: string) => parseRows(text, defaults);

it("takes what spreadsheets copy, and what is typed", () => {
  const row = { patient: "ABC01-P1", day: "2026-04-15", time: "09:30", minutes: 20, provider: 2, reason: "Follow-up" };
  for (const text of [
    "ABC01-P1\t2026-04-15\t9:30\t20\tJose Nunez\tFollow-up",
    "ABC01-P1; 2026-04-15; 09:30; 20; Núñez; Follow-up",
    'ABC01-P1,2026-04-15,9:30 AM,20,"dr. josé núñez",Follow-up',
  ]) {
    expect(parse(text)).toEqual([{ ...row, text, fault: null }]);
  }
  expect(parse("7\t2026-04-15\t2:05 pm")[0]).toMatchObject({ time: "14:05", minutes: 30, provider: 3, fault: null });
});

it("leaves out headings and empty lines, and nothing that was meant", () => {
  expect(parse("Patient\tDay\tTime\n\n7\t2026-04-15\t10:00\n")).toHaveLength(1);
  expect(parse("Ana Rivera\t2026-04-15\t10:00")).toHaveLength(1);
  expect(parse("Ana Rivera\t15.4.2026\t10:00")[0]?.fault).toBe("dayWrong");
});

it("says what is wrong with a row", () => {
  const faultOf = (text: string) => parse(text)[0]?.fault;
  expect(faultOf("\t2026-04-15\t10:00")).toBe("patientMissing");
  expect(faultOf("7\t2026-02-30\t10:00")).toBe("dayWrong");
  expect(faultOf("7\t2026-04-15\t25:00")).toBe("timeWrong");
  expect(faultOf("7\t2026-04-15\t10:00\tlong")).toBe("minutesWrong");
  expect(faultOf("7\t2026-04-15\t10:00\t30\tRivera")).toBe("doctorUnknown");
  expect(faultOf("7\t2026-04-15\t10:00\t30\tNobody")).toBe("doctorUnknown");
});

it("takes nobody for somebody else", () => {
  const people = [
    { mrn: "ABC01-P1", first_name: "José", last_name: "Ortiz", external_reference: "K-7" },
    { mrn: "ABC01-P10", first_name: "Eva", last_name: "Sol" },
    { mrn: "ABC01-P11", first_name: "Eva", last_name: "Sol" },
  ];
  expect(meant("abc01-p1", people)).toBe(people[0]);
  expect(meant("k-7", people)).toBe(people[0]);
  expect(meant("Ortiz Jose", people)).toBe(people[0]);
  expect(meant("Eva Sol", people)).toBe("several");
  expect(meant("Eva", people)).toBe("nobody");
});
