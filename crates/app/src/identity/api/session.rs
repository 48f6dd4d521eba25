//! Signing in, going on, signing out.

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use clinichub_api::{Access, Body, Done, OptionalBody, Public, Read, Result, Versioned, bearer, rules};
use clinichub_core::{AppError, ClinicId, Role, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Tokens, user_agent};
use crate::App;
use crate::identity::cookie;
use crate::identity::model::Identifier;
use crate::identity::service::{self, Attempt, SignedIn, Target};

/// The longest password that is looked at, in characters; longer ones are nobody's.
pub(super) const MOST_PASSWORD: usize = 1000;

/// What one signs in with: one of e-mail, user name and phone, and the password.
#[derive(Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "admin@clinichub.com", "password": "admin123" }))]
pub struct LoginBody {
    #[schema(max_length = 254)]
    email: Option<String>,
    #[schema(max_length = 254)]
    username: Option<String>,
    #[schema(max_length = 32)]
    phone: Option<String>,
    #[schema(max_length = 1000)]
    password: String,
    /// The code of the clinic to work in; without it the first one that is open.
    #[schema(max_length = 32, example = "ABC01")]
    clinic: Option<String>,
}

impl LoginBody {
    fn attempt(self, headers: &HeaderMap) -> clinichub_core::Result<Attempt> {
        let mut refused = Vec::new();
        rules::text(&mut refused, "email", self.email.as_deref(), 254);
        rules::text(&mut refused, "username", self.username.as_deref(), 254);
        rules::text(&mut refused, "phone", self.phone.as_deref(), 32);
        rules::text(&mut refused, "password", Some(&self.password), MOST_PASSWORD);
        rules::text(&mut refused, "clinic", self.clinic.as_deref(), 32);
        rules::verdict(refused)?;
        let identifier = Identifier::from_fields(self.email.as_deref(), self.username.as_deref(), self.phone.as_deref())?;
        Ok(Attempt { identifier, password: self.password, clinic: self.clinic, user_agent: user_agent(headers) })
    }
}

/// Signs in with a password.
///
/// An account that doesn't exist is answered like a wrong password, in the same time. Five failures a minute for an account
/// from one address, or a hundred attempts a minute from one address, have to wait.
#[utoipa::path(
    post, path = "/api/auth/login", request_body = LoginBody,
    responses(
        (status = 200, description = "Signed in; the web app gets the refresh token in a cookie", body = Tokens),
        (status = 401, description = "`Invalid credentials`"),
        (status = 403, description = "The account or the clinic is not active"),
    )
)]
pub async fn login(public: Public<App>, headers: HeaderMap, Body(body): Body<LoginBody>) -> Result<Response> {
    let signed_in = service::sign_in(&public.app, &public.grant, body.attempt(&headers)?).await?;
    tokens(&public.app, &headers, StatusCode::OK, "Login successful", signed_in)
}

/// The answer with tokens; the refresh token in a cookie where the web app asks.
pub(super) fn tokens(app: &App, headers: &HeaderMap, status: StatusCode, message: &'static str, signed_in: SignedIn) -> Result<Response> {
    let is_web = cookie::is_web(headers);
    let cookie = if is_web { cookie::keep(&signed_in.refresh_token, &app.settings.public_url)? } else { HeaderMap::new() };
    Ok((status, cookie, Json(Tokens::new(message, signed_in, is_web))).into_response())
}

/// A refresh token.
#[derive(Clone, Default, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "refresh_token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }))]
pub struct RefreshBody {
    #[schema(max_length = 1000)]
    refresh_token: Option<String>,
}

/// Spends a refresh token for new tokens.
///
/// The token comes in the body, as `Authorization: Bearer`, or in the web app's cookie. It works once; when it comes back spent,
/// somebody has a copy, and the whole session ends.
#[utoipa::path(
    post, path = "/api/auth/refresh", request_body = Option<RefreshBody>,
    responses(
        (status = 200, description = "New tokens", body = Tokens),
        (status = 401, description = "`Authorization token is missing` or `Invalid or expired token`"),
    )
)]
pub async fn refresh_token(public: Public<App>, headers: HeaderMap, body: OptionalBody<RefreshBody>) -> Result<Response> {
    let token = body.0.refresh_token.or_else(|| cookie::token_of(&headers)).or_else(|| bearer(&headers).ok().map(str::to_owned));
    let token = token.ok_or_else(|| AppError::Unauthenticated("Authorization token is missing".to_owned()))?;
    let signed_in = service::refresh(&public.app, &public.grant, &token).await?;
    tokens(&public.app, &headers, StatusCode::OK, "Token refreshed successfully", signed_in)
}

/// Ends the session, at once and on every node. The same token may log out again and is answered as the first time.
#[utoipa::path(
    post, path = "/api/auth/logout",
    responses((status = 200, description = "Signed out", body = Done, example = json!({ "message": "Logged out successfully" })))
)]
pub async fn logout(access: Access<App>) -> Result<Response> {
    service::log_out(&access.app, &access.grant).await?;
    let gone = cookie::remove(&access.app.settings.public_url)?;
    Ok((gone, Json(Done { message: "Logged out successfully" })).into_response())
}

/// Who is asking.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Protected {
    #[schema(example = "Access granted")]
    message: &'static str,
    user_id: UserId,
    role: Role,
}

impl Versioned for Protected {}

/// Says whether the access token holds.
#[utoipa::path(
    get, path = "/api/protected",
    responses((status = 200, description = "It holds", body = Protected))
)]
pub async fn protected(access: Access<App>) -> Result<Read<Protected>> {
    let principal = access.grant.principal().ok_or(AppError::NotFound("User"))?;
    Ok(Read(Protected { message: "Access granted", user_id: principal.user_id, role: principal.role }))
}

/// The clinic to go on in: its id or its code.
#[derive(Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "clinic_id": 2 }))]
pub struct SwitchBody {
    clinic_id: Option<ClinicId>,
    #[schema(max_length = 32, example = "XYZ02")]
    clinic: Option<String>,
}

impl SwitchBody {
    fn target(self) -> clinichub_core::Result<Target> {
        let mut refused = Vec::new();
        rules::text(&mut refused, "clinic", self.clinic.as_deref(), 32);
        rules::verdict(refused)?;
        match (self.clinic_id, self.clinic) {
            (Some(id), None) => Ok(Target::Id(id)),
            (None, Some(code)) => Ok(Target::Code(code)),
            (None, None) => Err(AppError::missing("clinic_id")),
            (Some(_), Some(_)) => Err(AppError::field("clinic", "Give clinic_id or clinic, not both")),
        }
    }
}

/// Goes on in another of one's clinics, with new tokens; the ones before end.
///
/// Where the answer was lost, the same request with its `Idempotency-Key` and the access token from before gets other tokens for the same
/// clinic.
#[utoipa::path(
    post, path = "/api/auth/clinic", request_body = SwitchBody,
    responses(
        (status = 200, description = "New tokens for the other clinic", body = Tokens),
        (status = 403, description = "That clinic is not active"),
        (status = 404, description = "No clinic of this person's"),
    )
)]
pub async fn switch_clinic(access: Access<App>, headers: HeaderMap, Body(body): Body<SwitchBody>) -> Result<Response> {
    let signed_in = service::switch_clinic(&access.app, &access.grant, body.target()?).await?;
    tokens(&access.app, &headers, StatusCode::OK, "Clinic switched successfully", signed_in)
}
