//! Bodies: what is refused, in what words, with which field.

use axum::body::Bytes;
use futures_util::stream;

use super::*;

/// Each body with the field and the sentence that it is refused with.
async fn assert_refused(cases: &[(&str, &str, &str)]) {
    for (body, field, detail) in cases {
        let answer = post((*body).to_owned()).await;
        assert_eq!((answer.status, answer.detail()), (StatusCode::BAD_REQUEST, *detail), "{body}");
        assert_eq!(answer.fields().first(), Some(field), "{body}");
    }
}

#[tokio::test]
async fn fields_that_are_missing_are_named_all_at_once() {
    let answer = post("{}").await;
    assert_eq!((answer.detail(), answer.fields()), ("Missing required field: first_name", vec!["first_name", "last_name"]));
    let answer = post(r#"{"first_name":"John"}"#).await;
    assert_eq!((answer.detail(), answer.fields()), ("Missing required field: last_name", vec!["last_name"]));
}

#[tokio::test]
async fn what_does_not_fit_is_named() {
    assert_refused(&[
        (r#"{"first_name":"J","last_name":"D","nick":1}"#, "nick", "Unknown field: nick"),
        (r#"{"first_name":5,"last_name":"D"}"#, "first_name", "first_name: expected a string"),
        (r#"{"first_name":null,"last_name":"D"}"#, "first_name", "Missing required field: first_name"),
        (r#"{"first_name":"J","last_name":"D","doctor_id":0}"#, "doctor_id", "doctor_id: expected a positive whole number"),
        (r#"{"first_name":"J","last_name":"D","doctor_id":-1}"#, "doctor_id", "doctor_id: expected a positive whole number"),
        (r#"{"first_name":"J","last_name":"D","doctor_id":1.5}"#, "doctor_id", "doctor_id: expected a whole number"),
        (r#"{"first_name":"J","last_name":"D","doctor_id":"1"}"#, "doctor_id", "doctor_id: expected a whole number"),
        (r#"{"first_name":"J","last_name":"D","doctor_id":9223372036854775808}"#, "doctor_id", "doctor_id: expected a whole number"),
        (r#"{"first_name":"J","last_name":"D","doctor_id":1e30}"#, "doctor_id", "doctor_id: expected a whole number"),
        (r#"{"first_name":"J","last_name":"D","visits":{}}"#, "visits", "visits: expected a list"),
        (
            r#"{"first_name":"J","last_name":"D","visits":[{"patient_id":1},{}]}"#,
            "visits[1].patient_id",
            "Missing required field: visits[1].patient_id",
        ),
        (r#"{"first_name":"J","last_name":"D","visits":[{"patient_id":1,"x":1}]}"#, "visits[0].x", "Unknown field: visits[0].x"),
        ("[]", "body", "body: expected an object"),
        ("5", "body", "body: expected an object"),
    ])
    .await;
}

#[tokio::test]
async fn a_rule_that_is_broken_is_named() {
    let answer = post(r#"{"first_name":"Johannes Maria","last_name":"D"}"#).await;
    assert_eq!(answer.fields(), ["first_name"]);
    assert!(answer.detail().starts_with("first_name: length"), "{}", answer.detail());
}

#[tokio::test]
async fn control_characters_are_refused_wherever_they_stand() {
    let words = "control characters are not allowed";
    for bad in [r"\u0000", r"\u0001", r"\b", r"\f", r"\u001f", r"\u007f", r"\u0085", "\u{7f}"] {
        let nested = format!(r#"{{"first_name":"J","last_name":"D","visits":[{{"patient_id":1,"note":"a{bad}b"}}]}}"#);
        let detail = format!("visits[0].note: {words}");
        assert_refused(&[(&nested, "visits[0].note", &detail)]).await;
        let name = format!(r#"{{"first{bad}_name":"J"}}"#);
        assert_refused(&[(&name, "first_name", &format!("first_name: {words}"))]).await;
    }
    let fine = post(r#"{"first_name":"a\n\r\tb","last_name":"D"}"#).await;
    assert_eq!(fine.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_name_that_is_there_twice_is_refused() {
    assert_refused(&[
        (r#"{"first_name":"J","last_name":"D","first_name":"K"}"#, "first_name", "first_name: is there twice"),
        (r#"{"first_name":"J","last_name":"D","x":{"a":1,"\u0061":2}}"#, "x.a", "x.a: is there twice"),
        (
            r#"{"first_name":"J","last_name":"D","visits":[{"patient_id":1,"note":"a","remark":"b"}]}"#,
            "visits[0].note",
            "visits[0].note: is there twice",
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_is_no_json_is_refused() {
    for body in ["{", r#"{"first_name":"J",}"#, "{} {}", "NaN", "{'a':1}", "\u{feff}{}"] {
        let answer = post(body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(answer.detail().starts_with("The body is not valid JSON: "), "{}", answer.detail());
    }
    let surrogate = post(r#"{"first_name":"\ud800","last_name":"D"}"#).await;
    assert_eq!(surrogate.fields(), ["first_name"], "the lone surrogate is found where it stands");
    let raw = post("{\"first_name\":\"a\u{0}\"}").await;
    assert_eq!(raw.fields(), ["first_name"]);
    let bytes = post(Bytes::from_static(b"{\"first_name\":\"\xff\"}")).await;
    assert_eq!((bytes.status, bytes.detail()), (StatusCode::BAD_REQUEST, "The body is not UTF-8"));
}

#[tokio::test]
async fn depth_is_bounded() {
    let nested = |levels| format!(r#"{{"first_name":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    assert_refused(&[(&nested(32), "body", "body: nested too deeply"), (&nested(31), "first_name", "first_name: expected a string")]).await;
    assert_eq!(post("[".repeat(1_000_000)).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn only_json_is_taken() {
    let send_as = |kind: &'static str, body: String| async move {
        let headers = [format!("content-type: {kind}")];
        let headers: Vec<_> = if kind.is_empty() { Vec::new() } else { headers.iter().map(String::as_str).collect() };
        send(&Program::new(), request("POST", "/api/patients", "writer", &headers, body)).await.status.as_u16()
    };
    for kind in
        ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\"", "application/merge-patch+json"]
    {
        assert_eq!(send_as(kind, john().to_string()).await, 201, "{kind}");
    }
    for kind in
        ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "text/json", "application/json; charset=latin1"]
    {
        assert_eq!(send_as(kind, john().to_string()).await, 415, "{kind}");
    }
    for kind in ["", "application/json"] {
        assert_eq!(send_as(kind, String::new()).await, 400, "an empty body of kind {kind:?}");
    }
}

#[tokio::test]
async fn a_body_may_be_missing_where_the_handler_says_so() {
    for (body, headers, status) in [("", &[][..], 200), ("{}", &["content-type: application/json"], 400), ("{}", &[], 415)] {
        let answer = send(&Program::new(), request("PUT", "/api/patients/1", "writer", headers, body)).await;
        assert_eq!(answer.status.as_u16(), status, "{body:?}");
    }
}

/// What becomes of a body of this kind where none is taken.
async fn admit(headers: &[&str], body: impl Into<Content>) -> Answer {
    send(&Program::new(), request("POST", "/api/patients/1/admit", "writer", headers, body)).await
}

#[tokio::test]
async fn a_body_that_nobody_reads_is_refused() {
    let json = "content-type: application/json";
    assert_eq!(admit(&[], "").await.status, StatusCode::OK);
    for fine in ["", "{}", "null", " { }\n"] {
        assert_eq!(admit(&[json], fine).await.status, StatusCode::OK, "{fine:?}");
    }
    for (body, field, detail) in [
        (r#"{"foo":1}"#, "foo", "Unknown field: foo"),
        (r#"{"foo":1,"foo":2}"#, "foo", "foo: is there twice"),
        ("[]", "body", "body: expected an object"),
        ("17", "body", "body: expected an object"),
    ] {
        for headers in [&[json][..], &[json, "idempotency-key: k-1"]] {
            let answer = admit(headers, body).await;
            assert_eq!((answer.status, answer.detail()), (StatusCode::BAD_REQUEST, detail), "{body}");
            assert_eq!(answer.fields(), [field], "{body}");
        }
    }
    assert!(admit(&[json], r#"{"foo":"#).await.detail().starts_with("The body is not valid JSON: "));
    assert_eq!(admit(&["content-type: application/x-www-form-urlencoded"], "foo=1").await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(admit(&[json], chunked(2)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let long = format!(r#"{{"{}":1}}"#, "a".repeat(100_000));
    assert!(admit(&[json], long).await.detail().len() < 300);
}

#[tokio::test]
async fn who_may_not_is_told_so_before_the_body_is_looked_at() {
    let headers = ["content-type: application/json"];
    let answer = send(&Program::new(), request("POST", "/api/patients/1/admit", "reader", &headers, r#"{"foo":1}"#)).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let read = send(&Program::new(), request("GET", "/api/patients/1", "reader", &headers, r#"{"foo":1}"#)).await;
    assert_eq!(read.status, StatusCode::OK, "what a GET asks for is in its address");
}

/// A body whose length is not said before.
fn chunked(megabytes: usize) -> Content {
    let chunk = || Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 1024 * 1024]));
    Content::from_stream(stream::iter((0..megabytes).map(move |_| chunk())))
}

#[tokio::test]
async fn what_is_too_large_is_refused_however_it_comes() {
    let headers = ["content-type: application/json"];
    let with_key = ["content-type: application/json", "idempotency-key: k-1"];
    for headers in [&headers[..], &with_key] {
        for body in [Content::from(vec![b' '; 1024 * 1024 + 1]), chunked(2)] {
            let answer = send(&Program::new(), request("POST", "/api/patients", "writer", headers, body)).await;
            assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
            assert_eq!(answer.detail(), "The request is too large; at most 1048576 bytes are accepted");
        }
    }
    assert_eq!(post(chunked(1)).await.status, StatusCode::BAD_REQUEST, "a megabyte of blanks is read, and is no JSON");
}
