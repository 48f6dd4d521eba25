/** People who are expected by the demonstration's doctor today, in the small hours, when the demonstration's doctors sleep. */
import type { Server } from "./server.ts";

export interface Booked {
  name: string;
  patient: number;
  appointment: number;
}

/** Registers and books the person of this number; each number has five minutes of its own. */
export async function bookToday(server: Server, number: number, first: string, last: string): Promise<Booked> {
  const desk = await server.token("receptionist@clinichub.com");
  const doctor = await server.token("doctor@clinichub.com");
  const { user_id } = await server.call<{ user_id: number }>("GET", "/api/auth/me", doctor);
  const { date } = await server.call<{ date: string }>("GET", "/api/board", desk);
  const person = { first_name: `${first}${number}`, last_name: `${last}${number}`, dob: "1984-02-29", sex: "female" };
  const { patient } = await server.call<{ patient: { patient_id: number } }>("POST", "/api/patients", desk, person);
  const { appointment } = await server.call<{ appointment: { appointment_id: number } }>(
    "POST",
    "/api/appointments",
    desk,
    {
      patient_id: patient.patient_id,
      provider_user_id: user_id,
      date,
      time: `0${Math.floor(number / 12)}:${String((number % 12) * 5).padStart(2, "0")}`,
      duration_minutes: 5,
      reason: "Cough",
    },
  );
  const name = `${person.first_name} ${person.last_name}`;
  return { name, patient: patient.patient_id, appointment: appointment.appointment_id };
}
