//! How a board and a schedule are put together, each in one transaction.

use std::collections::BTreeSet;

use clinichub_api::rules;
use clinichub_core::{AppError, Day, DayOrInstant, Result, Role, UserId};
use clinichub_db::TenantTx;
use jiff::civil;
use jiff::tz::TimeZone;

use super::api::{Board, BoardAppointment, BoardQuery, ScheduleDays, ScheduleDoctor, ScheduleQuery};
use super::store::{self, Shown};
use crate::doctors::{Interval, RosterDoctor};
use crate::scheduling::Span;
use crate::scheduling::model::MOST_DEPARTMENT;
use crate::{App, clinics, doctors};

type Access = clinichub_api::Access<App>;

/// The most appointments of a board.
const MOST_OF_A_DAY: usize = 2000;
/// The most appointments of a schedule.
const MOST_OF_DAYS: usize = 5000;

/// A clinic's day.
pub async fn board(access: &Access, query: BoardQuery) -> Result<Board> {
    staff_only(access)?;
    let mut refused = Vec::new();
    rules::text(&mut refused, "department", query.department.as_deref(), MOST_DEPARTMENT);
    rules::verdict(refused)?;
    access.app.db.read(&access.grant, query, async |mut tx, query| board_in(&mut tx, query).await).await
}

async fn board_in(tx: &mut TenantTx, query: BoardQuery) -> Result<Board> {
    let clinic = clinics::get_in(tx).await?;
    let (now, zone) = (tx.now(), clinic.zone());
    let date = query.date.map_or_else(|| now.date_in(&zone), |day| day.0);
    let window = span(date, date, &zone);
    let department = query.department.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let (appointments, truncated) = shown(tx, window, &query.provider_user_id, department, MOST_OF_A_DAY).await?;
    let doctors = roster(tx, &appointments, &[]).await?;
    let open_ends = store::count_open_ends(tx, &query.provider_user_id).await?;
    let requests = store::count_requests(tx, &query.provider_user_id).await?;
    Ok(Board { date: Day(date), time_zone: clinic.time_zone, now, appointments, truncated, doctors, open_ends, requests })
}

/// Several days of the clinic's providers, or of some of them.
pub async fn schedule(access: &Access, query: ScheduleQuery) -> Result<ScheduleDays> {
    staff_only(access)?;
    access.app.db.read(&access.grant, query, async |mut tx, query| schedule_in(&mut tx, &query).await).await
}

async fn schedule_in(tx: &mut TenantTx, query: &ScheduleQuery) -> Result<ScheduleDays> {
    let clinic = clinics::get_in(tx).await?;
    let (now, zone) = (tx.now(), clinic.zone());
    let (from, to) = query.days(now.date_in(&zone))?;
    let window = span(from, to, &zone);
    let (appointments, truncated) = shown(tx, window, &query.provider_user_id, None, MOST_OF_DAYS).await?;
    let roster = roster(tx, &appointments, &query.provider_user_id).await?;
    let users: Vec<UserId> = roster.iter().map(|doctor| doctor.user_id).collect();
    let mut days = doctors::days_of(tx, &users, &zone, Interval::new(window.start, window.end)).await?;
    let doctors = roster.into_iter().map(|doctor| {
        let of_doctor = days.remove(&doctor.user_id).unwrap_or_default();
        ScheduleDoctor::new(doctor, of_doctor)
    });
    let doctors = doctors.collect();
    let requests = store::count_requests(tx, &query.provider_user_id).await?;
    let (time_zone, slot_minutes) = (clinic.time_zone, clinic.slot_minutes);
    Ok(ScheduleDays { from: Day(from), to: Day(to), time_zone, slot_minutes, now, doctors, appointments, truncated, requests })
}

/// A patient sees the own appointments in their list; the clinic's day is the staff's.
fn staff_only(access: &Access) -> Result<()> {
    if access.grant.role() == Some(Role::Patient) {
        return Err(AppError::forbidden("The schedule is for the clinic's staff"));
    }
    Ok(())
}

/// From the first moment of one day to the last of the other.
fn span(from: civil::Date, to: civil::Date, zone: &TimeZone) -> Span {
    Span { start: DayOrInstant::Day(from).start_in(zone), end: DayOrInstant::Day(to).end_in(zone) }
}

/// The appointments, as many as are shown, and whether there are more.
async fn shown(
    tx: &mut TenantTx,
    window: Span,
    providers: &[UserId],
    department: Option<String>,
    most: usize,
) -> Result<(Vec<BoardAppointment>, bool)> {
    let limit = i64::try_from(most + 1).unwrap_or(i64::MAX);
    let mut rows = store::list(tx, &Shown { window, providers: providers.to_vec(), department, most: limit }).await?;
    let truncated = rows.len() > most;
    rows.truncate(most);
    Ok((rows, truncated))
}

/// Those who were asked for; else those who can be booked and whoever has one of the appointments.
async fn roster(tx: &mut TenantTx, appointments: &[BoardAppointment], asked: &[UserId]) -> Result<Vec<RosterDoctor>> {
    let seen: BTreeSet<UserId> = appointments.iter().map(|row| row.provider_user_id).collect();
    let mut doctors = doctors::list_roster(tx).await?;
    doctors.retain(|doctor| match asked {
        [] => doctor.is_active || seen.contains(&doctor.user_id),
        asked => asked.contains(&doctor.user_id),
    });
    Ok(doctors)
}
