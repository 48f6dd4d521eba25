//! The public page behind the QR code: that a prescription is genuine and still stands. It says nothing about the patient.

use clinichub_api::{Public, Read, Result, Text, Versioned};
use clinichub_core::{AppError, Day};
use clinichub_db::PlatformTx;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::PrescriptionStatus;
use super::store;
use crate::App;

/// Who signed a prescription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Signer {
    #[schema(example = "Gregory House")]
    pub name: String,
    /// Number in the register.
    #[schema(example = "MD-12345")]
    pub registration_number: Option<String>,
}

/// What anyone who holds the paper may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Genuine {
    /// Always `true`; what is not genuine is not found.
    pub genuine: bool,
    #[schema(example = "ABC01-R12")]
    pub reference: String,
    #[schema(example = "Harbor Family Practice")]
    pub clinic_name: String,
    /// The day in the clinic on which it was signed.
    pub issued_on: Day,
    pub doctor: Signer,
    /// How many drugs stand on it.
    #[schema(minimum = 1)]
    pub items: i64,
    pub status: PrescriptionStatus,
    /// What took its place.
    #[schema(example = "ABC01-R13")]
    pub superseded_by: Option<String>,
}

impl Versioned for Genuine {}

/// Confirms that a prescription is genuine, and says whether it still stands, to whoever has the token on its paper.
#[utoipa::path(
    get, path = "/api/public/prescriptions/{token}", tag = "Prescriptions",
    params(("token" = String, Path, description = "The token of the QR code", min_length = 22, max_length = 22)),
    responses(
        (status = 200, description = "It is genuine", body = Genuine),
        (status = 404, description = "There is no such prescription")
    )
)]
pub async fn verify_prescription(public: Public<App>, Text(token): Text) -> Result<Read<Genuine>> {
    public.app.sign_in_limits.mark_verification(&public.grant).await?;
    if !is_token(&token) {
        return Err(AppError::NotFound("Prescription").into());
    }
    let find = async |mut tx: PlatformTx, token: String| Ok(store::find_genuine(&mut tx, &token).await?);
    let found = public.app.db.platform_read(&public.grant, token, find).await?;
    Ok(Read(found.ok_or(AppError::NotFound("Prescription"))?))
}

/// Whether it can be a token at all: 16 bytes in URL-safe base64.
fn is_token(text: &str) -> bool {
    text.len() == 22 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
