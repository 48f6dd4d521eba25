//! The OpenAPI 3.1 document: what each operation has in common is written here, once.

use http::Method;
use utoipa::openapi::content::Content;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::header::Header;
use utoipa::openapi::path::{HttpMethod, Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, Info, License, OpenApi, OpenApiBuilder, Ref, RefOr, Required, Response, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};

use crate::{Problem, RouteRow};

const DESCRIPTION: &str = "Clinic management: patients, schedule, billing.\n\n\
    **Envelope.** With `Accept: application/vnd.clinichub.envelope+json` every JSON answer comes as \
    `{\"success\":true,\"data\":…,\"message\":…,\"pagination\":{\"page\",\"limit\",\"total\"}}`, every error as \
    `{\"success\":false,\"error\",\"code\"}`.\n\n\
    **Lost updates.** Resources carry a `version` and an `ETag`; send it as `If-Match` with a change, or several of \
    which one must be the stored one. A weak tag (`W/\"v3\"`, as compressing proxies make them) matches none: the \
    tag can be made of `version`, too.\n\n\
    **Text.** Control characters but line feed, carriage return and tab are refused everywhere.\n\n\
    **Retries.** Send an `Idempotency-Key` with a `POST`; the same key and body give the first result again. In a form with \
    a file, its fields and the file are the body, whatever stands between them. A refusal (4xx) is not kept: it has changed nothing, and \
    the same request is judged anew. Where the first result held tokens of a session, the same session gets others.";

/// Each error that an operation can answer: status, name of the component, what it means, an example sentence.
const ERRORS: [(u16, &str, &str, &str); 13] = [
    (400, "BadRequest", "Malformed, or breaks a rule; refused fields are named", "Missing required field: first_name"),
    (401, "Unauthorized", "No credentials, or none that hold", "Invalid or expired token"),
    (403, "Forbidden", "Signed in, and not allowed", "You do not have permission to do this"),
    (404, "NotFound", "Not there, or not yours to see", "Patient not found"),
    (409, "Conflict", "Conflicts with what is stored", "Email already exists"),
    (
        412,
        "PreconditionFailed",
        "`If-Match` names another version than the stored one",
        "The record was changed by someone else; load it again",
    ),
    (413, "ContentTooLarge", "The body is too large", "The request is too large; at most 1048576 bytes are accepted"),
    (415, "UnsupportedMediaType", "The body is of another type", "The body must be application/json"),
    (
        422,
        "IdempotencyMismatch",
        "The `Idempotency-Key` was used with another request",
        "This Idempotency-Key was used with a different request",
    ),
    (429, "TooManyRequests", "Too often", "Too many requests; try again in 60 seconds"),
    (500, "InternalError", "A fault of the program", "Internal error"),
    (503, "Unavailable", "The database is away or busy", "The service is temporarily unavailable; try again"),
    (
        507,
        "InsufficientStorage",
        "There is no room for the file; nothing of it is kept",
        "There is no room left for files; tell whoever runs this installation",
    ),
];

/// The document without paths.
pub fn document() -> OpenApi {
    let mut info = Info::new("ClinicHub", env!("CARGO_PKG_VERSION"));
    info.description = Some(DESCRIPTION.to_owned());
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    info.license = Some(license);
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    let mut components = ComponentsBuilder::new().security_scheme("bearer", SecurityScheme::Http(bearer));
    components = components.schema("Problem", Problem::schema());
    let mut referenced = Vec::new();
    Problem::schemas(&mut referenced);
    for (name, schema) in referenced {
        components = components.schema(name, schema);
    }
    for (status, name, meaning, example) in ERRORS {
        components = components.response(name, error_response(status, meaning, example));
    }
    OpenApiBuilder::new().info(info).components(Some(components.build())).build()
}

fn error_response(status: u16, meaning: &str, example: &str) -> Response {
    let mut response = ResponseBuilder::new().description(meaning).build();
    complete_error(&mut response, status, example);
    response
}

/// Gives an error its body, with an example, and its headers.
fn complete_error(response: &mut Response, status: u16, example: &str) {
    let mut content = Content::new(Some(Ref::from_schema_name("Problem")));
    content.example = Some(serde_json::json!(Problem::example(status, example)));
    response.content.insert("application/problem+json".to_owned(), content.into());
    response.headers.insert("X-Request-Id".to_owned(), text_header().into());
    if matches!(status, 429 | 503) {
        let seconds = Header::new(ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).build());
        response.headers.insert("Retry-After".to_owned(), seconds.into());
    }
    if status == 401 {
        response.headers.insert("WWW-Authenticate".to_owned(), text_header().into());
    }
}

pub(crate) fn text_header() -> Header {
    Header::new(ObjectBuilder::new().schema_type(Type::String).build())
}

/// Adds what follows from the route: security, permission, errors, headers.
pub(crate) fn describe(operation: &mut Operation, row: &RouteRow) {
    let of_slice = row.path.strip_prefix("/api/").and_then(|rest| rest.split('/').next());
    let tag = of_slice.unwrap_or("operations").to_owned();
    operation.tags = Some(vec![tag]);
    let (name, value) = match row.needs {
        Ok(permission) => ("x-permission", permission.as_str()),
        Err(because) => ("x-open-because", because),
    };
    operation.extensions = Some(Extensions::builder().add(name, value).build());
    operation.security = row.needs.is_ok().then(|| vec![SecurityRequirement::new("bearer", [] as [&str; 0])]).or(Some(Vec::new()));
    let mut parameters = operation.parameters.take().unwrap_or_default();
    parameters.extend(headers_of(row).into_iter().map(RefOr::T));
    operation.parameters = (!parameters.is_empty()).then_some(parameters);
    for (status, name) in errors_of(row) {
        operation.responses.responses.entry(status.to_string()).or_insert_with(|| RefOr::Ref(Ref::from_response_name(name)));
    }
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        response.headers.insert("X-Request-Id".to_owned(), text_header().into());
        // A handler says when it answers with an error; what the error looks like is the same for all.
        let known = ERRORS.iter().find(|(known, ..)| *status == known.to_string());
        if let Some((known, _, _, example)) = known.filter(|_| response.content.is_empty()) {
            complete_error(response, *known, example);
        }
    }
}

fn headers_of(row: &RouteRow) -> Vec<Parameter> {
    let header = |name: &str, about: &str, object: ObjectBuilder| {
        let schema = object.schema_type(Type::String).build();
        let builder = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header).required(Required::False);
        builder.description(Some(about)).schema(Some(schema)).build()
    };
    match row.method {
        Method::POST if row.needs.is_ok() => {
            let object = ObjectBuilder::new().min_length(Some(1)).max_length(Some(255)).pattern(Some("^[!-~]+$"));
            vec![header("Idempotency-Key", "The same key and body give the first result again", object)]
        }
        Method::PUT | Method::PATCH | Method::DELETE if row.needs.is_ok() => {
            let object =
                ObjectBuilder::new().examples(["\"v3\""]).pattern(Some(r#"^(\*|v?[0-9]{1,18}|(W/)?"[!#-~]*"(, *(W/)?"[!#-~]*")*)$"#));
            vec![header("If-Match", "The ETag of the version that is changed, or several of which one must be the stored one", object)]
        }
        _ => Vec::new(),
    }
}

fn errors_of(row: &RouteRow) -> Vec<(u16, &'static str)> {
    let is_guarded = row.needs.is_ok();
    let is_write = row.method != Method::GET;
    let applies = |status: u16| match status {
        401 | 403 => is_guarded,
        404 => is_write || row.path.contains('{'),
        409 | 413 | 415 => is_write,
        412 => is_guarded && matches!(row.method, Method::PUT | Method::PATCH | Method::DELETE),
        507 => row.upload.is_some(),
        422 => is_guarded && row.method == Method::POST,
        _ => true,
    };
    ERRORS.iter().filter(|(status, ..)| applies(*status)).map(|(status, name, ..)| (*status, *name)).collect()
}

/// Adds an operation to the document.
pub(crate) fn add(document: &mut OpenApi, path: &str, method: &Method, operation: Operation) {
    let http_method = match *method {
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::PATCH => HttpMethod::Patch,
        Method::DELETE => HttpMethod::Delete,
        _ => HttpMethod::Get,
    };
    let item = PathItem::new(http_method, operation);
    match document.paths.paths.get_mut(path) {
        Some(known) => known.merge_operations(item),
        None => {
            document.paths.paths.insert(path.to_owned(), item);
        }
    }
}
