//! The SQL of sign-in: accounts, where they may sign in, sessions, refresh tokens and links that work once.
//!
//! These tables belong to the installation, not to a clinic, so the statements are platform statements.

mod invitations;
mod sessions;

use clinichub_core::{AppError, ClinicId, Currency, PatientId, Permission, Role, UserId, UtcTime};
use clinichub_db::{DbError, PlatformSql, PlatformTx, from_row, params, platform_sql};

pub use invitations::*;
pub use sessions::*;

use super::model::{Account, Identifier, Place};
use crate::clinics::{ClinicStatus, Overrides};

from_row!(Account {
    user_id,
    first_name,
    last_name,
    email,
    username,
    phone,
    password_hash,
    is_platform_admin,
    is_active,
    language,
    preferences,
    version
});

const BY_EMAIL: PlatformSql = platform_sql!(
    "SELECT user_id, first_name, last_name, email, username, phone, password_hash, is_platform_admin, is_active, language, preferences,
            version
     FROM users WHERE email = $1"
);
const BY_USERNAME: PlatformSql = platform_sql!(
    "SELECT user_id, first_name, last_name, email, username, phone, password_hash, is_platform_admin, is_active, language, preferences,
            version
     FROM users WHERE username = $1"
);
const BY_PHONE: PlatformSql = platform_sql!(
    "SELECT user_id, first_name, last_name, email, username, phone, password_hash, is_platform_admin, is_active, language, preferences,
            version
     FROM users WHERE phone_digits = $1"
);
const BY_ID: PlatformSql = platform_sql!(
    "SELECT user_id, first_name, last_name, email, username, phone, password_hash, is_platform_admin, is_active, language, preferences,
            version
     FROM users WHERE user_id = $1"
);

/// The account somebody signs in with.
pub async fn find_account(tx: &mut PlatformTx, identifier: &Identifier) -> Result<Option<Account>, DbError> {
    let (statement, key) = match identifier {
        Identifier::Email(key) => (BY_EMAIL, key),
        Identifier::Username(key) => (BY_USERNAME, key),
        Identifier::Phone(key) => (BY_PHONE, key),
    };
    tx.opt(statement, params![key]).await
}

/// The account of that id.
pub async fn find_account_by_id(tx: &mut PlatformTx, user_id: UserId) -> Result<Option<Account>, DbError> {
    tx.opt(BY_ID, params![user_id]).await
}

struct PlaceRow {
    clinic_id: ClinicId,
    code: String,
    name: String,
    status: ClinicStatus,
    time_zone: String,
    currency: Currency,
    slot_minutes: i64,
    role: Role,
    is_provider: bool,
    of_role: Option<Role>,
    permission: Option<String>,
    allowed: Option<bool>,
}
from_row!(PlaceRow { clinic_id, code, name, status, time_zone, currency, slot_minutes, role, is_provider, of_role, permission, allowed });

impl PlaceRow {
    fn place(self) -> Place {
        let Self { clinic_id, code, name, status, time_zone, currency, slot_minutes, role, is_provider, .. } = self;
        let overrides = Overrides::new();
        Place { clinic_id, code, name, status, time_zone, currency, slot_minutes, role, is_provider, overrides }
    }
}

/// What a row says of the table of permissions; a permission that this program does not know says nothing.
fn said(of_role: Option<Role>, permission: Option<&str>, allowed: Option<bool>) -> Option<((Role, Permission), bool)> {
    Some(((of_role?, permission?.parse().ok()?), allowed?))
}

/// The clinics in which somebody is on the staff or has a chart; both are listed where both are true. A row for each of the clinic's
/// changes to the permissions that they act by.
const PLACES: PlatformSql = platform_sql!(
    "SELECT c.clinic_id, c.code, c.name, c.status, c.time_zone, c.currency, c.slot_minutes, m.role AS role,
            d.user_id IS NOT NULL AS is_provider, p.role AS of_role, p.permission, p.allowed
     FROM memberships m JOIN clinics c ON c.clinic_id = m.clinic_id
          LEFT JOIN doctors d ON d.user_id = m.user_id AND d.is_active = TRUE
          LEFT JOIN role_permissions p ON p.clinic_id = m.clinic_id
                AND (p.role = m.role OR (p.role = 'doctor' AND m.role = 'admin' AND d.user_id IS NOT NULL))
     WHERE m.user_id = $1 AND m.is_active = TRUE
     UNION
     SELECT c.clinic_id, c.code, c.name, c.status, c.time_zone, c.currency, c.slot_minutes, 'patient' AS role,
            FALSE AS is_provider, p.role AS of_role, p.permission, p.allowed
     FROM patient_links l JOIN clinics c ON c.clinic_id = l.clinic_id
          LEFT JOIN role_permissions p ON p.clinic_id = l.clinic_id AND p.role = 'patient'
     WHERE l.user_id = $1
     ORDER BY 1, 8"
);

/// Where somebody may sit down, as [`PLACES`] says.
pub async fn list_places(tx: &mut PlatformTx, user_id: UserId) -> Result<Vec<Place>, DbError> {
    let rows: Vec<PlaceRow> = tx.all(PLACES, params![user_id]).await?;
    let mut places: Vec<Place> = Vec::new();
    for row in rows {
        let said = said(row.of_role, row.permission.as_deref(), row.allowed);
        let is_next = places.last().is_none_or(|last| (last.clinic_id, last.role) != (row.clinic_id, row.role));
        if is_next {
            places.push(row.place());
        }
        if let Some(place) = places.last_mut() {
            place.overrides.extend(said);
        }
    }
    Ok(places)
}

/// Sets a password.
pub async fn update_password(tx: &mut PlatformTx, user_id: UserId, hash: &str) -> Result<(), DbError> {
    let now = tx.now();
    tx.exec(
        platform_sql!("UPDATE users SET password_hash = $2, updated_at = $3, version = version + 1 WHERE user_id = $1"),
        params![user_id, hash, now],
    )
    .await?;
    Ok(())
}

/// Changes what a person says about themselves; false when `version` is not the stored one.
pub async fn update_profile(tx: &mut PlatformTx, account: &Account, phone_digits: Option<&str>) -> Result<bool, DbError> {
    let now = tx.now();
    let changed = tx
        .exec(
            platform_sql!(
                "UPDATE users SET first_name = $3, last_name = $4, email = $5, username = $6, phone = $7, phone_digits = $8,
                        email_verified_at = CASE WHEN email = $5 THEN email_verified_at END, language = $9, preferences = $10, updated_at = $11, version = version + 1
                 WHERE user_id = $1 AND version = $2"
            ),
            params![
                account.user_id,
                account.version,
                &account.first_name,
                &account.last_name,
                &account.email,
                &account.username,
                &account.phone,
                phone_digits,
                &account.language,
                &account.preferences,
                now
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// A person who registered.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// E-mail address, as it is looked up.
    pub email: String,
    /// Phone number, if nobody signs in with it yet.
    pub phone: Option<String>,
    /// bcrypt.
    pub password_hash: String,
}

/// Makes an account.
pub async fn insert_account(tx: &mut PlatformTx, new: &NewAccount, phone_digits: Option<&str>) -> Result<UserId, DbError> {
    let now = tx.now();
    tx.one(
        platform_sql!(
            "INSERT INTO users (first_name, last_name, email, phone, phone_digits, password_hash, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING user_id"
        ),
        params![&new.first_name, &new.last_name, &new.email, &new.phone, phone_digits, &new.password_hash, now],
    )
    .await
}

/// Whether nobody has an account yet.
pub async fn has_no_users(tx: &mut PlatformTx) -> Result<bool, DbError> {
    tx.one(platform_sql!("SELECT NOT EXISTS (SELECT 1 FROM users) AS is_empty"), params![]).await
}

/// Says whose chart it is.
pub async fn insert_link(tx: &mut PlatformTx, clinic_id: ClinicId, patient_id: PatientId, user_id: UserId) -> Result<(), DbError> {
    let now = tx.now();
    tx.exec(
        platform_sql!("INSERT INTO patient_links (clinic_id, patient_id, user_id, created_at) VALUES ($1, $2, $3, $4)"),
        params![clinic_id, patient_id, user_id, now],
    )
    .await?;
    Ok(())
}

/// What a link that works once is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Setting up an empty installation.
    Setup,
    /// A forgotten password.
    PasswordReset,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::PasswordReset => "password_reset",
        }
    }
}

/// Keeps a link's token by its hash.
pub async fn insert_link_token(
    tx: &mut PlatformTx,
    sha256: &str,
    purpose: Purpose,
    user_id: Option<UserId>,
    expires_at: UtcTime,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.exec(
        platform_sql!("INSERT INTO one_time_tokens (token_sha256, purpose, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)"),
        params![sha256, purpose.as_str(), user_id, now, expires_at],
    )
    .await?;
    Ok(())
}

struct LinkTokenRow {
    user_id: Option<UserId>,
}
from_row!(LinkTokenRow { user_id });

/// Uses a link. `None`: there is none, it was used, or it is too old.
pub async fn use_link_token(tx: &mut PlatformTx, sha256: &str, purpose: Purpose) -> Result<Option<Option<UserId>>, DbError> {
    let now = tx.now();
    let row: Option<LinkTokenRow> = tx
        .opt(
            platform_sql!(
                "UPDATE one_time_tokens SET used_at = $3 WHERE token_sha256 = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3
                 RETURNING user_id"
            ),
            params![sha256, purpose.as_str(), now],
        )
        .await?;
    Ok(row.map(|row| row.user_id))
}

/// Whether a link for this person was made since `since` and is unused.
pub async fn has_fresh_reset(tx: &mut PlatformTx, user_id: UserId, since: UtcTime) -> Result<bool, DbError> {
    tx.one(
        platform_sql!(
            "SELECT EXISTS (SELECT 1 FROM one_time_tokens WHERE user_id = $1 AND purpose = 'password_reset' AND used_at IS NULL
                            AND created_at > $2) AS is_fresh"
        ),
        params![user_id, since],
    )
    .await
}

/// Forgets a person's unused links.
pub async fn delete_resets(tx: &mut PlatformTx, user_id: UserId) -> Result<(), DbError> {
    tx.exec(
        platform_sql!("DELETE FROM one_time_tokens WHERE user_id = $1 AND purpose = 'password_reset' AND used_at IS NULL"),
        params![user_id],
    )
    .await?;
    Ok(())
}

/// Forgets the unused set-up links.
pub async fn delete_setup_tokens(tx: &mut PlatformTx) -> Result<(), DbError> {
    tx.exec(platform_sql!("DELETE FROM one_time_tokens WHERE purpose = 'setup' AND used_at IS NULL"), params![]).await?;
    Ok(())
}

/// Forgets tokens and links that ended before `before`, and the sessions that have no tokens left.
pub async fn delete_expired(tx: &mut PlatformTx, before: UtcTime) -> Result<(), DbError> {
    tx.exec(platform_sql!("DELETE FROM refresh_tokens WHERE expires_at < $1"), params![before]).await?;
    tx.exec(platform_sql!("DELETE FROM one_time_tokens WHERE expires_at < $1"), params![before]).await?;
    let sessions = platform_sql!(
        "DELETE FROM sessions WHERE expires_at < $1
         AND NOT EXISTS (SELECT 1 FROM refresh_tokens r WHERE r.session_id = sessions.session_id)"
    );
    tx.exec(sessions, params![before]).await.map(drop)
}

/// A clinic that takes new patients, as a newcomer names it.
#[derive(Debug, Clone)]
pub struct OpenClinic {
    /// Its id.
    pub clinic_id: ClinicId,
    /// Whether patients may register themselves.
    pub self_registration: bool,
}
from_row!(OpenClinic { clinic_id, self_registration });

/// The active clinic of that code.
pub async fn get_open_clinic(tx: &mut PlatformTx, code: &str) -> Result<OpenClinic, AppError> {
    let clinic = tx
        .opt(
            platform_sql!("SELECT clinic_id, self_registration FROM clinics WHERE code = $1 AND status = 'active'"),
            params![code.trim().to_uppercase()],
        )
        .await?;
    clinic.ok_or(AppError::NotFound("Clinic"))
}

const RESET_OWNER: PlatformSql = platform_sql!(
    "SELECT u.user_id, u.first_name, u.last_name, u.email, u.username, u.phone, u.password_hash, u.is_platform_admin, u.is_active,
            u.language, u.preferences, u.version
     FROM one_time_tokens t JOIN users u ON u.user_id = t.user_id AND u.is_active = TRUE
     WHERE t.token_sha256 = $1 AND t.purpose = 'password_reset' AND t.used_at IS NULL AND t.expires_at > $2"
);

/// Whose reset link this is, while it can be used.
pub async fn find_reset_owner(tx: &mut PlatformTx, sha256: &str) -> Result<Option<Account>, DbError> {
    let now = tx.now();
    tx.opt(RESET_OWNER, params![sha256, now]).await
}

/// Whether nobody signs in with this phone number.
pub async fn is_phone_free(tx: &mut PlatformTx, digits: &str) -> Result<bool, DbError> {
    tx.one(platform_sql!("SELECT NOT EXISTS (SELECT 1 FROM users WHERE phone_digits = $1) AS is_free"), params![digits]).await
}
