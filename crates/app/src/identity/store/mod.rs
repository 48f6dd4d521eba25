//! The SQL of sign-in: accounts, where they may sign in, sessions, refresh tokens and links that work once.
//!
//! These tables belong to the installation, not to a clinic, so the statements are platform statements.

mod invitations;

use clinichub_core::{AppError, ClinicId, Currency, PatientId, Permission, Role, SessionId, UserId, UtcTime};
use clinichub_db::{DbError, PlatformSql, PlatformTx, Query, from_row, params, platform_sql};

pub use invitations::*;

use super::model::{Account, Identifier, Place, SessionFacts};
use crate::clinics::{self, ClinicStatus, Overrides};

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

struct FactsRow {
    user_id: UserId,
    clinic_id: Option<ClinicId>,
    expires_at: UtcTime,
    is_platform_admin: bool,
    role: Option<Role>,
    is_provider: bool,
    is_open: bool,
    time_zone: Option<String>,
    of_role: Option<Role>,
    permission: Option<String>,
    allowed: Option<bool>,
}
from_row!(FactsRow {
    user_id,
    clinic_id,
    expires_at,
    is_platform_admin,
    role,
    is_provider,
    is_open,
    time_zone,
    of_role,
    permission,
    allowed
});

const FACTS: PlatformSql = platform_sql!(
    "SELECT s.user_id, s.clinic_id, s.expires_at, u.is_platform_admin, m.role, d.user_id IS NOT NULL AS is_provider,
            COALESCE(c.status = 'active', FALSE) AS is_open, c.time_zone, p.role AS of_role, p.permission, p.allowed
     FROM sessions s
     JOIN users u ON u.user_id = s.user_id AND u.is_active = TRUE
     LEFT JOIN clinics c ON c.clinic_id = s.clinic_id
     LEFT JOIN memberships m ON m.clinic_id = s.clinic_id AND m.user_id = s.user_id AND m.is_active = TRUE
     LEFT JOIN doctors d ON d.user_id = m.user_id AND d.is_active = TRUE
     LEFT JOIN role_permissions p ON p.clinic_id = s.clinic_id
           AND (p.role = COALESCE(m.role, 'patient') OR (p.role = 'doctor' AND m.role = 'admin' AND d.user_id IS NOT NULL))
     WHERE s.session_id = $1 AND s.revoked_at IS NULL"
);

/// What there is to know about a session that was not revoked; one query for staff, a second one for a patient's charts.
pub async fn find_session(tx: &mut PlatformTx, session_id: SessionId) -> Result<Option<SessionFacts>, DbError> {
    let rows: Vec<FactsRow> = tx.all(FACTS, params![session_id]).await?;
    let overrides = rows.iter().filter_map(|row| said(row.of_role, row.permission.as_deref(), row.allowed)).collect();
    let Some(first) = rows.into_iter().next() else { return Ok(None) };
    let is_patient = first.role.is_none() && first.clinic_id.is_some();
    let charts = if is_patient { list_charts(tx, first.user_id).await? } else { Vec::new() };
    Ok(Some(facts(&first, overrides, charts)))
}

fn facts(row: &FactsRow, overrides: Overrides, charts: Vec<(ClinicId, PatientId)>) -> SessionFacts {
    SessionFacts {
        user_id: row.user_id,
        clinic_id: row.clinic_id,
        expires_at: row.expires_at,
        is_platform_admin: row.is_platform_admin,
        role: row.role,
        is_provider: row.is_provider,
        is_open: row.is_open,
        zone: row.time_zone.as_deref().map(clinics::zone_of),
        overrides,
        charts,
    }
}

async fn list_charts(tx: &mut PlatformTx, user_id: UserId) -> Result<Vec<(ClinicId, PatientId)>, DbError> {
    tx.all(
        platform_sql!(
            "SELECT l.clinic_id, l.patient_id FROM patient_links l JOIN clinics c ON c.clinic_id = l.clinic_id AND c.status = 'active'
             WHERE l.user_id = $1 ORDER BY l.clinic_id, l.patient_id"
        ),
        params![user_id],
    )
    .await
}

/// A session to be.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Whose.
    pub user_id: UserId,
    /// The active clinic.
    pub clinic_id: Option<ClinicId>,
    /// From where.
    pub address: Option<String>,
    /// With what program.
    pub user_agent: Option<String>,
    /// When it ends by itself.
    pub expires_at: UtcTime,
}

/// Opens a session.
pub async fn insert_session(tx: &mut PlatformTx, new: &NewSession) -> Result<SessionId, DbError> {
    let now = tx.now();
    tx.one(
        platform_sql!(
            "INSERT INTO sessions (user_id, clinic_id, address, user_agent, created_at, last_used_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $5, $6) RETURNING session_id"
        ),
        params![new.user_id, new.clinic_id, &new.address, &new.user_agent, now, new.expires_at],
    )
    .await
}

/// Keeps a refresh token by its hash.
pub async fn insert_refresh(tx: &mut PlatformTx, sha256: &str, session_id: SessionId, expires_at: UtcTime) -> Result<(), DbError> {
    let now = tx.now();
    tx.exec(
        platform_sql!("INSERT INTO refresh_tokens (token_sha256, session_id, created_at, expires_at) VALUES ($1, $2, $3, $4)"),
        params![sha256, session_id, now, expires_at],
    )
    .await?;
    Ok(())
}

/// A refresh token and its session.
#[derive(Debug, Clone)]
pub struct RefreshRow {
    /// The session.
    pub session_id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// The active clinic.
    pub clinic_id: Option<ClinicId>,
    /// The token's end.
    pub expires_at: UtcTime,
    /// Whether it was used.
    pub is_spent: bool,
    /// The session's end.
    pub session_expires_at: UtcTime,
    /// Whether the session was revoked.
    pub is_revoked: bool,
}
from_row!(RefreshRow { session_id, user_id, clinic_id, expires_at, is_spent, session_expires_at, is_revoked });

/// The refresh token of that hash.
pub async fn find_refresh(tx: &mut PlatformTx, sha256: &str) -> Result<Option<RefreshRow>, DbError> {
    tx.opt(
        platform_sql!(
            "SELECT r.session_id, s.user_id, s.clinic_id, r.expires_at, r.used_at IS NOT NULL AS is_spent,
                    s.expires_at AS session_expires_at, s.revoked_at IS NOT NULL AS is_revoked
             FROM refresh_tokens r JOIN sessions s ON s.session_id = r.session_id WHERE r.token_sha256 = $1"
        ),
        params![sha256],
    )
    .await
}

/// Spends a refresh token; false when somebody else did first.
pub async fn spend_refresh(tx: &mut PlatformTx, sha256: &str) -> Result<bool, DbError> {
    let now = tx.now();
    let spent = tx
        .exec(platform_sql!("UPDATE refresh_tokens SET used_at = $2 WHERE token_sha256 = $1 AND used_at IS NULL"), params![sha256, now])
        .await?;
    Ok(spent == 1)
}

/// Forgets the refresh tokens of a session that nobody used yet; they are unknown from now on, not spent.
pub async fn delete_unspent(tx: &mut PlatformTx, session_id: SessionId) -> Result<(), DbError> {
    tx.exec(platform_sql!("DELETE FROM refresh_tokens WHERE session_id = $1 AND used_at IS NULL"), params![session_id]).await?;
    Ok(())
}

/// Notes that a session was used, and in which clinic it goes on.
pub async fn touch_session(tx: &mut PlatformTx, session_id: SessionId, clinic_id: Option<ClinicId>) -> Result<(), DbError> {
    let now = tx.now();
    tx.exec(
        platform_sql!("UPDATE sessions SET last_used_at = $2, clinic_id = $3 WHERE session_id = $1"),
        params![session_id, now, clinic_id],
    )
    .await?;
    Ok(())
}

/// Why a session ended whose owner logged out.
pub const LOGGED_OUT: &str = "logged out";

/// Whether this session of a person ended because they logged out.
pub async fn was_logged_out(tx: &mut PlatformTx, session_id: SessionId, user_id: UserId) -> Result<bool, DbError> {
    let sql = platform_sql!(
        "SELECT EXISTS (SELECT 1 FROM sessions WHERE session_id = $1 AND user_id = $2 AND revoked_at IS NOT NULL
                        AND revoked_because = $3) AS was_logged_out"
    );
    tx.one(sql, params![session_id, user_id, LOGGED_OUT]).await
}

/// The clinic in which an open session of a person is, if it is in one.
pub async fn find_place(tx: &mut PlatformTx, session_id: SessionId, user_id: UserId) -> Result<Option<Option<ClinicId>>, DbError> {
    let now = tx.now();
    let sql =
        platform_sql!("SELECT clinic_id FROM sessions WHERE session_id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > $3");
    tx.opt(sql, params![session_id, user_id, now]).await
}

/// Ends one session of a person; false when there is none that is open.
pub async fn revoke_session(tx: &mut PlatformTx, session_id: SessionId, user_id: UserId, because: &str) -> Result<bool, DbError> {
    let now = tx.now();
    let revoked = tx
        .exec(
            platform_sql!(
                "UPDATE sessions SET revoked_at = $3, revoked_because = $4
                 WHERE session_id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > $3"
            ),
            params![session_id, user_id, now, because],
        )
        .await?;
    Ok(revoked == 1)
}

/// Ends all sessions of a person, in one clinic or everywhere, but for `except`. Answers with how many.
pub async fn revoke_sessions(
    tx: &mut PlatformTx,
    user_id: UserId,
    clinic_id: Option<ClinicId>,
    except: Option<SessionId>,
    because: &str,
) -> Result<u64, DbError> {
    let now = tx.now();
    tx.exec(
        platform_sql!(
            "UPDATE sessions SET revoked_at = $4, revoked_because = $5
             WHERE user_id = $1 AND revoked_at IS NULL AND (clinic_id = $2 OR $2 = 0) AND session_id <> $3"
        ),
        params![user_id, clinic_id.map_or(0, i64::from), except.map_or(0, i64::from), now, because],
    )
    .await
}

/// A session as its owner sees it.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// Its id.
    pub session_id: SessionId,
    /// The active clinic.
    pub clinic_id: Option<ClinicId>,
    /// From where it was opened.
    pub address: Option<String>,
    /// With what program.
    pub user_agent: Option<String>,
    /// Since when.
    pub created_at: UtcTime,
    /// The last sign of life.
    pub last_used_at: UtcTime,
    /// When it ends by itself.
    pub expires_at: UtcTime,
}
from_row!(SessionRow { session_id, clinic_id, address, user_agent, created_at, last_used_at, expires_at });

/// The open sessions of a person, in the order they were opened or the other way round.
pub async fn list_sessions(
    tx: &mut PlatformTx,
    user_id: UserId,
    rising: bool,
    limit: i64,
    offset: i64,
) -> Result<Vec<SessionRow>, DbError> {
    let now = tx.now();
    let mut query = Query::platform(platform_sql!(
        "SELECT session_id, clinic_id, address, user_agent, created_at, last_used_at, expires_at FROM sessions
         WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2"
    ));
    query.bind(params![user_id, now]).tail(if rising { " ORDER BY session_id" } else { " ORDER BY session_id DESC" }, params![]);
    query.tail(" LIMIT ? OFFSET ?", params![limit, offset]);
    tx.all_q(&query).await
}

/// How many sessions of a person are open.
pub async fn count_sessions(tx: &mut PlatformTx, user_id: UserId) -> Result<i64, DbError> {
    let now = tx.now();
    tx.one(
        platform_sql!("SELECT COUNT(*) AS total FROM sessions WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2"),
        params![user_id, now],
    )
    .await
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

/// Ends all sessions in a clinic.
pub async fn revoke_sessions_in(tx: &mut PlatformTx, clinic_id: ClinicId, because: &str) -> Result<u64, DbError> {
    let now = tx.now();
    tx.exec(
        platform_sql!("UPDATE sessions SET revoked_at = $2, revoked_because = $3 WHERE clinic_id = $1 AND revoked_at IS NULL"),
        params![clinic_id, now, because],
    )
    .await
}
