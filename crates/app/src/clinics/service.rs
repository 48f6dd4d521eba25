//! What can be done with clinics. The operator of the installation reaches all of them, everybody else the own ones.

use clinichub_core::{AppError, ClinicId};
use clinichub_db::{OnConflict, PlatformTx, TenantTx};

use super::model::{Clinic, NewClinic, Overrides};
use super::store::{self, Filter};

/// The clinic of the transaction.
pub async fn get_in(tx: &mut TenantTx) -> Result<Clinic, AppError> {
    store::own(tx).await?.ok_or(AppError::NotFound("Clinic"))
}

/// Makes a clinic. The caller audits.
pub async fn create_in(tx: &mut PlatformTx, new: NewClinic) -> Result<Clinic, AppError> {
    let new = new.checked()?;
    let now = tx.now();
    let taken = || AppError::conflict("Clinic code already exists");
    let clinic_id = store::insert(tx, &new, now).await.on_unique("clinics_code", taken)?;
    get_any(tx, clinic_id).await
}

/// What the clinic of the transaction changed in the table of permissions.
pub async fn overrides_in(tx: &mut TenantTx) -> Result<Overrides, AppError> {
    let rows = store::overrides(tx).await?;
    Ok(rows.into_iter().map(|(role, permission, allowed)| ((role, permission), allowed)).collect())
}

async fn get_any(tx: &mut PlatformTx, clinic: ClinicId) -> Result<Clinic, AppError> {
    store::find(tx, clinic, &Filter::default()).await?.ok_or(AppError::NotFound("Clinic"))
}
