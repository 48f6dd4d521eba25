//! What was found in the invented patients: visits of their past appointments, measurements, and what their charts began with.

use std::collections::HashMap;

use clinichub_core::{AppError, AppointmentId, Currency, PatientId, RecordId, ServiceId, UserId, UtcTime, VisitId};
use clinichub_db::{Params, TenantTx, params};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

use super::cases::{ALLERGIES, CHRONIC, Case, VACCINES, fitting};
use super::cast::{SERVICES, STAFF};
use super::days::Booked;
use super::dice::Dice;
use super::store;

/// What a completed visit of the demonstration costs its clinic, in cents.
pub const VISIT_PRICE: i64 = 150;

/// A chart and what its invented person is like.
#[derive(Debug, Clone, Copy)]
pub struct Patient {
    pub chart: PatientId,
    pub born: Date,
    /// Kilograms and centimetres, grown up.
    pub weight: i64,
    pub height: i64,
}

impl Patient {
    pub fn new(dice: &mut Dice, chart: PatientId, born: Date) -> Self {
        Self { chart, born, weight: dice.between(52, 104), height: dice.between(152, 192) }
    }

    fn age(&self, day: Date) -> i64 {
        i64::from(day.year()) - i64::from(self.born.year())
    }
}

/// What the rows are made from.
pub struct Ward<'a> {
    pub code: &'static str,
    pub seed: u64,
    pub zone: &'a TimeZone,
    pub now: UtcTime,
    pub patients: &'a [Patient],
    pub users: &'a HashMap<String, UserId>,
    pub services: &'a HashMap<String, ServiceId>,
}

/// A visit that there was, or that is going on.
struct Seen<'a> {
    appointment: AppointmentId,
    booked: &'a Booked,
    case: &'static Case,
    started: UtcTime,
    completed: Option<UtcTime>,
}

impl Ward<'_> {
    /// Writes visits, charts and usage; how many visits there are.
    pub async fn write(&self, tx: &mut TenantTx, booked: &[(AppointmentId, &Booked)]) -> Result<usize, AppError> {
        let seen = self.seen(booked);
        let ids = store::insert_visits(tx, self.visits(&seen)).await?;
        let seen: Vec<(VisitId, &Seen<'_>)> = seen.iter().filter_map(|one| Some((*ids.get(&one.appointment)?, one))).collect();
        store::insert_diagnoses(tx, Self::diagnoses(&seen)).await?;
        store::insert_visit_procedures(tx, self.procedures(&seen)).await?;
        store::insert_records(tx, self.history(&mut Dice::new(self.seed.wrapping_mul(31)))).await?;
        let measured = store::insert_measured(tx, self.measured(&seen)).await?;
        store::insert_vitals(tx, self.vitals(&mut Dice::new(self.seed.wrapping_mul(37)), &seen, &measured)).await?;
        store::insert_usage(tx, self.usage(&seen)).await?;
        Ok(ids.len())
    }

    /// Completed appointments have a visit, and those that are with the doctor now one that is going on.
    fn seen<'b>(&self, booked: &[(AppointmentId, &'b Booked)]) -> Vec<Seen<'b>> {
        let mut dice = Dice::new(self.seed.wrapping_mul(29));
        let one = |(appointment, booked): &(AppointmentId, &'b Booked)| {
            let (last, at) = *booked.states.last()?;
            let completed = match last {
                "completed" => Some(at),
                "in_room" => None,
                _ => return None,
            };
            let case = dice.pick(&fitting(booked.reason));
            let called = booked.states.iter().find(|(status, _)| *status == "in_room").map(|(_, at)| *at);
            let started = called.unwrap_or(booked.start).min(completed.unwrap_or(at));
            Some(Seen { appointment: *appointment, booked, case, started, completed })
        };
        booked.iter().filter_map(one).collect()
    }

    fn doctor(&self, seen: &Seen<'_>) -> Option<UserId> {
        self.users.get(STAFF[seen.booked.doctor].username).copied()
    }

    fn patient(&self, seen: &Seen<'_>) -> Patient {
        self.patients[seen.booked.patient]
    }

    fn visits(&self, seen: &[Seen<'_>]) -> Vec<Params> {
        let row = |(number, one): (i64, &Seen<'_>)| {
            // Who is with the doctor now has told, and nothing is decided yet.
            let finished = one.completed.is_some();
            let (by, last) = (self.doctor(one), one.completed.unwrap_or(one.started));
            params![
                format!("{}-V{number}", self.code),
                one.appointment,
                self.patient(one).chart,
                by,
                if finished { "completed" } else { "in_progress" },
                one.started,
                one.completed,
                one.case.subjective,
                finished.then_some(one.case.objective),
                finished.then_some(one.case.assessment),
                finished.then_some(one.case.plan),
                one.started,
                last,
                by,
                by,
            ]
        };
        (1..).zip(seen).map(row).collect()
    }

    fn diagnoses(seen: &[(VisitId, &Seen<'_>)]) -> Vec<Params> {
        let finished = seen.iter().filter(|(_, one)| one.completed.is_some());
        let rows = finished.flat_map(|(visit, one)| {
            let ranked = (1_i64..).zip(one.case.diagnoses);
            ranked.map(move |(rank, (code, description))| params![*visit, rank, *code, *description])
        });
        rows.collect()
    }

    fn procedures(&self, seen: &[(VisitId, &Seen<'_>)]) -> Vec<Params> {
        let finished = seen.iter().filter(|(_, one)| one.completed.is_some());
        let rows = finished.filter_map(|(visit, one)| {
            let (code, description, price, _) = SERVICES[one.booked.service];
            let service = *self.services.get(code)?;
            Some(params![*visit, 1, service, code, description, 1, "", price, Currency::USD])
        });
        rows.collect()
    }

    /// Problems, medications, allergies and immunizations that patients brought with them.
    fn history(&self, dice: &mut Dice) -> Vec<Params> {
        let today = self.now.date_in(self.zone);
        let then = self.now.plus(SignedDuration::from_hours(-24 * 110));
        let mut rows = Vec::new();
        for patient in self.patients {
            let age = patient.age(today);
            let mut add = |entry: Entry| rows.push(entry.row(patient.chart, then));
            for (code, name, from, percent, taken) in CHRONIC.iter().filter(|chronic| age >= chronic.2) {
                if !dice.percent(*percent) {
                    continue;
                }
                let since = today.saturating_sub(dice.between(200, (age - from + 1) * 365).days());
                add(Entry { code: Some(code), since: Some(since), ..Entry::of("condition", name, "active") });
                if let Some((drug, dose, frequency)) = taken {
                    let taking = Entry { since: Some(since), route: Some("oral"), ..Entry::of("medication", drug, "active") };
                    add(Entry { dose: Some(dose), frequency: Some(frequency), ..taking });
                }
            }
            if dice.percent(28) {
                let (substance, severity, reaction) = dice.pick(ALLERGIES);
                add(Entry { severity: Some(severity), reaction: Some(reaction), ..Entry::of("allergy", substance, "active") });
            }
            for (vaccine, code, years) in VACCINES.iter().filter(|_| age > 0) {
                if dice.percent(45) {
                    let ago = dice.between(20, (*years).clamp(1, age) * 365);
                    let given = today.saturating_sub(ago.days()).max(patient.born);
                    let due = (*years > 0).then(|| given.saturating_add(years.years()));
                    add(Entry { code: Some(code), since: Some(given), due, ..Entry::of("immunization", vaccine, "given") });
                }
            }
        }
        rows
    }

    /// The entries of measurements: seven of ten visits have one.
    fn measured(&self, seen: &[(VisitId, &Seen<'_>)]) -> Vec<Params> {
        let mut dice = Dice::new(self.seed.wrapping_mul(41));
        let some = seen.iter().filter(|_| dice.percent(70));
        some.map(|(visit, one)| params![self.patient(one).chart, *visit, "vitals", one.started, one.started, one.started]).collect()
    }

    fn vitals(&self, dice: &mut Dice, seen: &[(VisitId, &Seen<'_>)], measured: &HashMap<VisitId, RecordId>) -> Vec<Params> {
        let today = self.now.date_in(self.zone);
        let row = |(record, one): (RecordId, &Seen<'_>)| {
            let patient = self.patient(one);
            let (weight, height) = grown(patient.age(today), patient.weight, patient.height);
            let systolic = if patient.age(today) < 12 { dice.between(92, 112) } else { dice.between(108, 134) } + one.case.pressure;
            let tenths = dice.between(362, 372) + if one.case.fever { dice.between(6, 18) } else { 0 };
            params![
                record,
                systolic,
                systolic * 63 / 100 + dice.between(-3, 4),
                dice.between(58, 92),
                dice.between(12, 18),
                real(tenths) / 10.0,
                dice.between(95, 99),
                real(weight * 10 + dice.between(-12, 12)) / 10.0,
                real(height),
            ]
        };
        seen.iter().filter_map(|(visit, one)| Some((*measured.get(visit)?, *one))).map(row).collect()
    }

    fn usage(&self, seen: &[(VisitId, &Seen<'_>)]) -> Vec<Params> {
        let rows = seen.iter().filter_map(|(visit, one)| {
            let at = one.completed?;
            let day = at.date_in(self.zone);
            let month = format!("{:04}-{:02}", day.year(), day.month());
            Some(params!["visit_completion", *visit, 1, VISIT_PRICE, Currency::USD, month, at])
        });
        rows.collect()
    }
}

/// An entry of a chart.
#[derive(Clone, Copy)]
struct Entry {
    kind: &'static str,
    name: &'static str,
    status: &'static str,
    code: Option<&'static str>,
    severity: Option<&'static str>,
    reaction: Option<&'static str>,
    dose: Option<&'static str>,
    route: Option<&'static str>,
    frequency: Option<&'static str>,
    since: Option<Date>,
    due: Option<Date>,
}

impl Entry {
    fn of(kind: &'static str, name: &'static str, status: &'static str) -> Self {
        Self {
            kind,
            name,
            status,
            code: None,
            severity: None,
            reaction: None,
            dose: None,
            route: None,
            frequency: None,
            since: None,
            due: None,
        }
    }

    fn row(self, chart: PatientId, at: UtcTime) -> Params {
        params![
            chart,
            self.kind,
            at,
            self.name,
            self.code,
            self.status,
            self.severity,
            self.reaction,
            self.dose,
            self.route,
            self.frequency,
            self.since,
            self.due,
            at,
            at,
        ]
    }
}

/// Weight and height at this age of somebody who has these grown up.
fn grown(age: i64, weight: i64, height: i64) -> (i64, i64) {
    match age {
        18.. => (weight, height),
        age => (4 + (weight - 4) * age / 18, 52 + (height - 52) * age / 18),
    }
}

#[expect(clippy::cast_precision_loss, reason = "measurements are small")]
fn real(value: i64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_smaller() {
        assert_eq!(grown(40, 80, 180), (80, 180));
        let (weight, height) = grown(6, 80, 180);
        assert!((15..40).contains(&weight) && (85..120).contains(&height), "{weight} {height}");
        assert_eq!(grown(0, 80, 180), (4, 52));
    }
}
