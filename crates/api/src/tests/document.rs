//! The document says what is done, about every operation.

use super::*;

fn document() -> Value {
    serde_json::to_value(build(&Program::new()).openapi).unwrap()
}

/// Every operation: `get /api/patients` and what the document says of it.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of = |path: &String, item: &'_ Value| -> Vec<String> {
        item.as_object().unwrap().keys().map(|method| format!("{method} {path}")).collect()
    };
    let names: Vec<String> = paths.iter().flat_map(|(path, item)| of(path, item)).collect();
    let look_up = |name: String| {
        let (method, path) = name.split_once(' ').unwrap();
        let operation = &document["paths"][path][method];
        (name, operation)
    };
    names.into_iter().map(look_up).collect()
}

fn statuses(operation: &Value) -> Vec<&str> {
    operation["responses"].as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn the_document_is_served_as_it_was_built() {
    let answer = get("/api/openapi.json").await;
    assert_eq!(answer.json, document());
    assert_eq!((&answer.json["openapi"], &answer.json["info"]["title"]), (&json!("3.1.0"), &json!("ClinicHub")));
    assert_eq!(answer.json["info"]["license"], json!({ "name": "Apache-2.0", "identifier": "Apache-2.0" }));
    assert_eq!(
        answer.json["tags"],
        json!([{ "name": "charts" }, { "name": "faults" }, { "name": "operations" }, { "name": "patients" }, { "name": "public" }])
    );
}

#[test]
fn every_guarded_operation_says_so() {
    let (built, document) = (build(&Program::new()), document());
    let operations = operations(&document);
    assert_eq!(built.rows.len(), operations.len());
    for row in &built.rows {
        let operation = &document["paths"][&row.path][row.method.as_str().to_lowercase()];
        assert_eq!(operation["operationId"], row.operation_id);
        match row.needs {
            Ok(permission) => {
                assert_eq!(operation["x-permission"], permission.as_str(), "{}", row.operation_id);
                assert_eq!(operation["security"], json!([{ "bearer": [] }]), "{}", row.operation_id);
                assert!(statuses(operation).starts_with(&["200", "400", "401", "403"]) || row.method == "POST", "{}", row.operation_id);
            }
            Err(because) => {
                assert_eq!((&operation["x-open-because"], &operation["security"]), (&json!(because), &json!([])));
            }
        }
    }
}

#[test]
fn every_operation_is_named_once_tagged_and_summed_up() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document) {
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{name}");
        assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{name}");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{name}");
    }
    for id in ["list_patients", "list_patients_alias", "update_patient", "update_patient_patch"] {
        assert!(ids.contains(id), "{id}");
    }
}

#[test]
fn what_can_be_answered_is_there() {
    let document = document();
    let of = |method: &str, path: &str| statuses(&document["paths"][path][method]).join(" ");
    assert_eq!(of("get", "/api/patients"), "200 400 401 403 429 500 503");
    assert_eq!(of("get", "/api/patients/{patient_id}"), "200 400 401 403 404 429 500 503");
    assert_eq!(of("post", "/api/patients"), "201 400 401 403 404 409 413 415 422 429 500 503");
    assert_eq!(of("patch", "/api/patients/{patient_id}"), "200 400 401 403 404 409 412 413 415 429 500 503");
    assert_eq!(of("post", "/api/patients/{patient_id}/admit"), "200 400 401 403 404 409 413 415 422 429 500 503");
    assert_eq!(of("get", "/api/public/clinics"), "200 400 429 500 503");
}

#[test]
fn every_error_is_a_problem_with_an_example() {
    let document = document();
    for (name, response) in document["components"]["responses"].as_object().unwrap() {
        let content = &response["content"]["application/problem+json"];
        assert_eq!(content["schema"]["$ref"], "#/components/schemas/Problem", "{name}");
        assert_eq!(
            (&content["example"]["success"], &content["example"]["error"]),
            (&json!(false), &content["example"]["detail"]),
            "{name}"
        );
        assert!(response["headers"]["X-Request-Id"].is_object(), "{name}");
    }
    let required = document["components"]["schemas"]["Problem"]["required"].as_array().unwrap();
    assert_eq!(required, &["type", "title", "status", "detail", "error", "code", "success"].map(Value::from));
}

#[test]
fn versions_and_keys_are_headers() {
    let document = document();
    let patients = &document["paths"]["/api/patients"];
    let patient = &document["paths"]["/api/patients/{patient_id}"];
    for (operation, status) in [(&patient["get"], "200"), (&patients["post"], "201"), (&patient["put"], "200")] {
        assert!(operation["responses"][status]["headers"]["ETag"].is_object(), "{}", operation["operationId"]);
    }
    assert!(patients["get"]["responses"]["200"]["headers"]["ETag"].is_null());
    let has =
        |operation: &Value, name: &str| operation["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one["name"] == name));
    assert!(has(&patients["post"], "Idempotency-Key") && !has(&patients["get"], "Idempotency-Key"));
    assert!(has(&patient["put"], "If-Match") && has(&patient["patch"], "If-Match") && !has(&patient["get"], "If-Match"));
}

#[test]
fn a_file_has_a_key_as_any_body_has() {
    let upload = ApiRoutes::new().at_upload(Permission::PatientCreate, 1024, routes!(create_patient)).finish(Program::new());
    let upload = &json!(upload.openapi)["paths"]["/api/patients"]["post"];
    let usual = &document()["paths"]["/api/patients"]["post"];
    assert_eq!(upload["parameters"], usual["parameters"]);
    assert_eq!(upload["responses"]["422"], usual["responses"]["422"]);
    assert!(upload["responses"]["507"].is_object() && usual["responses"]["507"].is_null());
}

#[test]
fn texts_in_requests_say_that_they_hold_no_controls() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let (name, note) = (&schemas["NewPatient"]["properties"]["first_name"], &schemas["NewVisit"]["properties"]["note"]);
    assert!(name["pattern"].as_str().unwrap().contains(r"[^\s\u0000"), "text that must be there is not blank: {name}");
    assert!(note["pattern"].as_str().unwrap().starts_with(r"^[^\u0000"), "reached through a list: {note}");
    assert!(schemas["Patient"]["properties"]["first_name"]["pattern"].is_null(), "answers are not asked");
    for parameter in document["paths"]["/api/patients"]["get"]["parameters"].as_array().unwrap() {
        assert!(!parameter["schema"].to_string().contains("null"), "{parameter}");
    }
}

#[tokio::test]
async fn an_alias_is_the_same_under_another_path() {
    let program = Program::new();
    let answer = send(&program, request("GET", "/api/charts?page=2", "reader", &[], "")).await;
    assert_eq!((answer.status, &answer.json["pagination"]["page"]), (StatusCode::OK, &json!(2)));
    assert_eq!(program.recorded(), [("list_patients".to_owned(), Outcome::Allowed)], "the trail has one name for it");
    let row = build(&program).rows.into_iter().find(|row| row.path == "/api/charts").unwrap();
    assert!(row.is_alias);
}

#[tokio::test]
async fn a_patch_is_a_put() {
    let headers = ["content-type: application/json"];
    for method in ["PUT", "PATCH"] {
        let program = Program::new();
        let answer = send(&program, request(method, "/api/patients/1", "writer", &headers, r#"{"patient_id":1,"note":"x"}"#)).await;
        assert_eq!((answer.status, &answer.json["patient"]["first_name"]), (StatusCode::OK, &json!("x")));
        assert_eq!(program.recorded(), [("update_patient".to_owned(), Outcome::Allowed)]);
    }
}

#[test]
#[should_panic(expected = "two operations are called get_patient")]
fn a_name_is_given_once() {
    let table = || ApiRoutes::new().at(Permission::PatientRead, routes!(get_patient));
    table().merge(table()).finish(Program::new());
}

#[test]
#[should_panic(expected = "handlers of one path")]
fn a_mount_has_one_path() {
    ApiRoutes::new().at(Permission::PatientRead, routes!(get_patient, create_patient)).finish(Program::new());
}
