//! Query strings and ids in paths.

use super::*;

async fn assert_refused(cases: &[(&str, &str, &str)]) {
    for (path, field, detail) in cases {
        let answer = get(path).await;
        assert_eq!((answer.status, answer.detail()), (StatusCode::BAD_REQUEST, *detail), "{path}");
        assert_eq!(answer.fields(), [*field], "{path}");
    }
}

/// What the list was asked for, as the handler saw it, and its pagination.
async fn asked(query: &str) -> (String, Value) {
    let answer = get(&format!("/api/patients?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.json);
    (answer.json["patients"][0]["first_name"].as_str().unwrap().to_owned(), answer.json["pagination"].clone())
}

#[tokio::test]
async fn a_list_has_its_defaults() {
    let (seen, pagination) = asked("").await;
    assert_eq!(seen, "Created Desc None Filter { status: None, doctor_id: None, is_active: None }");
    assert_eq!(pagination, json!({ "total": 41, "page": 1, "per_page": 20, "has_next": true, "has_prev": false }));
}

#[tokio::test]
async fn a_list_gives_what_is_asked_for() {
    let (seen, pagination) = asked("page=3&limit=20&sort=name&search=+J%C3%B6rg%20&status=open&doctor_id=7&is_active=true").await;
    assert_eq!(seen, r#"Name Asc Some("Jörg") Filter { status: Some(Open), doctor_id: Some(UserId(7)), is_active: Some(true) }"#);
    assert_eq!(pagination, json!({ "total": 41, "page": 3, "per_page": 20, "has_next": false, "has_prev": true }));
    assert!(asked("sort=name&order=desc").await.0.starts_with("Name Desc"));
    assert!(asked("order=asc").await.0.starts_with("Created Asc"));
    assert!(asked("search=%20").await.0.contains(" None "));
    assert_eq!(asked("per_page=5&limit=7").await.1["per_page"], 5);
}

#[tokio::test]
async fn what_a_list_does_not_know_is_refused() {
    assert_refused(&[
        ("/api/patients?page=0", "page", "page: expected a number from 1 to 1000000"),
        ("/api/patients?page=1000001", "page", "page: expected a number from 1 to 1000000"),
        ("/api/patients?page=x", "page", "page: expected a whole number"),
        ("/api/patients?page=%2B1", "page", "page: expected a whole number"),
        ("/api/patients?page=", "page", "page: expected a whole number"),
        ("/api/patients?page=99999999999999999999", "page", "page: expected a whole number"),
        ("/api/patients?per_page=101", "per_page", "per_page: expected a number from 1 to 100"),
        ("/api/patients?limit=0", "limit", "limit: expected a number from 1 to 100"),
        ("/api/patients?sort=dob", "sort", "sort: expected one of name, created_at"),
        ("/api/patients?order=up", "order", "order: expected asc or desc"),
        ("/api/patients?status=gone", "status", "status: expected open or done"),
        ("/api/patients?doctor_id=-1", "doctor_id", "doctor_id: expected a positive whole number"),
        ("/api/patients?doctor_id=1.0", "doctor_id", "doctor_id: expected a whole number"),
        ("/api/patients?is_active=yes", "is_active", "is_active: expected true or false"),
        ("/api/patients?colour=red", "colour", "Unknown field: colour"),
        ("/api/patients?page=1&page=2", "page", "page: is there twice"),
        ("/api/patients?doctor=7&doctor_id=7", "doctor_id", "doctor_id: is there twice"),
        ("/api/patients?doctor_id=7&status=open&doctor=7", "doctor", "doctor: is there twice"),
        ("/api/patients?search=a%00b", "search", "search: control characters are not allowed"),
        ("/api/patients?search=%ff", "search", "search: not UTF-8"),
        ("/api/patients?search=%zz", "search", "search: not UTF-8"),
        ("/api/patients?%00=1", "query", "The query string is not valid"),
        ("/api/patients/search", "q", "Missing required field: q"),
        ("/api/patients/search?q=a&x=1", "x", "Unknown field: x"),
    ])
    .await;
    let long = get(&format!("/api/patients?search={}", "ä".repeat(201))).await;
    assert_eq!(long.fields(), ["search"]);
}

#[tokio::test]
async fn a_text_arrives_as_it_was_written() {
    let answer = get("/api/patients/search?q=a%2Bb+c%26d%EF%BF%BD").await;
    assert_eq!(answer.json["first_name"], "a+b c&d\u{fffd}");
}

#[tokio::test]
async fn many_parameters_are_read_in_no_time() {
    let query: String = (0..4000).map(|number| format!("p{number}=&")).collect();
    assert_eq!(get(&format!("/api/patients?{query}")).await.fields(), ["p0"]);
}

#[tokio::test]
async fn an_id_is_a_positive_whole_number() {
    for id in ["0", "-1", "+1", "1.0", "x", "%20", "9223372036854775808", "1e3"] {
        let answer = get(&format!("/api/patients/{id}")).await;
        assert_eq!((answer.status, answer.detail()), (StatusCode::BAD_REQUEST, "patient_id: expected a positive whole number"), "{id}");
        assert_eq!(answer.fields(), ["patient_id"]);
    }
    assert_eq!(get("/api/patients/%ff").await.fields(), ["path"]);
    assert_eq!(get("/api/patients/9223372036854775807").await.status, StatusCode::OK);
}
