//! What a request leaves in the trail.

use clinichub_core::{AppError, Grant, TrailEntry};
use clinichub_db::{AuditOutcome, Params, TenantTx, audit_row};

use super::store;
use crate::App;

/// Writes what the request looked at; when this returns it is committed. A write that was done has its row already, in its own
/// transaction. A request that noted nothing leaves one row that says what was asked for. What was refused, or failed, names the patient too.
pub async fn record(app: &App, grant: &Grant, outcome: AuditOutcome) -> Result<(), AppError> {
    if outcome != AuditOutcome::Allowed {
        name_patient(app, grant).await?;
    }
    match rows(grant, outcome) {
        rows if rows.is_empty() => Ok(()),
        rows => app.audit.write(rows).await,
    }
}

/// A thing that its path names by an id of its own: its kind and its id.
type Named = (&'static str, i64);

/// Finds out whose chart a thing belongs to that the request was refused before anything had read it. Nobody's, where it is not in this
/// clinic. The one who asked has the answer that they would have had.
async fn name_patient(app: &App, grant: &Grant) -> Result<(), AppError> {
    let unknown = |look: &TrailEntry| look.resource.filter(|_| look.patient_id.is_none());
    let named = grant.with_trail(|trail| trail.looks.iter().find_map(unknown));
    let (Some(named), Some(_)) = (named, grant.clinic_id()) else { return Ok(()) };
    let find = async |mut tx: TenantTx, (kind, id): Named| Ok(store::find_patient_of(&mut tx, kind, id).await?);
    let patient = app.db.read(grant, named, find).await?;
    grant.with_trail(|trail| {
        for look in trail.looks.iter_mut().filter(|look| look.resource == Some(named)) {
            look.patient_id = look.patient_id.or(patient);
        }
    });
    Ok(())
}

fn rows(grant: &Grant, outcome: AuditOutcome) -> Vec<Params> {
    let (looks, written) = grant.with_trail(|trail| (std::mem::take(&mut trail.looks), trail.written));
    if written && outcome == AuditOutcome::Allowed {
        return Vec::new();
    }
    if looks.is_empty() {
        return vec![audit_row(grant, outcome, &TrailEntry::default())];
    }
    looks.iter().map(|look| audit_row(grant, outcome, look)).collect()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test makes its own grants")]
mod tests {
    use clinichub_core::{Mint, PatientId, UtcTime};

    use super::*;

    fn grant() -> Grant {
        Mint::system(None, "get_patient", UtcTime::from_micros(0))
    }

    #[test]
    fn each_look_is_a_row_and_none_is_one() {
        let (none, two) = (grant(), grant());
        two.look_at(PatientId(1));
        two.look_at(PatientId(2));
        assert_eq!((rows(&none, AuditOutcome::Allowed).len(), rows(&two, AuditOutcome::Allowed).len()), (1, 2));
    }

    #[test]
    fn a_write_has_its_row_unless_it_was_refused_after_all() {
        let written = grant();
        written.with_trail(|trail| trail.written = true);
        assert_eq!((rows(&written, AuditOutcome::Allowed).len(), rows(&written, AuditOutcome::Failed).len()), (0, 1));
    }
}
