//! What can be done with appointments. Each function is one transaction: the rules, the rows, the audit row and the event stand or
//! fall together.

use clinichub_core::{AppError, AppointmentId, Page, PageRequest, Result, Role, TrailEntry, UserId};
use clinichub_db::{Counter, OnConflict, TenantTx};
use jiff::tz::TimeZone;
use serde_json::json;

use super::booking::{Booking, New};
use super::model::{Appointment, AppointmentSort, Change, Days, Filter, StateChange};
use super::status::Status;
use super::when::Span;
use super::{change, conflicts, events, store};
use crate::doctors::Provider;
use crate::patients::PatientBrief;
use crate::{App, billing, clinics, doctors, patients};

type Access = clinichub_api::Access<App>;

/// Books an appointment; what a patient books is a request inside offered slots.
pub async fn book(access: &Access, booking: Booking) -> Result<Appointment> {
    booking.check(&access.grant)?;
    let number = next_number(access).await?;
    let booked = access.app.db.create(&access.grant, (booking, number), async |mut tx, (booking, number)| {
        let appointment = book_in(&mut tx, booking, number).await?;
        tx.audit(about(&appointment)).await?;
        tx.emit(events::created(&appointment)).await?;
        Ok(appointment.seen_by(tx.grant()))
    });
    conflicts::explained(access, booked.await).await
}

/// The number of the next reference. Taken before the transaction, so that bookings don't wait for each other.
pub(super) async fn next_number(access: &Access) -> Result<i64> {
    let clinic = access.grant.clinic_id().ok_or(AppError::NotFound("Clinic"))?;
    access.app.db.next_number(clinic, Counter::Appointment).await
}

async fn book_in(tx: &mut TenantTx, booking: Booking, number: i64) -> Result<Appointment> {
    let patient = patients::require(tx, booking.patient_id).await?;
    let usual = match booking.service_id {
        Some(service) => billing::require_service(tx, service).await?.duration_minutes,
        None => None,
    };
    let (zone, usual) = match (booking.when.is_local(), usual) {
        (false, usual) => (TimeZone::UTC, usual.unwrap_or_default()),
        (true, usual) => {
            let clinic = clinics::get_in(tx).await?;
            (clinic.zone(), usual.unwrap_or(clinic.slot_minutes))
        }
    };
    let span = booking.when.resolve_new(&zone, usual)?;
    // The provider's row is locked from here to the end: racing bookings of one provider queue up.
    let provider = doctors::require_provider(tx, booking.provider_user_id).await?;
    require_offered(tx, booking.provider_user_id, span).await?;
    let status = booking.first_status(tx.grant())?;
    let now = tx.now();
    insert(tx, booking.at(span, number, status, now), patient, provider).await
}

/// Stores a booking and its first state.
pub(super) async fn insert(tx: &mut TenantTx, new: New, patient: PatientBrief, provider: Provider) -> Result<Appointment> {
    let taken = || conflicts::taken(new.provider_user_id, new.span, None);
    let (id, reference) = store::insert(tx, &new).await.on_overlap(taken)?;
    store::insert_state(tx, id, new.status, None)?;
    Ok(new.stored(id, reference, patient, provider, tx.now()))
}

/// A patient gets what is offered, and not in the past; staff may book whatever is free, and record what was.
pub(super) async fn require_offered(tx: &mut TenantTx, provider: UserId, span: Span) -> Result<()> {
    if tx.grant().role() != Some(Role::Patient) {
        return Ok(());
    }
    if span.start <= tx.now() {
        return Err(AppError::field("scheduled_start", "The time is in the past"));
    }
    if doctors::offered(tx, provider, span.start, span.end).await? {
        Ok(())
    } else {
        Err(AppError::field("scheduled_start", "The provider does not offer this time"))
    }
}

/// What the audit trail says about it.
pub(super) fn about(appointment: &Appointment) -> TrailEntry {
    TrailEntry {
        patient_id: Some(appointment.patient_id),
        resource: Some(("appointment", appointment.appointment_id.0)),
        details: Some(json!({ "status": appointment.status }).to_string()),
    }
}

/// One page of the appointments; a patient sees those of the own charts.
pub async fn list(access: &Access, mut filter: Filter, days: Days, page: PageRequest<AppointmentSort>) -> Result<Page<Appointment>> {
    filter.only = access.grant.own_charts();
    if let Some(patient) = filter.patient_id {
        access.grant.look_at(patient);
    }
    let (rows, total) = access
        .app
        .db
        .read(&access.grant, (filter, days, page), async |mut tx, (mut filter, days, page)| {
            complete(&mut tx, &mut filter, days).await?;
            Ok(store::list(&mut tx, &filter, &page).await?)
        })
        .await?;
    Ok(Page::new(rows, total, &page).map(|row| row.seen_by(&access.grant)))
}

/// Works out what needs the clinic: where its days begin, and the code that a bare number leaves out.
async fn complete(tx: &mut TenantTx, filter: &mut Filter, days: Days) -> Result<()> {
    let bare = filter.reference.as_deref().filter(|text| !text.contains('-')).map(str::to_owned);
    let zone = if days.needs_zone() || bare.is_some() {
        let clinic = clinics::get_in(tx).await?;
        if let Some(bare) = bare {
            filter.reference = Some(format!("{}-A{}", clinic.code, bare.trim_start_matches('A')));
        }
        clinic.zone()
    } else {
        TimeZone::UTC
    };
    filter.from = filter.from.or(days.from.map(|from| from.start_in(&zone)));
    filter.before = filter.before.or(days.to.map(|to| to.end_in(&zone)));
    Ok(())
}

/// One page of the appointments that are over and were never closed.
pub async fn list_open_ends(access: &Access, filter: Filter, page: PageRequest<AppointmentSort>) -> Result<Page<Appointment>> {
    let (rows, total) = access
        .app
        .db
        .read(&access.grant, (filter, page), async |mut tx, (mut filter, page)| {
            complete(&mut tx, &mut filter, Days::default()).await?;
            Ok(store::list_open_ends(&mut tx, &filter, &page).await?)
        })
        .await?;
    Ok(Page::new(rows, total, &page).map(|row| row.seen_by(&access.grant)))
}

/// One appointment and the states that it went through.
pub async fn get(access: &Access, id: AppointmentId) -> Result<(Appointment, Vec<StateChange>)> {
    access
        .app
        .db
        .read(&access.grant, id, async |mut tx, id| {
            let appointment = require(&mut tx, id).await?;
            tx.grant().look(about(&appointment));
            let states = store::list_states(&mut tx, id).await?;
            Ok((appointment.seen_by(tx.grant()), states))
        })
        .await
}

/// The appointment, if it is in this clinic and this grant reaches its chart.
pub(super) async fn require(tx: &mut TenantTx, id: AppointmentId) -> Result<Appointment> {
    let found = store::find(tx, id).await?.filter(|found| tx.grant().reaches(found.patient_id));
    found.ok_or(AppError::NotFound("Appointment"))
}

/// Moves it, changes its state or what is said about it.
pub async fn update(access: &Access, id: AppointmentId, change: Change) -> Result<Appointment> {
    change.check(&access.grant)?;
    let changed = access.app.db.write(&access.grant, (id, change), async |mut tx, (id, change)| {
        let before = change::open(&mut tx, id, change.provider_user_id).await?;
        change::make(&mut tx, before, change).await
    });
    conflicts::explained(access, changed.await).await
}

/// Calls it off; what is over already can't be.
pub async fn cancel(access: &Access, id: AppointmentId, because: Option<String>) -> Result<()> {
    let change = Change::to(Status::Cancelled, because);
    change.check(&access.grant)?;
    access
        .app
        .db
        .write(&access.grant, (id, change), async |mut tx, (id, change)| {
            let before = change::open(&mut tx, id, None).await?;
            if before.status.is_final() {
                return Err(before.status.refused(Status::Cancelled));
            }
            change::make(&mut tx, before, change).await.map(drop)
        })
        .await
}

/// Answers a request: `scheduled` accepts it, `rejected` turns it down.
pub async fn decide(access: &Access, id: AppointmentId, answer: Status, because: Option<String>) -> Result<Appointment> {
    let change = Change::to(answer, because);
    change.check(&access.grant)?;
    access
        .app
        .db
        .write(&access.grant, (id, answer, change), async |mut tx, (id, answer, change)| {
            let before = change::open(&mut tx, id, None).await?;
            answer.require_right(tx.grant(), before.provider_user_id)?;
            if before.status != Status::Pending {
                return Err(AppError::conflict(format!(
                    "Only a request can be accepted or rejected; the appointment is {}",
                    before.status
                )));
            }
            change::make(&mut tx, before, change).await
        })
        .await
}
