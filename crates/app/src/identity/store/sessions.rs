//! Sessions and their refresh tokens.

use clinichub_core::{ClinicId, PatientId, Role, SessionId, UserId, UtcTime};
use clinichub_db::{DbError, PlatformSql, PlatformTx, Query, from_row, params, platform_sql};

use super::said;
use crate::clinics::{self, Overrides};
use crate::identity::model::SessionFacts;

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

/// Ends all sessions in a clinic.
pub async fn revoke_sessions_in(tx: &mut PlatformTx, clinic_id: ClinicId, because: &str) -> Result<u64, DbError> {
    let now = tx.now();
    tx.exec(
        platform_sql!("UPDATE sessions SET revoked_at = $2, revoked_because = $3 WHERE clinic_id = $1 AND revoked_at IS NULL"),
        params![clinic_id, now, because],
    )
    .await
}
