//! What stands in the way of a booking, as far as whoever books may know it. It is looked up when a booking was refused, in a transaction
//! of its own: PostgreSQL answers nothing in the one that failed, and bookings that fit don't pay for it.

use clinichub_core::{AppError, AppointmentId, Permission, Result, TakenTime, TimeConflict, UserId};
use clinichub_db::TenantTx;

use super::model::{Appointment, OVERLAP};
use super::service::about;
use super::store;
use super::when::Span;
use crate::App;

type Access = clinichub_api::Access<App>;

/// The conflict of a time that is taken; `moved` is the appointment that was to be there.
pub fn taken(provider_user_id: UserId, span: Span, moved: Option<AppointmentId>) -> AppError {
    AppError::Taken(Box::new(TakenTime {
        message: OVERLAP.to_owned(),
        provider_user_id,
        start: span.start,
        end: span.end,
        moved,
        conflict: None,
        errors: Vec::new(),
    }))
}

/// Adds to a refusal what stands in the way. A patient learns nothing of others.
pub async fn explained<T>(access: &Access, result: Result<T>) -> Result<T> {
    let may_know = access.grant.own_charts().is_none() && access.grant.may(Permission::AppointmentRead);
    match result {
        Err(AppError::Taken(mut time)) if may_know && time.conflict.is_none() => {
            let args = (time.provider_user_id, Span { start: time.start, end: time.end }, time.moved);
            let found = access
                .app
                .db
                .read(&access.grant, args, async |mut tx, (provider, span, moved)| in_the_way(&mut tx, provider, span, moved).await);
            // The refusal stands, whether it can be explained or not.
            time.conflict = found.await.ok().flatten();
            Err(AppError::Taken(time))
        }
        other => other,
    }
}

async fn in_the_way(tx: &mut TenantTx, provider: UserId, span: Span, moved: Option<AppointmentId>) -> Result<Option<TimeConflict>> {
    if let Some(own) = store::find_overlapping(tx, provider, span, moved).await? {
        tx.grant().look(about(&own));
        return Ok(Some(own.into()));
    }
    let clinic = tx.clinic_id();
    Ok(store::find_busy_elsewhere(&mut tx.platform(), clinic, provider, span).await?.map(Into::into))
}

impl From<Appointment> for TimeConflict {
    fn from(own: Appointment) -> Self {
        Self {
            scheduled_start: own.scheduled_start,
            scheduled_end: own.scheduled_end,
            patient_name: Some(format!("{} {}", own.patient_first_name, own.patient_last_name)),
            reference: Some(own.reference),
        }
    }
}

impl From<Span> for TimeConflict {
    fn from(busy: Span) -> Self {
        Self { scheduled_start: busy.start, scheduled_end: busy.end, reference: None, patient_name: None }
    }
}
