//! What goes over the wire when somebody signs in, and the handlers.

mod account;
mod invitation;
mod recovery;
mod register;
mod session;
mod setup;

use axum::http::{HeaderMap, header};
use clinichub_api::Versioned;
use clinichub_core::{ClinicId, Currency, Permission, Role, UserId};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::model::Place;
use super::service::{Me, SignedIn};
use super::token::ACCESS_LIFETIME;
use crate::clinics::ClinicStatus;

pub use account::*;
pub use invitation::*;
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

/// The clinic in which the person is signed in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActiveClinic {
    pub clinic_id: ClinicId,
    #[schema(example = "ABC01")]
    pub code: String,
    #[schema(example = "Harbour Family Practice")]
    pub name: String,
    /// IANA time zone in which its hours and days are meant.
    #[schema(example = "America/Puerto_Rico")]
    pub time_zone: String,
    /// What its prices are in.
    pub currency: Currency,
    /// How long an appointment usually is.
    #[schema(example = 30, minimum = 5, maximum = 480)]
    pub slot_minutes: i64,
    pub status: ClinicStatus,
}

impl From<Place> for ActiveClinic {
    fn from(place: Place) -> Self {
        let Place { clinic_id, code, name, status, time_zone, currency, slot_minutes, .. } = place;
        Self { clinic_id, code, name, time_zone, currency, slot_minutes, status }
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
    /// The active clinic, as far as one needs it to show times and prices.
    pub clinic: Option<ActiveClinic>,
    /// Whether they can be booked in the active clinic.
    #[schema(example = false)]
    pub doctor: bool,
    /// What they may do in the active clinic.
    #[schema(example = json!(["patient_read", "appointment_create"]))]
    pub permissions: Vec<Permission>,
    /// The language they read best, a BCP 47 tag.
    #[schema(example = "es-PR")]
    pub language: Option<String>,
    /// What their programs keep for them.
    #[schema(value_type = Object, example = json!({ "theme": "dark" }))]
    pub preferences: Map<String, Value>,
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
        let preferences = account.preferences.as_deref().and_then(|kept| serde_json::from_str(kept).ok()).unwrap_or_default();
        Self {
            user_id: account.user_id,
            email: account.email,
            username: account.username,
            phone: account.phone,
            first_name: account.first_name,
            last_name: account.last_name,
            role: seat.role,
            clinic_id: seat.clinic_id(),
            clinic_code: seat.place.as_ref().map(|place| place.code.clone()),
            doctor: seat.place.as_ref().is_some_and(|place| place.is_provider),
            permissions: seat.permissions().into_iter().collect(),
            clinic: seat.place.map(ActiveClinic::from),
            language: account.language,
            preferences,
            clinics: places.into_iter().filter(Place::is_open).map(ClinicRole::from).collect(),
            version: account.version,
        }
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
