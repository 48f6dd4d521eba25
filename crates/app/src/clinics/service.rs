//! What can be done with clinics. The operator of the installation reaches all of them, everybody else the own ones.

use clinichub_api::check_version;
use clinichub_core::{AppError, ClinicId, Grant, Page, PageRequest, Permission, Role, TrailEntry, UtcTime};
use clinichub_db::{OnConflict, PlatformTx, TenantTx};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::api::ClinicSort;
use super::model::{self, Clinic, ClinicChanges, ClinicStatus, NewClinic, Overrides};
use super::store::{self, Filter};
use super::usage::{self, Counts, Glance};
use crate::identity::{Changed, announce, revoke_sessions_of_clinic};
use crate::usage::Used;
use crate::{App, billing};

/// The period of a glance that does not say one.
const GLANCE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The clinic of the transaction.
pub async fn get_in(tx: &mut TenantTx) -> Result<Clinic, AppError> {
    store::own(tx).await?.ok_or(AppError::NotFound("Clinic"))
}

/// Where the days of the transaction's clinic begin. Who signed in knows it from their session.
pub async fn zone_in(tx: &mut TenantTx) -> Result<TimeZone, AppError> {
    if let Some(zone) = tx.grant().zone() {
        return Ok(zone.clone());
    }
    Ok(get_in(tx).await?.zone())
}

/// Makes a clinic with its default service. The caller audits.
pub async fn create_in(tx: &mut PlatformTx, new: NewClinic) -> Result<Clinic, AppError> {
    create_with_in(tx, new, Vec::new()).await
}

/// Makes a clinic with these services. The caller audits.
pub async fn create_with_in(tx: &mut PlatformTx, new: NewClinic, services: Vec<billing::NewService>) -> Result<Clinic, AppError> {
    let new = new.checked()?;
    let now = tx.now();
    let taken = || AppError::conflict("Clinic code already exists");
    let clinic_id = store::insert(tx, &new, now).await.on_unique("clinics_code", taken)?;
    billing::create_first_services(tx, clinic_id, new.currency, services).await?;
    get_any(tx, clinic_id).await
}

/// One page of the clinics that the caller may see.
pub async fn list(app: &App, grant: &Grant, mut filter: Filter, page: PageRequest<ClinicSort>) -> Result<Page<Clinic>, AppError> {
    filter.of = reach(grant).of;
    app.db.platform_read(grant, (filter, page), async |mut tx, (filter, page)| Ok(store::list(&mut tx, &filter, &page).await?)).await
}

/// One page of the clinics that work, for anyone.
pub async fn list_public(
    app: &App,
    grant: &Grant,
    search: Option<String>,
    page: PageRequest<ClinicSort>,
) -> Result<Page<Clinic>, AppError> {
    let filter = Filter { of: None, status: Some(ClinicStatus::Active), search };
    app.db.platform_read(grant, (filter, page), async |mut tx, (filter, page)| Ok(store::list(&mut tx, &filter, &page).await?)).await
}

/// A clinic that the caller may see.
pub async fn get(app: &App, grant: &Grant, clinic: ClinicId) -> Result<Clinic, AppError> {
    let find = async |mut tx: PlatformTx, (clinic, filter): (ClinicId, Filter)| {
        store::find(&mut tx, clinic, &filter).await?.ok_or(AppError::NotFound("Clinic"))
    };
    app.db.platform_read(grant, (clinic, reach(grant)), find).await
}

/// Makes a clinic.
pub async fn create(app: &App, grant: &Grant, new: NewClinic) -> Result<Clinic, AppError> {
    let make = async |mut tx: PlatformTx, new: NewClinic| {
        let clinic = create_in(&mut tx, new).await?;
        tx.audit(Some(clinic.clinic_id), about(clinic.clinic_id)).await?;
        Ok(clinic)
    };
    app.db.platform_create(grant, new, make).await
}

/// Changes a clinic: the own one with [`Permission::ClinicSettings`], any with [`Permission::ClinicsManage`].
pub async fn update(app: &App, grant: &Grant, clinic: ClinicId, changes: ClinicChanges) -> Result<Clinic, AppError> {
    require_run(grant, clinic)?;
    let change = async |mut tx: PlatformTx, (clinic, changes): (ClinicId, ClinicChanges)| {
        let before = get_fresh(&mut tx, clinic).await?;
        let zone = before.time_zone.clone();
        let after = changes.apply(before)?;
        if after.time_zone != zone {
            announce(&mut tx, Changed::Clinic(clinic))?;
        }
        save(&mut tx, after).await
    };
    app.db.platform_write(grant, (clinic, changes), change).await
}

/// Opens, closes or shuts out a clinic. Its people's sessions end at once unless it works; its data stays.
pub async fn set_status(app: &App, grant: &Grant, clinic: ClinicId, status: ClinicStatus) -> Result<Clinic, AppError> {
    let change = async |mut tx: PlatformTx, (clinic, status): (ClinicId, ClinicStatus)| {
        let mut after = get_fresh(&mut tx, clinic).await?;
        after.status = status;
        if status == ClinicStatus::Active {
            announce(&mut tx, Changed::Clinic(clinic))?;
        } else {
            revoke_sessions_of_clinic(&mut tx, clinic, status.as_str()).await?;
        }
        save(&mut tx, after).await
    };
    app.db.platform_write(grant, (clinic, status), change).await
}

/// What a clinic did from `from` until before `to`.
pub struct Report {
    pub clinic: Clinic,
    pub from: UtcTime,
    pub to: UtcTime,
    pub counts: Counts,
    /// What it is charged for.
    pub used: Vec<Used>,
}

/// What a clinic did in a period.
pub async fn usage(app: &App, grant: &Grant, clinic: ClinicId, period: Period) -> Result<Report, AppError> {
    require_books(grant, clinic)?;
    let count = async |mut tx: PlatformTx, (clinic, period): (ClinicId, Period)| {
        let clinic = get_any(&mut tx, clinic).await?;
        let (from, to) = period.in_clinic(&clinic, tx.now())?;
        let counts = usage::counts(&mut tx, clinic.clinic_id, from, to).await?;
        let used = crate::usage::used_in(&mut tx, clinic.clinic_id, from, to).await?;
        Ok(Report { clinic, from, to, counts, used })
    };
    app.db.platform_read(grant, (clinic, period), count).await
}

/// All clinics at a glance, for whoever runs the installation: the period that was counted in, and each clinic's numbers. Days are those
/// of UTC, since the clinics are in many time zones.
pub async fn overview(app: &App, grant: &Grant, period: Period) -> Result<(UtcTime, UtcTime, Vec<Glance>), AppError> {
    let to = period.to.map_or(grant.at(), |to| to.end_in(&TimeZone::UTC));
    let from = period.from.map_or_else(|| to.plus(-GLANCE), |from| from.start_in(&TimeZone::UTC));
    if to < from {
        return Err(AppError::field("to", "The period must not end before it begins"));
    }
    let count = async |mut tx: PlatformTx, (from, to): (UtcTime, UtcTime)| Ok(usage::glances(&mut tx, from, to).await?);
    Ok((from, to, app.db.platform_read(grant, (from, to), count).await?))
}

/// The clinic's table of permissions: the clinic and what it changed.
pub async fn permissions(app: &App, grant: &Grant, clinic: ClinicId) -> Result<(Clinic, Overrides), AppError> {
    own(grant, clinic)?;
    app.db.read(grant, (), async |mut tx, ()| Ok((get_in(&mut tx).await?, overrides_in(&mut tx).await?))).await
}

/// Changes the table of permissions; `None` goes back to the default. Takes effect at once.
pub async fn set_permissions(
    app: &App,
    grant: &Grant,
    clinic: ClinicId,
    changes: Vec<(Role, Permission, Option<bool>)>,
) -> Result<(Clinic, Overrides), AppError> {
    own(grant, clinic)?;
    let change = async |mut tx: TenantTx, changes: Vec<(Role, Permission, Option<bool>)>| {
        let (id, mut ptx) = (tx.clinic_id(), tx.platform());
        let clinic = get_fresh(&mut ptx, id).await?;
        let after = changed(overrides_in(&mut tx).await?, &changes)?;
        store::replace_overrides(&mut tx, &after).await?;
        announce(&mut ptx, Changed::Clinic(id))?;
        Ok((save(&mut ptx, clinic).await?, after))
    };
    app.db.write(grant, changes, change).await
}

/// What the clinic of the transaction changed in the table of permissions.
pub async fn overrides_in(tx: &mut TenantTx) -> Result<Overrides, AppError> {
    let rows = store::overrides(tx).await?;
    Ok(rows.into_iter().map(|(role, permission, allowed)| ((role, permission), allowed)).collect())
}

/// A period as it was asked for; without bounds the current month of the clinic.
#[derive(Debug, Clone, Copy, Default)]
pub struct Period {
    /// The first day or instant.
    pub from: Option<clinichub_core::DayOrInstant>,
    /// The last day, or the instant before which it ends.
    pub to: Option<clinichub_core::DayOrInstant>,
}

impl Period {
    /// Its first instant and the first after it, in the clinic's time.
    pub fn in_clinic(self, clinic: &Clinic, now: UtcTime) -> Result<(UtcTime, UtcTime), AppError> {
        self.in_zone(&clinic.zone(), now)
    }

    /// The same in the time of a zone.
    pub fn in_zone(self, zone: &TimeZone, now: UtcTime) -> Result<(UtcTime, UtcTime), AppError> {
        let first = clinichub_core::DayOrInstant::Day(now.date_in(zone).first_of_month());
        let (from, to) = (self.from.unwrap_or(first).start_in(zone), self.to.map_or(now, |to| to.end_in(zone)));
        if to < from { Err(AppError::field("to", "The period must not end before it begins")) } else { Ok((from, to)) }
    }
}

fn changed(mut table: Overrides, changes: &[(Role, Permission, Option<bool>)]) -> Result<Overrides, AppError> {
    let of_admin = model::permissions_of(Role::Admin, &table);
    for (index, (role, permission, allowed)) in changes.iter().enumerate() {
        let allowed = allowed.filter(|allowed| *allowed != permission.default_for(*role));
        model::may_override(*role, *permission, allowed.unwrap_or(permission.default_for(*role)), &of_admin)
            .map_err(|message| AppError::field(format!("permissions[{index}].permission"), message))?;
        match allowed {
            Some(allowed) => drop(table.insert((*role, *permission), allowed)),
            None => drop(table.remove(&(*role, *permission))),
        }
    }
    Ok(table)
}

/// The clinics that the caller may see.
fn reach(grant: &Grant) -> Filter {
    let of = grant.principal().filter(|_| !grant.may(Permission::ClinicsManage)).map(|principal| principal.user_id);
    Filter { of, ..Filter::default() }
}

/// That the caller runs this clinic: the operator any, an admin the own one.
fn require_run(grant: &Grant, clinic: ClinicId) -> Result<(), AppError> {
    if grant.may(Permission::ClinicsManage) {
        return Ok(());
    }
    own(grant, clinic)?;
    if grant.may(Permission::ClinicSettings) { Ok(()) } else { Err(AppError::forbidden("You may not change the clinic's settings")) }
}

/// That the asker may know what a clinic is charged: its admin and the operator.
pub fn require_books(grant: &Grant, clinic: ClinicId) -> Result<(), AppError> {
    require_run(grant, clinic).map_err(|error| match error {
        AppError::Forbidden(_) => AppError::forbidden("You may not see what the clinic is charged"),
        other => other,
    })
}

fn own(grant: &Grant, clinic: ClinicId) -> Result<(), AppError> {
    if grant.clinic_id() == Some(clinic) { Ok(()) } else { Err(AppError::NotFound("Clinic")) }
}

/// A clinic, whoever asks; the caller has looked at that.
pub async fn get_any(tx: &mut PlatformTx, clinic: ClinicId) -> Result<Clinic, AppError> {
    store::find(tx, clinic, &Filter::default()).await?.ok_or(AppError::NotFound("Clinic"))
}

/// A clinic to be changed, where the caller has seen its last version.
async fn get_fresh(tx: &mut PlatformTx, clinic: ClinicId) -> Result<Clinic, AppError> {
    let clinic = get_any(tx, clinic).await?;
    check_version(tx.grant(), clinic.version)?;
    Ok(clinic)
}

async fn save(tx: &mut PlatformTx, mut clinic: Clinic) -> Result<Clinic, AppError> {
    let now = tx.now();
    if !store::update(tx, &clinic, now).await? {
        return Err(AppError::Stale);
    }
    tx.audit(Some(clinic.clinic_id), about(clinic.clinic_id)).await?;
    (clinic.version, clinic.updated_at) = (clinic.version + 1, now);
    Ok(clinic)
}

fn about(clinic: ClinicId) -> TrailEntry {
    TrailEntry { resource: Some(("clinic", clinic.0)), ..TrailEntry::default() }
}
