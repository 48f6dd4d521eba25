//! Who signs in and where they may sit down: the rules without a database.

use std::collections::BTreeSet;

use clinichub_core::{AppError, ClinicId, Currency, PatientId, Permission, Principal, Role, SessionId, UserId, UtcTime};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::clinics::{ClinicStatus, Overrides, permissions_of};

/// How long a refresh token waits for its use; a shorter absence doesn't sign anybody out.
pub const REFRESH_LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long a session lasts at most, however often it is refreshed.
pub const SESSION_LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long the link in a password mail works.
pub const RESET_LIFETIME: SignedDuration = SignedDuration::from_mins(60);
/// How long the link in an invitation works.
pub const INVITATION_LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long the set-up link works; the next start makes another.
pub const SETUP_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// What somebody signs in with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Identifier {
    /// An e-mail address, as [`email_key`] writes it.
    Email(String),
    /// A user name, as [`username_key`] writes it.
    Username(String),
    /// A phone number, as [`phone_digits`] writes it.
    Phone(String),
}

impl Identifier {
    /// From the one field of three that was given. A user name with an `@` is an e-mail address: people type it there.
    pub fn from_fields(email: Option<&str>, username: Option<&str>, phone: Option<&str>) -> Result<Self, AppError> {
        match (email, username, phone) {
            (Some(email), None, None) => Ok(Self::Email(email_key(email))),
            (None, Some(name), None) if name.contains('@') => Ok(Self::Email(email_key(name))),
            (None, Some(name), None) => Ok(Self::Username(username_key(name))),
            (None, None, Some(phone)) => Ok(Self::Phone(phone_digits(phone))),
            (None, None, None) => Err(AppError::missing("email")),
            (Some(_), Some(_), _) => Err(AppError::field("username", "Give one of email, username and phone")),
            _ => Err(AppError::field("phone", "Give one of email, username and phone")),
        }
    }
}

/// Whose password is tried. Every way to name an account counts as that account; what names nobody counts by itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Tried {
    /// An account.
    Account(UserId),
    /// A name that nobody has.
    Nobody(Identifier),
}

/// How an e-mail address is stored and looked up: without blanks around it, in lower case.
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// How a user name is stored and looked up: without blanks around it, in lower case.
pub fn username_key(username: &str) -> String {
    username.trim().to_lowercase()
}

/// How a phone number is looked up: its digits, without the zeros that stand for the plus sign.
pub fn phone_digits(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    digits.strip_prefix("00").map(str::to_owned).unwrap_or(digits)
}

/// A person who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Their id.
    pub user_id: UserId,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// User name.
    pub username: Option<String>,
    /// Phone number as it was typed.
    pub phone: Option<String>,
    /// bcrypt; none for somebody who never set a password.
    pub password_hash: Option<String>,
    /// Whether they run the installation.
    pub is_platform_admin: bool,
    /// Whether they may sign in at all.
    pub is_active: bool,
    /// The language they read best, a BCP 47 tag.
    pub language: Option<String>,
    /// What their programs keep for them, a JSON object.
    pub preferences: Option<String>,
    /// Counts the changes.
    pub version: i64,
}

/// A clinic in which somebody has a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The clinic.
    pub clinic_id: ClinicId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Whether it works.
    pub status: ClinicStatus,
    /// IANA time zone.
    pub time_zone: String,
    /// What its prices are in.
    pub currency: Currency,
    /// How long an appointment usually is.
    pub slot_minutes: i64,
    /// What they are there.
    pub role: Role,
    /// Whether they can be booked there.
    pub is_provider: bool,
    /// What the clinic changed in the rows of the table that they act by.
    pub overrides: Overrides,
}

impl Place {
    /// Whether people can sign in there: it is neither inactive nor suspended.
    pub fn is_open(&self) -> bool {
        self.status == ClinicStatus::Active
    }
}

/// A role, and the clinic in which it is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// The role.
    pub role: Role,
    /// The clinic; none for the operator of the installation.
    pub place: Option<Place>,
}

impl Seat {
    /// The clinic's id.
    pub fn clinic_id(&self) -> Option<ClinicId> {
        self.place.as_ref().map(|place| place.clinic_id)
    }

    /// What one may do there.
    pub fn permissions(&self) -> BTreeSet<Permission> {
        match &self.place {
            Some(place) => permissions_at(self.role, place.is_provider, &place.overrides),
            None => permissions_at(self.role, false, &Overrides::new()),
        }
    }
}

/// One place a clinic. Who works in a clinic and is its patient too sits down there as staff.
pub fn one_role_a_clinic(mut places: Vec<Place>) -> Vec<Place> {
    places.sort_by_key(|place| (place.clinic_id, place.role == Role::Patient));
    places.dedup_by_key(|place| place.clinic_id);
    places
}

/// Where somebody sits down whose password was right: the clinic of that code, or else the first one that is open, as staff
/// rather than as a patient; the operator's seat comes before any clinic.
pub fn choose_seat(account: &Account, places: &[Place], code: Option<&str>) -> Result<Seat, AppError> {
    let Some(code) = code else { return first_seat(account, places) };
    let place = places.iter().find(|place| place.code.eq_ignore_ascii_case(code.trim()));
    seat_at(place.ok_or_else(|| AppError::forbidden("This account has no access to this clinic"))?)
}

fn first_seat(account: &Account, places: &[Place]) -> Result<Seat, AppError> {
    if account.is_platform_admin {
        return Ok(Seat { role: Role::PlatformAdmin, place: None });
    }
    let open = places.iter().filter(|place| place.is_open()).min_by_key(|place| (place.role == Role::Patient, place.clinic_id));
    match open.or(places.first()) {
        Some(place) => seat_at(place),
        None => Err(AppError::forbidden("This account belongs to no clinic")),
    }
}

/// The seat in a clinic of one's own, if people can sign in there.
pub fn seat_at(place: &Place) -> Result<Seat, AppError> {
    if place.is_open() {
        Ok(Seat { role: place.role, place: Some(place.clone()) })
    } else {
        Err(AppError::forbidden("This clinic is not active; ask the operator of this installation"))
    }
}

/// A session as the database has it, with who uses it and what their clinic says.
#[derive(Debug, Clone)]
pub struct SessionFacts {
    /// The person.
    pub user_id: UserId,
    /// The active clinic.
    pub clinic_id: Option<ClinicId>,
    /// When the session ends by itself.
    pub expires_at: UtcTime,
    /// Whether they run the installation.
    pub is_platform_admin: bool,
    /// Their role in the active clinic's staff.
    pub role: Option<Role>,
    /// Whether they can be booked there.
    pub is_provider: bool,
    /// Whether the active clinic is open.
    pub is_open: bool,
    /// Where its days begin.
    pub zone: Option<TimeZone>,
    /// What the clinic changed in the rows of the table that they act by.
    pub overrides: Overrides,
    /// Their charts, in clinics that are open.
    pub charts: Vec<(ClinicId, PatientId)>,
}

impl SessionFacts {
    /// Who acts in this session, if anybody still may.
    pub fn principal(self, session_id: SessionId) -> Option<Principal> {
        let role = self.role_now()?;
        let permissions = permissions_at(role, self.is_provider, &self.overrides);
        let charts = if role == Role::Patient { self.charts } else { Vec::new() };
        Some(Principal { user_id: self.user_id, role, clinic_id: self.clinic_id, zone: self.zone, session_id, permissions, charts })
    }

    fn role_now(&self) -> Option<Role> {
        let Some(clinic) = self.clinic_id else { return self.is_platform_admin.then_some(Role::PlatformAdmin) };
        let as_patient = || self.charts.iter().any(|(of, _)| *of == clinic).then_some(Role::Patient);
        self.role.or_else(as_patient).filter(|_| self.is_open)
    }
}

/// What somebody may do in a clinic: the row of their role, and for an admin who sees patients the doctor's row too.
pub fn permissions_at(role: Role, is_provider: bool, overrides: &Overrides) -> BTreeSet<Permission> {
    let mut permissions = permissions_of(role, overrides);
    if role == Role::Admin && is_provider {
        permissions.extend(permissions_of(Role::Doctor, overrides));
    }
    permissions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(id: i64, role: Role, is_open: bool) -> Place {
        Place {
            clinic_id: ClinicId(id),
            code: format!("C{id}"),
            name: "Clinic".to_owned(),
            status: if is_open { ClinicStatus::Active } else { ClinicStatus::Suspended },
            time_zone: "UTC".to_owned(),
            currency: Currency::USD,
            slot_minutes: 30,
            role,
            is_provider: false,
            overrides: Overrides::new(),
        }
    }

    fn account(is_platform_admin: bool) -> Account {
        Account {
            user_id: UserId(1),
            first_name: "Anne".to_owned(),
            last_name: "Berg".to_owned(),
            email: None,
            username: None,
            phone: None,
            password_hash: None,
            is_platform_admin,
            is_active: true,
            language: None,
            preferences: None,
            version: 1,
        }
    }

    fn seat(places: &[Place], code: Option<&str>) -> Result<(Role, Option<i64>), u16> {
        let seat = choose_seat(&account(false), places, code).map_err(|error| error.status())?;
        Ok((seat.role, seat.clinic_id().map(i64::from)))
    }

    #[test]
    fn sits_down_as_staff_in_an_open_clinic() {
        let places = [place(1, Role::Patient, true), place(2, Role::Doctor, false), place(3, Role::Nurse, true)];
        assert_eq!(seat(&places, None), Ok((Role::Nurse, Some(3))));
        assert_eq!(seat(&places, Some("c1")), Ok((Role::Patient, Some(1))));
        assert_eq!(seat(&places, Some("C2")), Err(403));
        assert_eq!(seat(&places, Some("C9")), Err(403));
        assert_eq!(seat(&[], None), Err(403));
    }

    #[test]
    fn the_operator_belongs_to_no_clinic() {
        let seat = choose_seat(&account(true), &[place(1, Role::Admin, true)], None).expect("a seat");
        assert_eq!(seat, Seat { role: Role::PlatformAdmin, place: None });
    }

    #[test]
    fn staff_comes_before_patient_in_one_clinic() {
        let places = one_role_a_clinic(vec![place(2, Role::Patient, true), place(1, Role::Patient, true), place(1, Role::Doctor, true)]);
        let roles: Vec<_> = places.iter().map(|place| (place.clinic_id.0, place.role)).collect();
        assert_eq!(roles, [(1, Role::Doctor), (2, Role::Patient)]);
    }

    fn facts(clinic: Option<i64>, role: Option<Role>, is_open: bool) -> SessionFacts {
        SessionFacts {
            user_id: UserId(1),
            clinic_id: clinic.map(ClinicId),
            expires_at: UtcTime::from_micros(0),
            is_platform_admin: false,
            role,
            is_provider: false,
            is_open,
            zone: None,
            overrides: [
                ((Role::Nurse, Permission::PatientDelete), true),
                ((Role::Nurse, Permission::PatientCreate), false),
                ((Role::Nurse, Permission::ClinicsManage), true),
                ((Role::Doctor, Permission::ChartWrite), false),
            ]
            .into(),
            charts: vec![(ClinicId(2), PatientId(5))],
        }
    }

    #[test]
    fn a_clinic_changes_permissions_within_its_bounds() {
        let nurse = facts(Some(1), Some(Role::Nurse), true).principal(SessionId(9)).expect("a principal");
        assert!(nurse.permissions.contains(&Permission::PatientDelete));
        assert!(!nurse.permissions.contains(&Permission::PatientCreate));
        assert!(!nurse.permissions.contains(&Permission::ClinicsManage));
        assert!(nurse.charts.is_empty());
    }

    #[test]
    fn an_admin_who_sees_patients_has_a_doctors_permissions_too() {
        let of = |role, is_provider, overrides: &Overrides| permissions_at(role, is_provider, overrides);
        let (admin, doctor) = (of(Role::Admin, false, &Overrides::new()), of(Role::Doctor, false, &Overrides::new()));
        let both: BTreeSet<_> = admin.union(&doctor).copied().collect();
        assert!(!admin.contains(&Permission::ChartWrite) && both.contains(&Permission::ChartWrite));
        assert_eq!(of(Role::Admin, true, &Overrides::new()), both);
        let without = [((Role::Doctor, Permission::ChartWrite), false)].into();
        assert!(!of(Role::Admin, true, &without).contains(&Permission::ChartWrite), "what the clinic takes from its doctors");
        // A profile belongs to the person and may have been made by another clinic.
        assert_eq!(of(Role::Receptionist, true, &Overrides::new()), of(Role::Receptionist, false, &Overrides::new()));
    }

    #[test]
    fn nobody_acts_in_a_closed_clinic_or_without_a_role() {
        assert!(facts(Some(1), Some(Role::Nurse), false).principal(SessionId(9)).is_none());
        assert!(facts(Some(1), None, true).principal(SessionId(9)).is_none());
        assert!(facts(None, None, true).principal(SessionId(9)).is_none());
        let patient = facts(Some(2), None, true).principal(SessionId(9)).expect("a principal");
        assert_eq!((patient.role, patient.charts.len()), (Role::Patient, 1));
    }

    #[test]
    fn one_of_three_names() {
        let from = Identifier::from_fields;
        assert_eq!(from(Some(" Anne@Example.ORG "), None, None).ok(), Some(Identifier::Email("anne@example.org".to_owned())));
        assert_eq!(from(None, Some("Anne"), None).ok(), Some(Identifier::Username("anne".to_owned())));
        assert_eq!(from(None, Some("anne@example.org"), None).ok(), Some(Identifier::Email("anne@example.org".to_owned())));
        assert_eq!(from(None, None, Some("+1 (787) 123-4567")).ok(), Some(Identifier::Phone("17871234567".to_owned())));
        assert!(from(None, None, None).is_err());
        assert!(from(Some("a"), Some("b"), None).is_err());
    }
}
