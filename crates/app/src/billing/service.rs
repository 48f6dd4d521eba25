//! What can be done with services, procedures and invoices. Each function is one transaction.

use clinichub_api::{check_unversioned, check_version};
use clinichub_core::{
    AppError, AppointmentId, ClinicId, CptId, Currency, InvoiceId, Money, Page, PageRequest, PatientId, Result, ServiceId, TrailEntry,
    UtcTime,
};
use clinichub_db::{Counter, PlatformTx, TenantTx};

use super::api::cpt::{CptFilter, CptSort};
use super::api::fee_schedule::{ServiceBody, ServiceFilter, ServiceSort, ServiceUpdate};
use super::api::invoices::{InvoiceFilter, InvoiceSort, InvoiceUpdate};
use super::model::{
    Bill, CompletedAppointment, CptListed, CptRow, InvoiceRow, InvoiceStatus, Modifiers, NewService, Payment, Performed, ServiceRow,
    TotalRow, Unpaid, Wanted, bill, kept_ids,
};
use super::{events, store};
use crate::{App, clinics, patients, scheduling};

type Access = clinichub_api::Access<App>;

/// Adds a service to the fee schedule.
pub async fn create_service(access: &Access, body: ServiceBody) -> Result<ServiceRow> {
    access
        .app
        .db
        .create(&access.grant, body, async |mut tx: TenantTx, body: ServiceBody| {
            let clinic = clinics::get_in(&mut tx).await?;
            let new = body.into_new(clinic.currency)?;
            let service_id = add_service(&mut tx, new).await?;
            tx.audit(about("service", service_id.0)).await?;
            service_in(&mut tx, service_id).await
        })
        .await
}

/// Adds a service inside a transaction that does more.
pub async fn create_service_in(tx: &mut TenantTx, new: &NewService) -> Result<ServiceId> {
    store::insert_service(tx, new).await
}

/// Gives a new clinic its first services. The one that says so, or else the first, is billed where an appointment names none; where
/// there are none at all the clinic gets one whose price is for it to set.
pub async fn create_first_services(tx: &mut PlatformTx, clinic_id: ClinicId, currency: Currency, services: Vec<NewService>) -> Result<()> {
    if services.is_empty() {
        return Ok(store::insert_default_service(tx, clinic_id, currency).await?);
    }
    store::insert_first_services(tx, clinic_id, &with_one_default(services)).await
}

fn with_one_default(mut services: Vec<NewService>) -> Vec<NewService> {
    let default = services.iter().position(|service| service.is_default).unwrap_or(0);
    for (index, service) in services.iter_mut().enumerate() {
        service.is_default = index == default;
    }
    services
}

/// One page of the fee schedule.
pub async fn list_services(access: &Access, filter: ServiceFilter, page: PageRequest<ServiceSort>) -> Result<Page<ServiceRow>> {
    access
        .app
        .db
        .read(&access.grant, (filter, page), async |mut tx: TenantTx, (filter, page): (ServiceFilter, PageRequest<ServiceSort>)| {
            let (items, total) = store::list_services(&mut tx, &filter, &page).await?;
            Ok(Page::new(items, total, &page))
        })
        .await
}

/// Changes a service. What was billed before keeps its price.
pub async fn update_service(access: &Access, service_id: ServiceId, update: ServiceUpdate) -> Result<ServiceRow> {
    access
        .app
        .db
        .write(&access.grant, (service_id, update), async |mut tx: TenantTx, (service_id, update): (ServiceId, ServiceUpdate)| {
            let before = service_in(&mut tx, service_id).await?;
            check_version(tx.grant(), before.version)?;
            let after = update.apply(before)?;
            store_service(&mut tx, &after).await?;
            tx.audit(about("service", service_id.0)).await?;
            Ok(after)
        })
        .await
}

/// Brings a whole list in: a service whose code is there is changed, another is added; all or nothing.
pub async fn put_services(access: &Access, bodies: Vec<ServiceBody>) -> Result<Vec<ServiceRow>> {
    access
        .app
        .db
        .write(&access.grant, bodies, async |mut tx: TenantTx, bodies: Vec<ServiceBody>| {
            let clinic = clinics::get_in(&mut tx).await?;
            let before = store::all_services(&mut tx).await?;
            for (index, body) in bodies.into_iter().enumerate() {
                let new = body.into_new(clinic.currency).map_err(|error| error.at(|field| format!("services[{index}].{field}")))?;
                if let Some(service) = before.iter().find(|service| service.code == new.code) {
                    store_service(&mut tx, &service.clone().replaced(new)).await?;
                } else {
                    add_service(&mut tx, new).await?;
                }
            }
            check_unversioned(tx.grant())?;
            tx.audit(TrailEntry { resource: Some(("fee_schedule", tx.clinic_id().0)), ..TrailEntry::default() }).await?;
            Ok(store::all_services(&mut tx).await?)
        })
        .await
}

async fn add_service(tx: &mut TenantTx, new: NewService) -> Result<ServiceId> {
    if new.is_default {
        store::clear_default(tx, None).await?;
    }
    create_service_in(tx, &new).await
}

async fn store_service(tx: &mut TenantTx, service: &ServiceRow) -> Result<()> {
    if service.is_default {
        store::clear_default(tx, Some(service.service_id)).await?;
    }
    if store::update_service(tx, service).await? == 0 { Err(AppError::Stale) } else { Ok(()) }
}

async fn service_in(tx: &mut TenantTx, service_id: ServiceId) -> Result<ServiceRow> {
    store::find_service(tx, service_id).await?.ok_or(AppError::NotFound("Service"))
}

/// That the service is one of this clinic and still offered, for slices that point at one.
pub async fn require_service(tx: &mut TenantTx, service_id: ServiceId) -> Result<ServiceRow> {
    let service = service_in(tx, service_id).await?;
    if service.is_active { Ok(service) } else { Err(AppError::field("service_id", "This service is no longer offered")) }
}

/// Writes the procedures of an appointment that is being completed, in its transaction (API.md, rule 4): those that its visit names, or the
/// booked service. The first is the one the appointment is billed under.
pub async fn record_completion(tx: &mut TenantTx, done: &CompletedAppointment, performed: &[Performed]) -> Result<Vec<CptId>> {
    if performed.is_empty() {
        let cpt = store::insert_cpt(tx, done).await?;
        return Ok(vec![cpt.ok_or_else(nothing_to_bill)?]);
    }
    let lines: Vec<(i64, &Performed)> = (1..).zip(performed).collect();
    store::insert_cpts(tx, done, &lines).await?;
    Ok(store::list_cpt_ids(tx, done.appointment_id).await?)
}

fn nothing_to_bill() -> AppError {
    AppError::Rule("The fee schedule has no default service to bill".to_owned())
}

/// Puts what a visit names in the place of what its appointment, which was completed before, was charged with; where it names nothing, the
/// booked service. A line whose service was charged keeps its id; what goes is on the audit trail. The caller has the provider locked, and
/// has seen that there is no invoice.
pub async fn replace_charges(tx: &mut TenantTx, done: &CompletedAppointment, performed: &[Performed]) -> Result<()> {
    let before = store::list_cpt_of(tx, done.appointment_id).await?;
    let booked = if performed.is_empty() { vec![booked(tx, done, &before).await?] } else { Vec::new() };
    let named = if performed.is_empty() { booked.as_slice() } else { performed };
    let (mut added, mut kept) = (Vec::new(), Vec::new());
    for ((line_no, one), id) in (1_i64..).zip(named).zip(kept_ids(&before, named)) {
        match id {
            Some(id) => kept.push((id, line_no, one)),
            None => added.push((line_no, one)),
        }
    }
    store::set_aside(tx, done.appointment_id).await?;
    store::insert_cpts(tx, done, &added).await?;
    store::delete_aside(tx, done.appointment_id).await?;
    store::insert_kept_cpts(tx, done, &kept).await?;
    let details = Some(serde_json::json!({ "charged_before": before.iter().map(on_trail).collect::<Vec<_>>() }).to_string());
    tx.audit(TrailEntry { patient_id: Some(done.patient_id), details, ..about("appointment", done.appointment_id.0) }).await?;
    Ok(())
}

/// The booked service, or the clinic's default one, as it is charged where nothing is named: at the price it was charged at, if it was.
async fn booked(tx: &mut TenantTx, done: &CompletedAppointment, before: &[CptRow]) -> Result<Performed> {
    let service = store::find_billed_service(tx, done.service_id).await?.ok_or_else(nothing_to_bill)?;
    let charged = before.iter().find(|cpt| cpt.service_id == Some(service.service_id));
    let (unit_price_minor, currency) = charged.map_or((service.price_minor, service.currency), |cpt| (cpt.unit_price_minor, cpt.currency));
    Ok(Performed {
        service_id: service.service_id,
        code: service.code,
        description: service.description,
        units: 1,
        modifiers: Modifiers::default(),
        unit_price_minor,
        currency,
    })
}

fn on_trail(cpt: &CptRow) -> serde_json::Value {
    serde_json::json!({
        "cpt_id": cpt.cpt_id,
        "line": cpt.line_no,
        "service_id": cpt.service_id,
        "code": cpt.code,
        "description": cpt.description,
        "modifiers": cpt.modifiers.0,
        "units": cpt.units,
        "unit_price_minor": cpt.unit_price_minor,
        "currency": cpt.currency,
    })
}

/// What an appointment was charged with, in its order.
pub async fn cpt_ids_of(tx: &mut TenantTx, appointment_id: AppointmentId) -> Result<Vec<CptId>> {
    Ok(store::list_cpt_ids(tx, appointment_id).await?)
}

/// These services of the fee schedule; one that is not there, or no longer offered, is missing in the answer.
pub async fn offered_services(tx: &mut TenantTx, ids: &[ServiceId]) -> Result<Vec<ServiceRow>> {
    let services = store::list_services_by_id(tx, ids).await?;
    Ok(services.into_iter().filter(|service| service.is_active).collect())
}

type CptArgs = (CptFilter, Option<String>, PageRequest<CptSort>);

/// One page of the procedures performed.
pub async fn list_cpt(access: &Access, filter: CptFilter, search: Option<String>, page: PageRequest<CptSort>) -> Result<Page<CptListed>> {
    let asked_for = filter.patient_id;
    let found = access
        .app
        .db
        .read(&access.grant, (filter, search, page), async |mut tx: TenantTx, (filter, search, page): CptArgs| {
            let (only, zone) = (tx.grant().own_charts(), clinics::zone_in(&mut tx).await?);
            let wanted = match search {
                Some(search) => Some(store::sought(&mut tx, search).await?),
                None => None,
            };
            let (items, total) = store::list_cpt(&mut tx, &filter, wanted.as_ref(), &zone, only.as_deref(), &page).await?;
            Ok(Page::new(items, total, &page))
        })
        .await?;
    access.grant.look_at_listed(asked_for, found.items.iter().map(|record| record.patient_id));
    Ok(found)
}

/// Makes the invoice of a completed appointment from its procedures, a line each (API.md, rule 6).
pub async fn create_invoice(access: &Access, appointment_id: AppointmentId) -> Result<Bill> {
    let number = access.app.db.number_for(&access.grant, Counter::Invoice).await?;
    access
        .app
        .db
        .create(&access.grant, (appointment_id, number), async |mut tx: TenantTx, (appointment_id, number): (AppointmentId, i64)| {
            let made = invoice_in(&mut tx, appointment_id, number).await?;
            let entry = TrailEntry { patient_id: Some(made.invoice.patient_id), ..about("invoice", made.invoice.invoice_id.0) };
            tx.audit(entry).await?;
            tx.emit(events::created(&made.invoice)).await?;
            Ok(made)
        })
        .await
}

async fn invoice_in(tx: &mut TenantTx, appointment_id: AppointmentId, number: i64) -> Result<Bill> {
    let appointment = scheduling::get_for_invoice(tx, appointment_id).await?;
    if appointment.status != scheduling::Status::Completed {
        return Err(AppError::Rule("Appointment must be completed".to_owned()));
    }
    let procedures = store::list_cpt_of(tx, appointment_id).await?;
    let (lines, total) = bill(&procedures)?;
    let first = procedures.into_iter().next().ok_or_else(|| AppError::internal("a bill without a procedure"))?;
    let clinic = clinics::get_in(tx).await?;
    let mut invoice = unpaid_invoice(&first, format!("{}-I{number}", clinic.code), total, tx);
    invoice.invoice_id = store::insert_invoice(tx, &invoice, &lines).await?;
    let patient = patients::name_of(tx, invoice.patient_id).await?;
    invoice.patient_name = patient.full_name();
    Ok(Bill { invoice, lines, unprintable: None })
}

fn unpaid_invoice(cpt: &CptRow, number: String, total: Money, tx: &TenantTx) -> InvoiceRow {
    InvoiceRow {
        invoice_id: InvoiceId(0),
        number,
        appointment_id: cpt.appointment_id,
        patient_id: cpt.patient_id,
        cpt_id: cpt.cpt_id,
        status: InvoiceStatus::Unpaid,
        currency: total.currency,
        total_minor: total.minor,
        payment_method: None,
        payment_reference: None,
        issued_at: tx.now(),
        paid_at: None,
        updated_at: tx.now(),
        version: 1,
        patient_name: String::new(),
    }
}

/// One invoice with its lines, and the letters that its document can't show.
pub async fn get_invoice(access: &Access, invoice_id: InvoiceId) -> Result<Bill> {
    let read = async |mut tx: TenantTx, id: InvoiceId| bill_in(&mut tx, id).await;
    let bill = access.app.db.read(&access.grant, invoice_id, read).await?;
    let unprintable = access.app.press.lacking(&bill.words()).await;
    Ok(Bill { unprintable, ..bill })
}

/// One invoice with its lines, inside a transaction that does more.
pub(super) async fn bill_in(tx: &mut TenantTx, invoice_id: InvoiceId) -> Result<Bill> {
    let invoice = invoice_reached(tx, invoice_id).await?;
    tx.grant().look(TrailEntry { patient_id: Some(invoice.patient_id), ..about("invoice", invoice_id.0) });
    let lines = store::lines_of(tx, invoice_id).await?;
    Ok(Bill { invoice, lines, unprintable: None })
}

/// Marks an invoice paid or unpaid and says how it was paid.
pub async fn update_invoice(access: &Access, invoice_id: InvoiceId, update: InvoiceUpdate) -> Result<Bill> {
    let payment = update.into_payment()?;
    access
        .app
        .db
        .write(&access.grant, (invoice_id, payment), async |mut tx: TenantTx, (invoice_id, payment): (InvoiceId, Payment)| {
            let before = invoice_reached(&mut tx, invoice_id).await?;
            check_version(tx.grant(), before.version)?;
            let now = tx.now();
            let invoice = before.paid(payment, now)?;
            if store::update_payment(&mut tx, &invoice).await? == 0 {
                return Err(AppError::Stale);
            }
            let lines = store::lines_of(&mut tx, invoice_id).await?;
            let details = Some(serde_json::json!({ "status": invoice.status.as_str() }).to_string());
            tx.audit(TrailEntry { patient_id: Some(invoice.patient_id), details, ..about("invoice", invoice_id.0) }).await?;
            tx.emit(events::changed(&invoice)).await?;
            Ok(Bill { invoice, lines, unprintable: None })
        })
        .await
}

/// One page of the invoices and what all that match come to; a patient sees the own ones.
pub async fn list_invoices(
    access: &Access,
    filter: InvoiceFilter,
    page: PageRequest<InvoiceSort>,
) -> Result<(Page<InvoiceRow>, Vec<TotalRow>)> {
    let asked_for = filter.query.patient_id;
    let found = access
        .app
        .db
        .read(&access.grant, (filter, page), async |mut tx: TenantTx, (filter, page): (InvoiceFilter, PageRequest<InvoiceSort>)| {
            let (only, clinic) = (tx.grant().own_charts(), clinics::get_in(&mut tx).await?);
            let wanted = filter.search.as_deref().map(|search| Wanted::of(search, &clinic.code));
            let (items, totals) =
                store::list_invoices(&mut tx, &filter.query, wanted.as_ref(), &clinic.zone(), only.as_deref(), &page).await?;
            let count = totals.iter().map(|total| total.count).sum();
            Ok((Page::new(items, count, &page), totals))
        })
        .await?;
    access.grant.look_at_listed(asked_for, found.0.items.iter().map(|invoice| invoice.patient_id));
    Ok(found)
}

async fn invoice_reached(tx: &mut TenantTx, invoice_id: InvoiceId) -> Result<InvoiceRow> {
    let invoice = store::find_invoice(tx, invoice_id).await?;
    invoice.filter(|invoice| tx.grant().reaches(invoice.patient_id)).ok_or(AppError::NotFound("Invoice"))
}

/// When a patient's invoices before this place were issued: time, id, number, status; newest first.
pub async fn timeline_for_patient(
    tx: &mut TenantTx,
    patient_id: PatientId,
    before: (UtcTime, i64),
    limit: i64,
) -> Result<Vec<(UtcTime, InvoiceId, String, String)>> {
    Ok(store::timeline(tx, patient_id, before, limit).await?)
}

/// What a patient owes, per currency.
pub async fn unpaid_of_patient(tx: &mut TenantTx, patient_id: PatientId) -> Result<Vec<Unpaid>> {
    let owed = store::unpaid(tx, patient_id).await?;
    let unpaid = |(currency, minor, invoices)| Unpaid { currency, amount: Money::new(minor, currency).to_string(), invoices };
    Ok(owed.into_iter().map(unpaid).collect())
}

fn about(resource: &'static str, id: i64) -> TrailEntry {
    TrailEntry { resource: Some((resource, id)), ..TrailEntry::default() }
}
