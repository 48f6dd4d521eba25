//! What surrounds every answer: problems, headers, methods, the envelope.

use super::*;

#[tokio::test]
async fn a_problem_has_all_its_members() {
    let answer = get("/api/patients/404").await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let wanted = json!({
        "type": "/problems/not-found", "title": "Not found", "status": 404, "detail": "Patient not found", "error": "Patient not found",
        "code": 404, "success": false
    });
    assert_eq!((answer.status, answer.json), (StatusCode::NOT_FOUND, wanted));
}

#[tokio::test]
async fn a_fault_tells_its_id_and_nothing_else() {
    for (path, secret) in [("/api/faults/panic", "Jane"), ("/api/faults/internal", "hunter2")] {
        let headers = ["x-request-id: from-the-caller"];
        let answer = send(&Program::new(), request("GET", path, "reader", &headers, "")).await;
        assert_eq!((answer.status, answer.detail()), (StatusCode::INTERNAL_SERVER_ERROR, "Internal error"));
        assert_eq!((answer.json["request_id"].as_str(), answer.header("x-request-id")), (Some("from-the-caller"), "from-the-caller"));
        assert!(!answer.json.to_string().contains(secret));
    }
}

#[tokio::test]
async fn what_no_route_takes_is_a_problem_too() {
    let nothing = get("/api/nothing/here").await;
    assert_eq!((nothing.status, nothing.json["code"].as_u64()), (StatusCode::NOT_FOUND, Some(404)));
    let wrong = send(&Program::new(), request("DELETE", "/api/patients", "writer", &[], "")).await;
    assert_eq!((wrong.status, wrong.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD,POST"));
    assert_eq!(wrong.header("content-type"), "application/problem+json");
    let options = send(&Program::new(), request("OPTIONS", "/api/patients", "", &[], "")).await;
    assert_eq!((options.status, options.header("allow")), (StatusCode::NO_CONTENT, "GET,HEAD,POST"));
}

#[tokio::test]
async fn a_head_is_a_get_without_its_body() {
    let answer = send(&Program::new(), request("HEAD", "/api/patients/1", "reader", &[], "")).await;
    assert_eq!((answer.status, answer.header("etag"), &answer.json), (StatusCode::OK, "\"v3\"", &Value::Null));
}

#[tokio::test]
async fn versions_are_tags() {
    assert_eq!(get("/api/patients/1").await.header("etag"), "\"v3\"");
    assert_eq!(post(john().to_string()).await.header("etag"), "\"v3\"");
    assert_eq!(get("/api/patients").await.header("etag"), "");
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    for path in ["/api/patients/1", "/api/patients/x", "/api/nothing", "/api/faults/panic", "/api/openapi.json"] {
        let answer = get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
        assert_eq!(answer.header("permissions-policy"), "camera=(), microphone=(), geolocation=()");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-request-id").len(), 16);
        assert_eq!(answer.header("strict-transport-security"), "");
    }
    let tls = send(&Program { is_tls: true, ..Program::new() }, request("GET", "/api/patients/1", "reader", &[], "")).await;
    assert_eq!(tls.header("strict-transport-security"), "max-age=31536000");
}

#[tokio::test]
async fn request_ids_differ_and_a_strange_one_is_replaced() {
    let router = build(&Program::new()).router;
    let mut ids = BTreeSet::new();
    for given in ["", "a b", "<script>", &"x".repeat(65)] {
        let request = request("GET", "/api/patients/1", "reader", &[&format!("x-request-id: {given}")], "");
        let response = router.clone().oneshot(request).await.unwrap();
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert_ne!(id, given);
        ids.insert(id);
    }
    assert_eq!(ids.len(), 4);
}

#[tokio::test]
async fn the_browser_of_the_document_works_without_the_internet() {
    for path in ["/docs/", "/docs/swagger-initializer.js", "/docs/swagger-ui.css"] {
        let answer = get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'self'"));
    }
}

const ENVELOPE: &str = "accept: text/html, application/vnd.clinichub.envelope+json;q=0.9";

#[tokio::test]
async fn the_envelope_is_there_for_who_asks() {
    let ask = |method, path, body: String| {
        let headers = [ENVELOPE, "content-type: application/json"];
        async move { send(&Program::new(), request(method, path, "writer", &headers, body)).await }
    };
    let john = json!({ "patient_id": 1, "first_name": "John", "version": 3 });
    let read = ask("GET", "/api/patients/1", String::new()).await;
    assert_eq!(read.json, json!({ "success": true, "data": john }));
    assert_eq!((read.header("content-type"), read.header("etag")), ("application/vnd.clinichub.envelope+json", "\"v3\""));
    let list = ask("GET", "/api/patients?per_page=5", String::new()).await;
    assert_eq!(
        (list.json["data"].as_array().map(Vec::len), &list.json["pagination"]),
        (Some(1), &json!({ "page": 1, "limit": 5, "total": 41 }))
    );
    let write = ask("POST", "/api/patients", self::john().to_string()).await;
    assert_eq!(write.json, json!({ "success": true, "message": "Patient created successfully", "data": john }));
    let missing = ask("GET", "/api/patients/404", String::new()).await;
    assert_eq!(missing.json, json!({ "success": false, "error": "Patient not found", "code": 404 }));
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let invalid = ask("POST", "/api/patients", "{}".to_owned()).await;
    assert_eq!(invalid.json["errors"][0]["field"], "first_name");
    let fault = ask("GET", "/api/faults/internal", String::new()).await;
    assert_eq!(fault.json["request_id"].as_str(), Some(fault.header("x-request-id")));
    let nothing = ask("GET", "/api/nothing", String::new()).await;
    assert_eq!(nothing.json, json!({ "success": false, "error": "There is nothing at this path", "code": 404 }));
}
