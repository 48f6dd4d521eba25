//! The envelope of seed 002 around an answer, for clients that ask for it. No handler knows of it.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::{Map, Value, json};

use crate::Problem;
use crate::error::Rendered;

const MEDIA_TYPE: &str = "application/vnd.clinichub.envelope+json";
/// Answers beyond this are not JSON that a handler made.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Whether the client asks for the envelope.
pub(crate) fn is_wanted(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepts
        .flat_map(|value| value.split(','))
        .any(|kind| kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(MEDIA_TYPE))
}

/// The answer in its envelope; what is not JSON stays as it is.
pub(crate) async fn put_in(method: &Method, response: Response) -> Response {
    if let Some(Rendered { problem, .. }) = response.extensions().get::<Rendered>() {
        let wrapped = failure(problem);
        return with_body(response, &wrapped);
    }
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    if !is_json {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, MOST_BYTES).await else { return Response::from_parts(parts, Body::empty()) };
    let Ok(value) = serde_json::from_slice::<Value>(&bytes) else { return Response::from_parts(parts, bytes.into()) };
    with_body(Response::from_parts(parts, Body::empty()), &success(method, value))
}

fn with_body(mut response: Response, json: &Value) -> Response {
    *response.body_mut() = json.to_string().into();
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response
}

/// A list's rows, the one thing that a change is about, or the whole body are the `data`.
fn success(method: &Method, value: Value) -> Value {
    let mut envelope = Map::from_iter([("success".to_owned(), Value::Bool(true))]);
    let Value::Object(mut members) = value else {
        envelope.insert("data".to_owned(), value);
        return Value::Object(envelope);
    };
    let is_change = !matches!(*method, Method::GET | Method::HEAD);
    let mut is_wrapper = false;
    if let Some(pagination) = members.get("pagination").filter(|pagination| pagination["per_page"].is_number()) {
        let page = json!({ "page": pagination["page"], "limit": pagination["per_page"], "total": pagination["total"] });
        envelope.insert("pagination".to_owned(), page);
        members.remove("pagination");
        envelope.extend(beside_the_rows(&mut members));
        is_wrapper = true;
    } else if is_change && members.get("message").is_some_and(Value::is_string) {
        envelope.extend(members.remove_entry("message"));
        is_wrapper = true;
    }
    envelope.insert("data".to_owned(), if is_wrapper { unwrapped(members) } else { Value::Object(members) });
    Value::Object(envelope)
}

/// What a list says beside its rows (sums, one or one a currency), taken out.
fn beside_the_rows(members: &mut Map<String, Value>) -> Map<String, Value> {
    let are_rows = |name: &str, value: &Value| value.is_array() && name != "totals";
    if members.iter().filter(|(name, value)| are_rows(name, value)).count() != 1 {
        return Map::new();
    }
    let (rows, beside) = std::mem::take(members).into_iter().partition(|(name, value)| are_rows(name, value));
    *members = rows;
    beside
}

/// The only member where it is a thing or a list of things; else all of them.
fn unwrapped(mut members: Map<String, Value>) -> Value {
    let only = members.keys().next().filter(|_| members.len() == 1).cloned();
    match only.filter(|name| members[name].is_object() || members[name].is_array()) {
        Some(name) => members.remove(&name).unwrap_or_default(),
        None => Value::Object(members),
    }
}

fn failure(problem: &Problem) -> Value {
    let mut envelope = json!({ "success": false, "error": problem.error, "code": problem.code });
    if !problem.errors.is_empty() {
        envelope["errors"] = json!(problem.errors);
    }
    if let Some(request_id) = &problem.request_id {
        envelope["request_id"] = json!(request_id);
    }
    envelope
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_its_rows() {
        let body =
            json!({ "patients": [1], "pagination": { "total": 1, "page": 1, "per_page": 20, "has_next": false, "has_prev": false } });
        let wanted = json!({ "success": true, "data": [1], "pagination": { "page": 1, "limit": 20, "total": 1 } });
        assert_eq!(success(&Method::GET, body), wanted);
    }

    #[test]
    fn totals_stand_beside_the_rows() {
        let page = json!({ "total": 1, "page": 1, "per_page": 20, "has_next": false, "has_prev": false });
        let body = json!({ "invoices": [1], "totals": [2], "pagination": page });
        let answer = success(&Method::GET, body);
        assert_eq!((&answer["data"], &answer["totals"]), (&json!([1]), &json!([2])), "one a currency");
        let body = json!({ "here": [1], "there": [2], "pagination": page });
        assert_eq!(success(&Method::GET, body)["data"], json!({ "here": [1], "there": [2] }), "which of them are the rows?");
        let body = json!({ "invoices": [1], "totals": { "amount": "5.00" }, "pagination": page });
        let wanted =
            json!({ "success": true, "data": [1], "totals": { "amount": "5.00" }, "pagination": { "page": 1, "limit": 20, "total": 1 } });
        assert_eq!(success(&Method::GET, body), wanted);
    }

    #[test]
    fn a_change_is_the_thing_and_the_message() {
        let body = json!({ "message": "Patient created successfully", "patient": { "patient_id": 1 } });
        let wanted = json!({ "success": true, "message": "Patient created successfully", "data": { "patient_id": 1 } });
        assert_eq!(success(&Method::POST, body), wanted);
        let body = json!({ "message": "Appointment cancelled", "appointment_id": 7 });
        let wanted = json!({ "success": true, "message": "Appointment cancelled", "data": { "appointment_id": 7 } });
        assert_eq!(success(&Method::DELETE, body), wanted);
        let body = json!({ "message": "Login successful", "access_token": "a", "user": {} });
        let wanted = json!({ "success": true, "message": "Login successful", "data": { "access_token": "a", "user": {} } });
        assert_eq!(success(&Method::POST, body), wanted);
    }

    #[test]
    fn a_thing_that_is_read_stays_whole() {
        let body = json!({ "message": "Access granted", "user_id": 1 });
        assert_eq!(success(&Method::GET, body.clone()), json!({ "success": true, "data": body }));
    }
}
