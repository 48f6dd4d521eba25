//! The envelope of seed 002 around an answer, for clients that ask for it. No handler knows of it.

use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};
use serde_json::{Map, Value, json};

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
pub(crate) async fn put_in(response: Response) -> Response {
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.starts_with("application/json") && !content_type.starts_with("application/problem+json") {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, MOST_BYTES).await else { return Response::from_parts(parts, axum::body::Body::empty()) };
    let Ok(value) = serde_json::from_slice::<Value>(&bytes) else { return Response::from_parts(parts, bytes.into()) };
    let wrapped = if parts.status.is_success() { success(value) } else { failure(&value) };
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    Response::from_parts(parts, wrapped.to_string().into())
}

fn success(value: Value) -> Value {
    let mut envelope = Map::from_iter([("success".to_owned(), Value::Bool(true))]);
    let Value::Object(mut members) = value else {
        envelope.insert("data".to_owned(), value);
        return Value::Object(envelope);
    };
    if let Some(pagination) = members.remove("pagination") {
        let page = json!({ "page": pagination["page"], "limit": pagination["per_page"], "total": pagination["total"] });
        envelope.insert("pagination".to_owned(), page);
    }
    if let Some(message) = members.remove("message") {
        envelope.insert("message".to_owned(), message);
    }
    let is_wrapper = members.len() == 1 && (envelope.len() > 1);
    let data = if is_wrapper { members.into_iter().next().map_or(Value::Null, |(_, only)| only) } else { Value::Object(members) };
    envelope.insert("data".to_owned(), data);
    Value::Object(envelope)
}

fn failure(problem: &Value) -> Value {
    let mut envelope = json!({ "success": false, "error": problem["error"], "code": problem["code"] });
    if let (Some(errors), Some(envelope)) = (problem.get("errors"), envelope.as_object_mut()) {
        envelope.insert("errors".to_owned(), errors.clone());
    }
    envelope
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shape_finds_its_place() {
        let list = success(
            json!({ "patients": [1], "pagination": { "total": 1, "page": 1, "per_page": 20, "has_next": false, "has_prev": false } }),
        );
        assert_eq!(list, json!({ "success": true, "data": [1], "pagination": { "page": 1, "limit": 20, "total": 1 } }));
        let written = success(json!({ "message": "Patient created successfully", "patient": { "patient_id": 1 } }));
        assert_eq!(written, json!({ "success": true, "message": "Patient created successfully", "data": { "patient_id": 1 } }));
        let read = success(json!({ "patient_id": 1 }));
        assert_eq!(read, json!({ "success": true, "data": { "patient_id": 1 } }));
        let error = failure(&json!({ "error": "Patient not found", "code": 404, "title": "Not found" }));
        assert_eq!(error, json!({ "success": false, "error": "Patient not found", "code": 404 }));
    }
}
