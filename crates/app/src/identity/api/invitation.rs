//! Joining a clinic's staff with a link that came by mail.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use clinichub_api::{Body, Public, Read, Result, Versioned, rules};
use clinichub_core::{ClinicId, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::session::{MOST_PASSWORD, tokens};
use super::{Tokens, user_agent};
use crate::App;
use crate::identity::service::{self, Acceptance};
use crate::identity::store;

/// The token of a mailed link.
#[derive(Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }))]
pub struct InvitationBody {
    #[schema(max_length = 200)]
    token: String,
}

/// Who invites whom.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Invitation {
    clinic_id: ClinicId,
    #[schema(example = "ABC01")]
    clinic_code: String,
    #[schema(example = "Harbour Family Practice")]
    clinic_name: String,
    /// What they are to be there.
    role: Role,
    #[schema(example = "grace@clinichub.com")]
    email: String,
    #[schema(example = "Grace", pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    first_name: String,
    #[schema(example = "Hopper", pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    last_name: String,
    /// Whether they choose a password when they accept; else they accept with the one that they have.
    #[schema(example = true)]
    chooses_password: bool,
}

impl Versioned for Invitation {}

impl From<store::Invitation> for Invitation {
    fn from(row: store::Invitation) -> Self {
        Self {
            clinic_id: row.clinic_id,
            clinic_code: row.clinic_code,
            clinic_name: row.clinic_name,
            role: row.role,
            email: row.email,
            first_name: row.first_name,
            last_name: row.last_name,
            chooses_password: !row.has_own_password,
        }
    }
}

/// Says what the link of an invitation is about. The link still works afterwards.
#[utoipa::path(
    post, path = "/api/auth/invitation", request_body = InvitationBody,
    responses((status = 200, description = "Who invites whom", body = Invitation))
)]
pub async fn open_invitation(public: Public<App>, Body(body): Body<InvitationBody>) -> Result<Read<Invitation>> {
    Ok(Read(service::invitation(&public.app, &public.grant, &body.token).await?.into()))
}

/// Somebody accepts an invitation.
#[derive(Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "password": "violet kettle 9" }))]
pub struct AcceptBody {
    #[schema(max_length = 200)]
    token: String,
    /// The one that they have, or else the one that they choose: at least 8 characters and at most 72 bytes, nothing that is easy to guess.
    #[schema(max_length = 1000, format = Password)]
    password: String,
    /// Their first name, where the clinic had it wrong. Read where they choose a password.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    first_name: Option<String>,
    /// Their last name, likewise.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    last_name: Option<String>,
}

impl AcceptBody {
    fn acceptance(self, user_agent: Option<String>) -> clinichub_core::Result<Acceptance> {
        let mut refused = Vec::new();
        rules::text(&mut refused, "password", Some(&self.password), MOST_PASSWORD);
        for (field, name) in [("first_name", &self.first_name), ("last_name", &self.last_name)] {
            if let Some(name) = name {
                rules::name(&mut refused, field, name);
            }
        }
        rules::verdict(refused)?;
        let Self { token, password, first_name, last_name } = self;
        Ok(Acceptance { token, password, first_name, last_name, user_agent })
    }
}

/// Accepts an invitation, and signs in to the clinic. Whoever has an account of their own accepts with its password; everybody else
/// chooses one.
#[utoipa::path(
    post, path = "/api/auth/invitation/accept", request_body = AcceptBody,
    responses((status = 200, description = "A member of the staff, and signed in", body = Tokens))
)]
pub async fn accept_invitation(public: Public<App>, headers: HeaderMap, Body(body): Body<AcceptBody>) -> Result<Response> {
    let acceptance = body.acceptance(user_agent(&headers))?;
    let signed_in = service::accept_invitation(&public.app, &public.grant, acceptance).await?;
    tokens(&public.app, &headers, StatusCode::OK, "Invitation accepted", signed_in)
}
