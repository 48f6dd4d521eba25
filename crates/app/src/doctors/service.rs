//! What can be done with providers. A profile belongs to the person and shows in every clinic they work in, so a clinic may change
//! it only where they work nowhere else; hours and time off belong to the clinic.

use clinichub_api::check_version;
use clinichub_core::{AppError, ClinicId, Grant, Page, PageRequest, Patch, Permission, TimeOffId, TrailEntry, UserId, UtcTime};
use clinichub_db::{DbError, OnConflict, PlatformTx, TenantTx, params};

use super::api::DoctorSort;
use super::hours::{Interval, Timetable};
use super::model::{Doctor, ExceptionEntry, Hours, Profile, Provider, Signature, TimeOff, WeeklyEntry};
use super::store::{self, Filter};
use crate::identity::{Changed, announce};
use crate::{App, clinics, staff};

/// Somebody who can be booked in the transaction's clinic. Takes hold of the person, so that the bookings of one provider queue
/// up, whatever the clinic.
pub async fn require_provider(tx: &mut TenantTx, user: UserId) -> Result<Provider, AppError> {
    let lock = tx.dialect().lock_provider();
    tx.platform().opt::<UserId>(lock, params![user]).await?.ok_or(AppError::NotFound("Provider"))?;
    match store::find_provider(tx, user).await?.ok_or(AppError::NotFound("Provider"))? {
        (provider, true) => Ok(provider),
        (_, false) => Err(AppError::field("provider_user_id", "Provider is not active")),
    }
}

/// What stands under a document of this member of the clinic, who may have left since.
pub async fn signature_of(tx: &mut TenantTx, user: UserId) -> Result<Signature, AppError> {
    store::find_signature(tx, user).await?.ok_or(AppError::NotFound("Provider"))
}

/// Whether the provider works in the transaction's clinic during all of this time, and is not away.
pub async fn offered(tx: &mut TenantTx, user: UserId, start: UtcTime, end: UtcTime) -> Result<bool, AppError> {
    let time = Interval { start, end };
    let away = store::time_off(tx, user, time).await?;
    Ok(start < end && away.is_empty() && timetable_in(tx, user, time).await?.covers(time))
}

/// Makes an empty profile where the person has none.
pub async fn create_profile_in(tx: &mut PlatformTx, user: UserId, profile: &Profile) -> Result<bool, AppError> {
    let now = tx.now();
    let is_new = unique(store::insert(tx, user, profile, now).await)?;
    if is_new {
        announce(tx, Changed::User(user))?;
    }
    Ok(is_new)
}

/// Gives the first provider of a new clinic their weekly hours. The caller audits.
pub async fn set_first_hours_in(tx: &mut PlatformTx, clinic: ClinicId, user: UserId, weekly: &[WeeklyEntry]) -> Result<(), AppError> {
    Ok(store::insert_first_hours(tx, clinic, user, weekly.iter().map(WeeklyEntry::hours)).await?)
}

/// The provider's hours in the transaction's clinic on the days around `window`.
pub(super) async fn timetable_in(tx: &mut TenantTx, user: UserId, window: Interval) -> Result<Timetable, AppError> {
    let zone = clinics::zone_in(tx).await?;
    let (from, to) = days_around(&zone, window);
    let weekly = store::weekly(tx, user).await?;
    let exceptions = store::exceptions(tx, user, from, to).await?.into_iter().map(|(hours, _)| hours).collect();
    Ok(Timetable { zone, weekly, exceptions })
}

/// The local days that a window touches, and one more on either side.
pub(super) fn days_around(zone: &jiff::tz::TimeZone, window: Interval) -> (jiff::civil::Date, jiff::civil::Date) {
    let (first, last) = (window.start.date_in(zone), window.end.date_in(zone));
    (first.yesterday().unwrap_or(first), last.tomorrow().unwrap_or(last))
}

/// A provider that the caller may see: of the own clinic with a staff's grant, else a public one.
pub async fn get(app: &App, grant: &Grant, user: UserId, clinic: Option<String>) -> Result<Doctor, AppError> {
    let filter = Filter { user: Some(user), clinic, ..visible(grant) };
    let staff = filter.own.is_some();
    let find = async |mut tx: PlatformTx, filter: Filter| Ok(store::find(&mut tx, &filter).await?);
    let doctor = app.db.platform_read(grant, filter, find).await?.ok_or(AppError::NotFound("Doctor"))?;
    Ok(if staff { doctor } else { doctor.public() })
}

/// One page of the providers that the caller may see.
pub async fn list(app: &App, grant: &Grant, filter: Filter, page: PageRequest<DoctorSort>) -> Result<Page<Doctor>, AppError> {
    let own = visible(grant).own;
    let find =
        async |mut tx: PlatformTx, (filter, page): (Filter, PageRequest<DoctorSort>)| Ok(store::list(&mut tx, &filter, &page).await?);
    let doctors = app.db.platform_read(grant, (Filter { own, ..filter }, page), find).await?;
    Ok(if own.is_some() { doctors } else { doctors.map(Doctor::public) })
}

/// Staff sees the own clinic's providers, hidden ones too; everybody else the public ones.
pub(super) fn visible(grant: &Grant) -> Filter {
    let staff = grant.principal().filter(|_| grant.may(Permission::StaffRead));
    Filter { own: staff.and_then(|principal| principal.clinic_id), ..Filter::default() }
}

/// Who becomes a provider: somebody new, or a member of the staff.
#[derive(Debug, Clone)]
pub enum NewDoctor {
    /// A new member of the staff.
    Member(Box<staff::NewMember>),
    /// A member that is there already.
    Existing(UserId, Profile),
}

/// Makes a provider.
pub async fn create(app: &App, grant: &Grant, mut new: NewDoctor, password: Option<&str>) -> Result<Doctor, AppError> {
    if let NewDoctor::Member(member) = &mut new {
        staff::set_first_password(app, member, password).await?;
    }
    let make = async |mut tx: TenantTx, new: NewDoctor| {
        let user = match new {
            NewDoctor::Member(member) => add_new(&mut tx, *member).await?,
            NewDoctor::Existing(user, profile) => promote(&mut tx, user, profile).await?,
        };
        tx.audit(about("doctor", user.0)).await?;
        get_in(&mut tx, user).await
    };
    app.db.create(grant, new, make).await
}

/// A profile belongs to the person: nobody gets one from a clinic that they have not agreed to work in.
async fn add_new(tx: &mut TenantTx, member: staff::NewMember) -> Result<UserId, AppError> {
    match staff::add_in(tx, member).await? {
        staff::Added::New(user) => Ok(user),
        staff::Added::Asked(_) => Err(AppError::conflict("Email already exists; invite them to the staff as a doctor")),
    }
}

async fn promote(tx: &mut TenantTx, user: UserId, profile: Profile) -> Result<UserId, AppError> {
    staff::get_in(tx, user).await?;
    if create_profile_in(&mut tx.platform(), user, &profile).await? { Ok(user) } else { Err(AppError::conflict("Doctor already exists")) }
}

/// What an update says about a provider.
#[derive(Debug, Clone, Default)]
pub struct DoctorChanges {
    /// Specialty.
    pub specialization: Patch<String>,
    /// Number in the register.
    pub registration_number: Patch<String>,
    /// What they say about themselves.
    pub bio: Patch<String>,
    /// Whether anyone may find them.
    pub is_public: Option<bool>,
    /// Whether they can be booked; only those who manage the staff may say so.
    pub is_active: Option<bool>,
}

/// Changes a profile: the own one, or with [`Permission::StaffManage`] that of somebody who works in this clinic only.
pub async fn update(app: &App, grant: &Grant, user: UserId, changes: DoctorChanges) -> Result<Doctor, AppError> {
    own_or_manager(grant, user)?;
    let change = async |mut tx: TenantTx, (user, changes): (UserId, DoctorChanges)| {
        let before = get_fresh(&mut tx, user).await?;
        theirs_to_change(&mut tx, user).await?;
        save(&mut tx, &before, changes).await?;
        tx.audit(about("doctor", user.0)).await?;
        get_in(&mut tx, user).await
    };
    app.db.write(grant, (user, changes), change).await
}

/// The clinic's provider can be booked no longer. Whoever works elsewhere too only leaves this clinic.
pub async fn delete(app: &App, grant: &Grant, user: UserId) -> Result<UserId, AppError> {
    let remove = async |mut tx: TenantTx, user: UserId| {
        let before = get_fresh(&mut tx, user).await?;
        let clinic = tx.clinic_id();
        if store::works_elsewhere(&mut tx.platform(), user, clinic).await? {
            staff::deactivate_in(&mut tx, user).await?;
            announce(&mut tx.platform(), Changed::User(user))?;
        } else {
            save(&mut tx, &before, DoctorChanges { is_active: Some(false), ..DoctorChanges::default() }).await?;
        }
        tx.audit(about("doctor", user.0)).await?;
        Ok(user)
    };
    app.db.write(grant, user, remove).await
}

async fn save(tx: &mut TenantTx, before: &Doctor, changes: DoctorChanges) -> Result<(), AppError> {
    let manages = tx.grant().may(Permission::StaffManage);
    if changes.is_active.is_some() && !manages {
        return Err(AppError::forbidden("You may not change whether a doctor is active"));
    }
    let profile = Profile {
        specialization: changes.specialization.apply(before.specialization.clone()),
        registration_number: changes.registration_number.apply(before.registration_number.clone()),
        bio: changes.bio.apply(before.bio.clone()),
        is_public: changes.is_public.or(before.is_public),
    };
    let stored = store::update(&mut tx.platform(), before.user_id, before.version.unwrap_or_default(), &profile, changes.is_active).await;
    if !unique(stored)? {
        return Err(AppError::Stale);
    }
    announce(&mut tx.platform(), Changed::User(before.user_id))
}

async fn theirs_to_change(tx: &mut TenantTx, user: UserId) -> Result<(), AppError> {
    let clinic = tx.clinic_id();
    if tx.grant().user_id() != Some(user) && store::works_elsewhere(&mut tx.platform(), user, clinic).await? {
        return Err(AppError::forbidden("Only the doctor can change this profile"));
    }
    Ok(())
}

/// A provider of the transaction's clinic.
async fn get_in(tx: &mut TenantTx, user: UserId) -> Result<Doctor, AppError> {
    let filter = Filter { own: Some(tx.clinic_id()), user: Some(user), ..Filter::default() };
    store::find(&mut tx.platform(), &filter).await?.ok_or(AppError::NotFound("Doctor"))
}

async fn get_fresh(tx: &mut TenantTx, user: UserId) -> Result<Doctor, AppError> {
    let doctor = get_in(tx, user).await?;
    check_version(tx.grant(), doctor.version.unwrap_or_default())?;
    Ok(doctor)
}

/// A provider's hours in a clinic, as they are shown.
#[derive(Debug, Clone)]
pub struct Availability {
    /// The provider.
    pub user_id: UserId,
    /// The clinic's time zone.
    pub time_zone: String,
    /// Every week.
    pub hours: Hours,
    /// The time off that is not over.
    pub time_off: Vec<TimeOff>,
}

/// A provider's hours in the clinic.
pub async fn availability(app: &App, grant: &Grant, user: UserId) -> Result<Availability, AppError> {
    app.db.read(grant, user, async |mut tx, user| availability_in(&mut tx, user).await).await
}

/// Puts these hours in the place of the provider's hours in the clinic; `zone`, where it is given, must be the clinic's.
pub async fn set_availability(
    app: &App,
    grant: &Grant,
    user: UserId,
    hours: Hours,
    zone: Option<String>,
) -> Result<Availability, AppError> {
    own_or_manager(grant, user)?;
    hours.check()?;
    let change = async |mut tx: TenantTx, (user, hours, zone): (UserId, Hours, Option<String>)| {
        let before = availability_in(&mut tx, user).await?;
        check_version(tx.grant(), before.hours.version())?;
        same_zone(&mut tx, zone.as_deref()).await?;
        let weekly = hours.weekly.iter().map(WeeklyEntry::hours).collect();
        store::replace_hours(&mut tx, user, weekly, hours.exceptions).await?;
        tx.audit(about("availability", user.0)).await?;
        availability_in(&mut tx, user).await
    };
    app.db.write(grant, (user, hours, zone), change).await
}

/// Notes that a provider is away.
pub async fn add_time_off(app: &App, grant: &Grant, user: UserId, period: Interval, reason: Option<String>) -> Result<TimeOff, AppError> {
    own_or_manager(grant, user)?;
    if period.end <= period.start {
        return Err(AppError::field("end", "Time off must end after it starts"));
    }
    let add = async |mut tx: TenantTx, (user, period, reason): (UserId, Interval, Option<String>)| {
        require(&mut tx, user).await?;
        let time_off_id = store::insert_time_off(&mut tx, user, period, reason.as_deref()).await?;
        tx.audit(about("time_off", time_off_id.0)).await?;
        Ok(TimeOff { time_off_id, start: period.start, end: period.end, reason })
    };
    app.db.create(grant, (user, period, reason), add).await
}

/// Notes that a provider is not away after all.
pub async fn delete_time_off(app: &App, grant: &Grant, user: UserId, time_off: TimeOffId) -> Result<(), AppError> {
    own_or_manager(grant, user)?;
    let remove = async |mut tx: TenantTx, (user, time_off): (UserId, TimeOffId)| {
        if !store::delete_time_off(&mut tx, user, time_off).await? {
            return Err(AppError::NotFound("Time off"));
        }
        tx.audit(about("time_off", time_off.0)).await?;
        Ok(())
    };
    app.db.write(grant, (user, time_off), remove).await
}

async fn same_zone(tx: &mut TenantTx, zone: Option<&str>) -> Result<(), AppError> {
    let clinic = clinics::get_in(tx).await?;
    match zone.map(clinics::zone_name) {
        Some(Err(message)) => Err(AppError::field("time_zone", message)),
        Some(Ok(name)) if name != clinic.time_zone => {
            Err(AppError::field("time_zone", format!("Hours are meant in the clinic's time zone, {}", clinic.time_zone)))
        }
        _ => Ok(()),
    }
}

async fn availability_in(tx: &mut TenantTx, user: UserId) -> Result<Availability, AppError> {
    require(tx, user).await?;
    let clinic = clinics::get_in(tx).await?;
    let weekly = store::weekly(tx, user).await?.iter().filter_map(WeeklyEntry::of).collect();
    let exceptions = store::exceptions(tx, user, store::EVER.0.0, store::EVER.1.0).await?;
    let exceptions = exceptions.into_iter().map(|(hours, reason)| ExceptionEntry::of(&hours, reason)).collect();
    let ahead = Interval { start: tx.now(), end: UtcTime::from_micros(i64::MAX) };
    let time_off = store::time_off(tx, user, ahead).await?;
    Ok(Availability { user_id: user, time_zone: clinic.time_zone, hours: Hours { weekly, exceptions }, time_off })
}

/// A provider of the clinic, whether bookable or not.
pub(super) async fn require(tx: &mut TenantTx, user: UserId) -> Result<(Provider, bool), AppError> {
    store::find_provider(tx, user).await?.ok_or(AppError::NotFound("Doctor"))
}

fn own_or_manager(grant: &Grant, user: UserId) -> Result<(), AppError> {
    if grant.user_id() == Some(user) || grant.may(Permission::StaffManage) {
        return Ok(());
    }
    Err(AppError::forbidden("You may change your own profile and hours only"))
}

fn unique<T>(result: Result<T, DbError>) -> Result<T, AppError> {
    result.on_unique("doctors_registration_number", || AppError::conflict("Registration number already exists"))
}

fn about(kind: &'static str, id: i64) -> TrailEntry {
    TrailEntry { resource: Some((kind, id)), ..TrailEntry::default() }
}
