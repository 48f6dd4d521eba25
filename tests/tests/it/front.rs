//! The application behind HTTP, with two look-alike clinics: a doctor who works in both, one of each role in the first, a patient with a
//! portal account, and the same numbers of charts in either clinic.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use clinichub_app::clinics::{self, NewClinic};
use clinichub_app::doctors::{self, Profile};
use clinichub_app::patients::{self, NewPatient, Patient, Sex};
use clinichub_app::staff::{self, NewUser};
use clinichub_app::{App, Settings, identity, scheduling};
use clinichub_core::{ClinicId, Clock, Currency, OsEntropy, PatientId, Role, UserId};
use clinichub_db::{PlatformTx, TenantTx, params, platform_sql, tenant_sql};
use clinichub_jobs::system_grant;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::house::House;

/// Charts of each clinic.
const CHARTS: usize = 3;

pub struct Front {
    pub app: App,
    router: Router,
    tokens: HashMap<&'static str, String>,
    users: HashMap<&'static str, UserId>,
    /// The charts of both clinics; the first of the first clinic is the portal patient's.
    pub charts: [Vec<PatientId>; 2],
}

/// Who there is: name, role, clinics (by index).
const PEOPLE: [(&str, Role, &[usize]); 8] = [
    ("admin", Role::Admin, &[0]),
    ("doctor", Role::Doctor, &[0, 1]),
    ("colleague", Role::Doctor, &[0]),
    ("nurse", Role::Nurse, &[0]),
    ("technician", Role::Technician, &[0]),
    ("receptionist", Role::Receptionist, &[0]),
    ("stranger", Role::Doctor, &[1]),
    ("other_desk", Role::Receptionist, &[1]),
];

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The body of an answer that must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.json()
    }

    /// The sentence of a refusal that must have this status.
    #[track_caller]
    pub fn refusal(self, status: u16) -> String {
        self.expect(status)["error"].as_str().expect("a sentence").to_owned()
    }
}

impl Front {
    pub async fn open(house: &House) -> Self {
        let clock: Arc<dyn Clock> = house.clock.clone();
        let settings = Settings {
            public_url: "https://clinic.example".into(),
            data_dir: std::env::temp_dir(),
            demo: false,
            trust_proxy: false,
            bcrypt_cost: 4,
            jwt_keys: vec![("test".into(), "0123456789abcdef0123456789abcdef0123456789abcdef".to_owned().into())],
            smtp: None,
            files: clinichub_app::files::FileSettings::default(),
            font_dirs: Vec::new(),
        };
        let app = App::start(house.db.clone(), clock, Arc::new(OsEntropy), settings, house.tasks.clone()).expect("an app");
        let router = identity::routes().merge(scheduling::routes()).finish(app.clone()).router;
        let mut front = Self { app, router, tokens: HashMap::new(), users: HashMap::new(), charts: [Vec::new(), Vec::new()] };
        front.fill(house).await;
        front.sign_in_all().await;
        front
    }

    async fn fill(&mut self, house: &House) {
        let hash = identity::hash_password(&self.app, "a long enough password").await.expect("a hash");
        let grant = system_grant(None, "test", house.clock.as_ref());
        let people = house.db.platform_write(&grant, hash, async |mut tx: PlatformTx, hash: String| {
            tx.unaudited("a test");
            let mut users = HashMap::new();
            let mut open = Vec::new();
            for code in ["ABC01", "XYZ02"] {
                open.push(clinics::create_in(&mut tx, NewClinic::named(code, code, "America/New_York", Currency::USD)).await?.clinic_id);
            }
            for (name, role, at) in PEOPLE {
                let user = staff::create_user_in(&mut tx, person(name, &hash)).await?;
                for clinic in at {
                    staff::add_member_in(&mut tx, open[*clinic], user, role).await?;
                }
                if role == Role::Doctor {
                    doctors::create_profile_in(&mut tx, user, &Profile::default()).await?;
                }
                users.insert(name, user);
            }
            users.insert("patient", staff::create_user_in(&mut tx, person("patient", &hash)).await?);
            Ok((users, open))
        });
        let (users, clinics) = people.await.expect("the people");
        self.users = users;
        for (index, clinic) in clinics.into_iter().enumerate() {
            self.charts[index] = self.fill_clinic(house, clinic).await;
        }
    }

    /// Charts, hours of the doctor from nine to five, and the portal patient's chart in the first clinic.
    async fn fill_clinic(&self, house: &House, clinic: ClinicId) -> Vec<PatientId> {
        let grant = system_grant(Some(clinic), "test", house.clock.as_ref());
        let args = (self.user("doctor"), self.user("patient"));
        let filled = house.db.write(&grant, args, async |mut tx: TenantTx, (doctor, portal): (UserId, UserId)| {
            tx.unaudited("a test");
            let now = tx.now();
            let chart = |number| {
                let new = NewPatient {
                    first_name: format!("First{number}"),
                    last_name: "Secretname".into(),
                    dob: "1990-05-10".parse().expect("a day"),
                    sex: Sex::Other,
                    ..NewPatient::default()
                };
                Patient::register(new, format!("FRONT-P{}", number + 1), None, now)
            };
            let charts = patients::insert_many(&mut tx, &(0..CHARTS).map(chart).collect::<Vec<_>>()).await?;
            for weekday in 1..=7_i64 {
                let hours = tenant_sql!(
                    "INSERT INTO doctor_hours (clinic_id, user_id, weekday, starts_minute, ends_minute, created_at)
                     VALUES ($1, $2, $3, 540, 1020, $4)"
                );
                let now = tx.now();
                tx.exec(hours, params![doctor, weekday, now]).await?;
            }
            if tx.clinic_id() == ClinicId(1) {
                let now = tx.now();
                let link = platform_sql!("INSERT INTO patient_links (clinic_id, patient_id, user_id, created_at) VALUES ($1, $2, $3, $4)");
                tx.platform().exec(link, params![ClinicId(1), charts[0], portal, now]).await?;
            }
            Ok(charts)
        });
        filled.await.expect("a clinic")
    }

    async fn sign_in_all(&mut self) {
        for (name, clinic) in PEOPLE.map(|(name, _, at)| (name, at[0])).into_iter().chain([("patient", 0)]) {
            let token = self.sign_in(name, ["ABC01", "XYZ02"][clinic]).await;
            self.tokens.insert(name, token);
        }
    }

    /// Signs in and gives the access token.
    pub async fn sign_in(&self, name: &str, clinic: &str) -> String {
        let body = json!({ "email": format!("{name}@clinic.example"), "password": "a long enough password", "clinic": clinic });
        let answer = self.send("POST", "/api/auth/login", None, &[], Some(body)).await.expect(200);
        answer["access_token"].as_str().expect("a token").to_owned()
    }

    pub fn user(&self, name: &str) -> UserId {
        self.users[name]
    }

    /// A request of somebody, with or without a body.
    pub async fn call(&self, who: &str, method: &str, path: &str, body: impl Into<Option<Value>>) -> Answer {
        self.send(method, path, Some(&self.tokens[who]), &[], body.into()).await
    }

    pub async fn send(&self, method: &str, path: &str, token: Option<&str>, headers: &[(&str, &str)], body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = match body {
            Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        let response = self.router.clone().oneshot(request.expect("a request")).await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), 10_000_000).await.expect("a body");
        Answer { status, headers, text: String::from_utf8(bytes.to_vec()).expect("a text") }
    }

    /// A booking of the desk: the doctor, at this time for half an hour.
    pub fn booking(&self, chart: usize, start: &str) -> Value {
        let start: clinichub_core::UtcTime = clinichub_core::UtcTime::parse(start).expect("a time");
        let end = start.plus(jiff::SignedDuration::from_mins(30));
        json!({
            "patient_id": self.charts[0][chart], "provider_user_id": self.user("doctor"), "scheduled_start": start, "scheduled_end": end
        })
    }

    /// Books it; gives the appointment.
    pub async fn book(&self, chart: usize, start: &str) -> Value {
        self.call("receptionist", "POST", "/api/appointments", self.booking(chart, start)).await.expect(201)["appointment"].clone()
    }
}

fn person(name: &str, hash: &str) -> NewUser {
    NewUser {
        first_name: name.to_owned(),
        last_name: "Person".into(),
        email: Some(format!("{name}@clinic.example")),
        username: None,
        phone: None,
        password_hash: Some(hash.to_owned()),
        is_platform_admin: false,
    }
}
