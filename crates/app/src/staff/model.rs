//! Who works in a clinic, and the rules that need no database.

use clinichub_core::{AppError, Patch, Role, UserId, UtcTime};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::identity::{ChangeProfile, email_key, phone_digits, username_key};

/// Where somebody stands with the clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberState {
    /// They work here.
    Active,
    /// They were asked by mail and have not accepted yet; they can't sign in to this clinic.
    Invited,
    /// They don't work here any more, or were asked and the clinic thought better of it.
    Inactive,
}

impl MemberState {
    /// As it stands in JSON and in answers of the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Invited => "invited",
            Self::Inactive => "inactive",
        }
    }
}

impl std::str::FromStr for MemberState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = [Self::Active, Self::Invited, Self::Inactive];
        known.into_iter().find(|state| state.as_str() == text).ok_or_else(|| format!("{text:?} is not one of active, invited, inactive"))
    }
}

/// Somebody who works, or has worked, in the clinic, or was asked to. Of somebody with an account of their own the clinic sees no more than it
/// typed until they agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StaffMember {
    /// The person.
    pub user_id: UserId,
    /// Given name.
    #[schema(example = "Grace")]
    pub first_name: String,
    /// Family name.
    #[schema(example = "Hopper")]
    pub last_name: String,
    /// E-mail address; one signs in with it.
    #[schema(example = "grace@clinichub.com")]
    pub email: Option<String>,
    /// User name; one signs in with it.
    #[schema(example = "ghopper")]
    pub username: Option<String>,
    /// Telephone number; one signs in with it.
    #[schema(example = "+1 787 555 0101")]
    pub phone: Option<String>,
    /// What they are in this clinic.
    pub role: Role,
    /// Where they stand with this clinic.
    pub state: MemberState,
    /// Whether they may work in this clinic; whoever is new to the installation can be booked before they accept.
    pub is_active: bool,
    /// Whether they have shown that the e-mail address is theirs: by an invitation, or by resetting their password.
    pub email_verified: bool,
    /// A provider's specialty.
    #[schema(example = "Cardiology")]
    pub specialization: Option<String>,
    /// A provider's number in the register.
    #[schema(example = "MD-12345")]
    pub registration_number: Option<String>,
    /// When they were added to this clinic.
    pub created_at: UtcTime,
    /// When the person or the membership was last changed.
    pub updated_at: UtcTime,
    /// Counts the changes; the `ETag`.
    pub version: i64,
}

/// A person to be made, whose password is hashed already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// User name.
    pub username: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// The bcrypt hash; none for somebody who signs in by other means.
    pub password_hash: Option<String>,
    /// Whether this is the operator of the installation.
    pub is_platform_admin: bool,
}

/// What belongs to the person and not to a membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// E-mail address, in lower case.
    pub email: Option<String>,
    /// User name, in lower case.
    pub username: Option<String>,
    /// Telephone number as it was typed.
    pub phone: Option<String>,
}

impl Person {
    /// The person as it is stored and found: no blanks around, e-mail and user name in lower case.
    #[must_use]
    pub fn tidy(self) -> Self {
        Self {
            first_name: self.first_name.trim().to_owned(),
            last_name: self.last_name.trim().to_owned(),
            email: filled(self.email).as_deref().map(email_key),
            username: filled(self.username).as_deref().map(username_key),
            phone: filled(self.phone),
        }
    }

    /// The phone number's digits, by which it is found.
    pub fn phone_digits(&self) -> Option<String> {
        self.phone.as_deref().map(phone_digits)
    }

    /// Whether there is anything that they could sign in with.
    pub fn can_sign_in(&self) -> bool {
        self.email.is_some() || self.username.is_some() || self.phone.is_some()
    }

    /// A person has two names, and whoever signs in has something to sign in with.
    pub fn check(&self, signs_in: bool) -> Result<(), AppError> {
        if self.first_name.is_empty() {
            return Err(AppError::missing("first_name"));
        }
        if self.last_name.is_empty() {
            return Err(AppError::missing("last_name"));
        }
        if signs_in && !self.can_sign_in() {
            return Err(AppError::field("email", "One of email, username and phone is needed to sign in"));
        }
        Ok(())
    }
}

/// What an update says about a member of the staff.
#[derive(Debug, Clone, Default)]
pub struct StaffChanges {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// E-mail address.
    pub email: Patch<String>,
    /// User name.
    pub username: Patch<String>,
    /// Telephone number.
    pub phone: Patch<String>,
    /// What they are in this clinic; only those who manage the staff may say so.
    pub role: Option<Role>,
    /// One's own password, to change what one signs in with.
    pub current_password: Option<String>,
}

impl StaffChanges {
    /// The same as a change of one's own profile.
    pub fn into_own(self) -> ChangeProfile {
        ChangeProfile {
            first_name: self.first_name,
            last_name: self.last_name,
            email: self.email,
            username: self.username,
            phone: self.phone,
            current_password: self.current_password,
            ..ChangeProfile::default()
        }
    }

    /// The person after the update.
    pub fn apply(&self, before: &StaffMember) -> Person {
        let person = Person {
            first_name: self.first_name.clone().unwrap_or_else(|| before.first_name.clone()),
            last_name: self.last_name.clone().unwrap_or_else(|| before.last_name.clone()),
            email: self.email.clone().apply(before.email.clone()),
            username: self.username.clone().apply(before.username.clone()),
            phone: self.phone.clone().apply(before.phone.clone()),
        };
        person.tidy()
    }
}

impl From<&StaffMember> for Person {
    fn from(member: &StaffMember) -> Self {
        Self {
            first_name: member.first_name.clone(),
            last_name: member.last_name.clone(),
            email: member.email.clone(),
            username: member.username.clone(),
            phone: member.phone.clone(),
        }
    }
}

impl From<&NewUser> for Person {
    fn from(new: &NewUser) -> Self {
        Self {
            first_name: new.first_name.clone(),
            last_name: new.last_name.clone(),
            email: new.email.clone(),
            username: new.username.clone(),
            phone: new.phone.clone(),
        }
    }
}

/// A role that somebody can be given in a clinic.
pub fn staff_role(role: Role) -> Result<Role, AppError> {
    if role.is_staff() { Ok(role) } else { Err(AppError::field("role", format!("{role} is not a role of a clinic's staff"))) }
}

fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person() -> Person {
        Person {
            first_name: " Grace ".into(),
            last_name: "Hopper".into(),
            email: Some(" Grace@ClinicHub.com".into()),
            username: Some("  ".into()),
            phone: Some("+1 (787) 555-0101".into()),
        }
    }

    #[test]
    fn a_person_is_stored_as_it_is_found() {
        let tidy = person().tidy();
        assert_eq!(
            (tidy.first_name.as_str(), tidy.email.as_deref(), tidy.username.as_deref()),
            ("Grace", Some("grace@clinichub.com"), None)
        );
        assert_eq!(tidy.phone_digits().as_deref(), Some("17875550101"));
    }

    #[test]
    fn somebody_must_be_able_to_sign_in() {
        let nobody = Person { email: None, phone: None, ..person() }.tidy();
        assert!(nobody.check(true).is_err());
        assert!(nobody.check(false).is_ok(), "a doctor who never signs in can be booked");
        assert!(person().tidy().check(true).is_ok());
        assert!(Person { last_name: " ".into(), ..person() }.tidy().check(false).is_err());
    }

    #[test]
    fn the_operator_and_patients_are_no_staff() {
        assert!(staff_role(Role::PlatformAdmin).is_err());
        assert!(staff_role(Role::Patient).is_err());
        assert!(staff_role(Role::Technician).is_ok());
    }
}
