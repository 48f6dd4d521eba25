//! One clinic's patients, appointments and bills, in one transaction.

use std::collections::HashMap;

use clinichub_app::clinics;
use clinichub_app::patients::{self, Identifiers, NewPatient, Patient};
use clinichub_app::sealing::FieldKeys;
use clinichub_core::{
    AppError, AppointmentId, CptId, Currency, Day, InvoiceId, PatientId, PrescriptionId, Role, ServiceId, TrailEntry, UserId,
};
use clinichub_db::{Counter, Params, TenantTx, params};
use jiff::{SignedDuration, ToSpan};

use super::cast::{CLINICS, DRUGS, PORTAL, SERVICES, STAFF};
use super::clinical::{self, VISIT_PRICE, Ward};
use super::days::{Bill, Booked, appointments};
use super::dice::Dice;
use super::people::{Invented, invent};
use super::store;

const PATIENTS: usize = 200;
/// Not the first: that one is in the examples of the documentation, which delete it.
const PORTAL_CHART: usize = 1;

/// Writes the clinic's history; `false` when it is there already.
pub async fn write(mut tx: TenantTx, clinic: usize, users: &HashMap<String, UserId>, fields: &FieldKeys) -> Result<bool, AppError> {
    if store::has_patients(&mut tx).await? {
        return Ok(false);
    }
    let zone = clinics::get_in(&mut tx).await?.zone();
    let now = tx.now();
    let today = now.date_in(&zone);
    let patients = register(&mut tx, clinic, today).await?;
    let charts: Vec<PatientId> = patients.iter().map(|patient| patient.chart).collect();
    identify(&mut tx, clinic, &charts, fields).await?;
    if clinic == 0
        && let (Some(chart), Some(user)) = (charts.get(PORTAL_CHART), users.get(PORTAL.0))
    {
        store::link_patient(&mut tx, *chart, *user).await?;
    }
    let booked = appointments(clinic, charts.len(), &zone, now);
    let book =
        Book { code: CLINICS[clinic].code, charts: &charts, users, services: store::services(&mut tx).await?, desk: desk(clinic, users) };
    let ids = store::insert_appointments(&mut tx, book.appointments(&booked)).await?;
    let found = booked.iter().enumerate().filter_map(|(index, one)| Some((*ids.get(&book.reference(index))?, one)));
    let mut booked: Vec<(AppointmentId, &Booked)> = found.collect();
    booked.sort_by_key(|(_, one)| (one.start, one.doctor));
    store::insert_states(&mut tx, book.states(&booked)).await?;
    let procedures = store::insert_procedures(&mut tx, book.procedures(&booked)).await?;
    let bills: Vec<_> = booked.iter().copied().filter(|(_, one)| one.bill != Bill::None).collect();
    let invoices = store::insert_invoices(&mut tx, book.invoices(&bills, &procedures)).await?;
    store::insert_lines(&mut tx, Book::lines(&bills, &invoices)).await?;
    let prescribed = book.prescribed(&booked);
    let prescriptions = store::insert_prescriptions(&mut tx, book.prescriptions(&prescribed)).await?;
    store::insert_prescription_items(&mut tx, Book::prescription_items(&prescribed, &prescriptions)).await?;
    let (code, seed) = (CLINICS[clinic].code, CLINICS[clinic].seed);
    let ward = Ward { code, seed, zone: &zone, now, patients: &patients, users, services: &book.services };
    let visits = ward.write(&mut tx, &booked).await?;
    store::set_usage_price(&mut tx, VISIT_PRICE, Day(today.saturating_sub(120.days()))).await?;
    let counters = [
        (Counter::Patient, charts.len()),
        (Counter::Appointment, booked.len()),
        (Counter::Invoice, bills.len()),
        (Counter::Prescription, prescribed.len()),
        (Counter::Visit, visits),
    ];
    store::insert_counters(&mut tx, &counters).await?;
    tx.audit(TrailEntry::default()).await?;
    Ok(true)
}

async fn register(tx: &mut TenantTx, clinic: usize, today: jiff::civil::Date) -> Result<Vec<clinical::Patient>, AppError> {
    let mut people = invent(&mut Dice::new(CLINICS[clinic].seed), PATIENTS, today);
    if clinic == 0 {
        // The chart of the account that a patient signs in with.
        people[PORTAL_CHART] = people[PORTAL_CHART].clone().named("Pat", "Patient", today);
    }
    // Before their first appointments.
    let then = tx.now().plus(SignedDuration::from_hours(-24 * 120));
    let chart = |(number, person)| Patient::register(new_patient(person), format!("{}-P{number}", CLINICS[clinic].code), None, then);
    let born: Vec<jiff::civil::Date> = people.iter().map(|person| person.dob).collect();
    let charts: Vec<Patient> = (1..).zip(people).map(chart).collect();
    let ids = patients::insert_many(tx, &charts).await?;
    let mut dice = Dice::new(CLINICS[clinic].seed.wrapping_mul(23));
    Ok(ids.into_iter().zip(born).map(|(id, born)| clinical::Patient::new(&mut dice, id, born)).collect())
}

/// National ids and insurance numbers, which not everybody has or tells.
async fn identify(tx: &mut TenantTx, clinic: usize, charts: &[PatientId], fields: &FieldKeys) -> Result<(), AppError> {
    let mut dice = Dice::new(CLINICS[clinic].seed.wrapping_mul(29));
    let mut identified = Vec::with_capacity(charts.len());
    for chart in charts {
        let national_id = format!("555-{:07}-{}", dice.between(0, 9_999_999), dice.between(0, 9));
        let insurance_number = format!("MED {:04}-{:04}", dice.between(0, 9_999), dice.between(0, 9_999));
        let identifiers = Identifiers {
            national_id: dice.percent(70).then_some(national_id),
            insurance_number: dice.percent(80).then_some(insurance_number),
        };
        identified.push((*chart, identifiers));
    }
    patients::set_identifiers(tx, fields, &identified).await
}

fn new_patient(person: Invented) -> NewPatient {
    let (contact, contact_phone) = person.emergency_contact.unzip();
    NewPatient {
        first_name: person.first_name.to_owned(),
        last_name: person.last_name.to_owned(),
        dob: Day(person.dob),
        sex: person.sex,
        email: person.email,
        phone: Some(person.phone),
        address: Some(person.address),
        emergency_contact_name: contact,
        emergency_contact_phone: contact_phone,
        preferred_language: person.language.map(str::to_owned),
        ..NewPatient::default()
    }
}

/// Who books: the first receptionist of the clinic.
pub fn desk(clinic: usize, users: &HashMap<String, UserId>) -> Option<UserId> {
    let desk = STAFF.iter().find(|cast| cast.role == Role::Receptionist && cast.clinics.contains(&clinic))?;
    users.get(desk.username).copied()
}

/// Turns what happened into rows.
struct Book<'a> {
    code: &'static str,
    charts: &'a [PatientId],
    users: &'a HashMap<String, UserId>,
    services: HashMap<String, ServiceId>,
    desk: Option<UserId>,
}

impl Book<'_> {
    fn reference(&self, index: usize) -> String {
        format!("{}-A{}", self.code, index + 1)
    }

    fn doctor(&self, one: &Booked) -> Option<UserId> {
        self.users.get(STAFF[one.doctor].username).copied()
    }

    fn service(&self, one: &Booked) -> Option<ServiceId> {
        self.services.get(SERVICES[one.service].0).copied()
    }

    fn appointments(&self, booked: &[Booked]) -> Vec<Params> {
        let row = |(index, one): (usize, &Booked)| {
            let (first, last) = (one.states[0], one.states[one.states.len() - 1]);
            params![
                self.reference(index),
                self.charts[one.patient],
                self.doctor(one),
                self.service(one),
                one.start,
                one.end,
                last.0,
                last.1,
                one.reason,
                one.close_reason,
                first.1,
                last.1,
                self.desk,
            ]
        };
        booked.iter().enumerate().map(row).collect()
    }

    fn states(&self, booked: &[(AppointmentId, &Booked)]) -> Vec<Params> {
        let rows = booked.iter().flat_map(|(id, one)| {
            one.states.iter().map(move |(status, at)| {
                let reason = if *status == "cancelled" { one.close_reason } else { None };
                params![id, *status, *at, self.desk, reason]
            })
        });
        rows.collect()
    }

    fn procedures(&self, booked: &[(AppointmentId, &Booked)]) -> Vec<Params> {
        let completed =
            booked.iter().filter_map(|(id, one)| Some((id, one, one.states.last().filter(|(status, _)| *status == "completed")?.1)));
        let row = |(id, one, at): (&AppointmentId, &&Booked, _)| {
            let (code, description, price, _) = SERVICES[one.service];
            let (chart, doctor) = (self.charts[one.patient], self.doctor(one));
            params![id, chart, doctor, self.service(one), code, description, price, Currency::USD, at, at, doctor]
        };
        completed.map(row).collect()
    }

    fn invoices(&self, bills: &[(AppointmentId, &Booked)], procedures: &HashMap<AppointmentId, CptId>) -> Vec<Params> {
        let row = |(number, (id, one)): (i64, &(AppointmentId, &Booked))| {
            let paid = if let Bill::Paid(at) = one.bill { Some(at) } else { None };
            let method = paid.map(|at| ["card", "cash", "insurance"][usize::try_from(at.micros() / 60_000_000 % 3).unwrap_or(0)]);
            let issued = one.states.last().map(|(_, at)| *at);
            params![
                format!("{}-I{number}", self.code),
                id,
                self.charts[one.patient],
                procedures.get(id).copied(),
                if paid.is_some() { "paid" } else { "unpaid" },
                Currency::USD,
                SERVICES[one.service].2,
                method,
                issued,
                paid,
                issued,
                paid.or(issued),
                self.desk,
            ]
        };
        (1..).zip(bills).map(row).collect()
    }

    /// Every third of those who were seen left with a prescription.
    fn prescribed<'b>(&self, booked: &[(AppointmentId, &'b Booked)]) -> Vec<(String, &'b Booked)> {
        let seen = booked.iter().filter(|(_, one)| one.states.last().is_some_and(|(status, _)| *status == "completed"));
        (1..).zip(seen.step_by(3)).map(|(number, (_, one))| (format!("{}-R{number}", self.code), *one)).collect()
    }

    fn prescriptions(&self, prescribed: &[(String, &Booked)]) -> Vec<Params> {
        let row = |(number, (reference, one)): (usize, &(String, &Booked))| {
            let (doctor, at) = (self.doctor(one), one.states.last().map(|(_, at)| *at));
            // As long as a real one, and unlike any: the demonstration keeps no secrets.
            let token = format!("demo{}{number:013}", self.code);
            params![reference, self.charts[one.patient], doctor, "finalized", Currency::USD, token, at, doctor, at, at, doctor]
        };
        (1..).zip(prescribed).map(row).collect()
    }

    fn prescription_items(prescribed: &[(String, &Booked)], ids: &HashMap<String, PrescriptionId>) -> Vec<Params> {
        let rows = prescribed.iter().enumerate().flat_map(|(index, (reference, _))| {
            let drugs = DRUGS.iter().cycle().skip(index).take(1 + index % 2);
            (1_i64..).zip(drugs).map(move |(line, drug)| {
                params![
                    ids.get(reference).copied(),
                    line,
                    drug.name,
                    drug.name.to_lowercase(),
                    drug.strength,
                    drug.form,
                    "1",
                    "by mouth",
                    drug.frequency,
                    drug.days,
                    drug.quantity,
                    drug.cost,
                ]
            })
        });
        rows.collect()
    }

    fn lines(bills: &[(AppointmentId, &Booked)], invoices: &HashMap<AppointmentId, InvoiceId>) -> Vec<Params> {
        let row = |(id, one): &(AppointmentId, &Booked)| {
            let (code, description, price, _) = SERVICES[one.service];
            params![invoices.get(id).copied(), 1, code, description, 1, price, price]
        };
        bills.iter().map(row).collect()
    }
}
