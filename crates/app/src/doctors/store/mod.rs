//! All SQL about providers: profiles, hours, time off, and when they are busy.

pub mod batch;
pub mod roster;

use clinichub_core::{ClinicId, Day, Order, Page, PageRequest, Role, TimeOffId, UserId, UtcTime};
use clinichub_db::query::Platform;
use clinichub_db::{DbError, PlatformTx, Query, TenantTx, bulk_sql, from_row, params, platform_bulk_sql, platform_sql, tenant_sql};
use jiff::civil::Date;

use crate::doctors::api::DoctorSort;
use crate::doctors::hours::{DayHours, Interval, WeeklyHours};
use crate::doctors::model::{Doctor, ExceptionEntry, Profile, Provider, Signature, TimeOff, Workplace};
use crate::like;

/// A provider in one clinic, as a row.
struct Row {
    user_id: UserId,
    first_name: String,
    last_name: String,
    specialization: Option<String>,
    bio: Option<String>,
    clinic_id: ClinicId,
    code: String,
    name: String,
    city: Option<String>,
    state: Option<String>,
    country: Option<String>,
    time_zone: String,
    slot_minutes: i64,
    email: Option<String>,
    phone: Option<String>,
    registration_number: Option<String>,
    role: Role,
    is_public: bool,
    is_active: bool,
    created_at: UtcTime,
    updated_at: UtcTime,
    version: i64,
}

from_row!(Row {
    user_id,
    first_name,
    last_name,
    specialization,
    bio,
    clinic_id,
    code,
    name,
    city,
    state,
    country,
    time_zone,
    slot_minutes,
    email,
    phone,
    registration_number,
    role,
    is_public,
    is_active,
    created_at,
    updated_at,
    version
});

impl From<Row> for Doctor {
    fn from(row: Row) -> Self {
        Self {
            doctor_id: row.user_id,
            user_id: row.user_id,
            first_name: row.first_name,
            last_name: row.last_name,
            specialization: row.specialization,
            bio: row.bio,
            clinic: Workplace {
                clinic_id: row.clinic_id,
                code: row.code,
                name: row.name,
                city: row.city,
                state: row.state,
                country: row.country,
                time_zone: row.time_zone,
            },
            slot_minutes: row.slot_minutes,
            next_available: None,
            email: row.email,
            phone: row.phone,
            registration_number: row.registration_number,
            role: Some(row.role),
            is_public: Some(row.is_public),
            is_active: Some(row.is_active),
            created_at: Some(row.created_at),
            updated_at: Some(row.updated_at),
            version: Some(row.version),
        }
    }
}

fn doctors() -> Query<Platform> {
    Query::platform(platform_sql!(
        "SELECT d.user_id, u.first_name, u.last_name, d.specialization, d.bio, c.clinic_id, c.code, c.name, c.city, c.state, c.country,
                c.time_zone, c.slot_minutes, u.email, u.phone, d.registration_number, m.role, d.is_public,
                (d.is_active AND m.is_active AND u.is_active) AS is_active, d.created_at, d.updated_at, d.version
         FROM doctors d JOIN users u ON u.user_id = d.user_id JOIN memberships m ON m.user_id = d.user_id
              JOIN clinics c ON c.clinic_id = m.clinic_id WHERE 1 = 1"
    ))
}

/// Which providers a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those of this clinic, hidden ones too; else only the public and active ones of active clinics.
    pub own: Option<ClinicId>,
    /// Only this one.
    pub user: Option<UserId>,
    /// Only these; empty: any.
    pub users: Vec<UserId>,
    /// Only those whose specialty contains this.
    pub specialty: Option<String>,
    /// Only those in this city, state or country.
    pub location: Option<String>,
    /// Only those of the clinic with this code.
    pub clinic: Option<String>,
    /// Only those whose name contains each of these words.
    pub search: Option<String>,
    /// Only those who can be booked.
    pub active: bool,
}

impl Filter {
    fn apply(&self, query: &mut Query<Platform>) {
        match self.own {
            Some(clinic) => query.part(" AND m.clinic_id = ?", params![clinic]),
            None => query.part(" AND d.is_public AND c.status = 'active'", params![]),
        };
        if self.active || self.own.is_none() {
            query.part(" AND d.is_active AND m.is_active AND u.is_active", params![]);
        } else {
            query.part(" AND NOT m.is_pending", params![]);
        }
        if let Some(user) = self.user {
            query.part(" AND d.user_id = ?", params![user]);
        }
        if !self.users.is_empty() {
            query.list(" AND d.user_id IN (", self.users.iter().copied(), ")");
        }
        if let Some(clinic) = &self.clinic {
            query.part(" AND c.code = ?", params![clinic.trim().to_uppercase()]);
        }
        if let Some(specialty) = &self.specialty {
            query.part(" AND LOWER(d.specialization) LIKE ? ESCAPE '!'", params![like::containing(specialty)]);
        }
        if let Some(location) = &self.location {
            let location = location.trim().to_lowercase();
            query.part(" AND (LOWER(c.city) = ? OR LOWER(c.state) = ? OR LOWER(c.country) = ?)", params![&location, &location, &location]);
        }
        for word in self.search.iter().flat_map(|search| search.split_whitespace()).take(5) {
            let word = like::containing(word);
            query.part(" AND (LOWER(u.first_name) LIKE ? ESCAPE '!' OR LOWER(u.last_name) LIKE ? ESCAPE '!')", params![&word, &word]);
        }
    }
}

/// One page of the providers, and how many there are in all.
pub async fn list(tx: &mut PlatformTx, filter: &Filter, page: &PageRequest<DoctorSort>) -> Result<Page<Doctor>, DbError> {
    let mut query = doctors();
    filter.apply(&mut query);
    let count = platform_sql!(
        "SELECT COUNT(*) FROM doctors d JOIN users u ON u.user_id = d.user_id JOIN memberships m ON m.user_id = d.user_id
              JOIN clinics c ON c.clinic_id = m.clinic_id WHERE 1 = 1"
    );
    let total = tx.one_q(&query.under(count)).await?;
    Ok(Page::new(rows(tx, query, page, page.per_page, page.offset()).await?, total, page))
}

/// The providers that match, in the order of the page, at most `limit` of them.
pub async fn list_all(tx: &mut PlatformTx, filter: &Filter, page: &PageRequest<DoctorSort>, limit: i64) -> Result<Vec<Doctor>, DbError> {
    let mut query = doctors();
    filter.apply(&mut query);
    rows(tx, query, page, limit, 0).await
}

async fn rows(
    tx: &mut PlatformTx,
    mut query: Query<Platform>,
    page: &PageRequest<DoctorSort>,
    limit: i64,
    offset: i64,
) -> Result<Vec<Doctor>, DbError> {
    match (page.sort, page.order) {
        (DoctorSort::LastName, Order::Asc) => query.tail(" ORDER BY u.last_name, u.first_name, u.user_id, c.code", params![]),
        (DoctorSort::LastName, Order::Desc) => {
            query.tail(" ORDER BY u.last_name DESC, u.first_name DESC, u.user_id DESC, c.code DESC", params![])
        }
        (DoctorSort::Specialization, Order::Asc) => query.tail(" ORDER BY d.specialization, u.last_name, u.user_id, c.code", params![]),
        (DoctorSort::Specialization, Order::Desc) => {
            query.tail(" ORDER BY d.specialization DESC, u.last_name DESC, u.user_id DESC, c.code DESC", params![])
        }
    };
    query.tail(" LIMIT ? OFFSET ?", params![limit, offset]);
    Ok(tx.all_q::<Row>(&query).await?.into_iter().map(Doctor::from).collect())
}

/// One provider, where the filter shows them; the first by the clinic's code.
pub async fn find(tx: &mut PlatformTx, filter: &Filter) -> Result<Option<Doctor>, DbError> {
    let mut query = doctors();
    filter.apply(&mut query);
    query.tail(" ORDER BY c.code LIMIT 1", params![]);
    Ok(tx.opt_q::<Row>(&query).await?.map(Doctor::from))
}

/// Whether somebody can be booked in the clinic, and who it is.
struct ProviderRow {
    user_id: UserId,
    first_name: String,
    last_name: String,
    specialization: Option<String>,
    is_active: bool,
}

from_row!(ProviderRow { user_id, first_name, last_name, specialization, is_active });

impl ProviderRow {
    /// The provider and whether they can be booked.
    fn into_provider(self) -> (Provider, bool) {
        let Self { user_id, first_name, last_name, specialization, is_active } = self;
        (Provider { user_id, first_name, last_name, specialization }, is_active)
    }
}

/// A provider of the clinic and whether they can be booked.
pub async fn find_provider(tx: &mut TenantTx, user: UserId) -> Result<Option<(Provider, bool)>, DbError> {
    let sql = tenant_sql!(
        "SELECT u.user_id, u.first_name, u.last_name, d.specialization, (d.is_active AND m.is_active AND u.is_active) AS is_active
         FROM memberships m JOIN users u ON u.user_id = m.user_id JOIN doctors d ON d.user_id = m.user_id
         WHERE m.clinic_id = $1 AND m.user_id = $2 AND NOT m.is_pending"
    );
    let row: Option<ProviderRow> = tx.opt(sql, params![user]).await?;
    Ok(row.map(ProviderRow::into_provider))
}

from_row!(Signature { first_name, last_name, specialization, registration_number });

/// What a document of this member of the clinic is signed with.
pub async fn find_signature(tx: &mut TenantTx, user: UserId) -> Result<Option<Signature>, DbError> {
    let sql = tenant_sql!(
        "SELECT u.first_name, u.last_name, d.specialization, d.registration_number
         FROM memberships m JOIN users u ON u.user_id = m.user_id LEFT JOIN doctors d ON d.user_id = m.user_id
         WHERE m.clinic_id = $1 AND m.user_id = $2"
    );
    tx.opt(sql, params![user]).await
}

/// Makes a profile where the person has none; says whether it did.
pub async fn insert(tx: &mut PlatformTx, user: UserId, profile: &Profile, now: UtcTime) -> Result<bool, DbError> {
    let sql = platform_sql!(
        "INSERT INTO doctors (user_id, specialization, registration_number, bio, is_public, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (user_id) DO NOTHING"
    );
    let is_public = profile.is_public.unwrap_or(true);
    let values = params![user, &profile.specialization, &profile.registration_number, &profile.bio, is_public, now];
    Ok(tx.exec(sql, values).await? == 1)
}

/// Stores a changed profile where nobody has changed it since; says whether it did.
pub async fn update(
    tx: &mut PlatformTx,
    doctor: UserId,
    version: i64,
    profile: &Profile,
    is_active: Option<bool>,
) -> Result<bool, DbError> {
    let sql = platform_sql!(
        "UPDATE doctors SET specialization = $3, registration_number = $4, bio = $5, is_public = $6,
                is_active = COALESCE($7, is_active), updated_at = $8, version = version + 1
         WHERE user_id = $1 AND version = $2"
    );
    let now = tx.now();
    let is_public = profile.is_public.unwrap_or(true);
    let values = params![doctor, version, &profile.specialization, &profile.registration_number, &profile.bio, is_public, is_active, now];
    Ok(tx.exec(sql, values).await? == 1)
}

/// Whether this person can be booked, or could, in another clinic too.
pub async fn works_elsewhere(tx: &mut PlatformTx, user: UserId, clinic: ClinicId) -> Result<bool, DbError> {
    let sql = platform_sql!(
        "SELECT EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = $1 AND m.clinic_id <> $2 AND m.is_active) AS elsewhere"
    );
    tx.one(sql, params![user, clinic]).await
}

/// The weekly hours of the clinic's provider.
pub async fn weekly(tx: &mut TenantTx, user: UserId) -> Result<Vec<WeeklyHours>, DbError> {
    let sql = tenant_sql!(
        "SELECT weekday, starts_minute, ends_minute, valid_from, valid_to FROM doctor_hours
         WHERE clinic_id = $1 AND user_id = $2 ORDER BY weekday, starts_minute, hours_id"
    );
    tx.all(sql, params![user]).await
}

from_row!(WeeklyHours { weekday, starts_minute, ends_minute, valid_from, valid_to });

struct ExceptionRow {
    day: Date,
    starts_minute: Option<i64>,
    ends_minute: Option<i64>,
    reason: Option<String>,
}

from_row!(ExceptionRow { day, starts_minute, ends_minute, reason });

/// The exceptions of the clinic's provider from `from` to `to`, both days included.
pub async fn exceptions(tx: &mut TenantTx, user: UserId, from: Date, to: Date) -> Result<Vec<(DayHours, Option<String>)>, DbError> {
    let sql = tenant_sql!(
        "SELECT day, starts_minute, ends_minute, reason FROM doctor_exceptions
         WHERE clinic_id = $1 AND user_id = $2 AND day >= $3 AND day <= $4 ORDER BY day, starts_minute, exception_id"
    );
    let rows: Vec<ExceptionRow> = tx.all(sql, params![user, from, to]).await?;
    let hours = |row: ExceptionRow| (DayHours { day: row.day, minutes: row.starts_minute.zip(row.ends_minute) }, row.reason);
    Ok(rows.into_iter().map(hours).collect())
}

/// Puts these hours in the place of the provider's hours in the clinic.
pub async fn replace_hours(
    tx: &mut TenantTx,
    user: UserId,
    weekly: Vec<WeeklyHours>,
    exceptions: Vec<ExceptionEntry>,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.exec(tenant_sql!("DELETE FROM doctor_hours WHERE clinic_id = $1 AND user_id = $2"), params![user]).await?;
    tx.exec(tenant_sql!("DELETE FROM doctor_exceptions WHERE clinic_id = $1 AND user_id = $2"), params![user]).await?;
    let insert = bulk_sql!(
        "INSERT INTO doctor_hours (clinic_id, user_id, weekday, starts_minute, ends_minute, valid_from, valid_to, created_at) VALUES"
    );
    let row =
        |hours: WeeklyHours| params![user, hours.weekday, hours.starts_minute, hours.ends_minute, hours.valid_from, hours.valid_to, now];
    tx.insert_many(insert, weekly.into_iter().map(row).collect()).await?;
    let insert =
        bulk_sql!("INSERT INTO doctor_exceptions (clinic_id, user_id, day, starts_minute, ends_minute, reason, created_at) VALUES");
    let row = |entry: ExceptionEntry| {
        let minutes = entry.hours().minutes;
        params![user, entry.date.0, minutes.map(|(start, _)| start), minutes.map(|(_, end)| end), entry.reason, now]
    };
    tx.insert_many(insert, exceptions.into_iter().map(row).collect()).await.map(drop)
}

/// Stores the weekly hours of the first provider of a new clinic.
pub async fn insert_first_hours(
    tx: &mut PlatformTx,
    clinic: ClinicId,
    user: UserId,
    weekly: impl Iterator<Item = WeeklyHours>,
) -> Result<(), DbError> {
    let now = tx.now();
    let insert = platform_bulk_sql!(
        "INSERT INTO doctor_hours (clinic_id, user_id, weekday, starts_minute, ends_minute, valid_from, valid_to, created_at) VALUES"
    );
    let row = |hours: WeeklyHours| {
        params![clinic, user, hours.weekday, hours.starts_minute, hours.ends_minute, hours.valid_from, hours.valid_to, now]
    };
    tx.insert_many(insert, weekly.map(row).collect()).await.map(drop)
}

/// When the provider is away from the clinic, as far as it touches the period.
pub async fn time_off(tx: &mut TenantTx, user: UserId, window: Interval) -> Result<Vec<TimeOff>, DbError> {
    let sql = tenant_sql!(
        "SELECT time_off_id, starts_at, ends_at, reason FROM time_off
         WHERE clinic_id = $1 AND user_id = $2 AND starts_at < $4 AND ends_at > $3 ORDER BY starts_at, time_off_id LIMIT 1000"
    );
    let rows: Vec<(TimeOffId, UtcTime, UtcTime, Option<String>)> = tx.all(sql, params![user, window.start, window.end]).await?;
    Ok(rows.into_iter().map(|(time_off_id, start, end, reason)| TimeOff { time_off_id, start, end, reason }).collect())
}

/// Stores a period in which the provider is away.
pub async fn insert_time_off(tx: &mut TenantTx, user: UserId, period: Interval, reason: Option<&str>) -> Result<TimeOffId, DbError> {
    let sql = tenant_sql!(
        "INSERT INTO time_off (clinic_id, user_id, starts_at, ends_at, reason, created_at, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING time_off_id"
    );
    let (now, by) = (tx.now(), tx.grant().user_id());
    tx.one(sql, params![user, period.start, period.end, reason, now, by]).await
}

/// Removes a period; says whether it was there.
pub async fn delete_time_off(tx: &mut TenantTx, user: UserId, time_off: TimeOffId) -> Result<bool, DbError> {
    let sql = tenant_sql!("DELETE FROM time_off WHERE clinic_id = $1 AND user_id = $2 AND time_off_id = $3");
    Ok(tx.exec(sql, params![user, time_off]).await? == 1)
}

/// When the provider has appointments in any clinic: times, nothing else.
pub async fn busy(tx: &mut PlatformTx, user: UserId, window: Interval) -> Result<Vec<Interval>, DbError> {
    let sql = platform_sql!(
        "SELECT a.scheduled_start, a.scheduled_end FROM appointments a
         WHERE a.provider_user_id = $1 AND a.scheduled_start < $3 AND a.scheduled_start >= $4 AND a.scheduled_end > $2
               AND a.status NOT IN ('cancelled', 'no_show', 'rejected')"
    );
    // The index is by start: nothing that lasts longer than a day is looked for before the window.
    let earliest = window.start.plus(-LONGEST);
    let rows: Vec<(UtcTime, UtcTime)> = tx.all(sql, params![user, window.start, window.end, earliest]).await?;
    Ok(rows.into_iter().map(|(start, end)| Interval { start, end }).collect())
}

/// No appointment lasts longer.
const LONGEST: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// The days that exceptions are kept for, for the whole of a provider's hours.
pub const EVER: (Day, Day) = (Day(jiff::civil::date(1000, 1, 1)), Day(jiff::civil::date(9999, 12, 31)));
