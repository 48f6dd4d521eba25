//! `GET /api/ws`.

use axum::extract::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use clinichub_api::{Outcome, Params, Platform, Problem, Public, Result, bearer};
use clinichub_core::AppError;
use serde::Deserialize;
use utoipa::IntoParams;

use super::socket::Session;
use crate::App;

/// The largest message that is heard, in bytes.
const MOST_BYTES: usize = 4096;
/// What both sides speak.
const PROTOCOL: &str = "clinichub";
/// What stands before a token among the protocols that a client offers.
const TOKEN_PROTOCOL: &str = "bearer.";

/// Where to go on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// The `id` of the last event that the client knows: what came after it is sent first, as far as it is kept (24 hours).
    #[param(minimum = 0)]
    since: Option<i64>,
}

/// Events of the clinic as they happen, over a WebSocket.
///
/// The token comes as `Authorization: Bearer …`, or, from a browser, among the protocols:
/// `new WebSocket(url, ["clinichub", "bearer." + token])`; never in the URL. Each frame is a JSON object
/// `{event, clinic_id, id, at, …}` with ids and states only: `appointment.status_changed`, `appointment.created`, … The first is
/// `ready`; `resync` says that events were lost and that what is shown must be loaded again. The client may send
/// `{"type":"ping"}` and gets `pong`. The socket is closed with 4401 when the token or its session ends: refresh the token and
/// connect again with `since`.
#[utoipa::path(
    get,
    path = "/api/ws",
    params(EventsQuery),
    responses(
        (status = 101, description = "The WebSocket is open"),
        (status = 401, description = "No token, or none that holds", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Signed in without an active clinic", body = Problem, content_type = "application/problem+json"),
        (status = 426, description = "Not a WebSocket handshake", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn open_events(
    public: Public<App>,
    Params(query): Params<EventsQuery>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response> {
    if query.since.is_some_and(|since| since < 0) {
        return Err(AppError::field("since", "since: expected the id of an event").into());
    }
    let token = token(&headers)?.to_owned();
    let principal = public.app.authenticate(&token, public.grant.origin()).await?;
    let clinic = principal.clinic_id.ok_or_else(|| AppError::forbidden("This needs an active clinic"))?;
    let Ok(upgrade) = upgrade else { return Ok(upgrade_required()) };
    let access = public.enter(principal);
    let subscription = access.app.events.subscribe(clinic)?;
    access.app.record(&access.grant, Outcome::Allowed).await?;
    let tasks = access.app.tasks.clone();
    let session = Session { access, token, clinic, subscription, since: query.since };
    let upgrade = upgrade.protocols([PROTOCOL]).max_message_size(MOST_BYTES).max_frame_size(MOST_BYTES);
    Ok(upgrade.on_upgrade(move |socket| tasks.track_future(session.run(socket))))
}

fn token(headers: &HeaderMap) -> Result<&str, AppError> {
    if headers.contains_key(header::AUTHORIZATION) {
        return bearer(headers);
    }
    let offered = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
    let token = offered.flat_map(|list| list.split(',')).find_map(|protocol| protocol.trim().strip_prefix(TOKEN_PROTOCOL));
    token.filter(|token| !token.is_empty()).map_or_else(|| bearer(headers), Ok)
}

fn upgrade_required() -> Response {
    let detail = "Connect with a WebSocket handshake";
    let mut response = Problem::plain(StatusCode::UPGRADE_REQUIRED, "upgrade-required", "Upgrade required", detail).into_response();
    response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn the_token_comes_in_a_header_or_among_the_protocols() {
        let protocol = header::SEC_WEBSOCKET_PROTOCOL;
        assert_eq!(token(&headers(&[(header::AUTHORIZATION, "Bearer a.b.c")])).ok(), Some("a.b.c"));
        assert_eq!(token(&headers(&[(protocol.clone(), "clinichub, bearer.a.b.c")])).ok(), Some("a.b.c"));
        assert_eq!(token(&headers(&[(protocol.clone(), "bearer.a.b.c")])).ok(), Some("a.b.c"));
        for wrong in ["clinichub", "clinichub, bearer.", "bearer a.b.c"] {
            assert!(matches!(token(&headers(&[(protocol.clone(), wrong)])), Err(AppError::Unauthenticated(_))), "{wrong}");
        }
        assert!(token(&HeaderMap::new()).is_err());
    }
}
