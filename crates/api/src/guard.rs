//! The guard of a route: whose token, which permission, and the [`Grant`] that lets the handler reach data.
//!
//! The order is fixed: token (401), permission (403), the rest of the head and a body that nobody would read (400), handler, audit trail.
//! The answer does not leave before the trail is written. Nothing else makes a grant for a request.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use clinichub_core::{AppError, Clock, Entropy, Grant, Mint, Origin, PatientId, Permission, Principal, TrailEntry};
use futures_util::FutureExt;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, header};

use crate::error::{Problem, chain};
use crate::layers::OperationId;
use crate::{ApiError, body, origin};

/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long one may take that brings a file.
const PATIENCE_WITH_FILES: Duration = Duration::from_mins(10);
/// How long one may take whose file may be of any size; a sender who falls silent is given up long before.
const PATIENCE_WITH_LARGE_FILES: Duration = Duration::from_hours(6);

/// The things that a path names by their id.
const RESOURCES: [&str; 9] = ["patient", "appointment", "visit", "prescription", "document", "lab_report", "lab_result", "invoice", "user"];

/// What the guard needs from the program.
pub trait Platform: Clone + Send + Sync + 'static {
    /// Whose token this is. 401 where it is nobody's, or no longer.
    fn authenticate(&self, token: &str, origin: &Origin) -> impl Future<Output = Result<Arc<Principal>, AppError>> + Send;
    /// Writes what the request looked at (or was refused) to the audit trail; the answer leaves when it is there.
    fn record(&self, grant: &Grant, outcome: Outcome) -> impl Future<Output = Result<(), AppError>> + Send;
    /// The time.
    fn clock(&self) -> &dyn Clock;
    /// Unpredictable bytes.
    fn entropy(&self) -> &dyn Entropy;
    /// Whether `X-Forwarded-For` is believed.
    fn trust_proxy(&self) -> bool;
    /// Whether clients reach this program by TLS, so that they may be told to insist on it.
    fn is_tls(&self) -> bool;
}

/// How a request ended, for the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Allowed,
    /// It was not allowed, or not there for the one who asked.
    Refused,
    /// It could not be done.
    Failed,
}

impl Outcome {
    /// As it stands in the audit trail.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// How a request that was answered with this status ended.
    pub fn of(status: StatusCode) -> Self {
        match status.as_u16() {
            0..=399 => Self::Allowed,
            401 | 403 | 404 => Self::Refused,
            _ => Self::Failed,
        }
    }
}

/// What a guarded handler gets: the program, and the right to reach one clinic's data.
#[derive(Debug, Clone)]
pub struct Access<P> {
    /// The program.
    pub app: P,
    /// Who asks, for which clinic.
    pub grant: Grant,
}

/// What the handler of an open route gets: the program, and a grant that reaches no clinic.
#[derive(Debug, Clone)]
pub struct Public<P> {
    /// The program.
    pub app: P,
    /// Nobody's grant, with the origin of the request.
    pub grant: Grant,
}

/// The grant of somebody who signed in.
#[derive(Clone)]
struct Signed(Grant);

/// Nobody's grant. A type of its own: nobody's grant may what the program itself may, so it must never pass for somebody's.
#[derive(Clone)]
struct Nobodys(Grant);

impl<P: Platform> FromRequestParts<P> for Access<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &P) -> Result<Self, ApiError> {
        let signed = parts.extensions.get::<Signed>().ok_or_else(|| AppError::internal("a guarded handler is mounted without a guard"))?;
        Ok(Self { app: app.clone(), grant: signed.0.clone() })
    }
}

impl<P: Platform> FromRequestParts<P> for Public<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &P) -> Result<Self, ApiError> {
        let open = parts.extensions.get::<Nobodys>().ok_or_else(|| AppError::internal("an open handler is mounted with a permission"))?;
        Ok(Self { app: app.clone(), grant: open.0.clone() })
    }
}

impl<P: Platform> Public<P> {
    /// For a route that checks a credential of its own (a WebSocket's, which can't come in a header): the access of `principal`. The
    /// caller checks the permission and records the outcome.
    #[expect(clippy::disallowed_methods, reason = "the door for credentials that don't come as a bearer token")]
    pub fn enter(&self, principal: Arc<Principal>) -> Access<P> {
        let grant = Mint::user(principal, self.grant.origin().clone(), self.grant.at());
        Access { app: self.app.clone(), grant }
    }

    /// For open routes that show more to those who sign in: the access of the bearer token, if the request has one. A token that
    /// is not good is refused as on a guarded route. The caller records how it ended with [`Access::record`].
    pub async fn signed_in(&self, headers: &HeaderMap) -> Result<Option<Access<P>>, AppError> {
        if !headers.contains_key(header::AUTHORIZATION) {
            return Ok(None);
        }
        Ok(Some(self.enter(identify(&self.app, headers, self.grant.origin()).await?)))
    }
}

impl<P: Platform> Access<P> {
    /// Writes to the audit trail how the work of an open route ended that [`Public::signed_in`] let in.
    pub async fn record<T>(&self, result: &Result<T, AppError>) -> Result<(), AppError> {
        let refused = |error: &AppError| StatusCode::from_u16(error.status()).map_or(Outcome::Failed, Outcome::of);
        record(&self.app, &self.grant, result.as_ref().map_or_else(refused, |_| Outcome::Allowed)).await
    }
}

/// What one mounted route is guarded with.
pub(crate) struct Guard<P> {
    pub(crate) app: P,
    /// `None` for an open route.
    pub(crate) permission: Option<Permission>,
    /// How large a file it takes, where the body is one.
    pub(crate) upload: Option<usize>,
    pub(crate) operations: Vec<Guarded>,
}

/// An operation of a guarded route.
pub(crate) struct Guarded {
    pub(crate) method: Method,
    /// Its name in the audit trail and the metrics.
    pub(crate) action: Arc<str>,
    /// Whether it takes no body, so that whoever sends one is told.
    pub(crate) refuses_body: bool,
}

/// Stands before every handler.
pub(crate) async fn guard<P: Platform>(State(guard): State<Arc<Guard<P>>>, request: Request, next: Next) -> Response {
    let operation = guard.action(request.method());
    let work = guard.admit(&operation, request, next);
    let patience = match guard.upload {
        None => PATIENCE,
        Some(most) if most < crate::MOST_FORM_BYTES => PATIENCE_WITH_FILES,
        Some(_) => PATIENCE_WITH_LARGE_FILES,
    };
    let mut response = in_time(patience, work).await.unwrap_or_else(IntoResponse::into_response);
    response.extensions_mut().insert(OperationId(operation));
    response
}

async fn in_time(patience: Duration, work: impl Future<Output = Result<Response, ApiError>>) -> Result<Response, ApiError> {
    let late = |_| Err(AppError::Unavailable("the request took too long".to_owned()).into());
    tokio::time::timeout(patience, work).await.unwrap_or_else(late)
}

impl<P: Platform> Guard<P> {
    fn operation(&self, method: &Method) -> Option<&Guarded> {
        let method = if method == Method::HEAD { &Method::GET } else { method };
        self.operations.iter().find(|known| known.method == *method)
    }

    fn action(&self, method: &Method) -> Arc<str> {
        self.operation(method).map_or_else(|| Arc::from("unknown"), |known| known.action.clone())
    }

    /// Reads the rest of the head, and refuses a body where the operation takes none.
    async fn complete(&self, origin: &mut Origin, request: Request) -> Result<Request, AppError> {
        let refuses_body = self.operation(request.method()).is_some_and(|known| known.refuses_body);
        let request = origin::complete(origin, request, self.upload).await?;
        if refuses_body { body::without(request).await } else { Ok(request) }
    }

    async fn admit(&self, operation: &str, request: Request, next: Next) -> Result<Response, ApiError> {
        let origin = origin::begin(&request, operation);
        match self.permission {
            Some(permission) => self.guarded(permission, origin, request, next).await,
            None => self.open(origin, request, next).await,
        }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the guard")]
    async fn open(&self, mut origin: Origin, request: Request, next: Next) -> Result<Response, ApiError> {
        let mut request = self.complete(&mut origin, request).await?;
        request.extensions_mut().insert(Nobodys(Mint::public(origin, self.app.clock().now())));
        Ok(run(request, next).await)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the guard")]
    async fn guarded(&self, permission: Permission, mut origin: Origin, request: Request, next: Next) -> Result<Response, ApiError> {
        let principal = identify(&self.app, request.headers(), &origin).await?;
        let at = self.app.clock().now();
        let (request, asked_for) = asked_for(request).await;
        if !principal.permissions.contains(&permission) {
            let grant = Mint::user(principal, origin, at);
            grant.look(asked_for);
            record(&self.app, &grant, Outcome::Refused).await?;
            return Ok(Problem::refused(permission).into_response());
        }
        let completed = self.complete(&mut origin, request).await;
        let grant = Mint::user(principal, origin, at);
        let response = match completed {
            Ok(mut request) => {
                request.extensions_mut().insert(Signed(grant.clone()));
                run(request, next).await
            }
            Err(error) => ApiError(error).into_response(),
        };
        let outcome = Outcome::of(response.status());
        if outcome != Outcome::Allowed {
            look_if_nothing_was(&grant, asked_for);
        }
        // Where the database is away nothing was done and nothing is shown, and there is nowhere to write that down: the caller is told at once.
        if response.status() != StatusCode::SERVICE_UNAVAILABLE {
            record(&self.app, &grant, outcome).await?;
        }
        Ok(response)
    }
}

/// The request, and what it is about as far as its path says.
async fn asked_for(request: Request) -> (Request, TrailEntry) {
    let mut entry = TrailEntry::default();
    let (mut parts, body) = request.into_parts();
    let params = RawPathParams::from_request_parts(&mut parts, &()).await;
    for (name, value) in params.iter().flat_map(RawPathParams::iter) {
        let Some(id) = value.parse().ok().filter(|id| *id > 0) else { continue };
        if name == "patient_id" {
            entry.patient_id = Some(PatientId(id));
        }
        let kind = RESOURCES.iter().find(|kind| name.strip_suffix("_id") == Some(**kind));
        entry.resource = kind.map(|kind| (*kind, id)).or(entry.resource);
    }
    (Request::from_parts(parts, body), entry)
}

/// Notes what a request that came to nothing was about, where nothing was looked at before.
fn look_if_nothing_was(grant: &Grant, asked_for: TrailEntry) {
    grant.with_trail(|trail| {
        if trail.looks.is_empty() {
            trail.looks.push(asked_for);
        }
    });
}

async fn identify<P: Platform>(app: &P, headers: &HeaderMap, origin: &Origin) -> Result<Arc<Principal>, AppError> {
    let token = bearer(headers)?;
    app.authenticate(token, origin).await.map_err(|error| match error {
        AppError::Unauthenticated(_) => AppError::Unauthenticated("Invalid or expired token".to_owned()),
        other => other,
    })
}

/// An answer whose trail can't be written does not leave.
async fn record<P: Platform>(app: &P, grant: &Grant, outcome: Outcome) -> Result<(), AppError> {
    let unwritten = |error: AppError| AppError::Unavailable(format!("the audit trail can't be written: {}", chain(&error)));
    app.record(grant, outcome).await.map_err(unwritten)
}

/// Runs the handler. A panic is a fault like another here, so that it reaches the trail; its text, which may hold anything, goes nowhere.
async fn run(request: Request, next: Next) -> Response {
    let caught = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    caught.unwrap_or_else(|_| ApiError(AppError::internal("the handler panicked")).into_response())
}

/// The token of `Authorization: Bearer`, or the 401 that seed 000 gives.
pub fn bearer(headers: &HeaderMap) -> Result<&str, AppError> {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    token.filter(|token| !token.is_empty()).ok_or_else(|| AppError::Unauthenticated("Authorization token is missing".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_that_takes_too_long_is_given_up() {
        let answer = in_time(Duration::ZERO, std::future::pending()).await;
        assert_eq!(answer.expect_err("given up").0.status(), 503);
    }
}
