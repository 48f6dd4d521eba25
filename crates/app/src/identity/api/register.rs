//! Patients who register themselves.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use clinichub_api::{Body, Public, Result, rules};
use clinichub_core::Day;
use serde::Deserialize;
use utoipa::ToSchema;

use super::session::tokens;
use super::{Tokens, user_agent};
use crate::App;
use crate::identity::service::{self, Newcomer};
use crate::patients::{NewPatient, Sex};

/// A patient who registers in a clinic.
#[derive(Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "clinic": "ABC01", "first_name": "John", "last_name": "Doe", "dob": "1990-05-10", "sex": "male", "email": "john.doe@email.com",
    "phone": "7871234567", "password": "violet kettle 9"
}))]
pub struct RegisterBody {
    /// The clinic's code.
    #[schema(min_length = 1, max_length = 32, pattern = r"\S")]
    clinic: String,
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    first_name: String,
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    last_name: String,
    dob: Day,
    sex: Sex,
    #[schema(format = Email, max_length = 254)]
    email: String,
    #[schema(max_length = 32, pattern = r"^[ +().\-/]*([0-9][ +().\-/]*){3,15}$")]
    phone: Option<String>,
    /// At least 8 characters and at most 72 bytes, nothing that is easy to guess.
    #[schema(min_length = 8, max_length = 72, format = Password)]
    password: String,
}

impl RegisterBody {
    fn newcomer(self, user_agent: Option<String>) -> clinichub_core::Result<Newcomer> {
        let mut refused = Vec::new();
        rules::required_text(&mut refused, "clinic", &self.clinic, 32);
        rules::name(&mut refused, "first_name", &self.first_name);
        rules::name(&mut refused, "last_name", &self.last_name);
        rules::email(&mut refused, "email", Some(&self.email));
        rules::phone(&mut refused, "phone", self.phone.as_deref());
        rules::verdict(refused)?;
        let Self { clinic, first_name, last_name, dob, sex, email, phone, password } = self;
        let chart = NewPatient { first_name, last_name, dob, sex, phone, ..NewPatient::default() };
        Ok(Newcomer { clinic, chart, email, password, user_agent })
    }
}

/// Registers a patient who comes by themselves, and signs them in.
///
/// They get a chart of their own, never one that the clinic has already: nobody has checked the address yet. The same `Idempotency-Key` and
/// body again make nothing anew and sign in to the same session, with other tokens.
#[utoipa::path(
    post, path = "/api/auth/register", request_body = RegisterBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body sign in to the same session again",
        min_length = 1, max_length = 255, pattern = "^[!-~]+$")),
    responses(
        (status = 201, description = "Registered and signed in", body = Tokens),
        (status = 403, description = "The clinic registers its patients itself"),
        (status = 404, description = "No active clinic has this code"),
        (status = 409, description = "Somebody signs in with this e-mail address"),
        (status = 422, description = "This address registered with this `Idempotency-Key` and another body"),
    )
)]
pub async fn register(public: Public<App>, headers: HeaderMap, Body(body): Body<RegisterBody>) -> Result<Response> {
    let newcomer = body.newcomer(user_agent(&headers))?;
    let signed_in = service::register(&public.app, &public.grant, newcomer).await?;
    tokens(&public.app, &headers, StatusCode::CREATED, "Registered successfully", signed_in)
}
