//! The application behind its router, without a socket: what the tests of sign-in knock at.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use clinichub_api::Platform as _;
use clinichub_app::clinics::{self, NewClinic};
use clinichub_app::staff::{self, NewUser};
use clinichub_app::{App, Settings, SmtpSettings, background, identity, routes};
use clinichub_core::{AppError, ClinicId, Currency, Grant, Mint, Origin, OsEntropy, Role, TrailEntry, UserId};
use clinichub_db::{PlatformSql, PlatformTx, params};
use clinichub_jobs::system_grant;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use secrecy::SecretString;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::house::House;

pub const PASSWORD: &str = "violet kettle 9";

/// One node.
pub struct Door {
    pub app: App,
    pub router: Router,
    pub data: PathBuf,
    _folder: tempfile::TempDir,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Reply {
    pub fn error(&self) -> (u16, &str) {
        (self.status.as_u16(), self.body["error"].as_str().unwrap_or_default())
    }

    pub fn text(&self, field: &str) -> String {
        self.body[field].as_str().unwrap_or_else(|| panic!("no {field} in {self:?}")).to_owned()
    }
}

/// A request to be.
pub struct Ask<'d> {
    door: &'d Door,
    request: http::request::Builder,
    address: [u8; 4],
}

impl Ask<'_> {
    pub fn token(mut self, token: &str) -> Self {
        self.request = self.request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub fn from(mut self, address: [u8; 4]) -> Self {
        self.address = address;
        self
    }

    pub async fn json(mut self, body: Value) -> Reply {
        self.request = self.request.header(header::CONTENT_TYPE, "application/json");
        self.send(Body::from(body.to_string())).await
    }

    pub async fn go(self) -> Reply {
        self.send(Body::empty()).await
    }

    async fn send(self, body: Body) -> Reply {
        let peer = ConnectInfo(std::net::SocketAddr::from((self.address, 40_000)));
        let request = self.request.extension(peer).body(body).expect("a request");
        let response = self.door.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Reply { status: parts.status, headers: parts.headers, body }
    }
}

impl Door {
    pub fn of(house: &House) -> Self {
        Self::mailing(house, None)
    }

    /// The same with a mail server.
    pub fn mailing(house: &House, smtp: Option<SmtpSettings>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = Settings {
            public_url: "http://localhost:8080".to_owned(),
            data_dir: folder.path().to_owned(),
            demo: false,
            trust_proxy: false,
            bcrypt_cost: 4,
            jwt_keys: vec![("test".to_owned(), SecretString::from("R7vT2mQ9xLw4Zp8NcYb1Hs6Kd3Gf5Ja0"))],
            smtp,
            files: clinichub_app::files::FileSettings::default(),
            font_dirs: Vec::new(),
        };
        let app = App::start(house.db.clone(), house.clock.clone(), Arc::new(OsEntropy), settings, house.tasks.clone()).expect("an app");
        let router = routes().finish(app.clone()).router;
        Self { router, data: folder.path().to_owned(), _folder: folder, app }
    }

    pub fn ask(&self, method: &str, path: &str) -> Ask<'_> {
        Ask { door: self, request: Request::builder().method(method).uri(path), address: [192, 0, 2, 1] }
    }

    pub async fn sign_in(&self, email: &str) -> Reply {
        let reply = self.ask("POST", "/api/auth/login").json(json!({ "email": email, "password": PASSWORD })).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply
    }

    /// Whether the access token opens anything.
    pub async fn is_in(&self, token: &str) -> bool {
        let reply = self.ask("GET", "/api/protected").token(token).go().await;
        assert!(reply.status == 200 || reply.error() == (401, "Invalid or expired token"), "{reply:?}");
        reply.status == 200
    }

    pub async fn run_jobs(&self) -> usize {
        background::runner(&self.app).run_due_now().await.expect("the jobs run")
    }

    /// Runs a statement on behalf of a test.
    pub async fn exec(&self, statement: PlatformSql) -> u64 {
        let run = async |mut tx: PlatformTx, statement: PlatformSql| {
            tx.unaudited("a test's data");
            Ok(tx.exec(statement, params![]).await?)
        };
        let grant = system_grant(None, "test", &*self.app.clock);
        self.app.db.platform_write(&grant, statement, run).await.expect("the statement runs")
    }

    pub async fn count(&self, statement: PlatformSql) -> i64 {
        let run = async |mut tx: PlatformTx, statement: PlatformSql| Ok(tx.one(statement, params![]).await?);
        let grant = system_grant(None, "test", &*self.app.clock);
        self.app.db.platform_read(&grant, statement, run).await.expect("the statement runs")
    }

    pub async fn clinic(&self, code: &str) -> ClinicId {
        let make = async |mut tx: PlatformTx, code: String| {
            let currency = Currency::parse("USD").map_err(AppError::internal)?;
            let clinic = clinics::create_in(&mut tx, NewClinic::named(&code, "A clinic", "UTC", currency)).await?;
            tx.audit(Some(clinic.clinic_id), TrailEntry::default()).await?;
            Ok(clinic.clinic_id)
        };
        let grant = system_grant(None, "test", &*self.app.clock);
        self.app.db.platform_write(&grant, code.to_owned(), make).await.expect("a clinic")
    }

    /// Somebody with an e-mail address, the same as user name, and a phone number.
    pub async fn person(&self, name: &str, seats: &[(ClinicId, Role)]) -> UserId {
        let hash = identity::hash_password(&self.app, PASSWORD).await.expect("a hash");
        let user = NewUser {
            first_name: name.to_owned(),
            last_name: "Test".to_owned(),
            email: Some(format!("{name}@example.org")),
            username: Some(name.to_owned()),
            phone: Some(format!("+1 787 555 {:04}", name.len())),
            password_hash: Some(hash),
            is_platform_admin: seats.is_empty(),
        };
        let make = async |mut tx: PlatformTx, (user, seats): (NewUser, Vec<(ClinicId, Role)>)| {
            let user_id = staff::create_user_in(&mut tx, user).await?;
            for (clinic, role) in seats {
                staff::add_member_in(&mut tx, clinic, user_id, role).await?;
            }
            tx.audit(None, TrailEntry::default()).await?;
            Ok(user_id)
        };
        let grant = system_grant(None, "test", &*self.app.clock);
        self.app.db.platform_write(&grant, (user, seats.to_vec()), make).await.expect("a person")
    }

    /// The grant behind a token, for calling a service directly.
    #[expect(clippy::disallowed_methods, reason = "a test stands in for the guard")]
    pub async fn access(&self, token: &str) -> Grant {
        let origin = Origin::default();
        let principal = self.app.authenticate(token, &origin).await.expect("a good token");
        Mint::user(principal, origin, self.app.clock.now())
    }

    /// The mails in the data folder, in the order they were sent.
    pub fn mails(&self) -> Vec<String> {
        let Ok(folder) = std::fs::read_dir(self.data.join("mail")) else { return Vec::new() };
        let mut files: Vec<_> = folder.map(|entry| entry.expect("an entry").path()).collect();
        files.sort();
        files.into_iter().map(|file| std::fs::read_to_string(file).expect("a mail")).collect()
    }
}

/// The token of the link in a mail, whose lines are wrapped as quoted-printable.
pub fn token_in(mail: &str) -> String {
    let text = mail.replace("=\r\n", "").replace("=3D", "=");
    let rest = text.split("#token=").nth(1).unwrap_or_else(|| panic!("no link in {text}"));
    rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter)).collect()
}
