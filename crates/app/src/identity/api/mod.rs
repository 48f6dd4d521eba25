//! What goes over the wire when somebody signs in, and the handlers.

mod account;
mod recovery;
mod register;
mod session;
mod setup;

use axum::http::{HeaderMap, header};
use clinichub_api::Versioned;
use clinichub_core::{ClinicId, Role, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Account, Place};
use super::service::{Me, SignedIn};
use super::token::ACCESS_LIFETIME;

pub use account::*;
pub use recovery::*;
pub use register::*;
pub use session::*;
pub use setup::*;

/// A clinic in which the person has a role.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClinicRole {
    pub clinic_id: ClinicId,
    #[schema(example = "ABC01")]
    pub code: String,
    #[schema(example = "Harbour Family Practice")]
    pub name: String,
    pub role: Role,
}

impl From<Place> for ClinicRole {
    fn from(place: Place) -> Self {
        Self { clinic_id: place.clinic_id, code: place.code, name: place.name, role: place.role }
    }
}

/// The person of a session.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct User {
    pub user_id: UserId,
    #[schema(example = "admin@clinichub.com")]
    pub email: Option<String>,
    pub username: Option<String>,
    pub phone: Option<String>,
    #[schema(example = "Ada")]
    pub first_name: String,
    #[schema(example = "Marín")]
    pub last_name: String,
    /// What they are in the active clinic.
    pub role: Role,
    /// The active clinic; none for the operator of the installation.
    pub clinic_id: Option<ClinicId>,
    #[schema(example = "ABC01")]
    pub clinic_code: Option<String>,
    /// All clinics that are theirs and open.
    pub clinics: Vec<ClinicRole>,
    /// Counts the changes; the `ETag`.
    pub version: i64,
}

impl Versioned for User {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

impl From<Me> for User {
    fn from(me: Me) -> Self {
        let Me { account, seat, places } = me;
        let Account { user_id, email, username, phone, first_name, last_name, version, .. } = account;
        let (clinic_id, clinic_code) = (seat.clinic_id(), seat.place.map(|place| place.code));
        let clinics = places.into_iter().filter(|place| place.is_open).map(ClinicRole::from).collect();
        Self { user_id, email, username, phone, first_name, last_name, role: seat.role, clinic_id, clinic_code, clinics, version }
    }
}

/// The answer to a sign-in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Tokens {
    #[schema(example = "Login successful")]
    pub message: &'static str,
    /// For the header `Authorization: Bearer …`.
    #[schema(example = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImtpZCI6IjEifQ.…")]
    pub access_token: String,
    /// Works once; not in the body where the web app asks, which has it in a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    pub refresh_token: Option<String>,
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds until the access token ends.
    #[schema(example = 900)]
    pub expires_in: i64,
    pub user: User,
}

impl Tokens {
    fn new(message: &'static str, signed_in: SignedIn, is_web: bool) -> Self {
        let SignedIn { access_token, refresh_token, me } = signed_in;
        let refresh_token = (!is_web).then_some(refresh_token);
        Self { message, access_token, refresh_token, token_type: "Bearer", expires_in: ACCESS_LIFETIME.as_secs(), user: me.into() }
    }
}

/// What program asks, as far as it says so.
fn user_agent(headers: &HeaderMap) -> Option<String> {
    let agent = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(agent.chars().take(200).collect())
}
