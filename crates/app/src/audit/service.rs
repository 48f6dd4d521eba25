//! Reading the trail. Writing it is the business of [`record`](super::record()) and of the transactions themselves.

use clinichub_api::Access;
use clinichub_core::{AppError, Page, PageRequest, PatientId, TrailEntry};

use super::api::{AuditFilter, AuditSort};
use super::store::{self, EntryRow, Wanted};
use crate::{App, clinics};

/// A page of the clinic's trail; for a patient, of the entries about the own charts.
pub async fn list(
    access: &Access<App>,
    filter: AuditFilter,
    search: Option<String>,
    page: PageRequest<AuditSort>,
) -> Result<Page<EntryRow>, AppError> {
    let own = access.grant.own_charts();
    access.grant.look(look(filter.patient_id, own.as_deref()));
    let args = (filter, search, page, own);
    let read = access.app.db.read(&access.grant, args, |mut tx, (filter, search, page, own)| async move {
        let zone = clinics::zone_in(&mut tx).await?;
        let wanted = Wanted {
            patient_id: filter.patient_id,
            user_id: filter.user_id,
            action: filter.action,
            resource: filter.resource,
            outcome: filter.outcome.map(super::api::AuditResult::as_str),
            from: filter.from.map(|from| from.start_in(&zone)),
            before: filter.to.map(|to| to.end_in(&zone)),
            search,
            own,
        };
        Ok(store::list(&mut tx, &wanted, &page).await?)
    });
    read.await
}

/// Whose entries are looked at: one patient's, a patient's own, or everybody's.
fn look(asked: Option<PatientId>, own: Option<&[PatientId]>) -> TrailEntry {
    let patient_id = asked.filter(|patient| own.is_none_or(|own| own.contains(patient))).or_else(|| own?.first().copied());
    TrailEntry { patient_id, ..TrailEntry::default() }
}
