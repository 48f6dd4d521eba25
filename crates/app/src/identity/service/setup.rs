//! The first start: a link that works once turns an empty installation into one with a clinic and its admin, and where the admin says
//! so with a doctor who can be booked.

use clinichub_core::{AppError, ClinicId, Grant, Mint, Role, SessionId, TrailEntry, UserId};
use clinichub_db::PlatformTx;

use super::{Me, SignedIn, invite_in, open_session};
use crate::App;
use crate::billing::NewService;
use crate::clinics::{self, NewClinic};
use crate::doctors::{self, Profile, WeeklyEntry};
use crate::identity::limits::network_of;
use crate::identity::model::{SETUP_LIFETIME, one_role_a_clinic, seat_at};
use crate::identity::password::{Whose, check_rules};
use crate::identity::secret::{Secret, sha256};
use crate::identity::store::{self, Purpose};
use crate::staff::{self, NewUser};

/// Whether nobody has an account yet.
pub async fn is_setup_needed(app: &App, grant: &Grant) -> Result<bool, AppError> {
    app.db.platform_read(grant, (), async |mut tx, ()| Ok(store::has_no_users(&mut tx).await?)).await
}

/// Makes the token of a set-up link when there is nobody yet; the links of earlier starts end. Called when the server starts.
#[expect(clippy::disallowed_methods, reason = "the door for the start of the program")]
pub async fn ensure_setup_token(app: &App) -> Result<Option<String>, AppError> {
    let grant = Mint::system(None, "start", app.clock.now());
    let secret = Secret::new(&*app.entropy);
    let is_needed = app.db.platform_write(&grant, secret.sha256, keep_setup_token).await?;
    Ok(is_needed.then_some(secret.token))
}

async fn keep_setup_token(mut tx: PlatformTx, token_sha256: String) -> Result<bool, AppError> {
    let tx = &mut tx;
    if !store::has_no_users(tx).await? {
        return Ok(false);
    }
    let expires_at = tx.now().plus(SETUP_LIFETIME);
    store::delete_setup_tokens(tx).await?;
    store::insert_link_token(tx, &token_sha256, Purpose::Setup, None, expires_at).await?;
    tx.audit(None, TrailEntry::default()).await?;
    Ok(true)
}

/// A new installation's first clinic, and who works there.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// The clinic.
    pub clinic: NewClinic,
    /// What it charges; none: a service whose price is to be set.
    pub services: Vec<NewService>,
    /// Who runs it.
    pub admin: FirstAdmin,
    /// Who treats its patients.
    pub doctor: Option<FirstDoctor>,
}

/// The admin of the first clinic, and what they chose.
#[derive(Debug, Clone)]
pub struct FirstAdmin {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// What they sign in with.
    pub email: String,
    /// Their password.
    pub password: String,
    /// Their program.
    pub user_agent: Option<String>,
}

/// The first doctor.
#[derive(Debug, Clone)]
pub struct FirstDoctor {
    /// Who it is; none: the admin.
    pub person: Option<DoctorPerson>,
    /// Their profile.
    pub profile: Profile,
    /// When they can be booked.
    pub hours: Vec<WeeklyEntry>,
}

/// A first doctor who is somebody else than the admin.
#[derive(Debug, Clone)]
pub struct DoctorPerson {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Where the invitation goes; without it they can be booked and never sign in.
    pub email: Option<String>,
}

fn new_user(first_name: String, last_name: String, email: Option<String>, password_hash: Option<String>) -> NewUser {
    NewUser { first_name, last_name, email, username: None, phone: None, password_hash, is_platform_admin: false }
}

/// Makes the first clinic and its admin, and signs the admin in. The operator's account is another matter: whoever runs the
/// machine makes it with a command.
pub async fn set_up(app: &App, grant: &Grant, token: &str, mut beginning: Beginning) -> Result<SignedIn, AppError> {
    beginning.clinic = beginning.clinic.checked().map_err(|error| error.at(|field| format!("clinic.{field}")))?;
    let admin = &beginning.admin;
    let whose = Whose { email: Some(&admin.email), username: None, first_name: &admin.first_name, last_name: &admin.last_name };
    check_rules(&admin.password, whose, app.settings.demo).map_err(|error| error.at(|field| format!("admin.{field}")))?;
    let network = network_of(grant.origin().address.as_deref());
    app.sign_in_limits.requests.mark(&network, app.clock.now()).await?;
    let password_hash = app.hasher.hash(&admin.password).await?;
    let refresh = Secret::new(&*app.entropy);
    let args = Setup { token_sha256: sha256(token), beginning, password_hash, refresh_sha256: refresh.sha256.clone() };
    let (me, session_id) = app.db.platform_write(grant, args, make).await?;
    SignedIn::new(app, me, session_id, refresh)
}

#[derive(Clone)]
struct Setup {
    token_sha256: String,
    beginning: Beginning,
    password_hash: String,
    refresh_sha256: String,
}

async fn make(mut tx: PlatformTx, new: Setup) -> Result<(Me, SessionId), AppError> {
    let tx = &mut tx;
    let is_good = store::use_link_token(tx, &new.token_sha256, Purpose::Setup).await?.is_some();
    if !is_good || !store::has_no_users(tx).await? {
        return Err(AppError::field("token", "This link is not valid any more; restart the server for a new one"));
    }
    let Beginning { clinic, services, admin, doctor } = new.beginning;
    let clinic = clinics::create_with_in(tx, clinic, services).await?;
    let user = new_user(admin.first_name, admin.last_name, Some(admin.email), Some(new.password_hash));
    let user_id = staff::create_user_in(tx, user).await?;
    staff::add_member_in(tx, clinic.clinic_id, user_id, Role::Admin).await?;
    if let Some(doctor) = doctor {
        add_doctor(tx, clinic.clinic_id, user_id, doctor).await?;
    }
    let account = store::find_account_by_id(tx, user_id).await?.ok_or(AppError::NotFound("User"))?;
    let places = one_role_a_clinic(store::list_places(tx, user_id).await?);
    let seat = places.first().map(seat_at).ok_or(AppError::NotFound("Clinic"))??;
    let session_id = open_session(tx, user_id, &seat, admin.user_agent, &new.refresh_sha256).await?;
    tx.audit(Some(clinic.clinic_id), TrailEntry { resource: Some(("user", user_id.0)), ..TrailEntry::default() }).await?;
    Ok((Me { account, seat, places }, session_id))
}

/// Makes somebody bookable: the admin, or a doctor of whom an address is known or not.
async fn add_doctor(tx: &mut PlatformTx, clinic: ClinicId, admin: UserId, doctor: FirstDoctor) -> Result<(), AppError> {
    let user = match doctor.person {
        None => {
            doctors::create_profile_in(tx, admin, &doctor.profile).await?;
            admin
        }
        Some(person) => add_person(tx, clinic, person, &doctor.profile).await?,
    };
    doctors::set_first_hours_in(tx, clinic, user, &doctor.hours).await
}

async fn add_person(tx: &mut PlatformTx, clinic: ClinicId, person: DoctorPerson, profile: &Profile) -> Result<UserId, AppError> {
    let DoctorPerson { first_name, last_name, email } = person;
    let (names, is_reachable) = ((first_name.clone(), last_name.clone()), email.is_some());
    let user = staff::create_user_in(tx, new_user(first_name, last_name, email, None)).await?;
    doctors::create_profile_in(tx, user, profile).await?;
    staff::add_member_in(tx, clinic, user, Role::Doctor).await?;
    if is_reachable {
        invite_in(tx, clinic, user, (&names.0, &names.1)).await?;
    }
    Ok(user)
}
