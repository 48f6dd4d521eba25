//! The first start.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use clinichub_api::{Body, Public, Read, Result, Versioned, rules};
use clinichub_core::{AppError, Currency};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::session::tokens;
use super::{Tokens, user_agent};
use crate::App;
use crate::billing::{NewService, ServiceBody};
use crate::clinics::{CreateClinic, NewClinic};
use crate::doctors::{Profile, WeeklyEntry, check_weekly};
use crate::identity::service::{self, Beginning, DoctorPerson, FirstAdmin, FirstDoctor};

/// Whether this installation is new.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SetupState {
    /// Whether nobody has an account yet.
    #[schema(example = false)]
    needed: bool,
}

impl Versioned for SetupState {}

/// Says whether this installation still has to be set up.
#[utoipa::path(
    get, path = "/api/setup",
    responses((status = 200, description = "Whether nobody has an account yet", body = SetupState))
)]
pub async fn get_setup(public: Public<App>) -> Result<Read<SetupState>> {
    let needed = service::is_setup_needed(&public.app, &public.grant).await?;
    Ok(Read(SetupState { needed }))
}

/// The first clinic, its admin, and if wanted who treats its patients, when, and for what price.
#[derive(Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "token": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "clinic": {
        "code": "ABC01", "name": "Harbour Family Practice", "time_zone": "America/Puerto_Rico", "currency": "USD", "city": "San Juan",
        "slot_minutes": 30
    },
    "admin": { "first_name": "Ada", "last_name": "Marín", "email": "ada@harbour.example", "password": "violet kettle 9" },
    "first_doctor": { "is_admin": true, "specialization": "Family medicine" },
    "opening_hours": [{ "weekday": "monday", "start": "08:00", "end": "12:00" }],
    "services": [{ "code": "99213", "description": "Office visit", "price": "95.00", "duration_minutes": 30 }]
}))]
pub struct SetupBody {
    /// From the link that the server printed.
    #[schema(max_length = 200)]
    token: String,
    clinic: SetupClinic,
    admin: SetupAdmin,
    /// Who can be booked from the start.
    first_doctor: Option<SetupDoctor>,
    /// When the first doctor can be booked, every week.
    #[serde(default)]
    #[schema(max_items = 100)]
    opening_hours: Vec<WeeklyEntry>,
    /// What the clinic charges. The one that is marked as default, or else the first, is billed where an appointment names none.
    #[serde(default)]
    #[schema(max_items = 100)]
    services: Vec<ServiceBody>,
}

/// The first clinic.
#[derive(Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct SetupClinic {
    /// Two to six capital letters and two to four digits; `ABC01` is taken where none is given.
    #[schema(min_length = 1, max_length = 32, pattern = r"\S")]
    code: Option<String>,
    #[schema(min_length = 1, max_length = 100, pattern = r"\S")]
    name: String,
    /// IANA name.
    #[schema(min_length = 1, max_length = 64, pattern = r"\S", example = "America/Puerto_Rico")]
    time_zone: String,
    currency: Currency,
    #[schema(min_length = 5, max_length = 32, pattern = r"^\+?[0-9][0-9 ().\-/]{3,28}[0-9]$")]
    phone: Option<String>,
    #[schema(format = Email, max_length = 254)]
    email: Option<String>,
    /// Street and number.
    #[schema(max_length = 500)]
    address: Option<String>,
    #[schema(max_length = 100)]
    city: Option<String>,
    /// State or province.
    #[schema(max_length = 100)]
    state: Option<String>,
    #[schema(max_length = 100)]
    country: Option<String>,
    /// How long an appointment usually is; 30.
    #[schema(minimum = 5, maximum = 480)]
    slot_minutes: Option<i64>,
}

/// The code of the first clinic where none is given.
const FIRST_CODE: &str = "ABC01";

impl SetupClinic {
    fn new_clinic(self) -> clinichub_core::Result<NewClinic> {
        let body = CreateClinic {
            code: self.code.unwrap_or_else(|| FIRST_CODE.to_owned()),
            name: self.name,
            time_zone: self.time_zone,
            currency: self.currency,
            phone: self.phone,
            email: self.email,
            address: self.address,
            city: self.city,
            state: self.state,
            country: self.country,
            slot_minutes: self.slot_minutes,
            self_registration: None,
        };
        body.check()?;
        NewClinic::from(body).checked()
    }
}

/// The admin of the first clinic.
#[derive(Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct SetupAdmin {
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    first_name: String,
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    last_name: String,
    #[schema(format = Email, max_length = 254)]
    email: String,
    #[schema(min_length = 8, max_length = 72, format = Password)]
    password: String,
}

impl SetupAdmin {
    fn first_admin(self, headers: &HeaderMap) -> clinichub_core::Result<FirstAdmin> {
        let mut refused = Vec::new();
        rules::name(&mut refused, "first_name", &self.first_name);
        rules::name(&mut refused, "last_name", &self.last_name);
        rules::email(&mut refused, "email", Some(&self.email));
        rules::verdict(refused)?;
        let Self { first_name, last_name, email, password } = self;
        Ok(FirstAdmin { first_name, last_name, email, password, user_agent: user_agent(headers) })
    }
}

/// The first doctor: the admin, or somebody else.
#[derive(Clone, Default, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields, default)]
pub struct SetupDoctor {
    /// Whether it is the admin; then neither names nor address are read.
    is_admin: bool,
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    first_name: Option<String>,
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    last_name: Option<String>,
    /// Where the invitation goes. Without it they can be booked, and can't sign in.
    #[schema(format = Email, max_length = 254)]
    email: Option<String>,
    #[schema(max_length = 100)]
    specialization: Option<String>,
    #[schema(max_length = 32)]
    registration_number: Option<String>,
}

impl SetupDoctor {
    fn first_doctor(self, hours: Vec<WeeklyEntry>) -> clinichub_core::Result<FirstDoctor> {
        let mut refused = Vec::new();
        if !self.is_admin {
            rules::name(&mut refused, "first_name", self.first_name.as_deref().unwrap_or_default());
            rules::name(&mut refused, "last_name", self.last_name.as_deref().unwrap_or_default());
            rules::email(&mut refused, "email", self.email.as_deref());
        }
        rules::text(&mut refused, "specialization", self.specialization.as_deref(), 100);
        rules::text(&mut refused, "registration_number", self.registration_number.as_deref(), 32);
        rules::verdict(refused)?;
        let Self { is_admin, first_name, last_name, email, specialization, registration_number } = self;
        let person = first_name.zip(last_name).filter(|_| !is_admin);
        let person = person.map(|(first_name, last_name)| DoctorPerson { first_name, last_name, email });
        let profile = Profile { specialization, registration_number, ..Profile::default() };
        Ok(FirstDoctor { person, profile, hours })
    }
}

impl SetupBody {
    fn beginning(self, headers: &HeaderMap) -> clinichub_core::Result<Beginning> {
        if self.services.len() > 100 {
            return Err(AppError::field("services", "services: at most 100 entries"));
        }
        check_hours(&self.opening_hours, self.first_doctor.is_some())?;
        let clinic = self.clinic.new_clinic().map_err(|error| error.within("clinic"))?;
        let admin = self.admin.first_admin(headers).map_err(|error| error.within("admin"))?;
        let doctor = self.first_doctor.map(|doctor| doctor.first_doctor(self.opening_hours)).transpose();
        let doctor = doctor.map_err(|error| error.within("first_doctor"))?;
        let services = services(self.services, clinic.currency)?;
        Ok(Beginning { clinic, services, admin, doctor })
    }
}

/// A clinic has no hours of its own: what is open is when somebody can be booked.
fn check_hours(hours: &[WeeklyEntry], has_doctor: bool) -> clinichub_core::Result<()> {
    if !has_doctor && !hours.is_empty() {
        return Err(AppError::field("opening_hours", "Opening hours are the first doctor's; say who that is"));
    }
    if hours.len() > 100 {
        return Err(AppError::field("opening_hours", "opening_hours: at most 100 entries"));
    }
    check_weekly("opening_hours", hours)
}

fn services(bodies: Vec<ServiceBody>, currency: Currency) -> clinichub_core::Result<Vec<NewService>> {
    let service =
        |(index, body): (usize, ServiceBody)| body.into_new(currency).map_err(|error| error.within(&format!("services[{index}]")));
    let services = bodies.into_iter().enumerate().map(service).collect::<clinichub_core::Result<Vec<_>>>()?;
    let mut defaults = services.iter().enumerate().filter(|(_, service)| service.is_default);
    match defaults.nth(1) {
        Some((index, _)) => Err(AppError::field(format!("services[{index}].is_default"), "One service is the default")),
        None => Ok(services),
    }
}

/// Makes the first clinic and its admin, and signs the admin in. Works once.
#[utoipa::path(
    post, path = "/api/setup", request_body = SetupBody,
    responses((status = 201, description = "Ready; the admin is signed in", body = Tokens))
)]
pub async fn set_up(public: Public<App>, headers: HeaderMap, Body(body): Body<SetupBody>) -> Result<Response> {
    let token = body.token.clone();
    let beginning = body.beginning(&headers)?;
    let signed_in = service::set_up(&public.app, &public.grant, &token, beginning).await?;
    tokens(&public.app, &headers, StatusCode::CREATED, "Set-up complete", signed_in)
}
