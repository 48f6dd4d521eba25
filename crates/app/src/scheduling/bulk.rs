//! Many bookings in one transaction: all of them or none, or as many as fit with a result for each. The rows are tried in memory against
//! what the database says about all of them, so the number of statements does not grow with the rows.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use clinichub_core::{AppError, FieldError, Grant, PatientId, Result, ServiceId, TakenTime, TimeConflict, UserId};
use clinichub_db::{OnConflict, TenantTx};
use serde::{Deserialize, Serialize};

use super::booking::{Booking, New};
use super::model::{Appointment, OVERLAP, Taken};
use super::service::{about, next_number};
use super::when::Span;
use super::{events, store};
use crate::clinics::Clinic;
use crate::{App, billing, clinics, doctors};

type Access = clinichub_api::Access<App>;

/// The most bookings of one request.
pub const MOST: usize = 500;

/// What becomes of the others when one can't be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Nothing is booked.
    #[default]
    All,
    /// They are booked.
    Partial,
}

/// Why a booking was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The field that it is about.
    pub field: String,
    /// The sentence.
    pub message: String,
    /// What the time is taken by; none where the booking is wrong by itself.
    pub conflict: Option<Box<Conflict>>,
}

/// A time that is taken, and the one that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// Whose time.
    pub provider_user_id: UserId,
    /// What was asked for.
    pub asked: Span,
    /// What is there.
    pub with: TimeConflict,
}

impl Refusal {
    fn new(field: &str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), message: message.into(), conflict: None }
    }

    /// A rule's error about a field as the row's own; any other error ends the request.
    fn from(error: AppError, field: &str) -> Result<Self> {
        match error {
            AppError::Invalid(mut errors) if !errors.is_empty() => {
                let FieldError { field, message } = errors.swap_remove(0);
                Ok(Self::new(&field, message))
            }
            AppError::NotFound(_) => Ok(Self::new(field, error.to_string())),
            other => Err(other),
        }
    }
}

/// What became of each booking, in the order of the request.
pub type Outcomes = Vec<Result<Appointment, Refusal>>;

/// Books many. In [`Mode::All`] the error names every row that can't be booked; in [`Mode::Partial`] each row has its own result.
pub async fn schedule(access: &Access, bookings: Vec<Booking>, mode: Mode) -> Result<Outcomes> {
    if !(1..=MOST).contains(&bookings.len()) {
        return Err(AppError::field("appointments", format!("appointments: expected 1 to {MOST} bookings")));
    }
    let mut numbers = Vec::with_capacity(bookings.len());
    for _ in &bookings {
        numbers.push(next_number(access).await?);
    }
    access
        .app
        .db
        .create(&access.grant, (bookings, numbers, mode), async |mut tx, (bookings, numbers, mode)| {
            let known = Known::look_up(&mut tx, &bookings).await?;
            let rows = plan(&mut tx, &known, bookings, numbers).await?;
            if mode == Mode::All {
                refuse_any(&rows)?;
            }
            store_rows(&mut tx, &known.clinic.code, rows).await
        })
        .await
}

/// What the rows point at, looked up once for all of them.
struct Known {
    clinic: Clinic,
    patients: BTreeSet<PatientId>,
    providers: BTreeMap<UserId, Result<(), Refusal>>,
    /// How many minutes they usually last.
    services: BTreeMap<ServiceId, Result<Option<i64>, Refusal>>,
}

impl Known {
    async fn look_up(tx: &mut TenantTx, bookings: &[Booking]) -> Result<Self> {
        let patients: BTreeSet<_> = bookings.iter().map(|booking| booking.patient_id).collect();
        let patients = store::list_patients(tx, &patients).await?.into_iter().collect();
        let mut services = BTreeMap::new();
        for service in bookings.iter().filter_map(|booking| booking.service_id).collect::<BTreeSet<_>>() {
            let known = match billing::require_service(tx, service).await {
                Ok(found) => Ok(found.duration_minutes),
                Err(error) => Err(Refusal::from(error, "service_id")?),
            };
            services.insert(service, known);
        }
        // In the order of their ids: two requests for the same providers never wait for each other crosswise.
        let mut providers = BTreeMap::new();
        for provider in bookings.iter().map(|booking| booking.provider_user_id).collect::<BTreeSet<_>>() {
            let known = match doctors::require_provider(tx, provider).await {
                Ok(_) => Ok(()),
                Err(error) => Err(Refusal::from(error, "provider_user_id")?),
            };
            providers.insert(provider, known);
        }
        Ok(Self { clinic: clinics::get_in(tx).await?, patients, providers, services })
    }

    /// The booking as it would be stored.
    fn resolve(&self, booking: Booking, number: i64, grant: &Grant) -> Result<New> {
        booking.check(grant)?;
        if !self.patients.contains(&booking.patient_id) {
            return Err(AppError::field("patient_id", "Patient not found"));
        }
        let refused = |refusal: &Refusal| AppError::field(&refusal.field, &refusal.message);
        if let Some(Err(refusal)) = self.providers.get(&booking.provider_user_id) {
            return Err(refused(refusal));
        }
        let usual = match booking.service_id.and_then(|service| self.services.get(&service)) {
            Some(Err(refusal)) => return Err(refused(refusal)),
            Some(Ok(Some(minutes))) => *minutes,
            Some(Ok(None)) | None => self.clinic.slot_minutes,
        };
        let span = booking.when.resolve_new(&self.clinic.zone(), usual)?;
        let status = booking.first_status(grant)?;
        Ok(booking.at(span, number, status, grant.at()))
    }
}

type Rows = Vec<Result<New, Refusal>>;

/// Tries each row, in the order of the request, against what is stored and against the rows before it.
async fn plan(tx: &mut TenantTx, known: &Known, bookings: Vec<Booking>, numbers: Vec<i64>) -> Result<Rows> {
    let mut rows: Rows = Vec::with_capacity(bookings.len());
    for (booking, number) in bookings.into_iter().zip(numbers) {
        rows.push(match known.resolve(booking, number, tx.grant()) {
            Ok(new) => Ok(new),
            Err(error) => Err(Refusal::from(error, "")?),
        });
    }
    let mut taken = busy(tx, &rows).await?;
    for row in &mut rows {
        let Ok(New { provider_user_id, span, .. }) = *row else { continue };
        if let Err(busy) = taken.take(provider_user_id, span) {
            let conflict = Conflict { provider_user_id, asked: span, with: busy.into() };
            *row = Err(Refusal { conflict: Some(Box::new(conflict)), ..Refusal::new("scheduled_start", OVERLAP) });
        }
    }
    name_own(tx, &mut rows).await?;
    Ok(rows)
}

/// Says which of the clinic's own appointments stand in the way; of others it is known when they are and no more.
async fn name_own(tx: &mut TenantTx, rows: &mut Rows) -> Result<()> {
    let mut conflicts: Vec<&mut Conflict> = rows.iter_mut().filter_map(|row| row.as_mut().err()?.conflict.as_deref_mut()).collect();
    if conflicts.is_empty() || tx.grant().own_charts().is_some() {
        return Ok(());
    }
    let providers = conflicts.iter().map(|conflict| conflict.provider_user_id).collect();
    let starts = conflicts.iter().map(|conflict| conflict.with.scheduled_start).collect();
    let own = store::list_beginning(tx, &providers, &starts).await?;
    let own: HashMap<_, _> = own.into_iter().map(|row| ((row.provider_user_id, row.scheduled_start), row)).collect();
    for conflict in &mut conflicts {
        if let Some(row) = own.get(&(conflict.provider_user_id, conflict.with.scheduled_start)) {
            conflict.with = row.clone().into();
        }
    }
    Ok(())
}

/// When the providers of the rows are busy, in any clinic, as far as it matters.
async fn busy(tx: &mut TenantTx, rows: &[Result<New, Refusal>]) -> Result<Taken> {
    let mut taken = Taken::default();
    let good = || rows.iter().flatten();
    let Some(start) = good().map(|new| new.span.start).min() else { return Ok(taken) };
    let end = good().map(|new| new.span.end).max().unwrap_or(start);
    let providers: BTreeSet<_> = good().map(|new| new.provider_user_id).collect();
    for (provider, span) in store::list_busy(&mut tx.platform(), &providers, Span { start, end }).await? {
        // What is stored does not overlap.
        let _ = taken.take(provider, span);
    }
    Ok(taken)
}

/// The error that names every row which can't be booked: a conflict when nothing but time that is taken stands in the way.
fn refuse_any(rows: &[Result<New, Refusal>]) -> Result<()> {
    let refused: Vec<_> = rows.iter().enumerate().filter_map(|(index, row)| Some((index, row.as_ref().err()?))).collect();
    let field = |index: usize, refusal: &Refusal| format!("appointments[{index}].{}", refusal.field);
    let error = |(index, refusal): &(usize, &Refusal)| FieldError { field: field(*index, refusal), message: refusal.message.clone() };
    let errors: Vec<_> = refused.iter().map(error).collect();
    let Some(conflicts) = refused.iter().map(|(_, refusal)| refusal.conflict.as_deref()).collect::<Option<Vec<_>>>() else {
        return Err(AppError::Invalid(errors));
    };
    let Some(first) = conflicts.first() else { return Ok(()) };
    let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    Err(AppError::Taken(Box::new(TakenTime {
        message: format!("{OVERLAP}: {}", fields.join(", ")),
        provider_user_id: first.provider_user_id,
        start: first.asked.start,
        end: first.asked.end,
        moved: None,
        conflict: Some(first.with.clone()),
        errors,
    })))
}

/// Stores the rows that fit, with their history, audit rows and events.
async fn store_rows(tx: &mut TenantTx, code: &str, rows: Rows) -> Result<Outcomes> {
    let good: Vec<New> = rows.iter().flatten().cloned().collect();
    let mut stored: HashMap<String, Appointment> = HashMap::new();
    if !good.is_empty() {
        store::insert_many(tx, code, &good).await.on_overlap(|| AppError::conflict(OVERLAP))?;
        let references: Vec<String> = good.iter().map(|new| new.reference(code)).collect();
        let appointments = store::list_by_reference(tx, &references).await?;
        let states: Vec<_> = appointments.iter().map(|row| (row.appointment_id, row.status, row.status_changed_at)).collect();
        store::insert_states(tx, &states, None).await?;
        stored = appointments.into_iter().map(|row| (row.reference.clone(), row)).collect();
    }
    let mut outcomes = Vec::with_capacity(rows.len());
    for row in rows {
        outcomes.push(match row {
            Ok(new) => {
                let appointment = stored.remove(&new.reference(code)).ok_or_else(|| AppError::internal("a stored row is not there"))?;
                tx.audit(about(&appointment)).await?;
                tx.emit(events::created(&appointment)).await?;
                Ok(appointment)
            }
            Err(refusal) => Err(refusal),
        });
    }
    Ok(outcomes)
}
