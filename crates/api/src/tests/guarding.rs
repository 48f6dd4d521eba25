//! Token, permission, head, handler, trail: in this order.

use super::*;

#[tokio::test]
async fn without_a_token_nothing_is_told() {
    for (path, token, detail) in [
        ("/api/patients/1", "", "Authorization token is missing"),
        ("/api/patients/1", "nobody", "Invalid or expired token"),
        ("/api/patients/x", "", "Authorization token is missing"),
    ] {
        let program = Program::new();
        let answer = send(&program, request("GET", path, token, &["if-match: rubbish"], "")).await;
        assert_eq!((answer.status, answer.detail()), (StatusCode::UNAUTHORIZED, detail));
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert!(program.recorded().is_empty(), "nobody is nobody to record");
    }
    let basic = send(&Program::new(), request("GET", "/api/patients/1", "", &["authorization: Basic YTpi"], "")).await;
    assert_eq!(basic.detail(), "Authorization token is missing");
}

#[tokio::test]
async fn a_missing_permission_is_said_before_what_else_is_wrong_and_is_recorded() {
    let program = Program::new();
    let headers = ["idempotency-key: a b", "content-type: text/plain"];
    let answer = send(&program, request("POST", "/api/patients", "reader", &headers, "rubbish")).await;
    assert_eq!((answer.status, answer.detail()), (StatusCode::FORBIDDEN, "You do not have permission to do this"));
    assert_eq!(answer.json["permission"], "patient_create");
    assert_eq!(program.recorded(), [("create_patient".to_owned(), Outcome::Refused)]);
}

#[tokio::test]
async fn every_end_is_recorded_before_the_answer_leaves() {
    for (method, path, headers, outcome) in [
        ("GET", "/api/patients/1", &[][..], Outcome::Allowed),
        ("HEAD", "/api/patients/1", &[], Outcome::Allowed),
        ("GET", "/api/patients/404", &[], Outcome::Refused),
        ("GET", "/api/patients/x", &[], Outcome::Failed),
        ("GET", "/api/faults/panic", &[], Outcome::Failed),
        ("PUT", "/api/patients/1", &["if-match: rubbish"], Outcome::Failed),
        ("PUT", "/api/patients/1", &["if-match: \"v2\""], Outcome::Failed),
    ] {
        let program = Program::new();
        send(&program, request(method, path, "writer", headers, "")).await;
        assert_eq!(program.recorded().iter().map(|(_, outcome)| *outcome).collect::<Vec<_>>(), [outcome], "{method} {path}");
    }
}

#[tokio::test]
async fn without_a_trail_there_is_no_answer() {
    for (token, path) in [("reader", "/api/patients/1"), ("reader", "/api/faults/panic"), ("writer", "/api/patients/404")] {
        let program = Program { is_trail_away: true, ..Program::new() };
        let answer = send(&program, request("GET", path, token, &[], "")).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.json["patient_id"], Value::Null);
        assert!(!answer.json.to_string().contains("disk"));
    }
    let program = Program { is_trail_away: true, ..Program::new() };
    let refused = send(&program, request("POST", "/api/patients", "reader", &[], "")).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_database_that_is_away_is_no_bad_token() {
    let answer = send(&Program::new(), request("GET", "/api/patients/1", "away", &[], "")).await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "2"));
}

#[tokio::test]
async fn nobodys_grant_is_not_somebodys() {
    assert_eq!(get("/api/public/clinics").await.json["first_name"], "nobody");
    let mistake = get("/api/public/mistake").await;
    assert_eq!(mistake.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!mistake.json.to_string().contains("leak"));
}

#[tokio::test]
async fn a_public_route_enters_with_a_credential_of_its_own() {
    let program = Program::new();
    let origin = Origin { request_id: "r-1".to_owned(), ..Origin::default() };
    #[expect(clippy::disallowed_methods, reason = "what the guard does")]
    let grant = clinichub_core::Mint::public(origin.clone(), UtcTime::from_micros(0));
    let principal = program.authenticate("reader", &origin).await.unwrap();
    let public = Public { app: program.clone(), grant };
    let access = public.enter(principal);
    assert_eq!((access.grant.user_id(), access.grant.origin()), (Some(UserId(1)), &origin));
    access.record(&Err::<(), _>(AppError::NotFound("Clinic"))).await.unwrap();
    assert_eq!(program.recorded(), [(String::new(), Outcome::Refused)]);
}

#[tokio::test]
async fn a_public_route_shows_more_to_those_who_sign_in() {
    #[expect(clippy::disallowed_methods, reason = "what the guard does")]
    let grant = clinichub_core::Mint::public(Origin::default(), UtcTime::from_micros(0));
    let public = Public { app: Program::new(), grant };
    assert!(public.signed_in(&HeaderMap::new()).await.unwrap().is_none());
    let with = |token: &str| HeaderMap::from_iter([(axum::http::header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap())]);
    assert_eq!(public.signed_in(&with("reader")).await.unwrap().unwrap().grant.user_id(), Some(UserId(1)));
    assert_eq!(public.signed_in(&with("nobody")).await.unwrap_err().to_string(), "Invalid or expired token");
}

async fn key_of(path: &str, key: &str, body: Value) -> (String, String) {
    let program = Program::new();
    let headers = [&format!("idempotency-key: {key}")[..], "content-type: application/json"];
    let answer = send(&program, request("POST", path, "writer", &headers, body.to_string())).await;
    assert_eq!(
        (answer.status, &answer.json["patient"]["first_name"]),
        (StatusCode::CREATED, &body["first_name"]),
        "the body is still there"
    );
    program.recorded.lock().unwrap()[0].2.clone().unwrap()
}

#[tokio::test]
async fn a_key_goes_with_the_hash_of_what_was_asked() {
    let other = json!({ "first_name": "Jane", "last_name": "Doe" });
    let first = key_of("/api/patients", "k-1", john()).await;
    assert_eq!((first.0.as_str(), first.1.len()), ("k-1", 64));
    assert_eq!(key_of("/api/patients", "k-1", john()).await, first);
    assert_ne!(key_of("/api/patients", "k-1", other).await.1, first.1);
    assert_ne!(key_of("/api/patients?a", "k-1", john()).await.1, first.1);
}

#[tokio::test]
async fn a_bad_key_is_named() {
    for key in ["a b", ""] {
        let headers = [&format!("idempotency-key: {key}")[..], "content-type: application/json"];
        let answer = send(&Program::new(), request("POST", "/api/patients", "writer", &headers, john().to_string())).await;
        assert_eq!((answer.status, answer.fields()), (StatusCode::BAD_REQUEST, vec!["Idempotency-Key"]));
    }
}

#[tokio::test]
async fn a_stale_version_is_a_412() {
    for (version, status) in
        [("\"v3\"", 200), ("3", 200), ("*", 200), ("\"v2\", \"v3\"", 200), ("\"v2\"", 412), ("W/\"v3\"", 412), ("x", 400)]
    {
        for method in ["PUT", "PATCH"] {
            let header = format!("if-match: {version}");
            let answer = send(&Program::new(), request(method, "/api/patients/1", "writer", &[&header], "")).await;
            assert_eq!(answer.status.as_u16(), status, "{method} {version}");
        }
    }
}
