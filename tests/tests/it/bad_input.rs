//! Bad input, made up from the document: every operation, every field and parameter, and everything that may be wrong with it. What
//! comes back is a 4xx that names what is at fault, in time. An operation that is added is tried without another line here.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::body::Body;
use clinichub_api::{MOST_FORM_BYTES, RouteRow};
use clinichub_testkit::{Answer, BOUNDARY, Client, TestApp, Who, on_both_databases};
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::requests::{Ids, asked, base, furnished, text_form};

on_both_databases!(
    what_is_no_body_is_refused,
    a_body_that_nobody_reads_is_refused,
    each_field_is_refused_by_its_name,
    each_parameter_is_refused_by_its_name,
    each_id_in_a_path_is_refused_by_its_name,
    a_time_that_the_clocks_skip_is_refused,
    what_would_be_ignored_is_refused,
);

/// Nothing may take longer, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(30);
const MEGABYTE: usize = 1 << 20;

/// An operation with whoever may ask for it.
struct Operation<'a> {
    row: &'a RouteRow,
    spec: &'a Value,
    client: Client,
    /// Path and body of a request that is fine.
    path: String,
    body: Option<Value>,
}

/// What must become of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Must {
    /// A 400 that names the field.
    BeRefused,
    /// An answer that is no fault of ours: whether it is taken is for the rules.
    BeAnswered,
}

/// What went wrong so far, of everything that was tried.
#[derive(Default)]
struct Findings {
    tried: usize,
    wrong: Vec<String>,
}

impl Findings {
    /// Sends a request and notes what is wrong with the answer.
    async fn try_it(&mut self, operation: &Operation<'_>, what: &str, request: Request<Body>, verdict: impl FnOnce(&Answer) -> bool) {
        self.tried += 1;
        let (method, path) = (&operation.row.method, &operation.row.path);
        match tokio::time::timeout(PATIENCE, operation.client.pass(request)).await {
            Err(_) => self.wrong.push(format!("{method} {path} with {what}: no answer")),
            Ok(answer) if answer.status.is_server_error() || !verdict(&answer) => {
                self.wrong.push(format!("{method} {path} with {what}: {} {}", answer.status, answer.body));
            }
            Ok(_) => {}
        }
    }

    #[track_caller]
    fn expect_none(self) {
        assert!(self.tried > 0, "nothing was tried");
        assert!(self.wrong.is_empty(), "{} of {}:\n{}", self.wrong.len(), self.tried, self.wrong.join("\n"));
    }
}

/// Whether the answer is what must become of something that is wrong with `field`.
fn is_fine(answer: &Answer, must: Must, field: &str) -> bool {
    let named: Vec<&str> = answer.body["errors"].as_array().into_iter().flatten().filter_map(|error| error["field"].as_str()).collect();
    let is_about = |named: &&str| named.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
    // What was sent may be as long as is taken at all; it is not sent back.
    if answer.status.is_client_error() && answer.body.to_string().len() > 4096 {
        return false;
    }
    match (must, answer.status) {
        (Must::BeRefused, StatusCode::BAD_REQUEST) => named.iter().any(is_about),
        (Must::BeRefused, _) => false,
        (Must::BeAnswered, StatusCode::BAD_REQUEST) => !named.is_empty() || answer.body["type"] == "/problems/rule",
        (Must::BeAnswered, status) => status.is_success() || status.is_client_error(),
    }
}

/// Every operation under its own name, furnished with what it needs.
async fn operations<'a>(app: &'a TestApp, own: &Ids) -> Vec<Operation<'a>> {
    let mut operations = Vec::new();
    let mut sign_ins = 0;
    for row in app.rows.iter().filter(|row| base(&row.operation_id) == row.operation_id && !row.is_alias) {
        let client = match row.needs {
            Err(_) => app.anyone(),
            Ok(permission) => {
                // An address may sign in a hundred times a minute.
                sign_ins += 1;
                if sign_ins % 50 == 0 {
                    app.clock.advance(jiff::SignedDuration::from_secs(61));
                }
                let who = [Who::Admin, Who::Operator].into_iter().find(|who| permission.default_for(who.role()));
                app.sign_in(who.unwrap_or(Who::Doctor)).await
            }
        };
        let spec = &app.openapi["paths"][&row.path][row.method.as_str().to_lowercase()];
        assert!(spec.is_object(), "{} {} is not in the document", row.method, row.path);
        let asked = asked(row, own);
        operations.push(Operation { row, spec, client, path: asked.path, body: asked.body });
    }
    operations
}

impl Operation<'_> {
    fn body_schema(&self) -> Option<&Value> {
        self.spec.pointer("/requestBody/content/application~1json/schema")
    }

    fn request(&self, path: &str, body: impl Into<Body>) -> Request<Body> {
        let form = format!("multipart/form-data; boundary={BOUNDARY}");
        let kind = match self.row.upload {
            Some(MOST_FORM_BYTES) => form.as_str(),
            Some(_) => "text/csv",
            None => "application/json",
        };
        let request = Request::builder().method(self.row.method.clone()).uri(path).header("content-type", kind);
        request.header("authorization", format!("Bearer {}", self.client.token())).body(body.into()).expect("a request")
    }

    /// The body of a request that is fine, as it is sent.
    fn fine_body(&self) -> Body {
        match &self.body {
            None => Body::empty(),
            Some(Value::String(text)) if self.row.upload == Some(MOST_FORM_BYTES) => Body::from(text_form(text)),
            Some(Value::String(file)) => Body::from(file.clone()),
            Some(body) => Body::from(body.to_string()),
        }
    }

    /// The parameters of the document that stand in the query or in the path.
    fn parameters(&self, place: &str) -> Vec<&Value> {
        self.spec["parameters"].as_array().into_iter().flatten().filter(|parameter| parameter["in"] == place).collect()
    }

    /// The path with the query of a request that is fine, without one parameter of it.
    fn path_without(&self, parameter: &str) -> String {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let others = query.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(parameter));
        format!("{path}?{}", others.map(|pair| format!("{pair}&")).collect::<String>())
    }
}

/// What a schema stands for: references followed.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    let Some(reference) = schema["$ref"].as_str() else { return schema };
    resolved(document, &document[&"components"]["schemas"][reference.rsplit('/').next().unwrap_or_default()])
}

/// The alternatives that a schema allows, each without references.
fn alternatives<'d>(document: &'d Value, schema: &'d Value) -> Vec<&'d Value> {
    let schema = resolved(document, schema);
    let several = ["oneOf", "anyOf"].iter().find_map(|name| schema[name].as_array());
    several.map_or_else(|| vec![schema], |several| several.iter().flat_map(|one| alternatives(document, one)).collect())
}

/// The JSON types that a schema allows.
fn types<'d>(alternatives: &[&'d Value]) -> BTreeSet<&'d str> {
    let of = |schema: &&'d Value| match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => vec!["object", "array", "boolean", "integer", "number", "string", "null"],
    };
    let mut types: BTreeSet<&str> = alternatives.iter().flat_map(of).collect();
    if types.contains("number") {
        types.insert("integer");
    }
    types
}

/// A field of a body: where it is, what errors call it, and what the document says of it.
struct Field<'d> {
    pointer: String,
    name: String,
    alternatives: Vec<&'d Value>,
}

/// Every field that a body of this schema can have, also of what is in the lists and objects of a body that is fine.
fn fields<'d>(document: &'d Value, schema: &'d Value, fine: &Value, pointer: &str, name: &str) -> Vec<Field<'d>> {
    let mut found = Vec::new();
    for schema in alternatives(document, schema) {
        for (property, schema) in schema["properties"].as_object().into_iter().flatten() {
            let pointer = format!("{pointer}/{property}");
            let name = if name.is_empty() { property.clone() } else { format!("{name}.{property}") };
            if let Some(inner) = fine.get(property) {
                found.extend(fields(document, schema, inner, &pointer, &name));
            }
            found.push(Field { pointer, name, alternatives: alternatives(document, schema) });
        }
        if let (Some(items), Some(first)) = (schema.get("items"), fine.get(0)) {
            found.extend(fields(document, items, first, &format!("{pointer}/0"), &format!("{name}[0]")));
        }
    }
    found
}

/// The body with another value of the field, as text: some values are no JSON of ours.
fn with(fine: &Value, field: &Field<'_>, value: &str) -> String {
    const MARK: &str = "«here»";
    let mut body = fine.clone();
    let (parent, property) = field.pointer.rsplit_once('/').expect("a pointer");
    body.pointer_mut(parent).expect("the parent is there")[property] = json!(MARK);
    body.to_string().replace(&json!(MARK).to_string(), value)
}

/// What may be wrong with a field, as JSON text.
fn bad_values(field: &Field<'_>) -> Vec<(String, Must)> {
    use Must::{BeAnswered, BeRefused};
    let types = types(&field.alternatives);
    let samples =
        [("object", r#"{"a":1}"#), ("array", "[1]"), ("boolean", "true"), ("integer", "7"), ("string", r#""x""#), ("null", "null")];
    let mut bad: Vec<(String, Must)> =
        samples.into_iter().filter(|(kind, _)| !types.contains(kind)).map(|(_, sample)| (sample.to_owned(), BeRefused)).collect();
    if !types.contains("number") {
        bad.extend(["1.5", "1e300"].map(|number| (number.to_owned(), BeRefused)));
    }
    bad.push((format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)), BeAnswered));
    for schema in &field.alternatives {
        bad.extend(texts(&field.name, schema).into_iter().map(|(text, must)| (json!(text).to_string(), must)));
        bad.extend(numbers(schema));
    }
    bad
}

/// What may be wrong with a text.
fn texts(name: &str, schema: &Value) -> Vec<(String, Must)> {
    use Must::{BeAnswered, BeRefused};
    if !types(&[schema]).contains("string") {
        return Vec::new();
    }
    let mut bad =
        vec![("a\u{0}b", BeRefused), ("a\u{1b}[2Jb", BeRefused), ("\u{9f}", BeRefused), ("", BeAnswered), ("\u{202e}\u{fffd}", BeAnswered)];
    if schema["enum"].is_array() {
        bad.extend([("", BeRefused), ("no_such_thing", BeRefused)]);
    }
    if schema["minLength"].as_u64().is_some_and(|least| least > 0) {
        bad.push(("", BeRefused));
    }
    if name.ends_with("time_zone") {
        bad.extend(["Mars/Olympus_Mons", "../../etc/passwd", "/etc/passwd", "UTC+25", "America/"].map(|zone| (zone, BeRefused)));
    }
    match schema["format"].as_str() {
        Some("date") => {
            bad.extend(
                ["0000-01-01", "0000-00-00", "10000-01-01", "-0001-01-01", "2026-02-30", "2026-4-1", "tomorrow"]
                    .map(|day| (day, BeRefused)),
            );
            bad.push(("9999-12-31", BeAnswered));
        }
        Some("date-time") => {
            let wrong =
                ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-02-30T00:00:00Z", "2026-03-08T02:30:00[America/New_York]", "now"];
            bad.extend(wrong.map(|time| (time, BeRefused)));
            bad.push(("2026-03-08T02:30:00", BeAnswered));
        }
        _ => {}
    }
    let mut bad: Vec<_> = bad.into_iter().map(|(text, must)| (text.to_owned(), must)).collect();
    bad.push(("a".repeat(MEGABYTE / 2), BeRefused));
    bad
}

/// What may be wrong with a whole number.
fn numbers(schema: &Value) -> Vec<(String, Must)> {
    if !types(&[schema]).contains("integer") {
        return Vec::new();
    }
    let mut bad = vec![("9223372036854775808".to_owned(), Must::BeRefused), ("9223372036854775807".to_owned(), Must::BeAnswered)];
    if let Some(least) = schema["minimum"].as_i64() {
        bad.extend([(least - 1).to_string(), "-9223372036854775808".to_owned()].map(|number| (number, Must::BeRefused)));
    }
    if let Some(most) = schema["maximum"].as_i64() {
        bad.push(((most + 1).to_string(), Must::BeRefused));
    }
    bad
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

async fn what_is_no_body_is_refused(app: &TestApp) {
    let (own, _) = furnished(app).await;
    let mut findings = Findings::default();
    for operation in operations(app, &own).await {
        let (Some(schema), Some(fine)) = (operation.body_schema(), operation.body.as_ref()) else { continue };
        let text = fine.to_string();
        let deep = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000)).into_bytes();
        let unknown = text.replacen('{', r#"{"surprise":1,"#, 1);
        for (what, body, field) in [
            ("a list", b"[]".to_vec(), "body"),
            ("a list of bodies", format!("[{text}]").into_bytes(), "body"),
            ("a text", br#""text""#.to_vec(), "body"),
            ("a number", b"17".to_vec(), "body"),
            ("a body that ends too early", text.as_bytes()[..text.len() - 1].to_vec(), ""),
            ("two bodies", format!("{text}{text}").into_bytes(), "body"),
            ("a byte order mark", format!("\u{feff}{text}").into_bytes(), "body"),
            ("bytes that are no UTF-8", [b"\xff\xfe".as_slice(), text.as_bytes()].concat(), "body"),
            ("a text that is no UTF-8", [br#"{"surprise":""#.as_slice(), b"\xc3\x28", br#""}"#].concat(), "body"),
            ("lists in lists", deep("[", "]"), "body"),
            ("objects in objects", deep(r#"{"a":"#, "}"), ""),
            ("an unknown field", unknown.clone().into_bytes(), "surprise"),
            ("a field twice", unknown.replacen('{', r#"{"surprise":1,"#, 1).into_bytes(), "surprise"),
            ("a control character in a name", text.replacen('{', r#"{"a\u0000b":1,"#, 1).into_bytes(), ""),
        ] {
            let request = operation.request(&operation.path, body);
            let verdict = |answer: &Answer| {
                is_fine(answer, Must::BeRefused, field) || (field.is_empty() && answer.body["errors"][0]["field"].is_string())
            };
            findings.try_it(&operation, what, request, verdict).await;
        }
        if !types(&alternatives(&app.openapi, schema)).contains("null") {
            let null = operation.request(&operation.path, "null");
            findings.try_it(&operation, "null", null, |answer| is_fine(answer, Must::BeRefused, "body")).await;
        }
        let huge = text.replacen('{', &format!(r#"{{"surprise":"{}","#, "a".repeat(10 * MEGABYTE)), 1);
        findings.try_it(&operation, "ten megabytes", operation.request(&operation.path, huge), |answer| answer.status == 413).await;
        let mut form = operation.request(&operation.path, "a=b");
        form.headers_mut().insert("content-type", "application/x-www-form-urlencoded".parse().expect("a type"));
        findings.try_it(&operation, "a form", form, |answer| answer.status == 415).await;
    }
    findings.expect_none();
}

async fn a_body_that_nobody_reads_is_refused(app: &TestApp) {
    let (own, _) = furnished(app).await;
    let mut findings = Findings::default();
    for operation in operations(app, &own).await {
        if operation.row.method == Method::GET || operation.spec.get("requestBody").is_some() {
            continue;
        }
        for (what, body, field) in
            [("an unknown field", r#"{"surprise":1}"#, "surprise"), ("a list", "[]", "body"), ("a text", r#""text""#, "body")]
        {
            let request = operation.request(&operation.path, body);
            findings.try_it(&operation, what, request, |answer| is_fine(answer, Must::BeRefused, field)).await;
        }
        let huge = operation.request(&operation.path, "a".repeat(2 * MEGABYTE));
        findings.try_it(&operation, "two megabytes", huge, |answer| answer.status == 413).await;
        let mut form = operation.request(&operation.path, "a=b");
        form.headers_mut().insert("content-type", "application/x-www-form-urlencoded".parse().expect("a type"));
        findings.try_it(&operation, "a form", form, |answer| answer.status == 415).await;
    }
    findings.expect_none();
}

async fn each_field_is_refused_by_its_name(app: &TestApp) {
    let (own, _) = furnished(app).await;
    let mut findings = Findings::default();
    for operation in operations(app, &own).await {
        let (Some(schema), Some(fine)) = (operation.body_schema(), operation.body.as_ref()) else { continue };
        for field in fields(&app.openapi, schema, fine, "", "") {
            for (value, must) in bad_values(&field) {
                let what = format!("{} = {}", field.name, shortened(&value));
                let request = operation.request(&operation.path, with(fine, &field, &value));
                findings.try_it(&operation, &what, request, |answer| is_fine(answer, must, &field.name)).await;
            }
        }
    }
    findings.expect_none();
}

/// What may be wrong with a parameter in the query, as it stands in the address.
fn bad_words(name: &str, alternatives: &[&Value]) -> Vec<(String, Must)> {
    use Must::{BeAnswered, BeRefused};
    let mut bad: Vec<(String, Must)> = ["%00", "%FF", "%C3%28", "%", "%zz", "a%1Bb"].map(|word| (word.to_owned(), BeRefused)).into();
    bad.push(("a".repeat(20_000), BeAnswered));
    let words = |words: &[&str], must| words.iter().map(|word| ((*word).to_owned(), must)).collect::<Vec<_>>();
    for schema in alternatives {
        match schema["type"].as_str() {
            Some("integer") => bad.extend(words(&["x", "1.5", "1e3", "0x10", "", "99999999999999999999", "-1", "%D9%A3"], BeRefused)),
            Some("boolean") => bad.extend(words(&["maybe", "1", "", "TRUE"], BeRefused)),
            _ => {}
        }
        if let Some(most) = schema["maximum"].as_i64() {
            bad.push(((most + 1).to_string(), BeRefused));
        }
        if let Some(most) = schema["maxLength"].as_u64() {
            bad.push(("a".repeat(usize::try_from(most).expect("short") + 1), BeRefused));
        }
        if schema["enum"].is_array() || schema["items"].is_object() {
            bad.extend(words(&["no_such_thing"], BeRefused));
        }
        if schema["format"] == "date" || ["from", "to"].contains(&name) {
            bad.extend(words(&["x", "0000-01-01", "2026-02-30", "10000-01-01"], BeRefused));
            bad.extend(words(&["9999-12-31", "1000-01-01", "2026-03-08"], BeAnswered));
        }
    }
    bad
}

async fn each_parameter_is_refused_by_its_name(app: &TestApp) {
    let (own, _) = furnished(app).await;
    let mut findings = Findings::default();
    for operation in operations(app, &own).await {
        let parameters = operation.parameters("query");
        // A socket is asked for in another way; its own tests have it.
        if parameters.is_empty() || operation.row.operation_id == "open_events" {
            continue;
        }
        let body = || operation.fine_body();
        for parameter in parameters {
            let name = parameter["name"].as_str().expect("a name");
            let path = operation.path_without(name);
            for (word, must) in bad_words(name, &alternatives(&app.openapi, &parameter["schema"])) {
                let request = operation.request(&format!("{path}{name}={word}"), body());
                let what = format!("{name}={}", shortened(&word));
                findings.try_it(&operation, &what, request, |answer| is_fine(answer, must, name)).await;
            }
            let twice = operation.request(&format!("{path}{name}=1&{name}=1"), body());
            findings.try_it(&operation, &format!("{name} twice"), twice, |answer| is_fine(answer, Must::BeRefused, name)).await;
        }
        let unknown = operation.request(&format!("{}surprise=1", operation.path_without("surprise")), body());
        findings.try_it(&operation, "surprise=1", unknown, |answer| is_fine(answer, Must::BeRefused, "surprise")).await;
    }
    findings.expect_none();
}

async fn each_id_in_a_path_is_refused_by_its_name(app: &TestApp) {
    let (own, _) = furnished(app).await;
    let mut findings = Findings::default();
    let digits = "9".repeat(5_000);
    for operation in operations(app, &own).await {
        let body = || operation.fine_body();
        for parameter in operation.parameters("path") {
            let name = parameter["name"].as_str().expect("a name");
            let at = operation.row.path.split('/').position(|part| part == format!("{{{name}}}")).expect("it is in the path");
            for word in ["-1", "0", "x", "1.5", "1e3", "9223372036854775808", "%00", "%FF", "1%20", "%2B1", "%D9%A3", &digits] {
                let parts: Vec<&str> =
                    operation.path.split('/').enumerate().map(|(index, part)| if index == at { word } else { part }).collect();
                let request = operation.request(&parts.join("/"), body());
                // What is no UTF-8 has no name yet.
                let field = if word == "%FF" { "path" } else { name };
                let what = format!("{name} = {}", shortened(word));
                // A token is whatever it is; a wrong one opens nothing.
                let must = if parameter.pointer("/schema/type") == Some(&json!("string")) { Must::BeAnswered } else { Must::BeRefused };
                findings.try_it(&operation, &what, request, |answer| is_fine(answer, must, field) && !answer.status.is_success()).await;
            }
        }
    }
    findings.expect_none();
}

/// In the clinic's zone the clocks go from 02:00 to 03:00 on 14 March 2027.
async fn a_time_that_the_clocks_skip_is_refused(app: &TestApp) {
    let (own, _) = furnished(app).await;
    let admin = app.sign_in(Who::Admin).await;
    let booking = |time: &str| json!({ "patient_id": own["patient_id"], "provider_user_id": own["doctor_id"], "date": "2027-03-14", "time": time, "duration_minutes": 30 });
    for time in ["02:00", "02:30", "02:59"] {
        let answer = admin.post("/api/appointments", booking(time)).await;
        assert!(is_fine(&answer, Must::BeRefused, "time"), "{time}: {} {}", answer.status, answer.body);
    }
    admin.post("/api/appointments", booking("03:00")).await.expect(201);
    admin.post("/api/appointments", booking("01:30")).await.expect(201);
}

async fn what_would_be_ignored_is_refused(app: &TestApp) {
    let admin = app.sign_in(Who::Admin).await;
    for list in ["/api/auth/sessions?", "/api/patients/search?q=a&"] {
        let answer = admin.get(&format!("{list}search=nothing")).await;
        assert!(is_fine(&answer, Must::BeRefused, "search"), "{list}: {} {}", answer.status, answer.body);
    }
    for (path, field) in [("/api/clinics/1", "name"), ("/api/clinics/1", "slot_minutes"), ("/api/auth/me", "first_name")] {
        let answer = admin.put(path, json!({ field: null })).await;
        assert!(is_fine(&answer, Must::BeRefused, field), "{path} {field}: {} {}", answer.status, answer.body);
    }
}
