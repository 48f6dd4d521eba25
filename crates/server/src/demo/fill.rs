//! Fills an empty installation, or goes on where an earlier attempt stopped.

use std::collections::HashMap;
use std::io::Cursor;

use clinichub_app::clinics::{self, NewClinic};
use clinichub_app::staff::{self, NewUser};
use clinichub_app::{App, codes, identity};
use clinichub_core::{ClinicId, Currency, Role, TrailEntry, UserId};
use clinichub_db::PlatformTx;
use clinichub_jobs::system_grant;

use super::cast::{CLINICS, ClinicCast, HOURS, OPERATOR, PORTAL, SERVICES, STAFF, weekdays};
use super::{cases, documents, history, labs, store};
use crate::data_dir::DataDir;
use crate::failure::Failure;

/// Everybody's password.
pub const PASSWORD: &str = identity::DEMO_PASSWORD;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filled {
    /// It is new.
    Now,
    /// It was there from an earlier start.
    Before,
}

/// Fills the installation if it is empty. One that holds something else is refused.
pub async fn fill(app: &App, data: &DataDir) -> Result<Filled, Failure> {
    let grant = system_grant(None, "demo", &*app.clock);
    let users = app.db.platform_read(&grant, (), async |mut tx, ()| Ok(store::count_users(&mut tx).await?)).await?;
    if users == 0 {
        let hash = identity::hash_password(app, PASSWORD).await?;
        super::mark(data)?;
        app.db.platform_write(&grant, hash, async |tx, hash| open_clinics(tx, hash).await).await?;
    }
    let ids =
        app.db.platform_read(&grant, (), async |mut tx, ()| Ok((store::users(&mut tx).await?, store::clinics(&mut tx).await?))).await?;
    let (users, clinics) = ids;
    let mut filled = Filled::Before;
    for (index, cast) in CLINICS.iter().enumerate() {
        let (Some(clinic), true) = (clinics.get(cast.code), users.contains_key(STAFF[0].username)) else {
            return Err(Failure::refused("there is other data here already; --demo is for an empty data folder: give another --data-dir"));
        };
        let grant = system_grant(Some(*clinic), "demo", &*app.clock);
        let args = (index, users.clone(), app.fields.clone());
        if app.db.write(&grant, args, async |tx, (index, users, fields)| history::write(tx, index, &users, &fields).await).await? {
            filled = Filled::Now;
        }
        if index == 0 {
            let of = |role: Role| STAFF.iter().find(|cast| cast.role == role).and_then(|cast| users.get(cast.username)).copied();
            labs::write(app, &grant, of(Role::Technician), of(Role::Doctor)).await?;
        }
        documents::write(app, &grant, index, history::desk(index, &users)).await?;
    }
    if filled == Filled::Now {
        codes::import::run(app, &grant, Cursor::new(cases::code_file()), |_| ()).await?;
    }
    Ok(filled)
}

/// Clinics, staff, hours and prices.
async fn open_clinics(mut tx: PlatformTx, hash: String) -> clinichub_core::Result<()> {
    let mut clinics = Vec::new();
    for cast in &CLINICS {
        clinics.push(clinics::create_in(&mut tx, new_clinic(cast)).await?.clinic_id);
    }
    let mut staff = HashMap::new();
    for (index, cast) in STAFF.iter().enumerate() {
        let names = (cast.first_name, cast.last_name);
        let user = staff::create_user_in(&mut tx, new_user(names, cast.username, cast.email, &hash)).await?;
        for clinic in cast.clinics {
            staff::add_member_in(&mut tx, clinics[*clinic], user, cast.role).await?;
        }
        if let Some(specialization) = cast.specialization {
            store::set_specialization(&mut tx, user, specialization).await?;
        }
        staff.insert(index, user);
    }
    staff::create_user_in(&mut tx, new_user(("Pat", "Patient"), PORTAL.0, PORTAL.1, &hash)).await?;
    let operator = new_user(("Oscar", "Operator"), OPERATOR.0, OPERATOR.1, &hash);
    staff::create_user_in(&mut tx, NewUser { is_platform_admin: true, ..operator }).await?;
    store::insert_hours(&mut tx, &hours(&clinics, &staff)).await?;
    for clinic in clinics {
        store::price_default_service(&mut tx, clinic, SERVICES[0]).await?;
        store::insert_services(&mut tx, clinic, &SERVICES[1..]).await?;
    }
    tx.audit(None, TrailEntry::default()).await?;
    Ok(())
}

fn new_clinic(cast: &ClinicCast) -> NewClinic {
    NewClinic {
        phone: Some(cast.phone.to_owned()),
        email: Some(cast.email.to_owned()),
        address: Some(cast.address.to_owned()),
        city: Some(cast.city.to_owned()),
        state: Some(cast.state.to_owned()),
        country: Some("US".to_owned()),
        ..NewClinic::named(cast.code, cast.name, cast.time_zone, Currency::USD)
    }
}

fn new_user(names: (&str, &str), username: &str, email: &str, hash: &str) -> NewUser {
    NewUser {
        first_name: names.0.to_owned(),
        last_name: names.1.to_owned(),
        email: Some(email.to_owned()),
        username: Some(username.to_owned()),
        phone: None,
        password_hash: Some(hash.to_owned()),
        is_platform_admin: false,
    }
}

fn hours(clinics: &[ClinicId], staff: &HashMap<usize, UserId>) -> Vec<(ClinicId, UserId, i64, i64, i64)> {
    let mut hours = Vec::new();
    for (index, cast) in STAFF.iter().enumerate().filter(|(_, cast)| cast.role == Role::Doctor) {
        for clinic in cast.clinics {
            for day in weekdays(cast, *clinic) {
                hours.extend(HOURS.map(|(from, to)| (clinics[*clinic], staff[&index], i64::from(day), from, to)));
            }
        }
    }
    hours
}
