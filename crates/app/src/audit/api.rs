//! What goes over the wire about the trail, and the handlers.

use std::sync::LazyLock;

use clinichub_api::{Access, List, PagingQuery, Read, Result, SortField, Versioned, list_body};
use clinichub_core::{AppError, AuditEventId, DayOrInstant, Order, PatientId, Role, SessionId, UserId, UtcTime};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::service;
use super::store::EntryRow;
use crate::App;

/// How something that is on the trail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditResult {
    /// It was done.
    Allowed,
    /// It was refused.
    Refused,
    /// It failed.
    Failed,
}

impl AuditResult {
    /// As it stands in the database.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// What the trail can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditSort {
    /// When it happened.
    At,
}

impl SortField for AuditSort {
    const ALL: &'static [(&'static str, Self)] = &[("at", Self::At)];
}

/// Which entries of the trail.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditFilter {
    /// About this patient.
    pub(super) patient_id: Option<PatientId>,
    /// By this person.
    pub(super) user_id: Option<UserId>,
    /// What was done: an operation's id, as `get_patient`.
    #[param(max_length = 100)]
    pub(super) action: Option<String>,
    /// About things of this kind: `appointment`, `invoice`, …
    #[param(max_length = 100, example = "appointment")]
    pub(super) resource: Option<String>,
    /// How it ended.
    #[param(inline)]
    pub(super) outcome: Option<AuditResult>,
    /// Not before: a day in the clinic's time zone, or an instant.
    #[param(value_type = Option<String>, format = Date, example = "2026-04-15")]
    pub(super) from: Option<DayOrInstant>,
    /// Up to this day, or before this instant.
    #[param(value_type = Option<String>, format = Date, example = "2026-04-15")]
    pub(super) to: Option<DayOrInstant>,
}

impl AuditFilter {
    fn checked(self) -> Result<Self, AppError> {
        for (name, id) in [("patient_id", self.patient_id.map(i64::from)), ("user_id", self.user_id.map(i64::from))] {
            if id.is_some_and(|id| id < 1) {
                return Err(AppError::field(name, format!("{name}: expected a positive whole number")));
            }
        }
        for (name, text) in [("action", &self.action), ("resource", &self.resource)] {
            if text.as_ref().is_some_and(|text| text.chars().count() > 100) {
                return Err(AppError::field(name, format!("{name}: at most 100 characters")));
            }
        }
        Ok(self)
    }
}

/// An entry of the audit trail. A patient sees who looked at the own chart, when and why; what else is known is the clinic's.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    event_id: AuditEventId,
    /// When the request began.
    at: UtcTime,
    /// What was done.
    #[schema(example = "get_patient")]
    action: String,
    outcome: AuditResult,
    /// Who did it; none for the program itself and for somebody who was not signed in.
    user_id: Option<UserId>,
    /// Their name.
    #[schema(example = "Grace Hopper")]
    user_name: Option<String>,
    /// What they were then.
    role: Option<Role>,
    patient_id: Option<PatientId>,
    /// Whose chart it is.
    #[schema(example = "John Doe")]
    patient_name: Option<String>,
    /// The number of the chart.
    #[schema(example = "ABC01-P17")]
    patient_mrn: Option<String>,
    /// The kind of thing it was about.
    #[schema(example = "appointment")]
    resource: Option<String>,
    /// Its id.
    resource_id: Option<i64>,
    /// From where. For the clinic only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "192.0.2.7")]
    address: Option<String>,
    /// The `X-Request-Id` of the answer. For the clinic only.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// The session. For the clinic only.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<SessionId>,
    /// What else was noted. For the clinic only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    details: Option<serde_json::Value>,
}

impl AuditEntry {
    fn new(row: EntryRow, for_patient: bool) -> Self {
        let full_name = |first: Option<String>, last: Option<String>| first.zip(last).map(|(first, last)| format!("{first} {last}"));
        let details = row.details.map(|text| serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text)));
        let outcome = [AuditResult::Allowed, AuditResult::Refused].into_iter().find(|known| known.as_str() == row.outcome);
        let of_clinic = !for_patient;
        Self {
            event_id: row.event_id,
            at: row.at,
            action: row.action,
            outcome: outcome.unwrap_or(AuditResult::Failed),
            user_id: row.user_id,
            user_name: full_name(row.first_name, row.last_name),
            role: row.role,
            patient_id: row.patient_id,
            patient_name: full_name(row.patient_first_name, row.patient_last_name),
            patient_mrn: row.patient_mrn,
            resource: row.resource,
            resource_id: row.resource_id,
            address: row.address.filter(|_| of_clinic),
            request_id: Some(row.request_id).filter(|_| of_clinic),
            session_id: row.session_id.filter(|_| of_clinic),
            details: details.filter(|_| of_clinic),
        }
    }
}

list_body!(
    /// A page of the audit trail.
    AuditEntries, events: AuditEntry
);

/// Who did what in the clinic, about which patient, when and from where, allowed or refused; newest first.
///
/// A patient gets the entries about the own charts. The total counts 10,000 entries at most: to see further back, give `to`.
#[utoipa::path(
    get,
    path = "/api/audit",
    params(PagingQuery, ("sort" = inline(Option<AuditSort>), Query, description = "The field the list is ordered by"), AuditFilter),
    responses((status = 200, description = "A page of the audit trail", body = AuditEntries))
)]
pub async fn list_audit(access: Access<App>, list: List<AuditFilter>) -> Result<Read<AuditEntries>> {
    let page = list.paging.request(AuditSort::At, Order::Desc)?;
    let for_patient = access.grant.own_charts().is_some();
    let entries = service::list(&access, list.filter.checked()?, list.paging.search, page).await?;
    Ok(Read(entries.map(|row| AuditEntry::new(row, for_patient)).into()))
}

/// What the trail's `action` can be.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditActions {
    /// The names, in the order of the alphabet.
    #[schema(example = json!(["create_appointment", "get_patient"]))]
    actions: Vec<String>,
}

impl Versioned for AuditActions {}

/// Lists what the `action` of an entry can be: the operations of this version of the program.
#[utoipa::path(get, path = "/api/audit/actions", responses((status = 200, description = "The names", body = AuditActions)))]
pub async fn list_audit_actions(_: Access<App>) -> Result<Read<AuditActions>> {
    static ACTIONS: LazyLock<Vec<String>> = LazyLock::new(|| crate::routes().actions().into_iter().collect());
    Ok(Read(AuditActions { actions: ACTIONS.clone() }))
}
