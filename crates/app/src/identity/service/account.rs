//! One's own account: profile, sessions, password, the active clinic.

use clinichub_api::check_version;
use clinichub_core::{AppError, ClinicId, Grant, Patch, SessionId, TrailEntry, UserId};
use clinichub_db::{OnConflict as _, PlatformTx};
use serde::{Deserialize, Serialize};

use super::{Me, Renewal, SignedIn, forget_links_in, person, renew};
use crate::App;
use crate::identity::announce;
use crate::identity::cache::Changed;
use crate::identity::limits::network_of;
use crate::identity::model::{
    Account, Place, REFRESH_LIFETIME, Seat, Tried, email_key, one_role_a_clinic, phone_digits, seat_at, username_key,
};
use crate::identity::password::{Whose, check_rules};
use crate::identity::secret::Secret;
use crate::identity::store::{self, SessionRow};
use crate::identity::token::invalid_token;

/// The person of the session, as they see themselves.
pub async fn me(app: &App, grant: &Grant) -> Result<Me, AppError> {
    let (user_id, _) = person(grant)?;
    app.db.platform_read(grant, user_id, load_me).await
}

async fn load_me(mut tx: PlatformTx, user_id: UserId) -> Result<Me, AppError> {
    let account = get_account(&mut tx, user_id).await?;
    seated(&mut tx, account).await
}

async fn get_account(tx: &mut PlatformTx, user_id: UserId) -> Result<Account, AppError> {
    store::find_account_by_id(tx, user_id).await?.ok_or_else(invalid_token)
}

async fn seated(tx: &mut PlatformTx, account: Account) -> Result<Me, AppError> {
    let places = one_role_a_clinic(store::list_places(tx, account.user_id).await?);
    let principal = tx.grant().principal().ok_or_else(invalid_token)?;
    let place = places.iter().find(|place| Some(place.clinic_id) == principal.clinic_id).cloned();
    let seat = Seat { role: principal.role, place };
    Ok(Me { account, seat, places })
}

/// What a person changes about themselves.
#[derive(Debug, Clone, Default)]
pub struct ChangeProfile {
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// E-mail address.
    pub email: Patch<String>,
    /// User name.
    pub username: Patch<String>,
    /// Phone number.
    pub phone: Patch<String>,
    /// The language they read best.
    pub language: Patch<String>,
    /// What their programs keep for them, a JSON object in place of the one before.
    pub preferences: Patch<String>,
    /// The password, to change what one signs in with.
    pub current_password: Option<String>,
}

impl ChangeProfile {
    /// Whether something changes that one signs in or gets a new password with.
    fn changes_sign_in(&self) -> bool {
        !(self.email.is_keep() && self.username.is_keep() && self.phone.is_keep())
    }

    fn apply(self, account: Account) -> Account {
        Account {
            first_name: self.first_name.unwrap_or(account.first_name),
            last_name: self.last_name.unwrap_or(account.last_name),
            email: self.email.map(|email| email_key(&email)).apply(account.email),
            username: self.username.map(|name| username_key(&name)).apply(account.username),
            phone: self.phone.apply(account.phone),
            language: self.language.apply(account.language),
            preferences: self.preferences.apply(account.preferences),
            ..account
        }
    }
}

/// Changes one's own profile. What one signs in with changes only with the password: a stolen access token must not be enough
/// to move an account to another address.
pub async fn update_me(app: &App, grant: &Grant, change: ChangeProfile) -> Result<Me, AppError> {
    if change.changes_sign_in() {
        let password = change.current_password.as_deref().ok_or_else(|| AppError::missing("current_password"))?;
        require_password(app, grant, password).await?;
    }
    app.db.platform_write(grant, change, save_profile).await
}

async fn save_profile(mut tx: PlatformTx, change: ChangeProfile) -> Result<Me, AppError> {
    let tx = &mut tx;
    let (user_id, _) = person(tx.grant())?;
    let before = get_account(tx, user_id).await?;
    let address = before.email.clone();
    let account = change.apply(before);
    if !tx.grant().origin().wants(account.version) {
        return Err(AppError::Stale);
    }
    if account.email.is_none() && account.username.is_none() && account.phone.is_none() {
        return Err(AppError::Rule("Keep an e-mail address, a user name or a phone number to sign in with".to_owned()));
    }
    let digits = account.phone.as_deref().map(phone_digits);
    let saved = store::update_profile(tx, &account, digits.as_deref()).await;
    let saved = saved.on_unique("users_email", || AppError::conflict("Email already exists"));
    let saved = saved.on_unique("users_username", || AppError::conflict("Username already exists"));
    if !saved.on_unique("users_phone", || AppError::conflict("Phone already exists"))? {
        return Err(AppError::Stale);
    }
    if account.email != address {
        forget_links_in(tx, user_id).await?;
    }
    tx.audit(tx.grant().clinic_id(), TrailEntry { resource: Some(("user", user_id.0)), ..TrailEntry::default() }).await?;
    seated(tx, Account { version: account.version + 1, ..account }).await
}

/// The password of the person of the session, or a 400; limited like a sign-in.
async fn require_password(app: &App, grant: &Grant, password: &str) -> Result<Account, AppError> {
    let (user_id, _) = person(grant)?;
    let find = async |mut tx: PlatformTx, user_id: UserId| get_account(&mut tx, user_id).await;
    let account = app.db.platform_read(grant, user_id, find).await?;
    let pair = (Tried::Account(user_id), network_of(grant.origin().address.as_deref()));
    if app.check_password(&pair, password, account.password_hash.clone()).await? {
        return Ok(account);
    }
    Err(AppError::field("current_password", "This is not your current password"))
}

/// Changes one's own password and ends all other sessions.
pub async fn change_password(app: &App, grant: &Grant, current: &str, new: &str) -> Result<(), AppError> {
    let account = require_password(app, grant, current).await?;
    check_version(grant, account.version)?;
    let rules = check_rules(new, Whose::of(&account), app.settings.demo);
    rules.map_err(|error| error.at(|_| "new_password".to_owned()))?;
    let hash = app.hasher.hash(new).await?;
    app.db.platform_write(grant, hash, save_password).await
}

async fn save_password(mut tx: PlatformTx, hash: String) -> Result<(), AppError> {
    let tx = &mut tx;
    let (user_id, session_id) = person(tx.grant())?;
    store::update_password(tx, user_id, &hash).await?;
    store::delete_resets(tx, user_id).await?;
    store::revoke_sessions(tx, user_id, None, Some(session_id), "the password was changed").await?;
    announce(tx, Changed::User(user_id))?;
    tx.audit(tx.grant().clinic_id(), TrailEntry { resource: Some(("user", user_id.0)), ..TrailEntry::default() }).await?;
    Ok(())
}

/// Ends the session of this request, which may have ended by the same request already.
pub async fn log_out(app: &App, grant: &Grant) -> Result<(), AppError> {
    let (_, session_id) = person(grant)?;
    app.db.platform_create(grant, (session_id, store::LOGGED_OUT), end).await.map(|_: bool| ())
}

/// Ends one of one's own sessions.
pub async fn end_session(app: &App, grant: &Grant, session_id: SessionId) -> Result<(), AppError> {
    let ended = app.db.platform_write(grant, (session_id, "ended by its owner"), end).await?;
    if ended { Ok(()) } else { Err(AppError::NotFound("Session")) }
}

async fn end(mut tx: PlatformTx, (session_id, because): (SessionId, &'static str)) -> Result<bool, AppError> {
    let tx = &mut tx;
    let (user_id, _) = person(tx.grant())?;
    let ended = store::revoke_session(tx, session_id, user_id, because).await?;
    announce(tx, Changed::Session(session_id))?;
    tx.audit(tx.grant().clinic_id(), TrailEntry { resource: Some(("session", session_id.0)), ..TrailEntry::default() }).await?;
    Ok(ended)
}

/// One's own open sessions, and how many there are.
pub async fn list_sessions(app: &App, grant: &Grant, rising: bool, limit: i64, offset: i64) -> Result<(Vec<SessionRow>, i64), AppError> {
    let (user_id, _) = person(grant)?;
    let list = async |mut tx: PlatformTx, (user_id, rising, limit, offset): (UserId, bool, i64, i64)| {
        let rows = store::list_sessions(&mut tx, user_id, rising, limit, offset).await?;
        Ok((rows, store::count_sessions(&mut tx, user_id).await?))
    };
    app.db.platform_read(grant, (user_id, rising, limit, offset), list).await
}

/// Which clinic to go on in.
#[derive(Debug, Clone)]
pub enum Target {
    /// By id.
    Id(ClinicId),
    /// By code.
    Code(String),
}

impl Target {
    fn is(&self, place: &Place) -> bool {
        match self {
            Self::Id(id) => place.clinic_id == *id,
            Self::Code(code) => place.code.eq_ignore_ascii_case(code.trim()),
        }
    }
}

/// What is kept of a switch.
#[derive(Serialize, Deserialize)]
struct Switched {
    clinic_id: ClinicId,
    /// As they see themselves there; not kept, there where it was done just now.
    #[serde(skip)]
    me: Option<Me>,
}

/// Goes on in another of one's clinics: the same session, new tokens; the ones before are worth nothing, but for asking the same again.
pub async fn switch_clinic(app: &App, grant: &Grant, target: Target) -> Result<SignedIn, AppError> {
    let (user_id, session_id) = person(grant)?;
    let refresh = Secret::new(&*app.entropy);
    let Switched { clinic_id, me } = app.db.platform_create(grant, (target, refresh.sha256.clone()), change_seat).await?;
    let me = match me {
        Some(me) => me,
        None => {
            let renewal = Renewal { user_id, session_id, clinic_id: Some(clinic_id), refresh_sha256: refresh.sha256.clone() };
            app.db.platform_write(grant, renewal, renew).await?
        }
    };
    SignedIn::new(app, me, session_id, refresh)
}

async fn change_seat(mut tx: PlatformTx, (target, refresh_sha256): (Target, String)) -> Result<Switched, AppError> {
    let tx = &mut tx;
    let (user_id, session_id) = person(tx.grant())?;
    let here = tx.grant().clinic_id();
    // The guard lets a token of the clinic before through, for an answer that was kept. There is none.
    if store::find_place(tx, session_id, user_id).await? != Some(here) {
        return Err(invalid_token());
    }
    let account = get_account(tx, user_id).await?;
    let places = one_role_a_clinic(store::list_places(tx, user_id).await?);
    let place = places.iter().find(|place| target.is(place)).ok_or(AppError::NotFound("Clinic"))?;
    let (clinic_id, seat) = (place.clinic_id, seat_at(place)?);
    store::delete_unspent(tx, session_id).await?;
    store::touch_session(tx, session_id, seat.clinic_id()).await?;
    store::insert_refresh(tx, &refresh_sha256, session_id, tx.now().plus(REFRESH_LIFETIME)).await?;
    announce(tx, Changed::Session(session_id))?;
    tx.audit(seat.clinic_id(), TrailEntry { resource: Some(("session", session_id.0)), ..TrailEntry::default() }).await?;
    Ok(Switched { clinic_id, me: Some(Me { account, seat, places }) })
}
