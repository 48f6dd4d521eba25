//! Who works in the clinic: add, change, send away, bring back. What belongs to the person (names, addresses, password) is
//! theirs to change, and the clinic's only as long as they belong to no other one.

use clinichub_core::{AppError, ClinicId, Role, UserId};
use clinichub_db::{OnConflict, PlatformTx, TenantTx};

use super::model::{NewUser, Person, StaffMember, staff_role};
use super::store;
use crate::doctors::{self, Profile};

/// Makes a person. The caller audits.
pub async fn create_user_in(tx: &mut PlatformTx, new: NewUser) -> Result<UserId, AppError> {
    let person = Person::from(&new).tidy();
    person.check()?;
    let now = tx.now();
    unique(store::insert_user(tx, &new, &person, now).await)
}

/// Makes a person a member of a clinic's staff, with a provider's profile where the role is one. The caller audits.
pub async fn add_member_in(tx: &mut PlatformTx, clinic: ClinicId, user: UserId, role: Role) -> Result<(), AppError> {
    let (role, now) = (staff_role(role)?, tx.now());
    let there = || AppError::conflict("Email already exists");
    store::insert_member(tx, clinic, user, role, now).await.on_unique("memberships_pkey", there)?;
    if role == Role::Doctor {
        doctors::create_profile_in(tx, user, &Profile::default()).await?;
    }
    Ok(())
}

/// A member of the staff of the transaction's clinic.
pub async fn get_in(tx: &mut TenantTx, user: UserId) -> Result<StaffMember, AppError> {
    store::find(tx, user).await?.ok_or(AppError::NotFound("User"))
}

fn unique<T>(result: Result<T, clinichub_db::DbError>) -> Result<T, AppError> {
    result
        .on_unique("users_email", || AppError::conflict("Email already exists"))
        .on_unique("users_username", || AppError::conflict("Username already exists"))
        .on_unique("users_phone", || AppError::conflict("Phone already exists"))
}
