//! What an invoice is made from, inside the transaction of whoever makes it.

use clinichub_core::{AppError, AppointmentId, PatientId, Result, UserId};
use clinichub_db::{TenantTx, from_row};

use super::status::Status;
use super::store;

/// An appointment as its invoice needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvoicedAppointment {
    /// Its id.
    pub appointment_id: AppointmentId,
    /// Whose chart.
    pub patient_id: PatientId,
    /// Who saw the patient.
    pub provider_user_id: UserId,
    /// Where it stands; `completed` can be invoiced.
    pub status: Status,
}

from_row!(InvoicedAppointment { appointment_id, patient_id, provider_user_id, status });

/// The appointment, if it is in this clinic and this grant reaches its chart. Its provider is locked until the end, as for every change of
/// it: nobody puts other charges in the place of those that the invoice is made from.
pub async fn get_for_invoice(tx: &mut TenantTx, id: AppointmentId) -> Result<InvoicedAppointment> {
    store::lock_providers_of(tx, id, None).await?;
    let found = store::find_for_invoice(tx, id).await?.filter(|found| tx.grant().reaches(found.patient_id));
    found.ok_or(AppError::NotFound("Appointment"))
}

/// What people call an appointment that a row of this clinic points at.
pub async fn reference_of(tx: &mut TenantTx, id: AppointmentId) -> Result<String> {
    store::find_reference(tx, id).await?.ok_or(AppError::NotFound("Appointment"))
}
