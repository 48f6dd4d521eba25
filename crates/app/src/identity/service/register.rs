//! Patients who register themselves in a clinic.
//!
//! Nobody has checked yet that the address they give is theirs. So a newcomer gets a chart of their own and never one that the
//! clinic already has, whatever address stands in it; the clinic links or merges once it knows who they are. And the answer
//! must not tell who is a patient where: when a chart of the clinic has the address already, the new chart goes without it and
//! the answer is the same. That an address has an account in this installation can't be hidden from somebody who is to be
//! signed in with it right away; it says nothing about clinics, and the route is limited by address.

use clinichub_core::{AppError, ClinicId, Grant, Mint, PatientId, SessionId, TrailEntry, UserId};
use clinichub_db::{Counter, OnConflict as _, PlatformTx, TenantTx};
use serde::{Deserialize, Serialize};

use super::{Me, Renewal, SignedIn, invalid_credentials, open_session, renew};
use crate::App;
use crate::identity::limits::network_of;
use crate::identity::model::{Tried, email_key, one_role_a_clinic, phone_digits, seat_at};
use crate::identity::password::{Whose, check_rules};
use crate::identity::secret::Secret;
use crate::identity::store::{self, NewAccount, OpenClinic};
use crate::patients::{self, NewPatient};
use crate::sealing::{ClinicKey, Field, FieldKeys};

/// A newcomer.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// The clinic's code.
    pub clinic: String,
    /// Who they say they are.
    pub chart: NewPatient,
    /// What they sign in with.
    pub email: String,
    /// Their password.
    pub password: String,
    /// Their program.
    pub user_agent: Option<String>,
}

/// What is kept of a registration: whose session it opened.
#[derive(Serialize, Deserialize)]
struct Registered {
    user_id: UserId,
    session_id: SessionId,
    /// As they see themselves; not kept, there where it was done just now.
    #[serde(skip)]
    me: Option<Me>,
}

/// Makes an account and a chart, and signs in. The same request again, with its `Idempotency-Key`, signs in to the same session.
pub async fn register(app: &App, grant: &Grant, newcomer: Newcomer) -> Result<SignedIn, AppError> {
    let network = network_of(grant.origin().address.as_deref());
    app.sign_in_limits.requests.mark(&network, app.clock.now()).await?;
    check_rules(&newcomer.password, whose(&newcomer), app.settings.demo)?;
    let clinic_id = find_clinic(app, grant, &newcomer.clinic).await?;
    let visitor = visitor(app, grant, clinic_id, &newcomer.email).await?;
    let password = newcomer.password.clone();
    let password_hash = app.hasher.hash(&newcomer.password).await?;
    let number = app.db.next_number(clinic_id, Counter::Patient).await?;
    let refresh = Secret::new(&*app.entropy);
    let args = Registration { newcomer, password_hash, number, refresh_sha256: refresh.sha256.clone(), fields: app.fields.clone() };
    let Registered { user_id, session_id, me } = app.db.create(&visitor, args, make).await?;
    let me = match me {
        Some(me) => me,
        None => {
            require_password(app, &visitor, user_id, &password).await?;
            let renewal = Renewal { user_id, session_id, clinic_id: Some(clinic_id), refresh_sha256: refresh.sha256.clone() };
            app.db.platform_write(&visitor, renewal, renew).await?
        }
    };
    SignedIn::new(app, me, session_id, refresh)
}

/// That the password they registered with is still theirs: a key must not open what the password does not.
async fn require_password(app: &App, visitor: &Grant, user_id: UserId, password: &str) -> Result<(), AppError> {
    let find = async |mut tx: PlatformTx, user_id: UserId| Ok(store::find_account_by_id(&mut tx, user_id).await?);
    let account = app.db.platform_read(visitor, user_id, find).await?.ok_or_else(invalid_credentials)?;
    let pair = (Tried::Account(user_id), network_of(visitor.origin().address.as_deref()));
    if app.check_password(&pair, password, account.password_hash).await? { Ok(()) } else { Err(invalid_credentials()) }
}

fn whose(newcomer: &Newcomer) -> Whose<'_> {
    let chart = &newcomer.chart;
    Whose { email: Some(&newcomer.email), username: None, first_name: &chart.first_name, last_name: &chart.last_name }
}

/// The active clinic of that code, if it takes registrations.
async fn find_clinic(app: &App, grant: &Grant, code: &str) -> Result<ClinicId, AppError> {
    let find = async |mut tx: PlatformTx, code: String| store::get_open_clinic(&mut tx, &code).await;
    let OpenClinic { clinic_id, self_registration } = app.db.platform_read(grant, code.to_owned(), find).await?;
    if self_registration { Ok(clinic_id) } else { Err(AppError::forbidden("This clinic registers its patients itself")) }
}

/// The public door to one clinic: what a visitor's own registration writes, and nothing else.
///
/// A visitor's `Idempotency-Key` is the address's that registers, so that strangers who choose the same one don't meet. Key and request
/// stand in the database as marks by the clinic's key: a password is in the request, and a plain hash of it could be tried out by whoever
/// reads a copy.
#[expect(clippy::disallowed_methods, reason = "the one public route that writes into a clinic")]
async fn visitor(app: &App, grant: &Grant, clinic_id: ClinicId, email: &str) -> Result<Grant, AppError> {
    let mut origin = grant.origin().clone();
    if let Some((key, request)) = origin.idempotency.take() {
        let plain = Mint::visitor(clinic_id, origin.clone(), grant.at());
        let clinic = app.db.write(&plain, app.fields.clone(), clinic_key).await?;
        let mark = |text: &str| clinic.mark(Field::Answer, text);
        origin.idempotency = Some((mark(&format!("{}\n{key}", email_key(email))), mark(&request)));
    }
    Ok(Mint::visitor(clinic_id, origin, grant.at()))
}

async fn clinic_key(mut tx: TenantTx, fields: FieldKeys) -> Result<ClinicKey, AppError> {
    tx.unaudited("a clinic's key says nothing about anybody");
    fields.get_or_make(&mut tx).await
}

#[derive(Clone)]
struct Registration {
    newcomer: Newcomer,
    password_hash: String,
    number: i64,
    refresh_sha256: String,
    fields: FieldKeys,
}

async fn make(mut tx: TenantTx, new: Registration) -> Result<Registered, AppError> {
    let tx = &mut tx;
    let user_id = insert_account(tx, &new).await?;
    let patient_id = insert_chart(tx, &new).await?;
    let clinic_id = tx.clinic_id();
    let mut ptx = tx.platform();
    store::insert_link(&mut ptx, clinic_id, patient_id, user_id).await?;
    let me = seat_newcomer(&mut ptx, user_id, clinic_id).await?;
    let session_id = open_session(&mut ptx, user_id, &me.seat, new.newcomer.user_agent, &new.refresh_sha256).await?;
    let details = Some(serde_json::json!({ "user_id": user_id, "session_id": session_id }).to_string());
    tx.audit(TrailEntry { patient_id: Some(patient_id), resource: Some(("patient", patient_id.0)), details }).await?;
    Ok(Registered { user_id, session_id, me: Some(me) })
}

/// A phone number that somebody signs in with already stays out of the account: families share one.
async fn insert_account(tx: &mut TenantTx, new: &Registration) -> Result<UserId, AppError> {
    let mut ptx = tx.platform();
    let (newcomer, chart) = (&new.newcomer, &new.newcomer.chart);
    let digits = chart.phone.as_deref().map(phone_digits).filter(|digits| !digits.is_empty());
    let free = match &digits {
        Some(digits) => store::is_phone_free(&mut ptx, digits).await?,
        None => false,
    };
    let account = NewAccount {
        first_name: chart.first_name.trim().to_owned(),
        last_name: chart.last_name.trim().to_owned(),
        email: email_key(&newcomer.email),
        phone: chart.phone.clone().filter(|_| free),
        password_hash: new.password_hash.clone(),
    };
    let made = store::insert_account(&mut ptx, &account, digits.as_deref().filter(|_| free)).await;
    made.on_unique("users_email", || AppError::conflict("Email already exists"))
}

async fn insert_chart(tx: &mut TenantTx, new: &Registration) -> Result<PatientId, AppError> {
    let email = email_key(&new.newcomer.email);
    let is_free = patients::is_email_free(tx, &email).await?;
    let chart = NewPatient { email: is_free.then_some(email), ..new.newcomer.chart.clone() };
    patients::register_in(tx, &new.fields, chart, new.number).await
}

async fn seat_newcomer(tx: &mut PlatformTx, user_id: UserId, clinic_id: ClinicId) -> Result<Me, AppError> {
    let account = store::find_account_by_id(tx, user_id).await?.ok_or(AppError::NotFound("User"))?;
    let places = one_role_a_clinic(store::list_places(tx, user_id).await?);
    let seat = places.iter().find(|place| place.clinic_id == clinic_id).map(seat_at).ok_or(AppError::NotFound("Clinic"))??;
    Ok(Me { account, seat, places })
}
