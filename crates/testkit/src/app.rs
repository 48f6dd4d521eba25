//! A whole ClinicHub in the test's process: either database, two look-alike clinics, a clock that stands still.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use clinichub_api::RouteRow;
use clinichub_app::files::FileSettings;
use clinichub_app::{App, Settings, background, clinics, routes, staff};
use clinichub_core::{ClinicId, Currency, MockClock, OsEntropy, Role, UserId, UtcTime};
use clinichub_db::{Db, DbConfig, DbUrl, PlatformTx};
use clinichub_jobs::system_grant;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::postgres::TestDatabase;

/// Every account's password.
pub const PASSWORD: &str = "correct-horse-7";
/// When the clock stands still, unless a test moves it.
pub const NOW: &str = "2026-04-14T12:00:00Z";
/// bcrypt of [`PASSWORD`] at the lowest cost.
const COST: u32 = 4;

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Embedded.
    Sqlite,
    /// A server.
    Postgres,
}

/// What stands between the parts of a form.
pub const BOUNDARY: &str = "----clinichub-test-form";

/// The body of a form: its fields, then the file.
pub fn form((name, mime, contents): (&str, &str, &[u8]), fields: &[(&str, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, text) in fields {
        body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{text}\r\n").bytes());
    }
    let name = name.replace('"', "%22");
    body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n").bytes());
    body.extend(format!("Content-Type: {mime}\r\n\r\n").bytes());
    body.extend(contents);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    body
}

/// A program with two clinics, `ABC01` and `XYZ02`, and the accounts of [`Who`].
pub struct TestApp {
    /// The program.
    pub app: App,
    /// What would listen.
    pub router: Router,
    /// Every mounted operation.
    pub rows: Vec<RouteRow>,
    /// The document.
    pub openapi: Value,
    /// The clock.
    pub clock: Arc<MockClock>,
    /// Where its files are.
    pub folder: tempfile::TempDir,
    _server: Option<TestDatabase>,
}

/// Somebody with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// `admin@abc01.example`, user 1.
    Admin,
    /// `doctor@abc01.example`, user 2; works in both clinics.
    Doctor,
    /// `nurse@abc01.example`, user 3.
    Nurse,
    /// `receptionist@abc01.example`, user 4.
    Receptionist,
    /// `technician@abc01.example`, user 5.
    Technician,
    /// `admin@xyz02.example`, user 6.
    OtherAdmin,
    /// `doctor@xyz02.example`, user 7; works in XYZ02 only.
    OtherDoctor,
    /// `operator@example.com`, user 8.
    Operator,
}

impl Who {
    /// Everyone, in the order of their user ids.
    pub const ALL: [Self; 8] =
        [Self::Admin, Self::Doctor, Self::Nurse, Self::Receptionist, Self::Technician, Self::OtherAdmin, Self::OtherDoctor, Self::Operator];

    /// What they sign in with.
    pub fn email(self) -> &'static str {
        match self {
            Self::Admin => "admin@abc01.example",
            Self::Doctor => "doctor@abc01.example",
            Self::Nurse => "nurse@abc01.example",
            Self::Receptionist => "receptionist@abc01.example",
            Self::Technician => "technician@abc01.example",
            Self::OtherAdmin => "admin@xyz02.example",
            Self::OtherDoctor => "doctor@xyz02.example",
            Self::Operator => "operator@example.com",
        }
    }

    /// Their user id.
    pub fn id(self) -> UserId {
        let place = Self::ALL.iter().position(|who| *who == self).unwrap_or_default();
        UserId(i64::try_from(place).unwrap_or_default() + 1)
    }

    /// Their role.
    pub fn role(self) -> Role {
        match self {
            Self::Admin | Self::OtherAdmin => Role::Admin,
            Self::Doctor | Self::OtherDoctor => Role::Doctor,
            Self::Nurse => Role::Nurse,
            Self::Receptionist => Role::Receptionist,
            Self::Technician => Role::Technician,
            Self::Operator => Role::PlatformAdmin,
        }
    }

    fn clinics(self) -> &'static [ClinicId] {
        match self {
            Self::Doctor => &[ClinicId(1), ClinicId(2)],
            Self::OtherAdmin | Self::OtherDoctor => &[ClinicId(2)],
            Self::Operator => &[],
            _ => &[ClinicId(1)],
        }
    }
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The JSON, or the text as a JSON string.
    pub body: Value,
}

impl Answer {
    /// The answer, if it has this status; else the test ends here.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }

    /// The `error` of the answer, if it has this status; else the test ends here.
    #[track_caller]
    pub fn error(self, status: u16) -> String {
        self.expect(status)["error"].as_str().unwrap_or_default().to_owned()
    }
}

/// A client with a token, or without one.
#[derive(Clone)]
pub struct Client {
    router: Router,
    token: Option<String>,
    headers: Vec<(String, String)>,
}

impl Client {
    /// Sends a request.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let mut request = request.body(body).expect("a request");
        request.extensions_mut().insert(axum::extract::ConnectInfo(std::net::SocketAddr::from(([127, 0, 0, 1], 4711))));
        self.pass(request).await
    }

    /// Sends a request that was made elsewhere.
    pub async fn pass(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("a router does not fail");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
        Answer { status: parts.status, headers: parts.headers, body: serde_json::from_slice(&bytes).unwrap_or_else(|_| text()) }
    }

    /// POST of a CSV file.
    pub async fn upload(&self, path: &str, csv: impl Into<Body>) -> Answer {
        self.post_body(path, "text/csv", csv.into()).await
    }

    /// POST of a form with a file: its name, what it is said to be, what is in it, and the other fields.
    pub async fn post_file(&self, path: &str, file: (&str, &str, &[u8]), fields: &[(&str, &str)]) -> Answer {
        self.post_form(path, form(file, fields)).await
    }

    /// POST of the body of a form as [`form`] makes it.
    pub async fn post_form(&self, path: &str, body: impl Into<Body>) -> Answer {
        self.post_body(path, &format!("multipart/form-data; boundary={BOUNDARY}"), body.into()).await
    }

    async fn post_body(&self, path: &str, kind: &str, body: Body) -> Answer {
        let mut request = Request::builder().method(Method::POST).uri(path).header("content-type", kind);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        self.pass(request.body(body).expect("a request")).await
    }

    /// GET of a file: the status, the headers and the bytes.
    pub async fn download(&self, path: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
        let mut request = Request::builder().uri(path);
        for (name, value) in self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .chain(self.token.iter().map(|token| ("authorization", format!("Bearer {token}"))))
        {
            request = request.header(name, value);
        }
        let response = self.router.clone().oneshot(request.body(Body::empty()).expect("a request")).await.expect("a router does not fail");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
        (parts.status, parts.headers, bytes)
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// POST.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// PUT.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// The same client with one more header.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut headers = self.headers.clone();
        headers.push((name.to_owned(), value.to_owned()));
        Self { headers, ..self.clone() }
    }

    /// The token.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }
}

impl TestApp {
    /// A program on a database of its own.
    pub async fn start(engine: Engine) -> Self {
        Self::start_with(engine, FileSettings::default()).await
    }

    /// The same, with this said about files.
    pub async fn start_with(engine: Engine, files: FileSettings) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (url, server) = match engine {
            Engine::Sqlite => (DbUrl::Sqlite(folder.path().join("clinichub.db")), None),
            Engine::Postgres => {
                let server = TestDatabase::create().await;
                (DbUrl::Postgres(server.url().as_str().into()), Some(server))
            }
        };
        let db = Db::open(&DbConfig { pg_pool_size: 8, ..DbConfig::new(url) }).await.expect("a database");
        db.migrate().await.expect("the migrations run");
        Self { _server: server, ..Self::on(db, folder, files).await }
    }

    async fn on(db: Db, folder: tempfile::TempDir, files: FileSettings) -> Self {
        let clock = Arc::new(MockClock::new(UtcTime::parse(NOW).expect("a time")));
        let settings = Settings { files, ..settings(folder.path()) };
        let app = App::start(db, clock.clone(), Arc::new(OsEntropy), settings, tokio_util::task::TaskTracker::new());
        let app = app.expect("the program starts");
        populate(&app).await;
        let built = routes().finish(app.clone());
        let openapi = serde_json::to_value(&built.openapi).expect("a document");
        Self { app, router: built.router, rows: built.rows, openapi, clock, folder, _server: None }
    }

    /// A client without a token.
    pub fn anyone(&self) -> Client {
        Client { router: self.router.clone(), token: None, headers: Vec::new() }
    }

    /// A client with this token.
    pub fn with_token(&self, token: &str) -> Client {
        Client { token: Some(token.to_owned()), ..self.anyone() }
    }

    /// A client that has signed in.
    pub async fn sign_in(&self, who: Who) -> Client {
        let body = self.anyone().post("/api/auth/login", json!({ "email": who.email(), "password": PASSWORD })).await.expect(200);
        self.with_token(body["access_token"].as_str().expect("a token"))
    }

    /// A client of somebody who works in several clinics, in the one with this code.
    pub async fn sign_in_to(&self, who: Who, clinic: &str) -> Client {
        let body = json!({ "email": who.email(), "password": PASSWORD, "clinic": clinic });
        let body = self.anyone().post("/api/auth/login", body).await.expect(200);
        self.with_token(body["access_token"].as_str().expect("a token"))
    }

    /// Registers a patient; the id.
    pub async fn patient(&self, client: &Client, first_name: &str, last_name: &str) -> i64 {
        let body = json!({ "first_name": first_name, "last_name": last_name, "dob": "1990-05-10", "sex": "female" });
        client.post("/api/patients", body).await.expect(201)["patient"]["patient_id"].as_i64().expect("an id")
    }

    /// Runs the jobs that are due.
    pub async fn run_jobs(&self) {
        background::runner(&self.app).run_due_now().await.expect("the jobs run");
    }
}

fn settings(folder: &std::path::Path) -> Settings {
    Settings {
        public_url: "http://127.0.0.1:8080".to_owned(),
        data_dir: folder.to_owned(),
        demo: false,
        trust_proxy: false,
        bcrypt_cost: COST,
        jwt_keys: vec![("test".to_owned(), "a key for tests that is long enough: 0123456789".to_owned().into())],
        smtp: None,
        files: FileSettings::default(),
        font_dirs: Vec::new(),
    }
}

async fn populate(app: &App) {
    let hash = app.hasher.hash(PASSWORD).await.expect("a hash");
    let grant = system_grant(None, "populate", app.clock.as_ref());
    let populate = async |mut tx: PlatformTx, hash: String| {
        tx.unaudited("the test's own beginning");
        for (code, name) in [("ABC01", "Harbor Clinic"), ("XYZ02", "Harbour Clinic")] {
            let new = clinics::NewClinic::named(code, name, "America/New_York", Currency::USD);
            clinics::create_in(&mut tx, new).await?;
        }
        for who in Who::ALL {
            let name = format!("{who:?}");
            let new = staff::NewUser {
                first_name: name.clone(),
                last_name: "Tester".to_owned(),
                email: Some(who.email().to_owned()),
                username: Some(name.to_lowercase()),
                phone: None,
                password_hash: Some(hash.clone()),
                is_platform_admin: who == Who::Operator,
            };
            let id = staff::create_user_in(&mut tx, new).await?;
            for clinic in who.clinics() {
                staff::add_member_in(&mut tx, *clinic, id, who.role()).await?;
            }
        }
        Ok(())
    };
    app.db.platform_write(&grant, hash, populate).await.expect("the test's data");
}

/// The same tests on both databases; each takes a `&TestApp`.
#[macro_export]
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&$crate::TestApp::start($crate::Engine::Sqlite).await).await;
            })+
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&$crate::TestApp::start($crate::Engine::Postgres).await).await;
            })+
        }
    };
}
