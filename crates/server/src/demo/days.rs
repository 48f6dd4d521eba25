//! What happened in the clinics, and what is coming: appointments around today, none of a doctor overlapping another.

use clinichub_core::{Role, UtcTime};
use jiff::civil::{Date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

use super::cast::{BOOKABLE, CLINICS, HOURS, REASONS, SLOT, STAFF, weekdays};
use super::dice::Dice;

/// Days of the past that are filled.
const PAST: i32 = 91;
/// Days of the future that are filled.
const COMING: i32 = 30;

/// What a doctor does in a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// Index into the clinic's patients.
    pub patient: usize,
    /// Index into [`STAFF`].
    pub doctor: usize,
    /// Index into the services.
    pub service: usize,
    pub start: UtcTime,
    pub end: UtcTime,
    pub reason: &'static str,
    /// The states it went through with their times; the last is the present one.
    pub states: Vec<(&'static str, UtcTime)>,
    pub close_reason: Option<&'static str>,
    /// What became of its bill.
    pub bill: Bill,
}

/// A bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bill {
    /// There is none.
    None,
    /// It is not paid yet.
    Unpaid,
    /// It was paid then.
    Paid(UtcTime),
}

/// The appointments of a clinic, in the order in which they were booked: what was booked first has the smaller id.
pub fn appointments(clinic: usize, patients: usize, zone: &TimeZone, now: UtcTime) -> Vec<Booked> {
    let mut dice = Dice::new(CLINICS[clinic].seed.wrapping_mul(7919));
    let today = now.date_in(zone);
    let mut booked = Vec::new();
    for offset in -PAST..=COMING {
        let day = today.saturating_add(offset.days());
        for (doctor, person) in STAFF.iter().enumerate() {
            let works = person.role == Role::Doctor && person.clinics.contains(&clinic);
            if works && weekdays(person, clinic).contains(&day.weekday().to_monday_one_offset()) && !is_kept_free(day) {
                fill_day(&mut dice, &mut booked, doctor, day, patients, zone, now, offset);
            }
        }
    }
    booked.sort_by_key(|one| (one.states[0].1, one.start, one.doctor));
    booked
}

/// The day of the examples in the documentation, which book it.
fn is_kept_free(day: Date) -> bool {
    (Date::constant(2026, 4, 14)..=Date::constant(2026, 4, 16)).contains(&day)
}

#[expect(clippy::too_many_arguments, reason = "all of a day's surroundings, used in one place")]
fn fill_day(
    dice: &mut Dice,
    booked: &mut Vec<Booked>,
    doctor: usize,
    day: Date,
    patients: usize,
    zone: &TimeZone,
    now: UtcTime,
    offset: i32,
) {
    // A full day today, so that there is something to see; the future fills up from the front.
    let busy = match offset {
        0 => 85,
        ..0 => 42,
        _ => usize::try_from(40 - offset).unwrap_or(10),
    };
    let starts = HOURS.iter().flat_map(|(from, to)| (0..(to - from) / SLOT).map(move |slot| from + slot * SLOT));
    for minute in starts {
        if !dice.percent(busy) {
            continue;
        }
        let (hour, minute) = (i8::try_from(minute / 60).unwrap_or(8), i8::try_from(minute % 60).unwrap_or(0));
        let local = day.to_datetime(time(hour, minute, 0, 0));
        let Ok(start) = zone.to_ambiguous_zoned(local).compatible() else { continue };
        let start = UtcTime::new(start.timestamp());
        let patient = dice.below(patients);
        booked.push(one(dice, doctor, patient, start, now));
    }
}

fn one(dice: &mut Dice, doctor: usize, patient: usize, start: UtcTime, now: UtcTime) -> Booked {
    let end = minutes(start, SLOT);
    let made = minutes(start.min(now), -dice.between(60, 20 * 24 * 60));
    let service = if dice.percent(55) { 0 } else { dice.below(BOOKABLE) };
    let (mut states, close_reason) = course(dice, made, start, end, now);
    states.retain(|(_, at)| *at <= now);
    let completed = states.last().is_some_and(|(status, _)| *status == "completed");
    let bill = if completed && dice.percent(92) { settle(dice, end, now) } else { Bill::None };
    Booked { patient, doctor, service, start, end, reason: dice.pick(REASONS), states, close_reason, bill }
}

fn settle(dice: &mut Dice, end: UtcTime, now: UtcTime) -> Bill {
    let paid = minutes(end, dice.between(10, 20 * 24 * 60));
    if dice.percent(93) && paid <= now { Bill::Paid(paid) } else { Bill::Unpaid }
}

type Course = (Vec<(&'static str, UtcTime)>, Option<&'static str>);

/// The states of an appointment from its booking on, as if it were over already.
fn course(dice: &mut Dice, made: UtcTime, start: UtcTime, end: UtcTime, now: UtcTime) -> Course {
    let fate = dice.below(100);
    let between = minutes(made, (start.since(made).as_mins() / 2).max(1));
    match fate {
        0..=7 => (vec![("scheduled", made), ("cancelled", between)], Some("The patient called off")),
        8..=12 => (vec![("scheduled", made), ("confirmed", between), ("no_show", minutes(start, 20))], None),
        // Somebody asked for it and nobody has looked yet.
        13..=17 if start > now => (vec![("pending", made)], None),
        // Never closed: the list of open ends shows it.
        13 => (vec![("scheduled", made)], None),
        _ => {
            let mut states = vec![("scheduled", made)];
            if fate.is_multiple_of(2) {
                states.push(("confirmed", between));
            }
            let arrived = minutes(start, -dice.between(2, 28));
            let called = minutes(start, dice.between(0, 8));
            states.extend([("waiting", arrived), ("in_room", called), ("completed", minutes(end, dice.between(-5, 5)))]);
            (states, None)
        }
    }
}

fn minutes(time: UtcTime, minutes: i64) -> UtcTime {
    time.plus(SignedDuration::from_mins(minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(now: &str) -> Vec<Booked> {
        let now = UtcTime::parse(now).expect("a time");
        let of = |clinic: usize| appointments(clinic, 200, &TimeZone::get(CLINICS[clinic].time_zone).expect("a zone"), now);
        of(0).into_iter().chain(of(1)).collect()
    }

    #[test]
    fn no_doctor_is_in_two_places() {
        let mut booked = all("2026-03-20T15:10:00Z");
        booked.sort_by_key(|one| (one.doctor, one.start));
        assert!(booked.windows(2).all(|two| two[0].doctor != two[1].doctor || two[0].end <= two[1].start));
    }

    #[test]
    fn there_is_a_past_a_present_and_a_future() {
        let now = "2026-07-15T15:10:00Z";
        let booked = all(now);
        let now = UtcTime::parse(now).expect("a time");
        let count = |status: &str| booked.iter().filter(|one| one.states.last().is_some_and(|(last, _)| *last == status)).count();
        for status in ["completed", "cancelled", "no_show", "scheduled", "confirmed", "pending", "in_room", "waiting"] {
            assert!(count(status) > 0, "{status}");
        }
        assert!(booked.iter().all(|one| !one.states.is_empty() && one.states.iter().all(|(_, at)| *at <= now)));
        assert!(booked.iter().all(|one| one.states.is_sorted_by_key(|(_, at)| *at)));
        assert!(booked.iter().filter(|one| matches!(one.bill, Bill::Paid(_))).count() * 2 > count("completed"));
        assert!(booked.iter().filter(|one| one.start > now).count() > 200);
    }

    #[test]
    fn every_day_of_the_week_is_a_day_at_work() {
        for now in ["2026-07-18T15:10:00Z", "2026-07-19T15:10:00Z"] {
            let now = UtcTime::parse(now).expect("a time");
            for (clinic, cast) in CLINICS.iter().enumerate() {
                let zone = TimeZone::get(cast.time_zone).expect("a zone");
                let is_today = |one: &&Booked| one.start.date_in(&zone) == now.date_in(&zone);
                let booked = appointments(clinic, 200, &zone, now);
                assert!(booked.iter().filter(is_today).count() >= 8, "{now} in {}", cast.code);
            }
        }
    }

    #[test]
    fn the_day_of_the_examples_is_free() {
        let (from, to) = (UtcTime::parse("2026-04-15T00:00:00Z").expect("a time"), UtcTime::parse("2026-04-16T00:00:00Z").expect("a time"));
        assert!(all("2026-04-10T12:00:00Z").iter().all(|one| one.end <= from || one.start >= to));
    }
}
