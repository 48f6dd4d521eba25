//! A small program behind the real router: what a client sees of the guard, the extractors, the layers and the document.

mod bodies;
mod document;
mod guarding;
mod queries;
mod surface;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::body::Body as Content;
use axum::http::{HeaderMap, Request, StatusCode};
use clinichub_core::{
    AppError, Clock, Entropy, Grant, MockClock, Order, Origin, Page, PatientId, Permission, Principal, Role, SessionId, UserId, UtcTime,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tower::ServiceExt;
use utoipa::{IntoParams, ToSchema};

use crate::{
    Access, ApiRoutes, Because, Body, Built, Created, Id, List, OptionalBody, Outcome, PagingQuery, Params, Platform, Public, Read, Result,
    SortField, Versioned, Written, check_version, list_body, routes, written_body,
};

/// Bytes that are always the same.
struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// What was recorded: the action, the outcome, the hash of the `Idempotency-Key`'s request.
type Recorded = (String, Outcome, Option<(String, String)>);

#[derive(Clone, Debug)]
struct Program {
    clock: Arc<MockClock>,
    recorded: Arc<Mutex<Vec<Recorded>>>,
    is_trail_away: bool,
    is_tls: bool,
}

impl Platform for Program {
    async fn authenticate(&self, token: &str, _: &Origin) -> Result<Arc<Principal>, AppError> {
        let permissions = match token {
            "reader" => BTreeSet::from([Permission::PatientRead]),
            "writer" => BTreeSet::from([Permission::PatientRead, Permission::PatientCreate, Permission::PatientUpdate]),
            "away" => return Err(AppError::Unavailable("the database is away".to_owned())),
            _ => return Err(AppError::Unauthenticated("session 7 was revoked".to_owned())),
        };
        let (user_id, session_id) = (UserId(1), SessionId(1));
        Ok(Arc::new(Principal { user_id, role: Role::Nurse, clinic_id: None, zone: None, session_id, permissions, charts: Vec::new() }))
    }

    async fn record(&self, grant: &Grant, outcome: Outcome) -> Result<(), AppError> {
        if self.is_trail_away {
            return Err(AppError::internal("the disk is full"));
        }
        let origin = grant.origin();
        self.recorded.lock().unwrap().push((origin.action.clone(), outcome, origin.idempotency.clone()));
        Ok(())
    }

    fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    fn entropy(&self) -> &dyn Entropy {
        &Zeros
    }

    fn trust_proxy(&self) -> bool {
        false
    }

    fn is_tls(&self) -> bool {
        self.is_tls
    }
}

impl Program {
    fn new() -> Self {
        let clock = Arc::new(MockClock::new(UtcTime::from_micros(0)));
        Self { clock, recorded: Arc::default(), is_trail_away: false, is_tls: false }
    }

    fn recorded(&self) -> Vec<(String, Outcome)> {
        self.recorded.lock().unwrap().iter().map(|(action, outcome, _)| (action.clone(), *outcome)).collect()
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Patient {
    patient_id: PatientId,
    first_name: String,
    version: i64,
}

impl Versioned for Patient {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

fn patient(first_name: &str) -> Patient {
    Patient { patient_id: PatientId(1), first_name: first_name.to_owned(), version: 3 }
}

list_body!(
    /// A page of patients.
    Patients, patients: Patient
);
written_body!(
    /// A patient was written.
    PatientWritten, patient: Patient
);

#[derive(Debug, Default, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[expect(dead_code, reason = "only read from requests")]
struct NewPatient {
    #[garde(length(chars, max = 10))]
    #[schema(min_length = 1, max_length = 10)]
    first_name: String,
    last_name: String,
    doctor_id: Option<UserId>,
    #[serde(default)]
    visits: Vec<NewVisit>,
}

#[derive(Debug, Default, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[expect(dead_code, reason = "only read from requests")]
struct NewVisit {
    patient_id: i64,
    #[serde(alias = "remark")]
    note: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum PatientSort {
    Name,
    Created,
}

impl SortField for PatientSort {
    const ALL: &'static [(&'static str, Self)] = &[("name", Self::Name), ("created_at", Self::Created)];
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "shown as a whole")]
struct Filter {
    status: Option<Status>,
    #[serde(alias = "doctor")]
    doctor_id: Option<UserId>,
    is_active: Option<bool>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Open,
    Done,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Find {
    q: String,
}

/// One patient.
#[utoipa::path(get, path = "/api/patients/{patient_id}", params(("patient_id" = PatientId, Path)), responses((status = 200, body = Patient)))]
async fn get_patient(access: Access<Program>, Id(id): Id<PatientId>) -> Result<Read<Patient>> {
    access.grant.look_at(id);
    if id == PatientId(404) { Err(AppError::NotFound("Patient").into()) } else { Ok(Read(patient("John"))) }
}

/// Many patients.
#[utoipa::path(get, path = "/api/patients", params(PagingQuery, Filter), responses((status = 200, body = Patients)))]
async fn list_patients(_: Access<Program>, list: List<Filter>) -> Result<Read<Patients>> {
    let request = list.paging.request(PatientSort::Created, Order::Desc)?;
    let name = format!("{:?} {:?} {:?} {:?}", request.sort, request.order, list.paging.search, list.filter);
    Ok(Read(Page::new(vec![patient(&name)], 41, &request).into()))
}

/// Patients by a word.
#[utoipa::path(get, path = "/api/patients/search", params(Find), responses((status = 200, body = Patient)))]
async fn search_patients(_: Access<Program>, Params(find): Params<Find>) -> Read<Patient> {
    Read(patient(&find.q))
}

/// A new patient.
#[utoipa::path(post, path = "/api/patients", request_body = NewPatient, responses((status = 201, body = PatientWritten)))]
async fn create_patient(_: Access<Program>, Body(body): Body<NewPatient>) -> Created<PatientWritten> {
    Created(PatientWritten::new("Patient created successfully", patient(&body.first_name)))
}

/// A changed patient.
#[utoipa::path(method(put, patch), path = "/api/patients/{patient_id}", params(("patient_id" = PatientId, Path)), request_body = NewVisit,
    responses((status = 200, body = PatientWritten)))]
async fn update_patient(access: Access<Program>, Id(_): Id<PatientId>, body: OptionalBody<NewVisit>) -> Result<Written<PatientWritten>> {
    check_version(&access.grant, 3)?;
    let note = body.0.note.unwrap_or_default();
    Ok(Written(PatientWritten::new("Patient updated successfully", patient(&note))))
}

/// A patient who is taken in; there is nothing more to say.
#[utoipa::path(post, path = "/api/patients/{patient_id}/admit", params(("patient_id" = PatientId, Path)),
    responses((status = 200, body = PatientWritten)))]
async fn admit_patient(_: Access<Program>, Id(_): Id<PatientId>) -> Written<PatientWritten> {
    Written(PatientWritten::new("Patient admitted successfully", patient("John")))
}

/// A handler with a fault.
#[utoipa::path(get, path = "/api/faults/panic", responses((status = 200, body = Patient)))]
async fn get_panic(_: Access<Program>) -> Read<Patient> {
    panic!("Jane Doe, born 1990")
}

/// Another one.
#[utoipa::path(get, path = "/api/faults/internal", responses((status = 200, body = Patient)))]
async fn get_fault(_: Access<Program>) -> Result<Read<Patient>> {
    Err(AppError::internal("password=hunter2").into())
}

/// For everybody.
#[utoipa::path(get, path = "/api/public/clinics", responses((status = 200, body = Patient)))]
async fn list_clinics(public: Public<Program>) -> Read<Patient> {
    Read(patient(if public.grant.principal().is_none() { "nobody" } else { "somebody" }))
}

/// Whether it works.
#[utoipa::path(get, path = "/healthz", responses((status = 200, body = Patient)))]
async fn get_health(_: Public<Program>) -> Read<Patient> {
    Read(patient("well"))
}

/// A guarded handler that was opened by mistake.
#[utoipa::path(get, path = "/api/public/mistake", responses((status = 200, body = Patient)))]
async fn get_mistake(_: Access<Program>) -> Read<Patient> {
    Read(patient("leak"))
}

fn build(program: &Program) -> Built {
    ApiRoutes::new()
        .at(Permission::PatientRead, routes!(list_patients))
        .at_alias(Permission::PatientRead, "/api/charts", routes!(list_patients))
        .at(Permission::PatientCreate, routes!(create_patient))
        .at(Permission::PatientRead, routes!(search_patients))
        .at(Permission::PatientRead, routes!(get_patient))
        .at(Permission::PatientUpdate, routes!(update_patient))
        .at(Permission::PatientUpdate, routes!(admit_patient))
        .at(Permission::PatientRead, routes!(get_panic))
        .merge(ApiRoutes::new().at(Permission::PatientRead, routes!(get_fault)))
        .open(Because("a patient looks for a clinic"), routes!(list_clinics))
        .open(Because("a supervisor asks"), routes!(get_health))
        .open(Because("a mistake"), routes!(get_mistake))
        .finish(program.clone())
}

/// An answer, read to its end.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    json: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn detail(&self) -> &str {
        self.json["detail"].as_str().unwrap_or_default()
    }

    /// The refused fields.
    fn fields(&self) -> Vec<&str> {
        self.json["errors"]
            .as_array()
            .map(|errors| errors.iter().map(|error| error["field"].as_str().unwrap()).collect())
            .unwrap_or_default()
    }
}

async fn send(program: &Program, request: Request<Content>) -> Answer {
    let response = build(program).router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    Answer { status: parts.status, headers: parts.headers, json: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
}

/// A request of somebody with `token`; `headers` are `name: value`.
fn request(method: &str, path: &str, token: &str, headers: &[&str], body: impl Into<Content>) -> Request<Content> {
    let mut request = Request::builder().method(method).uri(path);
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    for (name, value) in headers.iter().map(|header| header.split_once(": ").unwrap()) {
        request = request.header(name, value);
    }
    request.body(body.into()).unwrap()
}

async fn get(path: &str) -> Answer {
    send(&Program::new(), request("GET", path, "reader", &[], "")).await
}

async fn post(body: impl Into<Content>) -> Answer {
    send(&Program::new(), request("POST", "/api/patients", "writer", &["content-type: application/json"], body)).await
}

fn john() -> Value {
    json!({ "first_name": "John", "last_name": "Doe" })
}
