//! What a clinic is, and the rules that need no database.

use std::collections::{BTreeMap, BTreeSet};

use clinichub_core::{AppError, ClinicId, Currency, FieldError, Patch, Permission, Role, UtcTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether a clinic works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClinicStatus {
    /// It works.
    Active,
    /// It is closed; nobody but the operator reaches it.
    Inactive,
    /// The operator has shut it out; its data stays.
    Suspended,
}

impl ClinicStatus {
    /// As it stands in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Suspended => "suspended",
        }
    }
}

impl std::str::FromStr for ClinicStatus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = [Self::Active, Self::Inactive, Self::Suspended];
        known
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| format!("{text:?} is not one of active, inactive, suspended"))
    }
}

/// A clinic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Clinic {
    /// The clinic.
    pub clinic_id: ClinicId,
    /// Its short name, in the references of its appointments; never changes.
    #[schema(example = "ABC01")]
    pub code: String,
    /// Its name.
    #[schema(example = "Harbor Family Practice")]
    pub name: String,
    /// Whether it works.
    pub status: ClinicStatus,
    /// IANA time zone in which its hours and days are meant.
    #[schema(example = "America/New_York")]
    pub time_zone: String,
    /// What its prices are in.
    pub currency: Currency,
    /// Telephone number.
    #[schema(example = "+1 787 555 0100")]
    pub phone: Option<String>,
    /// E-mail address.
    #[schema(example = "desk@harbor.example")]
    pub email: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// City.
    #[schema(example = "Boston")]
    pub city: Option<String>,
    /// State or province.
    #[schema(example = "MA")]
    pub state: Option<String>,
    /// Country.
    #[schema(example = "US")]
    pub country: Option<String>,
    /// How long an appointment usually is; what is offered where nothing else is asked.
    #[schema(example = 30, minimum = 5, maximum = 480)]
    pub slot_minutes: i64,
    /// Whether patients may register themselves.
    pub self_registration: bool,
    /// When it was created.
    pub created_at: UtcTime,
    /// When it was last changed.
    pub updated_at: UtcTime,
    /// Counts the changes; the `ETag`.
    pub version: i64,
}

impl Clinic {
    /// The time zone, for reckoning. Its name was checked when it was stored; one that the tables of this program have lost since
    /// counts as UTC.
    pub fn zone(&self) -> TimeZone {
        zone_of(&self.time_zone)
    }
}

/// The time zone of this name, as it was stored.
pub fn zone_of(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// A clinic to be made. Check it with [`NewClinic::checked`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClinic {
    /// Two to six capital letters and two to four digits.
    pub code: String,
    /// Its name.
    pub name: String,
    /// IANA time zone.
    pub time_zone: String,
    /// What its prices are in.
    pub currency: Currency,
    /// Telephone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// 5 to 480.
    pub slot_minutes: i64,
    /// Whether patients may register themselves.
    pub self_registration: bool,
}

impl NewClinic {
    /// A clinic with the usual settings, for set-up, commands and the demonstration.
    pub fn named(code: &str, name: &str, time_zone: &str, currency: Currency) -> Self {
        Self {
            code: code.to_owned(),
            name: name.to_owned(),
            time_zone: time_zone.to_owned(),
            currency,
            phone: None,
            email: None,
            address: None,
            city: None,
            state: None,
            country: None,
            slot_minutes: 30,
            self_registration: true,
        }
    }

    /// The same with a code and a time zone that are known to be good.
    pub fn checked(mut self) -> Result<Self, AppError> {
        let mut errors = Vec::new();
        if !is_clinic_code(&self.code) {
            errors.push(wrong("code", "A clinic's code is two to six capital letters and two to four digits, like ABC01"));
        }
        if self.name.trim().is_empty() {
            errors.push(wrong("name", "Missing required field: name"));
        }
        match zone_name(&self.time_zone) {
            Ok(name) => self.time_zone = name,
            Err(message) => errors.push(wrong("time_zone", &message)),
        }
        if !(5..=480).contains(&self.slot_minutes) {
            errors.push(wrong("slot_minutes", "A slot lasts from 5 to 480 minutes"));
        }
        if errors.is_empty() { Ok(self) } else { Err(AppError::Invalid(errors)) }
    }
}

/// What an update says about a clinic.
#[derive(Debug, Clone, Default)]
pub struct ClinicChanges {
    /// Its name.
    pub name: Option<String>,
    /// IANA time zone.
    pub time_zone: Option<String>,
    /// What its prices are in.
    pub currency: Option<Currency>,
    /// Telephone number.
    pub phone: Patch<String>,
    /// E-mail address.
    pub email: Patch<String>,
    /// Street and number.
    pub address: Patch<String>,
    /// City.
    pub city: Patch<String>,
    /// State or province.
    pub state: Patch<String>,
    /// Country.
    pub country: Patch<String>,
    /// 5 to 480.
    pub slot_minutes: Option<i64>,
    /// Whether patients may register themselves.
    pub self_registration: Option<bool>,
}

impl ClinicChanges {
    /// The clinic after the update.
    pub fn apply(self, mut clinic: Clinic) -> Result<Clinic, AppError> {
        if let Some(zone) = self.time_zone {
            clinic.time_zone = zone_name(&zone).map_err(|message| AppError::field("time_zone", message))?;
        }
        clinic.name = self.name.unwrap_or(clinic.name);
        clinic.currency = self.currency.unwrap_or(clinic.currency);
        clinic.phone = self.phone.apply(clinic.phone);
        clinic.email = self.email.apply(clinic.email);
        clinic.address = self.address.apply(clinic.address);
        clinic.city = self.city.apply(clinic.city);
        clinic.state = self.state.apply(clinic.state);
        clinic.country = self.country.apply(clinic.country);
        clinic.slot_minutes = self.slot_minutes.unwrap_or(clinic.slot_minutes);
        clinic.self_registration = self.self_registration.unwrap_or(clinic.self_registration);
        Ok(clinic)
    }
}

fn wrong(field: &str, message: &str) -> FieldError {
    FieldError { field: field.to_owned(), message: message.to_owned() }
}

/// Whether `text` is two to six capital letters and two to four digits (`ABC01`).
pub fn is_clinic_code(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = text.len() - letters;
    (2..=6).contains(&letters) && (2..=4).contains(&digits) && text.bytes().skip(letters).all(|byte| byte.is_ascii_digit())
}

/// The name of an IANA time zone in its usual spelling.
pub fn zone_name(text: &str) -> Result<String, String> {
    let unknown = || format!("{text:?} is not an IANA time zone, like America/New_York");
    // `/etc/localtime` and friends are files of this machine, not names.
    if text.len() > 64 || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte)) || text.starts_with('/') {
        return Err(unknown());
    }
    let zone = TimeZone::get(text).map_err(|_| unknown())?;
    zone.iana_name().map(str::to_owned).ok_or_else(unknown)
}

/// What a clinic changed in the default table: whether a role has a permission.
pub type Overrides = BTreeMap<(Role, Permission), bool>;

/// What `role` may do in a clinic with these changes.
pub fn permissions_of(role: Role, overrides: &Overrides) -> BTreeSet<Permission> {
    let may = |permission: &Permission| {
        let default = permission.default_for(role);
        if permission.is_clinics_to_grant() { overrides.get(&(role, *permission)).copied().unwrap_or(default) } else { default }
    };
    Permission::ALL.iter().copied().filter(may).collect()
}

/// Whether a clinic's admin may say so: within what is a clinic's to say, to give only what an admin has or the role has by
/// default, and to a patient nothing that reaches beyond the own charts.
pub fn may_override(role: Role, permission: Permission, allowed: bool, of_admin: &BTreeSet<Permission>) -> Result<(), String> {
    if role == Role::PlatformAdmin {
        return Err("This role does not belong to a clinic".to_owned());
    }
    if !permission.is_clinics_to_grant() {
        return Err(format!("{permission} can't be changed by a clinic"));
    }
    if !allowed || permission.default_for(role) {
        return Ok(());
    }
    if role == Role::Patient {
        return Err(format!("{permission} can't be given to patients"));
    }
    if of_admin.contains(&permission) { Ok(()) } else { Err(format!("An admin can't give {permission}, which an admin does not have")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        for good in ["ABC01", "AB01", "ABCDEF1234", "XYZ02"] {
            assert!(is_clinic_code(good), "{good}");
        }
        for bad in ["", "A01", "ABC1", "abc01", "ABC01X", "ABCDEFG01", "ABC12345", "ABC-01", "ABÇ01", "01ABC"] {
            assert!(!is_clinic_code(bad), "{bad}");
        }
    }

    #[test]
    fn time_zones() {
        assert_eq!(zone_name("America/New_York").as_deref(), Ok("America/New_York"));
        assert_eq!(zone_name("america/new_york").as_deref(), Ok("America/New_York"));
        assert_eq!(zone_name("UTC").as_deref(), Ok("UTC"));
        for bad in ["", "Mars/Olympus", "EST5EDT,M3.2.0,M11.1.0", "/etc/localtime", "../../etc/passwd", "America/New York", "+05:00"] {
            assert!(zone_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_admin_gives_what_an_admin_has() {
        let admin = permissions_of(Role::Admin, &Overrides::new());
        let say = |role, permission, allowed| may_override(role, permission, allowed, &admin);
        assert_eq!(say(Role::Nurse, Permission::InvoiceRead, true), Ok(()));
        assert_eq!(say(Role::Doctor, Permission::ChartWrite, false), Ok(()));
        assert_eq!(say(Role::Doctor, Permission::ChartWrite, true), Ok(()));
        assert!(say(Role::Receptionist, Permission::ChartWrite, true).is_err());
        assert!(say(Role::Admin, Permission::ChartWrite, true).is_err());
        assert!(say(Role::Admin, Permission::ClinicSettings, false).is_err());
        assert!(say(Role::Doctor, Permission::ClinicsManage, true).is_err());
        assert!(say(Role::Patient, Permission::StaffRead, true).is_err());
        assert!(say(Role::PlatformAdmin, Permission::PatientRead, true).is_err());
    }

    #[test]
    fn overrides_of_what_is_not_a_clinics_to_say_are_ignored() {
        let overrides = [((Role::Nurse, Permission::ClinicsManage), true), ((Role::Nurse, Permission::PatientDelete), true)].into();
        let nurse = permissions_of(Role::Nurse, &overrides);
        assert!(nurse.contains(&Permission::PatientDelete) && !nurse.contains(&Permission::ClinicsManage));
    }
}
