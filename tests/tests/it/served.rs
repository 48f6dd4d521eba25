//! The application on a loopback port, with two look-alike clinics, for what must be seen through a socket.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use clinichub_api::Built;
use clinichub_app::{App, Settings, background, identity, routes};
use clinichub_core::{ClinicId, OsEntropy, PatientId, Permission, TrailEntry};
use clinichub_db::{Event, PlatformSql, params, platform_sql};
use clinichub_jobs::system_grant;
use serde_json::{Value, json};
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt;

use crate::house::House;

const PASSWORD: &str = "a quiet harbour at dawn";

/// Two clinics: in each an admin and a nurse (`admin1`, `nurse1`, `admin2`, `nurse2`), and two patients of clinic 1 (`patient1`,
/// `patient2`) with a chart each.
pub struct Served {
    pub app: App,
    pub address: String,
    router: axum::Router,
    _stop: DropGuard,
}

impl Served {
    /// Fills the database and serves it.
    pub async fn fill(house: &House) -> Self {
        let served = Self::start(house).await;
        let hash = identity::hash_password(&served.app, PASSWORD).await.expect("a hash");
        let grant = system_grant(None, "test", house.clock.as_ref());
        let filled = house.db.platform_write(&grant, hash, |mut tx, hash| async move {
            tx.unaudited("a test's data");
            let now = tx.now();
            for (clinic, code) in [(1, "ABC01"), (2, "XYZ02")] {
                tx.exec(CLINIC, params![clinic, code, now]).await?;
            }
            for (user, name) in PEOPLE {
                tx.exec(USER, params![user, name, &hash, now]).await?;
            }
            for (clinic, user, role) in [(1, 11, "admin"), (1, 12, "nurse"), (2, 21, "admin"), (2, 22, "nurse")] {
                tx.exec(MEMBER, params![clinic, user, role, now]).await?;
            }
            for (patient, user) in [(1, 31), (2, 32)] {
                tx.exec(CHART, params![patient, format!("P-{patient}"), now]).await?;
                tx.exec(LINK, params![patient, user, now]).await?;
            }
            Ok(())
        });
        filled.await.expect("the data is written");
        served
    }

    /// Serves the database as one more node does.
    pub async fn start(house: &House) -> Self {
        let settings = Settings {
            public_url: "http://127.0.0.1".to_owned(),
            data_dir: std::env::temp_dir(),
            demo: false,
            trust_proxy: false,
            bcrypt_cost: 4,
            jwt_keys: vec![("test".to_owned(), "0123456789abcdef0123456789abcdef".to_owned().into())],
            smtp: None,
            files: clinichub_app::files::FileSettings::default(),
            font_dirs: Vec::new(),
        };
        let app = App::start(house.db.clone(), house.clock.clone(), Arc::new(OsEntropy), settings, house.tasks.clone()).expect("an app");
        let stop = CancellationToken::new();
        background::start(&app, &stop);
        let Built { router, .. } = routes().finish(app.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        house.tasks.spawn(axum::serve(listener, router.clone()).with_graceful_shutdown(stop.clone().cancelled_owned()).into_future());
        Self { app, address, router, _stop: stop.drop_guard() }
    }

    /// A request, answered with status and JSON.
    pub async fn ask(&self, method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request.body(body.map_or_else(Body::empty, |body| body.to_string().into())).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// Reads something that must be there.
    pub async fn get(&self, token: &str, path: &str) -> Value {
        let (status, body) = self.ask("GET", path, Some(token), None).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    /// Signs in; the access token.
    pub async fn sign_in(&self, name: &str) -> String {
        let body = json!({"username": name, "password": PASSWORD});
        let (status, answer) = self.ask("POST", "/api/auth/login", None, Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["access_token"].as_str().expect("a token").to_owned()
    }

    /// Something happens to an appointment of a patient of a clinic; the event's number.
    pub async fn happen(&self, clinic: i64, patient: i64, appointment: i64) {
        let grant = system_grant(Some(ClinicId(clinic)), "test", self.app.clock.as_ref());
        let written = self.app.db.write(&grant, (patient, appointment), |mut tx, (patient, appointment)| async move {
            tx.audit(TrailEntry { patient_id: Some(PatientId(patient)), ..TrailEntry::default() }).await?;
            let event = Event {
                kind: "appointment.status_changed",
                resource: ("appointment", appointment),
                needs: Permission::AppointmentRead,
                patient_id: Some(PatientId(patient)),
                payload: json!({"status": "waiting"}),
            };
            Ok(tx.emit(event).await?)
        });
        written.await.expect("the event is written");
    }

    /// Runs a statement behind the program's back.
    pub async fn tamper(&self, statement: PlatformSql) {
        let grant = system_grant(None, "test", self.app.clock.as_ref());
        let done = self.app.db.platform_write(&grant, (), move |mut tx, ()| async move {
            tx.unaudited("a test breaks something");
            Ok(tx.exec(statement, params![]).await?)
        });
        done.await.expect("the statement runs");
    }
}

const PEOPLE: [(i64, &str); 6] = [(11, "admin1"), (12, "nurse1"), (21, "admin2"), (22, "nurse2"), (31, "patient1"), (32, "patient2")];
const CLINIC: PlatformSql = platform_sql!(
    "INSERT INTO clinics (clinic_id, code, name, time_zone, currency, created_at, updated_at)
     VALUES ($1, $2, 'A clinic', 'America/New_York', 'USD', $3, $3)"
);
const USER: PlatformSql = platform_sql!(
    "INSERT INTO users (user_id, first_name, last_name, username, password_hash, created_at, updated_at)
     VALUES ($1, 'Alex', 'Doe', $2, $3, $4, $4)"
);
const MEMBER: PlatformSql =
    platform_sql!("INSERT INTO memberships (clinic_id, user_id, role, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)");
const CHART: PlatformSql = platform_sql!(
    "INSERT INTO patients (clinic_id, patient_id, mrn, first_name, last_name, name_key, dob, sex, created_at, updated_at)
     VALUES (1, $1, $2, 'Alex', 'Doe', 'doe alex', '1980-01-01', 'other', $3, $3)"
);
const LINK: PlatformSql = platform_sql!("INSERT INTO patient_links (clinic_id, patient_id, user_id, created_at) VALUES (1, $1, $2, $3)");
