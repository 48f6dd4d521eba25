//! What can be done with the entries of a chart. Each function is one transaction.

use clinichub_api::check_version;
use clinichub_core::{AppError, Page, PageRequest, PatientId, Permission, RecordId, Result, Role, TrailEntry, UtcTime, VisitId};
use clinichub_db::{Event, TenantTx};
use jiff::civil;
use serde_json::json;

use super::api::{NewRecord, RecordFilter, RecordSort, RecordUpdate, Recorded};
use super::measures::VitalsInput;
use super::model::{Kind, Record, not_ahead, tidy};
use super::{notes, store};
use crate::sealing::FieldKeys;
use crate::{App, clinics, patients, visits};

type Access = clinichub_api::Access<App>;

/// The kinds that this role sees.
pub(super) fn seen_by(role: Option<Role>) -> &'static [Kind] {
    if role == Some(Role::Patient) { Kind::PATIENTS } else { Kind::ALL }
}

type ListArgs = (PatientId, RecordFilter, Option<String>, PageRequest<RecordSort>, FieldKeys);

/// One page of a chart's entries.
pub async fn list(
    access: &Access,
    patient: PatientId,
    filter: RecordFilter,
    search: Option<String>,
    page: PageRequest<RecordSort>,
) -> Result<Page<Record>> {
    access.grant.look_at(patient);
    let args: ListArgs = (patient, filter, search, page, access.app.fields.clone());
    access
        .app
        .db
        .read(&access.grant, args, async |mut tx: TenantTx, (patient, filter, search, page, fields): ListArgs| {
            patients::require(&mut tx, patient).await?;
            let mut kinds = seen_by(tx.grant().role()).to_vec();
            kinds.retain(|kind| filter.kind.is_empty() || filter.kind.contains(kind));
            let (records, total) = store::list(&mut tx, patient, &filter, &kinds, search.as_deref(), &page).await?;
            Ok(Page::new(notes::opened(&mut tx, &fields, records).await?, total, &page))
        })
        .await
}

/// Adds an entry. One that says it was written down in a visit is added before that is completed.
pub async fn create(access: &Access, patient: PatientId, new: NewRecord) -> Result<Recorded> {
    let (title, text) = (tidy(new.name.clone()), tidy(new.details.clone()));
    let args = (patient, new, access.app.fields.clone());
    let mut recorded = access
        .app
        .db
        .create(&access.grant, args, async |mut tx: TenantTx, (patient, new, fields): (PatientId, NewRecord, FieldKeys)| {
            patients::lock_in(&mut tx, patient).await?;
            patients::require(&mut tx, patient).await?;
            if let Some(visit) = new.visit_id {
                visits::require_of_patient(&mut tx, visit, patient).await?.status.require_open_to_entries()?;
            }
            let mut recorded = create_in(&mut tx, &fields, patient, new).await?;
            // What a repeated request is answered with is kept in the clear.
            if recorded.record.sensitive {
                (recorded.record.name, recorded.record.details) = (None, None);
            }
            Ok(recorded)
        })
        .await?;
    if recorded.record.sensitive {
        (recorded.record.name, recorded.record.details) = (title, text);
    }
    Ok(recorded)
}

/// Adds an entry inside a transaction that does more.
async fn create_in(tx: &mut TenantTx, fields: &FieldKeys, patient: PatientId, new: NewRecord) -> Result<Recorded> {
    let today = today(tx).await?;
    let mut record = Record::new(patient, new, tx.grant().user_id(), tx.now(), today)?;
    record.record_id = notes::insert(tx, fields, &record).await?;
    noted(tx, &record, "record.created").await?;
    Ok(recorded(record))
}

/// Notes what was measured in a visit.
pub async fn record_vitals_in(
    tx: &mut TenantTx,
    fields: &FieldKeys,
    patient: PatientId,
    visit: VisitId,
    vitals: VitalsInput,
    measured_at: Option<UtcTime>,
) -> Result<Recorded> {
    not_ahead("measured_at", measured_at, tx.now())?;
    let new = NewRecord { visit_id: Some(visit), recorded_at: measured_at, vitals: Some(vitals), ..NewRecord::of(Kind::Vitals) };
    create_in(tx, fields, patient, new).await
}

/// Changes an entry.
pub async fn update(access: &Access, patient: PatientId, record: RecordId, update: RecordUpdate) -> Result<Recorded> {
    access
        .app
        .db
        .write(
            &access.grant,
            (patient, record, update, access.app.fields.clone()),
            async |mut tx: TenantTx, (patient, record, update, fields): (PatientId, RecordId, RecordUpdate, FieldKeys)| {
                let before = open(&mut tx, &fields, patient, record).await?;
                let today = today(&mut tx).await?;
                let after = before.updated(update, tx.now(), today)?;
                if notes::update(&mut tx, &fields, &after).await? == 0 {
                    return Err(AppError::Stale);
                }
                noted(&mut tx, &after, "record.updated").await?;
                Ok(recorded(after))
            },
        )
        .await
}

/// Takes an entry out of sight.
pub async fn delete(access: &Access, patient: PatientId, record: RecordId) -> Result<()> {
    let args = (patient, record, access.app.fields.clone());
    access
        .app
        .db
        .write(&access.grant, args, async |mut tx: TenantTx, (patient, record, fields): (PatientId, RecordId, FieldKeys)| {
            let record = open(&mut tx, &fields, patient, record).await?;
            if store::delete(&mut tx, &record).await? == 0 {
                return Err(AppError::Stale);
            }
            noted(&mut tx, &record, "record.deleted").await
        })
        .await
}

/// The entry, in the version that the caller knows. What was measured or noted in a visit that is completed stays as it is.
async fn open(tx: &mut TenantTx, fields: &FieldKeys, patient: PatientId, record: RecordId) -> Result<Record> {
    patients::require(tx, patient).await?;
    let stored = store::find(tx, patient, record).await?.into_iter().collect();
    let record = notes::opened(tx, fields, stored).await?.pop().ok_or(AppError::NotFound("Record"))?;
    check_version(tx.grant(), record.version)?;
    if let (Kind::Vitals | Kind::Note, Some(visit)) = (record.kind, record.visit_id) {
        visits::require_unfinished(tx, visit).await?;
    }
    Ok(record)
}

/// The date in the clinic.
pub(super) async fn today(tx: &mut TenantTx) -> Result<civil::Date> {
    Ok(tx.now().date_in(&clinics::zone_in(tx).await?))
}

fn recorded(record: Record) -> Recorded {
    let warnings = record.vitals.as_ref().map(super::measures::Vitals::warnings).unwrap_or_default();
    Recorded { record, warnings }
}

/// The audit row and the event of a change. The patient is not told: what an entry says may need a conversation first.
pub(super) async fn noted(tx: &mut TenantTx, record: &Record, event: &'static str) -> Result<()> {
    let resource = ("record", record.record_id.0);
    let details = json!({ "kind": record.kind }).to_string();
    tx.audit(TrailEntry { patient_id: Some(record.patient_id), resource: Some(resource), details: Some(details) }).await?;
    let payload = json!({ "kind": record.kind, "chart_id": record.patient_id, "visit_id": record.visit_id });
    tx.emit(Event { kind: event, resource, needs: Permission::ChartRead, patient_id: None, payload }).await?;
    Ok(())
}
