//! One's own profile and sessions.

use clinichub_api::{Access, Body, Done, Id, List, PageQuery, Read, Result, SortField, Written, list_body, not_null, rules, written_body};
use clinichub_core::{ClinicId, Order, Page, Patch, SessionId, UtcTime};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::User;
use crate::App;
use crate::identity::service::{self, ChangeProfile};
use crate::identity::store::SessionRow;

written_body!(
    /// What a change of one's profile answers.
    ProfileWritten, user: User
);

/// One's own profile, role and clinics.
#[utoipa::path(
    get, path = "/api/auth/me",
    responses((status = 200, description = "The person of the session", body = User))
)]
pub async fn get_me(access: Access<App>) -> Result<Read<User>> {
    Ok(Read(service::me(&access.app, &access.grant).await?.into()))
}

/// The longest preferences, as JSON text in bytes.
const MOST_PREFERENCES: usize = 4096;

/// What changes about oneself: an absent field stays, `null` clears it.
#[derive(Clone, Default, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "first_name": "Ada", "phone": "7871234567", "current_password": "…" }))]
pub struct ProfileBody {
    #[schema(nullable = false, min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    #[serde(deserialize_with = "not_null")]
    first_name: Option<String>,
    #[schema(nullable = false, min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    #[serde(deserialize_with = "not_null")]
    last_name: Option<String>,
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    email: Patch<String>,
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, pattern = r"^[^@\s\u0000-\u001f\u007f-\u009f]+$")]
    username: Patch<String>,
    #[schema(value_type = Option<String>, max_length = 32, pattern = r"^[ +().\-/]*([0-9][ +().\-/]*){3,15}$")]
    phone: Patch<String>,
    /// The language they read best, a BCP 47 tag.
    #[schema(value_type = Option<String>, max_length = 35, example = "es-PR")]
    language: Patch<String>,
    /// What their programs keep for them, in place of what is there: any object of at most 4,096 bytes.
    #[schema(value_type = Option<Object>, example = json!({ "theme": "dark" }))]
    preferences: Patch<Map<String, Value>>,
    /// Needed to change what one signs in with: e-mail, user name, phone.
    #[schema(max_length = 1000)]
    current_password: Option<String>,
}

impl ProfileBody {
    fn change(self) -> clinichub_core::Result<ChangeProfile> {
        let mut refused = Vec::new();
        for (field, name) in [("first_name", &self.first_name), ("last_name", &self.last_name)] {
            if let Some(name) = name {
                rules::name(&mut refused, field, name);
            }
        }
        rules::email(&mut refused, "email", self.email.as_set().map(String::as_str));
        rules::phone(&mut refused, "phone", self.phone.as_set().map(String::as_str));
        if self.username.as_set().is_some_and(|name| !is_user_name(name)) {
            rules::refuse(&mut refused, "username", "username: expected 1 to 100 characters, no blank and no @");
        }
        rules::language(&mut refused, "language", self.language.as_set().map(String::as_str));
        let preferences = self.preferences.map(|kept| Value::Object(kept).to_string());
        if preferences.as_set().is_some_and(|kept| kept.len() > MOST_PREFERENCES) {
            rules::refuse(&mut refused, "preferences", format!("preferences: at most {MOST_PREFERENCES} bytes"));
        }
        rules::verdict(refused)?;
        let Self { first_name, last_name, email, username, phone, language, current_password, .. } = self;
        Ok(ChangeProfile { first_name, last_name, email, username, phone, language, preferences, current_password })
    }
}

/// A user name has no `@`, so that it can't pass for somebody's address.
fn is_user_name(name: &str) -> bool {
    (1..=100).contains(&name.chars().count()) && !name.contains(|letter: char| letter == '@' || letter.is_whitespace())
}

/// Changes one's own profile.
#[utoipa::path(
    method(put, patch), path = "/api/auth/me", request_body = ProfileBody,
    responses(
        (status = 200, description = "The profile after the change", body = ProfileWritten),
        (status = 409, description = "Somebody else signs in with this e-mail address, user name or phone number"),
    )
)]
pub async fn update_me(access: Access<App>, Body(body): Body<ProfileBody>) -> Result<Written<ProfileWritten>> {
    let me = service::update_me(&access.app, &access.grant, body.change()?).await?;
    Ok(Written(ProfileWritten::new("Profile updated successfully", me)))
}

/// A place where one is signed in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Session {
    session_id: SessionId,
    clinic_id: Option<ClinicId>,
    /// From where it was opened.
    #[schema(example = "192.0.2.7")]
    address: Option<String>,
    /// With what program.
    user_agent: Option<String>,
    created_at: UtcTime,
    last_used_at: UtcTime,
    /// When it ends by itself.
    expires_at: UtcTime,
    /// Whether it is the one that asks.
    is_current: bool,
}

impl Session {
    fn new(row: SessionRow, current: Option<SessionId>) -> Self {
        Self {
            session_id: row.session_id,
            clinic_id: row.clinic_id,
            address: row.address,
            user_agent: row.user_agent,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
            is_current: Some(row.session_id) == current,
        }
    }
}

list_body!(
    /// A page of one's open sessions.
    Sessions, sessions: Session
);

/// What sessions are ordered by.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionSort {
    /// In the order they were opened.
    SessionId,
}

impl SortField for SessionSort {
    const ALL: &'static [(&'static str, Self)] = &[("session_id", Self::SessionId)];
}

/// The list has no filters of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoFilter {}

/// Where one is signed in, the newest first.
#[utoipa::path(
    get, path = "/api/auth/sessions", params(PageQuery, ("sort" = inline(Option<SessionSort>), Query, description = "The field the list is ordered by")),
    responses((status = 200, description = "One's open sessions", body = Sessions))
)]
pub async fn list_sessions(access: Access<App>, list: List<NoFilter>) -> Result<Read<Sessions>> {
    list.paging.unsearched()?;
    let request = list.paging.request(SessionSort::SessionId, Order::Desc)?;
    let (rows, total) =
        service::list_sessions(&access.app, &access.grant, request.order == Order::Asc, request.per_page, request.offset()).await?;
    let current = access.grant.principal().map(|principal| principal.session_id);
    let sessions: Vec<Session> = rows.into_iter().map(|row| Session::new(row, current)).collect();
    Ok(Read(Page::new(sessions, total, &request).into()))
}

/// Ends one of one's own sessions, at once.
#[utoipa::path(
    delete, path = "/api/auth/sessions/{session_id}",
    params(("session_id" = SessionId, Path, description = "The session")),
    responses(
        (status = 200, description = "It has ended", body = Done, example = json!({ "message": "Session ended successfully" })),
        (status = 404, description = "No open session of this person's"),
    )
)]
pub async fn end_session(access: Access<App>, Id(session_id): Id<SessionId>) -> Result<Read<Done>> {
    service::end_session(&access.app, &access.grant, session_id).await?;
    Ok(Read(Done { message: "Session ended successfully" }))
}
