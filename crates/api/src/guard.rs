//! The guard of a route: whose token, which permission, and the [`Grant`] that lets the handler reach data.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use clinichub_core::{AppError, Clock, Entropy, Grant, Mint, Origin, Permission, Principal};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::layers::{OperationId, RequestInfo};
use crate::{ApiError, body};

/// What the guard needs from the program.
pub trait Platform: Clone + Send + Sync + 'static {
    /// Whose token this is. 401 where it is nobody's, or no longer.
    fn authenticate(&self, token: &str, origin: &Origin) -> impl Future<Output = Result<Principal, AppError>> + Send;
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

    fn of(status: StatusCode) -> Self {
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

impl<P: Platform> Public<P> {
    /// For a route that checks a credential of its own (a WebSocket's, which can't come in a header): the access of `principal`. The
    /// caller checks the permission and records the outcome.
    #[expect(clippy::disallowed_methods, reason = "the door for credentials that don't come as a bearer token")]
    pub fn enter(&self, principal: Principal) -> Access<P> {
        let grant = Mint::user(principal, self.grant.origin().clone(), self.grant.at());
        Access { app: self.app.clone(), grant }
    }
}

impl<P: Platform> FromRequestParts<P> for Access<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &P) -> Result<Self, ApiError> {
        Ok(Self { app: app.clone(), grant: grant_of(parts)? })
    }
}

impl<P: Platform> FromRequestParts<P> for Public<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &P) -> Result<Self, ApiError> {
        Ok(Self { app: app.clone(), grant: grant_of(parts)? })
    }
}

impl<P: Platform> Public<P> {
    /// For open routes that show more to those who sign in: the access of the bearer token, if the request has one. A token that
    /// is not good is refused as on a guarded route. The caller records how it ended with [`Access::record`].
    pub async fn signed_in(&self, headers: &HeaderMap) -> Result<Option<Access<P>>, AppError> {
        if !headers.contains_key(header::AUTHORIZATION) {
            return Ok(None);
        }
        let principal = self.app.authenticate(bearer(headers)?, self.grant.origin()).await?;
        #[expect(clippy::disallowed_methods, reason = "this is the guard")]
        let grant = Mint::user(principal, self.grant.origin().clone(), self.grant.at());
        Ok(Some(Access { app: self.app.clone(), grant }))
    }
}

impl<P: Platform> Access<P> {
    /// Writes to the audit trail how the work of an open route ended that [`Public::signed_in`] let in.
    pub async fn record<T>(&self, result: &Result<T, AppError>) -> Result<(), AppError> {
        let refused = |error: &AppError| StatusCode::from_u16(error.status()).map_or(Outcome::Failed, Outcome::of);
        self.app.record(&self.grant, result.as_ref().map_or_else(refused, |_| Outcome::Allowed)).await
    }
}

fn grant_of(parts: &Parts) -> Result<Grant, ApiError> {
    let grant = parts.extensions.get::<Grant>().cloned();
    grant.ok_or_else(|| AppError::internal("a handler was mounted without a guard").into())
}

/// What one mounted route is guarded with.
#[derive(Clone)]
pub(crate) struct Guard<P> {
    pub(crate) app: P,
    /// `None` for an open route.
    pub(crate) permission: Option<Permission>,
    pub(crate) operations: Arc<[(Method, Arc<str>)]>,
}

impl<P> Guard<P> {
    fn operation(&self, method: &Method) -> Arc<str> {
        let method = if method == Method::HEAD { &Method::GET } else { method };
        self.operations.iter().find(|(known, _)| known == method).map_or_else(|| Arc::from("unknown"), |(_, id)| id.clone())
    }
}

/// Stands before every handler.
pub(crate) async fn guard<P: Platform>(State(guard): State<Guard<P>>, request: Request, next: Next) -> Response {
    let operation = guard.operation(request.method());
    let mut response = match guard.permission {
        Some(permission) => guarded(&guard.app, permission, &operation, request, next).await,
        None => open(&guard.app, &operation, request, next).await,
    }
    .unwrap_or_else(IntoResponse::into_response);
    response.extensions_mut().insert(OperationId(operation));
    response
}

async fn open<P: Platform>(app: &P, operation: &str, mut request: Request, next: Next) -> Result<Response, ApiError> {
    let origin = origin(&mut request, operation).await?;
    #[expect(clippy::disallowed_methods, reason = "this is the guard")]
    let grant = Mint::public(origin, app.clock().now());
    request.extensions_mut().insert(grant);
    Ok(next.run(request).await)
}

async fn guarded<P: Platform>(
    app: &P,
    permission: Permission,
    operation: &str,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let token = bearer(request.headers())?.to_owned();
    let mut origin = Origin { action: operation.to_owned(), ..simple_origin(&request) };
    let principal = app.authenticate(&token, &origin).await?;
    if request.headers().contains_key(IDEMPOTENCY_KEY) || request.headers().contains_key(header::IF_MATCH) {
        origin = self::origin(&mut request, operation).await?;
    }
    let is_allowed = principal.permissions.contains(&permission);
    #[expect(clippy::disallowed_methods, reason = "this is the guard")]
    let grant = Mint::user(principal, origin, app.clock().now());
    if !is_allowed {
        app.record(&grant, Outcome::Refused).await?;
        return Err(AppError::forbidden("You do not have permission to do this").into());
    }
    request.extensions_mut().insert(grant.clone());
    let response = next.run(request).await;
    app.record(&grant, Outcome::of(response.status())).await?;
    Ok(response)
}

/// The token of `Authorization: Bearer`, or the 401 that seed 000 gives.
pub fn bearer(headers: &HeaderMap) -> Result<&str, AppError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Err(AppError::Unauthenticated("Authorization token is missing".to_owned()));
    };
    let token = value.to_str().ok().and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    token.filter(|token| !token.is_empty()).ok_or_else(|| AppError::Unauthenticated("Authorization token is missing".to_owned()))
}

const IDEMPOTENCY_KEY: &str = "idempotency-key";

fn simple_origin(request: &Request) -> Origin {
    let info = request.extensions().get::<RequestInfo>().cloned().unwrap_or_default();
    Origin { request_id: info.request_id.to_string(), address: info.address.map(|address| address.to_string()), ..Origin::default() }
}

async fn origin(request: &mut Request, operation: &str) -> Result<Origin, AppError> {
    let if_match = if_match(request.headers())?;
    let idempotency = if request.method() == Method::POST { idempotency(request).await? } else { None };
    Ok(Origin { action: operation.to_owned(), idempotency, if_match, ..simple_origin(request) })
}

fn if_match(headers: &HeaderMap) -> Result<Option<i64>, AppError> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let number = text.trim_start_matches("W/").trim_matches('"').trim_start_matches('v');
    let wrong = || AppError::field("If-Match", "If-Match: expected the ETag of an answer, such as \"v3\"");
    number.parse().map(Some).map_err(|_| wrong())
}

/// The key and the hash of what is asked for; reads the body and puts it back.
async fn idempotency(request: &mut Request) -> Result<Option<(String, String)>, AppError> {
    let Some(value) = request.headers().get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()));
    let key =
        key.ok_or_else(|| AppError::field("Idempotency-Key", "Idempotency-Key: expected 1 to 255 visible ASCII characters"))?.to_owned();
    let (parts, body) = std::mem::take(request).into_parts();
    let bytes = body::read(Request::from_parts(parts.clone(), body)).await?;
    let digest = Sha256::new()
        .chain_update(parts.method.as_str())
        .chain_update([0])
        .chain_update(parts.uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str))
        .chain_update([0])
        .chain_update(&bytes)
        .finalize();
    *request = Request::from_parts(parts, bytes.into());
    Ok(Some((key, digest.iter().fold(String::with_capacity(64), |hex, byte| hex + &format!("{byte:02x}")))))
}

/// The peer's address: the connection's, or what a trusted proxy says.
pub(crate) fn peer(request: &Request, trust_proxy: bool) -> Option<std::net::IpAddr> {
    let forwarded = || request.headers().get("x-forwarded-for")?.to_str().ok()?.rsplit(',').next()?.trim().parse().ok();
    let connected = || request.extensions().get::<axum::extract::ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    if trust_proxy { forwarded().or_else(connected) } else { connected() }
}
