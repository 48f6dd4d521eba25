//! All SQL about people and their memberships, as far as the staff of a clinic goes.

use clinichub_core::{ClinicId, Order, Page, PageRequest, Role, UserId, UtcTime};
use clinichub_db::query::Tenant;
use clinichub_db::{DbError, PlatformTx, Query, TenantTx, from_row, params, platform_sql, tenant_sql, text_column};

use super::api::StaffSort;
use super::model::{MemberState, NewUser, Person, StaffMember};
use crate::like;

text_column!(MemberState);

from_row!(StaffMember {
    user_id,
    first_name,
    last_name,
    email,
    username,
    phone,
    role,
    state,
    is_active,
    email_verified,
    specialization,
    registration_number,
    created_at,
    updated_at,
    version
});

fn members() -> Query<Tenant> {
    Query::tenant(tenant_sql!(
        "SELECT u.user_id, COALESCE(CASE WHEN m.is_pending THEN i.first_name END, u.first_name) AS first_name,
                COALESCE(CASE WHEN m.is_pending THEN i.last_name END, u.last_name) AS last_name, u.email,
                CASE WHEN NOT m.is_pending THEN u.username END AS username, CASE WHEN NOT m.is_pending THEN u.phone END AS phone, m.role,
                CASE WHEN m.is_pending AND i.expires_at IS NOT NULL THEN 'invited'
                     WHEN NOT (m.is_active AND u.is_active) THEN 'inactive'
                     WHEN u.password_hash IS NULL AND i.user_id IS NOT NULL THEN 'invited'
                     ELSE 'active' END AS state,
                (m.is_active AND u.is_active) AS is_active, (u.email_verified_at IS NOT NULL) AS email_verified,
                d.specialization, d.registration_number, m.created_at,
                CASE WHEN u.updated_at > m.updated_at THEN u.updated_at ELSE m.updated_at END AS updated_at,
                u.version
         FROM memberships m
              JOIN users u ON u.user_id = m.user_id
              LEFT JOIN doctors d ON d.user_id = m.user_id AND NOT m.is_pending
              LEFT JOIN invitations i ON i.clinic_id = m.clinic_id AND i.user_id = m.user_id
         WHERE m.clinic_id = $1"
    ))
}

/// Which members a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those of this role.
    pub role: Option<Role>,
    /// Only those who may work, or may not.
    pub is_active: Option<bool>,
    /// Only those whose name, e-mail, user name or phone contains this.
    pub search: Option<String>,
}

impl Filter {
    fn apply(&self, query: &mut Query<Tenant>) {
        if let Some(role) = self.role {
            query.part(" AND m.role = ?", params![role]);
        }
        match self.is_active {
            Some(true) => query.part(" AND m.is_active AND u.is_active", params![]),
            Some(false) => query.part(" AND NOT (m.is_active AND u.is_active)", params![]),
            None => query,
        };
        for word in self.search.iter().flat_map(|search| search.split_whitespace()).take(5) {
            let word = like::containing(word);
            query.part(
                " AND (u.email LIKE ? ESCAPE '!'
                       OR (NOT m.is_pending AND (LOWER(u.first_name) LIKE ? ESCAPE '!' OR LOWER(u.last_name) LIKE ? ESCAPE '!'
                                                 OR u.username LIKE ? ESCAPE '!' OR u.phone LIKE ? ESCAPE '!')))",
                params![&word, &word, &word, &word, &word],
            );
        }
    }
}

/// A member of the clinic's staff.
pub async fn find(tx: &mut TenantTx, user: UserId) -> Result<Option<StaffMember>, DbError> {
    let mut query = members();
    query.part(" AND m.user_id = ?", params![user]);
    tx.opt_q(&query).await
}

/// Takes hold of a member's rows, so that what is read next is what will be changed.
pub async fn lock(tx: &mut TenantTx, user: UserId) -> Result<(), DbError> {
    let mut query =
        Query::tenant(tenant_sql!("SELECT m.user_id FROM memberships m JOIN users u ON u.user_id = m.user_id WHERE m.clinic_id = $1"));
    query.part(" AND m.user_id = ?", params![user]);
    query.tail(tx.dialect().for_update(), params![]);
    tx.opt_q::<UserId>(&query).await.map(drop)
}

/// One page of the staff, and how many there are in all.
pub async fn list(tx: &mut TenantTx, filter: &Filter, page: &PageRequest<StaffSort>) -> Result<Page<StaffMember>, DbError> {
    let mut query = members();
    filter.apply(&mut query);
    let count = tenant_sql!("SELECT COUNT(*) FROM memberships m JOIN users u ON u.user_id = m.user_id WHERE m.clinic_id = $1");
    let total = tx.one_q(&query.under(count)).await?;
    match (page.sort, page.order) {
        (StaffSort::LastName, Order::Asc) => query.tail(" ORDER BY u.last_name, u.first_name, u.user_id", params![]),
        (StaffSort::LastName, Order::Desc) => query.tail(" ORDER BY u.last_name DESC, u.first_name DESC, u.user_id DESC", params![]),
        (StaffSort::Role, Order::Asc) => query.tail(" ORDER BY m.role, u.last_name, u.user_id", params![]),
        (StaffSort::Role, Order::Desc) => query.tail(" ORDER BY m.role DESC, u.last_name DESC, u.user_id DESC", params![]),
        (StaffSort::CreatedAt, Order::Asc) => query.tail(" ORDER BY m.created_at, u.user_id", params![]),
        (StaffSort::CreatedAt, Order::Desc) => query.tail(" ORDER BY m.created_at DESC, u.user_id DESC", params![]),
    };
    query.tail(" LIMIT ? OFFSET ?", params![page.per_page, page.offset()]);
    Ok(Page::new(tx.all_q(&query).await?, total, page))
}

/// How many active admins the clinic has beside this one. Takes hold of the admins' rows first, so that two of them can't
/// send each other away at once.
pub async fn other_admins(tx: &mut TenantTx, user: UserId) -> Result<i64, DbError> {
    let hold = tenant_sql!("UPDATE memberships SET updated_at = updated_at WHERE clinic_id = $1 AND role = 'admin'");
    tx.exec(hold, params![]).await?;
    let sql = tenant_sql!(
        "SELECT COUNT(*) FROM memberships m JOIN users u ON u.user_id = m.user_id
         WHERE m.clinic_id = $1 AND m.role = 'admin' AND m.is_active AND u.is_active AND m.user_id <> $2"
    );
    tx.one(sql, params![user]).await
}

/// Gives a member another role.
pub async fn set_role(tx: &mut TenantTx, user: UserId, role: Role) -> Result<(), DbError> {
    let sql = tenant_sql!("UPDATE memberships SET role = $3, updated_at = $4, version = version + 1 WHERE clinic_id = $1 AND user_id = $2");
    let now = tx.now();
    tx.exec(sql, params![user, role, now]).await?;
    count_change(&mut tx.platform(), user).await
}

/// Lets a member work in this clinic, or no longer.
pub async fn set_active(tx: &mut TenantTx, user: UserId, is_active: bool) -> Result<(), DbError> {
    let sql =
        tenant_sql!("UPDATE memberships SET is_active = $3, updated_at = $4, version = version + 1 WHERE clinic_id = $1 AND user_id = $2");
    let now = tx.now();
    tx.exec(sql, params![user, is_active, now]).await?;
    count_change(&mut tx.platform(), user).await
}

/// The version that a client sees is the person's; a changed membership counts too.
async fn count_change(tx: &mut PlatformTx, user: UserId) -> Result<(), DbError> {
    tx.exec(platform_sql!("UPDATE users SET version = version + 1 WHERE user_id = $1"), params![user]).await.map(drop)
}

/// Somebody known to the installation, by e-mail address.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// The person.
    pub user_id: UserId,
    /// Whether the installation is theirs to run.
    pub is_platform_admin: bool,
    /// Whether they may sign in at all.
    pub is_active: bool,
    /// Whether they have shown that the address is theirs.
    pub is_verified: bool,
}

from_row!(Known { user_id, is_platform_admin, is_active, is_verified });

/// Who has this e-mail address, written in lower case.
pub async fn find_by_email(tx: &mut PlatformTx, email: &str) -> Result<Option<Known>, DbError> {
    let sql = platform_sql!(
        "SELECT u.user_id, u.is_platform_admin, u.is_active, u.email_verified_at IS NOT NULL AS is_verified FROM users u WHERE u.email = $1"
    );
    tx.opt(sql, params![email]).await
}

/// Whether this person belongs to anything but this clinic: works elsewhere, has a chart elsewhere, runs the installation.
pub async fn belongs_elsewhere(tx: &mut PlatformTx, user: UserId, clinic: ClinicId) -> Result<bool, DbError> {
    let sql = platform_sql!(
        "SELECT EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = $1 AND m.clinic_id <> $2 AND NOT m.is_pending)
                OR EXISTS (SELECT 1 FROM patient_links l WHERE l.user_id = $1 AND l.clinic_id <> $2)
                OR EXISTS (SELECT 1 FROM users u WHERE u.user_id = $1 AND u.is_platform_admin) AS elsewhere"
    );
    tx.one(sql, params![user, clinic]).await
}

/// Stores a new person.
pub async fn insert_user(tx: &mut PlatformTx, new: &NewUser, person: &Person, now: UtcTime) -> Result<UserId, DbError> {
    let sql = platform_sql!(
        "INSERT INTO users (first_name, last_name, email, username, phone, phone_digits, password_hash, is_platform_admin,
                            created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) RETURNING user_id"
    );
    let values = params![
        &person.first_name,
        &person.last_name,
        &person.email,
        &person.username,
        &person.phone,
        person.phone_digits(),
        &new.password_hash,
        new.is_platform_admin,
        now
    ];
    tx.one(sql, values).await
}

/// Stores a person's changed names and addresses.
pub async fn update_user(tx: &mut PlatformTx, user: UserId, person: &Person, now: UtcTime) -> Result<u64, DbError> {
    let sql = platform_sql!(
        "UPDATE users SET first_name = $2, last_name = $3, email = $4, username = $5, phone = $6, phone_digits = $7,
                email_verified_at = CASE WHEN email = $4 THEN email_verified_at END, updated_at = $8, version = version + 1
         WHERE user_id = $1"
    );
    let values =
        params![user, &person.first_name, &person.last_name, &person.email, &person.username, &person.phone, person.phone_digits(), now];
    tx.exec(sql, values).await
}

/// Makes a person a member of a clinic.
pub async fn insert_member(tx: &mut PlatformTx, clinic: ClinicId, user: UserId, role: Role, now: UtcTime) -> Result<u64, DbError> {
    let sql = platform_sql!("INSERT INTO memberships (clinic_id, user_id, role, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)");
    tx.exec(sql, params![clinic, user, role, now]).await
}

/// Notes that a clinic wants somebody on its staff, who is asked first.
pub async fn insert_pending_member(tx: &mut PlatformTx, clinic: ClinicId, user: UserId, role: Role, now: UtcTime) -> Result<u64, DbError> {
    let sql = platform_sql!(
        "INSERT INTO memberships (clinic_id, user_id, role, is_active, is_pending, created_at, updated_at)
         VALUES ($1, $2, $3, FALSE, TRUE, $4, $4)"
    );
    tx.exec(sql, params![clinic, user, role, now]).await
}

/// Lets somebody in who was asked and agreed.
pub async fn set_joined(tx: &mut PlatformTx, clinic: ClinicId, user: UserId) -> Result<(), DbError> {
    let sql = platform_sql!(
        "UPDATE memberships SET is_active = TRUE, is_pending = FALSE, updated_at = $3, version = version + 1
         WHERE clinic_id = $1 AND user_id = $2"
    );
    let now = tx.now();
    tx.exec(sql, params![clinic, user, now]).await?;
    count_change(tx, user).await
}

/// Whether a member was asked and has not agreed yet.
pub async fn is_pending(tx: &mut TenantTx, user: UserId) -> Result<bool, DbError> {
    let sql = tenant_sql!("SELECT EXISTS (SELECT 1 FROM memberships WHERE clinic_id = $1 AND user_id = $2 AND is_pending) AS is_pending");
    tx.one(sql, params![user]).await
}

/// Whether somebody runs this clinic who has accepted to. Takes hold of the admins' rows first: nobody accepts meanwhile.
pub async fn has_admin(tx: &mut PlatformTx, clinic: ClinicId) -> Result<bool, DbError> {
    let hold = platform_sql!("UPDATE memberships SET updated_at = updated_at WHERE clinic_id = $1 AND role = 'admin'");
    tx.exec(hold, params![clinic]).await?;
    let sql = platform_sql!(
        "SELECT EXISTS (SELECT 1 FROM memberships m JOIN users u ON u.user_id = m.user_id
                        WHERE m.clinic_id = $1 AND m.role = 'admin' AND m.is_active AND u.is_active AND u.password_hash IS NOT NULL) AS has_admin"
    );
    tx.one(sql, params![clinic]).await
}

/// Who was asked to run this clinic under this address and has not accepted yet.
pub async fn find_invited_admin(tx: &mut PlatformTx, clinic: ClinicId, email: Option<&str>) -> Result<Option<UserId>, DbError> {
    let sql = platform_sql!(
        "SELECT m.user_id FROM memberships m
              JOIN users u ON u.user_id = m.user_id
              JOIN invitations i ON i.clinic_id = m.clinic_id AND i.user_id = m.user_id
         WHERE m.clinic_id = $1 AND m.role = 'admin' AND u.email = $2"
    );
    tx.opt(sql, params![clinic, email]).await
}

/// Of those who were asked to run a clinic that nobody runs yet, only this one may.
pub async fn keep_one_invited_admin(tx: &mut PlatformTx, clinic: ClinicId, user: UserId, now: UtcTime) -> Result<u64, DbError> {
    let sql = platform_sql!(
        "UPDATE memberships SET is_active = (user_id = $2 AND NOT is_pending), updated_at = $3, version = version + 1
         WHERE clinic_id = $1 AND role = 'admin'"
    );
    tx.exec(sql, params![clinic, user, now]).await
}
