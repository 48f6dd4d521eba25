//! `clinichub clinic create` and `clinichub user create`

use clinichub_app::clinics::{self, NewClinic};
use clinichub_app::staff::{self, NewUser};
use clinichub_app::{App, identity};
use clinichub_core::{AppError, ClinicId, Currency, Entropy, OsEntropy, Role, TrailEntry, UserId};
use clinichub_db::{PlatformTx, params, platform_sql};
use secrecy::{ExposeSecret, SecretString};

use crate::boot::{self, Opened};
use crate::cli::{ClinicCreate, UserCreate};
use crate::config::Config;
use crate::failure::Failure;
use crate::terminal::{ask_password, note, say};

/// Letters and digits that can't be mistaken for each other.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Creates a clinic.
pub async fn create_clinic(config: &Config, args: &ClinicCreate) -> Result<(), Failure> {
    let currency = Currency::parse(&args.currency).map_err(Failure::usage)?;
    let new = NewClinic::named(&args.code, &args.name, &args.time_zone, currency);
    let opened = Opened::open(config).await?;
    let grant = boot::grant(None, "create_clinic");
    let make = async |mut tx: PlatformTx, new: NewClinic| {
        let clinic = clinics::create_in(&mut tx, new).await?;
        let entry = TrailEntry { resource: Some(("clinic", clinic.clinic_id.0)), ..TrailEntry::default() };
        tx.audit(Some(clinic.clinic_id), entry).await?;
        Ok(clinic)
    };
    let clinic = opened.app.db.platform_write(&grant, new, make).await?;
    opened.close().await;
    say(format_args!("Clinic {} ({}) is clinic {}.", clinic.code, clinic.name, clinic.clinic_id));
    Ok(())
}

/// Creates a person who signs in; somebody who has an account already gets a role in one more clinic.
pub async fn create_user(config: &Config, args: &UserCreate) -> Result<(), Failure> {
    if args.clinic.is_some() && args.role == Role::PlatformAdmin {
        return Err(Failure::usage("who runs the installation belongs to no clinic: leave out --clinic"));
    }
    let opened = if args.clinic.is_some() { Opened::existing(config).await? } else { Opened::open(config).await? };
    let app = &opened.app;
    let place = match &args.clinic {
        Some(code) => Some((find_clinic(app, code).await?, args.role)),
        None => None,
    };
    match (find_user(app, &args.email).await?, place) {
        (Some(user), Some(place)) => {
            add_role(app, user, place).await?;
            say(format_args!("{} had an account already, user {user}, and keeps the password.", args.email));
        }
        (_, place) => {
            let (password, is_made) = choose_password(args)?;
            let user = add_user(app, new_user(app, args, &password).await?, place).await?;
            say(format_args!("{} is user {user}.", args.email));
            if is_made {
                note("This password was made for them and is not shown again:");
                say(password.expose_secret());
            }
        }
    }
    opened.close().await;
    Ok(())
}

/// The password that was typed, or one that is made.
fn choose_password(args: &UserCreate) -> Result<(SecretString, bool), Failure> {
    let Some(password) = ask_password()? else { return Ok((make_password(), true)) };
    let whose = identity::Whose {
        email: Some(&args.email),
        username: args.username.as_deref(),
        first_name: &args.first_name,
        last_name: &args.last_name,
    };
    identity::check_rules(password.expose_secret(), whose, false)?;
    Ok((password, false))
}

async fn new_user(app: &App, args: &UserCreate, password: &SecretString) -> Result<NewUser, Failure> {
    Ok(NewUser {
        first_name: args.first_name.clone(),
        last_name: args.last_name.clone(),
        email: Some(args.email.clone()),
        username: args.username.clone(),
        phone: None,
        password_hash: Some(identity::hash_password(app, password.expose_secret()).await?),
        is_platform_admin: args.role == Role::PlatformAdmin,
    })
}

/// A role in a clinic.
type Place = (ClinicId, Role);

async fn add_user(app: &App, user: NewUser, place: Option<Place>) -> Result<UserId, Failure> {
    let add = async |mut tx: PlatformTx, (user, place): (NewUser, Option<Place>)| {
        let id = staff::create_user_in(&mut tx, user).await?;
        if let Some((clinic, role)) = place {
            staff::add_member_in(&mut tx, clinic, id, role).await?;
        }
        tx.audit(place.map(|(clinic, _)| clinic), about(id)).await?;
        Ok(id)
    };
    Ok(app.db.platform_write(&boot::grant(None, "create_user"), (user, place), add).await?)
}

async fn add_role(app: &App, user: UserId, place: Place) -> Result<(), Failure> {
    let add = async |mut tx: PlatformTx, (user, (clinic, role)): (UserId, Place)| {
        staff::add_member_in(&mut tx, clinic, user, role).await?;
        tx.audit(Some(clinic), about(user)).await?;
        Ok(())
    };
    Ok(app.db.platform_write(&boot::grant(None, "create_user"), (user, place), add).await?)
}

fn about(user: UserId) -> TrailEntry {
    TrailEntry { resource: Some(("user", user.0)), ..TrailEntry::default() }
}

async fn find_user(app: &App, email: &str) -> Result<Option<UserId>, Failure> {
    let find = async |mut tx: PlatformTx, email: String| -> Result<Option<UserId>, AppError> {
        Ok(tx.opt(platform_sql!("SELECT user_id FROM users WHERE email = $1"), params![email]).await?)
    };
    Ok(app.db.platform_read(&boot::grant(None, "create_user"), identity::email_key(email), find).await?)
}

/// The clinic with this code.
pub async fn find_clinic(app: &App, code: &str) -> Result<ClinicId, Failure> {
    let find = async |mut tx: PlatformTx, code: String| -> Result<Option<ClinicId>, AppError> {
        Ok(tx.opt(platform_sql!("SELECT clinic_id FROM clinics WHERE code = $1"), params![code]).await?)
    };
    let found = app.db.platform_read(&boot::grant(None, "command"), code.to_owned(), find).await?;
    found.ok_or_else(|| Failure::failed(format!("there is no clinic {code}")))
}

/// A hundred unpredictable bits in letters and digits, in groups that can be read aloud.
fn make_password() -> SecretString {
    let entropy: &dyn Entropy = &OsEntropy;
    let letters: Vec<char> = entropy.bytes::<20>().iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    let groups: Vec<String> = letters.chunks(5).map(|group| group.iter().collect()).collect();
    SecretString::from(groups.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_password_is_long_and_never_the_same() {
        let (one, other) = (make_password(), make_password());
        assert_eq!(one.expose_secret().len(), 23);
        assert_ne!(one.expose_secret(), other.expose_secret());
    }
}
