//! How a newcomer is compared with the charts: at most four statements.

use clinichub_core::{AppError, Permission, Result, TrailEntry};
use clinichub_db::TenantTx;

use super::model::{Candidate, DuplicateReason, Newcomer};
use super::store;
use crate::App;

type Access = clinichub_api::Access<App>;

/// The charts that look like the newcomer's, with the reasons. Who may register somebody but see nobody learns nothing here.
pub async fn find(access: &Access, newcomer: Newcomer) -> Result<Vec<(Candidate, Vec<DuplicateReason>)>> {
    if !access.grant.may(Permission::PatientRead) {
        return Err(AppError::forbidden("You are not allowed to see the clinic's patients"));
    }
    let compare = async |mut tx: TenantTx, newcomer: Newcomer| Ok(newcomer.compare(candidates(&mut tx, &newcomer).await?));
    let found = access.app.db.read(&access.grant, newcomer, compare).await?;
    let ids: Vec<i64> = found.iter().map(|(chart, _)| chart.patient_id.0).collect();
    access.grant.look(TrailEntry { details: Some(serde_json::json!({ "patient_ids": ids }).to_string()), ..TrailEntry::default() });
    Ok(found)
}

async fn candidates(tx: &mut TenantTx, newcomer: &Newcomer) -> Result<Vec<Candidate>> {
    let mut charts = Vec::new();
    if let Some(email) = newcomer.email_key() {
        charts.extend(store::with_email(tx, &email).await?);
    }
    if let Some(token) = newcomer.phone_token() {
        charts.extend(store::with_phone(tx, &token).await?);
    }
    if let Some((name, prefix)) = newcomer.name().zip(newcomer.name_prefix()) {
        charts.extend(store::named_like(tx, &prefix, &name).await?);
        if let Some(dob) = newcomer.dob {
            charts.extend(store::born_on(tx, dob).await?);
        }
    }
    Ok(charts)
}
