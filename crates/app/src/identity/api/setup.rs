//! The first start.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use clinichub_api::{Body, Public, Read, Result, Versioned, rules};
use clinichub_core::Currency;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::session::tokens;
use super::{Tokens, user_agent};
use crate::App;
use crate::clinics::NewClinic;
use crate::identity::service::{self, FirstAdmin};

/// Whether this installation is new.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SetupState {
    /// Whether nobody has an account yet.
    #[schema(example = false)]
    needed: bool,
}

impl Versioned for SetupState {}

/// Says whether this installation still has to be set up.
#[utoipa::path(
    get, path = "/api/setup",
    responses((status = 200, description = "Whether nobody has an account yet", body = SetupState))
)]
pub async fn get_setup(public: Public<App>) -> Result<Read<SetupState>> {
    let needed = service::is_setup_needed(&public.app, &public.grant).await?;
    Ok(Read(SetupState { needed }))
}

/// The first clinic and its admin.
#[derive(Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "clinic": { "code": "ABC01", "name": "Harbour Family Practice", "time_zone": "America/Puerto_Rico", "currency": "USD" },
    "admin": { "first_name": "Ada", "last_name": "Marín", "email": "ada@harbour.example", "password": "violet kettle 9" }
}))]
pub struct SetupBody {
    /// From the link that the server printed.
    #[schema(max_length = 200)]
    token: String,
    clinic: SetupClinic,
    admin: SetupAdmin,
}

/// The first clinic.
#[derive(Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct SetupClinic {
    /// Letters and digits, as `ABC01`, which is taken where none is given.
    #[schema(min_length = 1, max_length = 32, pattern = r"\S")]
    code: Option<String>,
    #[schema(min_length = 1, max_length = 100, pattern = r"\S")]
    name: String,
    /// IANA name.
    #[schema(min_length = 1, max_length = 100, pattern = r"\S", example = "America/Puerto_Rico")]
    time_zone: String,
    currency: Currency,
}

/// The admin of the first clinic.
#[derive(Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct SetupAdmin {
    #[schema(min_length = 1, max_length = 100, pattern = r"\S")]
    first_name: String,
    #[schema(min_length = 1, max_length = 100, pattern = r"\S")]
    last_name: String,
    #[schema(format = Email, max_length = 254)]
    email: String,
    #[schema(min_length = 8, max_length = 72, format = Password)]
    password: String,
}

impl SetupAdmin {
    fn first_admin(self, headers: &HeaderMap) -> clinichub_core::Result<FirstAdmin> {
        let mut refused = Vec::new();
        rules::required_text(&mut refused, "admin.first_name", &self.first_name, 100);
        rules::required_text(&mut refused, "admin.last_name", &self.last_name, 100);
        rules::email(&mut refused, "admin.email", Some(&self.email));
        rules::verdict(refused)?;
        let Self { first_name, last_name, email, password } = self;
        Ok(FirstAdmin { first_name, last_name, email, password, user_agent: user_agent(headers) })
    }
}

/// The code of the first clinic where none is given.
const FIRST_CODE: &str = "ABC01";

/// Makes the first clinic and its admin, and signs the admin in. Works once.
#[utoipa::path(
    post, path = "/api/setup", request_body = SetupBody,
    responses((status = 201, description = "Ready; the admin is signed in", body = Tokens))
)]
pub async fn set_up(public: Public<App>, headers: HeaderMap, Body(body): Body<SetupBody>) -> Result<Response> {
    let SetupBody { token, clinic, admin } = body;
    let admin = admin.first_admin(&headers)?;
    let clinic = NewClinic::named(clinic.code.as_deref().unwrap_or(FIRST_CODE), &clinic.name, &clinic.time_zone, clinic.currency);
    let signed_in = service::set_up(&public.app, &public.grant, &token, clinic, admin).await?;
    tokens(&public.app, &headers, StatusCode::CREATED, "Set-up complete", signed_in)
}
