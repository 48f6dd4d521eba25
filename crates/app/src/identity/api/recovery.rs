//! Getting in without the password.

use axum::Json;
use axum::http::StatusCode;
use clinichub_api::{Body, Done, Public, Read, Result, rules};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::identity::service;

/// Whose password was forgotten.
#[derive(Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "email": "doctor@clinichub.com" }))]
pub struct ForgotBody {
    #[schema(format = Email, max_length = 254)]
    email: String,
}

/// Mails a link to choose a new password, if the address has an account. The answer never tells.
#[utoipa::path(
    post, path = "/api/auth/password/forgot", request_body = ForgotBody,
    responses((status = 202, description = "Accepted, whether or not there is such an account", body = Done,
        example = json!({ "message": "If this address has an account, a mail with a link is on its way" })))
)]
pub async fn forgot_password(public: Public<App>, Body(body): Body<ForgotBody>) -> Result<(StatusCode, Json<Done>)> {
    let mut refused = Vec::new();
    rules::email(&mut refused, "email", Some(&body.email));
    rules::verdict(refused)?;
    service::forgot_password(&public.app, &public.grant, &body.email).await?;
    let message = "If this address has an account, a mail with a link is on its way";
    Ok((StatusCode::ACCEPTED, Json(Done { message })))
}

/// The token of a mailed link, and the new password.
#[derive(Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "password": "violet kettle 9" }))]
pub struct ResetBody {
    #[schema(max_length = 200)]
    token: String,
    #[schema(min_length = 8, max_length = 72, format = Password)]
    password: String,
}

/// Sets a new password with a mailed link, and ends all sessions.
#[utoipa::path(
    post, path = "/api/auth/password/reset", request_body = ResetBody,
    responses((status = 200, description = "The new password holds", body = Done, example = json!({ "message": "Password reset successfully" })))
)]
pub async fn reset_password(public: Public<App>, Body(body): Body<ResetBody>) -> Result<Read<Done>> {
    service::reset_password(&public.app, &public.grant, &body.token, &body.password).await?;
    Ok(Read(Done { message: "Password reset successfully" }))
}
