//! The SQL of invitations: one a membership, and one link that works at a time.

use clinichub_core::{ClinicId, Role, UserId, UtcTime};
use clinichub_db::{DbError, PlatformTx, from_row, params, platform_sql};

/// An invitation that can be accepted, with who it is for and where.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Where.
    pub clinic_id: ClinicId,
    /// Its code.
    pub clinic_code: String,
    /// Its name.
    pub clinic_name: String,
    /// As what.
    pub role: Role,
    /// Who.
    pub user_id: UserId,
    /// The address that the link was mailed to.
    pub email: String,
    /// Their first name, as the clinic typed it.
    pub first_name: String,
    /// Their last name, as the clinic typed it.
    pub last_name: String,
    /// Whether their password is theirs: they have one, and have shown that the address is theirs.
    pub has_own_password: bool,
}

from_row!(Invitation { clinic_id, clinic_code, clinic_name, role, user_id, email, first_name, last_name, has_own_password });

/// Asks somebody, or asks them again; what was mailed before works until the new link is there. The caller queues the mail.
pub async fn put_invitation(
    tx: &mut PlatformTx,
    clinic: ClinicId,
    user: UserId,
    (first_name, last_name): (&str, &str),
    expires_at: UtcTime,
) -> Result<(), DbError> {
    let now = tx.now();
    let sql = platform_sql!(
        "INSERT INTO invitations (clinic_id, user_id, first_name, last_name, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (clinic_id, user_id) DO UPDATE SET created_at = $5, expires_at = $6"
    );
    tx.exec(sql, params![clinic, user, first_name, last_name, now, expires_at]).await.map(drop)
}

/// The invitation whose mail is to be sent, as long as it was not accepted or withdrawn.
pub async fn find_invitation(tx: &mut PlatformTx, clinic: ClinicId, user: UserId) -> Result<Option<Invitation>, DbError> {
    let sql = platform_sql!(
        "SELECT i.clinic_id, c.code AS clinic_code, c.name AS clinic_name, m.role, i.user_id, u.email, i.first_name, i.last_name,
                (u.password_hash IS NOT NULL AND u.email_verified_at IS NOT NULL) AS has_own_password
         FROM invitations i
              JOIN memberships m ON m.clinic_id = i.clinic_id AND m.user_id = i.user_id
              JOIN users u ON u.user_id = i.user_id
              JOIN clinics c ON c.clinic_id = i.clinic_id
         WHERE i.clinic_id = $1 AND i.user_id = $2 AND i.expires_at IS NOT NULL AND u.email IS NOT NULL AND u.is_active"
    );
    tx.opt(sql, params![clinic, user]).await
}

/// The invitation that this link opens.
pub async fn find_invitation_by_token(tx: &mut PlatformTx, sha256: &str) -> Result<Option<Invitation>, DbError> {
    let sql = platform_sql!(
        "SELECT i.clinic_id, c.code AS clinic_code, c.name AS clinic_name, m.role, i.user_id, u.email, i.first_name, i.last_name,
                (u.password_hash IS NOT NULL AND u.email_verified_at IS NOT NULL) AS has_own_password
         FROM invitations i
              JOIN memberships m ON m.clinic_id = i.clinic_id AND m.user_id = i.user_id
              JOIN users u ON u.user_id = i.user_id
              JOIN clinics c ON c.clinic_id = i.clinic_id
         WHERE i.token_sha256 = $1 AND i.expires_at > $2 AND u.email IS NOT NULL AND u.is_active AND (m.is_pending OR m.is_active)
               AND c.status = 'active'"
    );
    let now = tx.now();
    tx.opt(sql, params![sha256, now]).await
}

/// Keeps the token of the link that was mailed; the one before works no longer.
pub async fn set_invitation_token(
    tx: &mut PlatformTx,
    clinic: ClinicId,
    user: UserId,
    sha256: &str,
    expires_at: UtcTime,
) -> Result<(), DbError> {
    let sql = platform_sql!(
        "UPDATE invitations SET token_sha256 = $3, expires_at = $4 WHERE clinic_id = $1 AND user_id = $2 AND expires_at IS NOT NULL"
    );
    tx.exec(sql, params![clinic, user, sha256, expires_at]).await.map(drop)
}

/// Uses an invitation up; false when somebody else did first.
pub async fn delete_invitation(tx: &mut PlatformTx, sha256: &str) -> Result<bool, DbError> {
    let now = tx.now();
    let sql = platform_sql!("DELETE FROM invitations WHERE token_sha256 = $1 AND expires_at > $2");
    Ok(tx.exec(sql, params![sha256, now]).await? == 1)
}

/// Withdraws an invitation; it can be sent again.
pub async fn withdraw_invitation(tx: &mut PlatformTx, clinic: ClinicId, user: UserId) -> Result<(), DbError> {
    let sql = platform_sql!("UPDATE invitations SET token_sha256 = NULL, expires_at = NULL WHERE clinic_id = $1 AND user_id = $2");
    tx.exec(sql, params![clinic, user]).await.map(drop)
}

/// Withdraws the invitations of all admins of a clinic but this one.
pub async fn withdraw_other_admins(tx: &mut PlatformTx, clinic: ClinicId, kept: UserId) -> Result<(), DbError> {
    let sql = platform_sql!(
        "UPDATE invitations SET token_sha256 = NULL, expires_at = NULL
         WHERE clinic_id = $1 AND user_id <> $2
               AND user_id IN (SELECT m.user_id FROM memberships m WHERE m.clinic_id = $1 AND m.role = 'admin')"
    );
    tx.exec(sql, params![clinic, kept]).await.map(drop)
}

/// Makes the links of a person's invitations worthless: they went to an address that is theirs no longer.
pub async fn forget_invitation_tokens(tx: &mut PlatformTx, user: UserId) -> Result<(), DbError> {
    tx.exec(platform_sql!("UPDATE invitations SET token_sha256 = NULL WHERE user_id = $1"), params![user]).await.map(drop)
}

/// Notes that a link which was mailed to the person's address was used: the address is theirs.
pub async fn verify_email(tx: &mut PlatformTx, user: UserId) -> Result<(), DbError> {
    let now = tx.now();
    tx.exec(platform_sql!("UPDATE users SET email_verified_at = $2 WHERE user_id = $1"), params![user, now]).await.map(drop)
}

/// Sets the names that a person gives themselves when they accept their first invitation.
pub async fn set_names(tx: &mut PlatformTx, user: UserId, first_name: &str, last_name: &str) -> Result<(), DbError> {
    tx.exec(platform_sql!("UPDATE users SET first_name = $2, last_name = $3 WHERE user_id = $1"), params![user, first_name, last_name])
        .await
        .map(drop)
}
