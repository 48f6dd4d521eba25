//! How a newcomer is compared with the charts: at most six statements.

use clinichub_core::{AppError, Permission, Result};
use clinichub_db::TenantTx;

use super::model::{Candidate, DuplicateReason, Newcomer};
use super::store;
use crate::App;
use crate::patients::identifiers::{self, Marks};
use crate::sealing::FieldKeys;

type Access = clinichub_api::Access<App>;

/// The charts that look like the newcomer's, with the reasons. Who may register somebody but see nobody learns nothing here.
pub async fn find(access: &Access, newcomer: Newcomer) -> Result<Vec<(Candidate, Vec<DuplicateReason>)>> {
    if !access.grant.may(Permission::PatientRead) {
        return Err(AppError::forbidden("You are not allowed to see the clinic's patients"));
    }
    let compare = async |mut tx: TenantTx, (mut newcomer, fields): (Newcomer, FieldKeys)| {
        newcomer.marks = identifiers::marks_in(&mut tx, &fields, &newcomer.identifiers).await?;
        Ok(newcomer.compare(candidates(&mut tx, &newcomer).await?))
    };
    let found = access.app.db.read(&access.grant, (newcomer, access.app.fields.clone()), compare).await?;
    access.grant.look_at_many(found.iter().map(|(chart, _)| chart.patient_id));
    Ok(found)
}

async fn candidates(tx: &mut TenantTx, newcomer: &Newcomer) -> Result<Vec<Candidate>> {
    let mut charts = Vec::new();
    if newcomer.marks != Marks::default() {
        charts.extend(store::with_marks(tx, &newcomer.marks).await?);
    }
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
