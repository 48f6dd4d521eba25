/** The schedule: book, learn what is in the way, find a free time, move, call off, and lose nothing when the network goes. */
import { describe, expect, it } from "vitest";
import { accessible, PHONE, scene, signIn, violations } from "./kit/index.ts";

const at = scene({ demo: true });
/** A Monday without any appointment, ever the same. */
const DAY = "2031-03-03";

interface Patient {
  patient_id: number;
  first_name: string;
  last_name: string;
}

async function somebody(): Promise<Patient> {
  const token = await at.server.token("receptionist@clinichub.com");
  const { patients } = await at.server.call<{ patients: Patient[] }>("GET", "/api/patients?per_page=1", token);
  if (!patients[0]) throw new Error("the demonstration has patients");
  return patients[0];
}

const count = async () => {
  const token = await at.server.token("receptionist@clinichub.com");
  const { pagination } = await at.server.call<{ pagination: { total: number } }>(
    "GET",
    `/api/appointments?date=${DAY}`,
    token,
  );
  return pagination.total;
};

describe("the schedule", () => {
  it("is accessible as a day, a week and a list, and fits a phone", async () => {
    const { page } = await at.visit();
    await signIn(page, "admin@clinichub.com", { next: "/schedule" });
    await accessible(page, () => page.getByRole("region", { name: "Schedule" }).waitFor());
    await page.goto("/schedule?view=week");
    await accessible(page, () => page.getByRole("region", { name: "Schedule" }).waitFor());
    await page.goto("/schedule?view=list");
    await accessible(page, () => page.getByText("List", { exact: true }).waitFor());
    await page.setViewportSize(PHONE);
    await page.goto("/schedule");
    await page.getByRole("button", { name: "Book" }).waitFor();
  });

  it("books, says what is in the way, finds a free time, moves and calls off", async () => {
    const patient = await somebody();
    const name = `${patient.first_name} ${patient.last_name}`;
    const { page } = await at.visit();
    await signIn(page, "receptionist@clinichub.com", { next: `/schedule?date=${DAY}` });
    const book = async (time: string) => {
      await page.getByRole("button", { name: "Book", exact: true }).first().click();
      const dialog = page.getByRole("dialog", { name: "Book an appointment" });
      await dialog.getByRole("textbox", { name: "Patient" }).fill(name);
      await page.getByRole("option", { name }).first().click();
      await dialog.getByLabel("Time", { exact: true }).fill(time);
      await dialog.getByLabel("Reason").fill("General checkup");
      return dialog;
    };
    let dialog = await book("10:00");
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Book", exact: true }).click();
    await page.getByText(/^Booked: ABC01-A\d+$/).waitFor();
    const card = page.getByRole("button", { name: new RegExp(name) });
    await card.waitFor();

    dialog = await book("10:15");
    await dialog.getByText(`${name} has the time`).waitFor();
    await dialog.getByRole("button", { name: "Book", exact: true }).click();
    await dialog.getByText("This time is taken").waitFor();
    expect(await dialog.getByLabel("Reason").inputValue()).toBe("General checkup");
    await dialog.getByRole("button", { name: "Find the next free time" }).click();
    await dialog.getByRole("group", { name: "Find the next free time" }).getByRole("button").nth(3).click();
    await dialog.getByRole("button", { name: "Book", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await count()).toBe(2);

    await card.first().click();
    const opened = page.getByRole("dialog", { name });
    await opened.getByLabel("Time", { exact: true }).fill("07:30");
    expect(await violations(page)).toEqual([]);
    await opened.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved").waitFor();
    await page.getByRole("button", { name: /7:30/ }).click();
    await page.getByRole("dialog", { name }).getByRole("button", { name: "Cancel it" }).click();
    await page.getByRole("button", { name: "Cancel the appointment" }).click();
    await page.getByText("Say why, so that everybody knows").waitFor();
    await page.getByLabel("Why").fill("Patient is ill");
    await page.getByRole("button", { name: "Cancel the appointment" }).click();
    await page.getByText("The appointment is cancelled").waitFor();
  });

  it("books once and loses nothing when the network goes in the middle", async () => {
    const patient = await somebody();
    const before = await count();
    const { page, context } = await at.visit();
    await signIn(page, "receptionist@clinichub.com", { next: `/schedule?date=${DAY}&patient=${patient.patient_id}` });
    const dialog = page.getByRole("dialog", { name: "Book an appointment" });
    await dialog.getByLabel("Day", { exact: true }).fill(DAY);
    await dialog.getByLabel("Time", { exact: true }).fill("16:00");
    await dialog.getByLabel("Reason").fill("Follow-up");
    await context.setOffline(true);
    await dialog.getByRole("button", { name: "Book", exact: true }).click();
    await page.getByText("No connection to the server").waitFor();
    expect(await dialog.getByLabel("Reason").inputValue()).toBe("Follow-up");
    await context.setOffline(false);
    await page.getByText(/^Booked: ABC01-A\d+$/).waitFor();
    expect(await count()).toBe(before + 1);
  });

  it("offers a nurse no way to call off, and refuses her if she forces it", async () => {
    const token = await at.server.token("nurse@clinichub.com");
    const { appointments } = await at.server.call<{ appointments: { appointment_id: number }[] }>(
      "GET",
      `/api/appointments?date=${DAY}&status=scheduled`,
      token,
    );
    const id = appointments[0]?.appointment_id;
    const { page } = await at.visit();
    await signIn(page, "nurse@clinichub.com", { next: `/schedule?date=${DAY}&appointment=${id}` });
    await page.getByRole("button", { name: "Calendar file" }).waitFor();
    expect(await page.getByRole("button", { name: "Cancel it" }).count()).toBe(0);
    await expect(at.server.call("DELETE", `/api/appointments/${id}`, token)).rejects.toThrow("403");
  });

  it("does not know another clinic's appointment", async () => {
    const token = await at.server.token("admin@xyz02.clinichub.com");
    const { appointments } = await at.server.call<{ appointments: { appointment_id: number }[] }>(
      "GET",
      "/api/appointments?per_page=1",
      token,
    );
    const { page } = await at.visit();
    await signIn(page, "admin@clinichub.com", { next: `/schedule?appointment=${appointments[0]?.appointment_id}` });
    await page.getByText("There is nothing here").waitFor();
  });
});
