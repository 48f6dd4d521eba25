//! Who works in the clinic: add, change, send away, bring back. What belongs to the person (names, addresses, password) is
//! theirs to change, and the clinic's only as long as they belong to no other one.

use clinichub_api::check_version;
use clinichub_core::{AppError, ClinicId, Grant, Page, PageRequest, Permission, Role, TrailEntry, UserId};
use clinichub_db::{OnConflict, PlatformTx, TenantTx};

use super::api::StaffSort;
use super::model::{MemberState, NewUser, Person, StaffChanges, StaffMember, staff_role};
use super::store::{self, Filter};
use crate::doctors::Profile;
use crate::identity::{Changed, Whose, announce};
use crate::{App, doctors, identity};

/// Makes a person; whoever has a password has something to sign in with, too. The caller audits.
pub async fn create_user_in(tx: &mut PlatformTx, new: NewUser) -> Result<UserId, AppError> {
    let person = Person::from(&new).tidy();
    person.check(new.password_hash.is_some())?;
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

/// Somebody to be added to the clinic's staff.
#[derive(Debug, Clone)]
pub struct NewMember {
    /// The person, should they be new to the installation.
    pub user: NewUser,
    /// What they are to be in this clinic.
    pub role: Role,
    /// A provider's profile, should they have none.
    pub profile: Profile,
}

/// Adds somebody to the staff, with a first password or else by invitation.
pub async fn create(app: &App, grant: &Grant, mut new: NewMember, password: Option<&str>) -> Result<StaffMember, AppError> {
    set_first_password(app, &mut new, password).await?;
    let make = async |mut tx: TenantTx, new: NewMember| {
        let user = add_in(&mut tx, new).await?.user();
        tx.audit(about(user)).await?;
        get_in(&mut tx, user).await
    };
    app.db.create(grant, new, make).await
}

/// Gives somebody who is new their first password, if it holds to the rules. Hashing takes long: never inside a transaction.
pub async fn set_first_password(app: &App, new: &mut NewMember, password: Option<&str>) -> Result<(), AppError> {
    let Some(password) = password else { return Ok(()) };
    let person = &new.user;
    let whose = Whose {
        email: person.email.as_deref(),
        username: person.username.as_deref(),
        first_name: &person.first_name,
        last_name: &person.last_name,
    };
    identity::check_rules(password, whose, app.settings.demo)?;
    new.user.password_hash = Some(identity::hash_password(app, password).await?);
    Ok(())
}

/// Changes one's own password.
pub async fn change_password(app: &App, grant: &Grant, user: UserId, current: &str, new: &str) -> Result<(), AppError> {
    if grant.user_id() != Some(user) {
        return Err(AppError::forbidden("You may change your own password only"));
    }
    identity::change_password(app, grant, current, new).await
}

/// What became of somebody who was to be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// A person who is new to the installation, and a member.
    New(UserId),
    /// Somebody with an account of their own, who is asked first.
    Asked(UserId),
}

impl Added {
    /// The person.
    pub fn user(self) -> UserId {
        match self {
            Self::New(user) | Self::Asked(user) => user,
        }
    }
}

/// Adds somebody to the staff of the transaction's clinic. Whoever is new and has no password is invited to choose one; whoever has the
/// address already, and has shown that it is theirs, is invited to join as they are. The caller audits.
pub async fn add_in(tx: &mut TenantTx, new: NewMember) -> Result<Added, AppError> {
    let clinic = tx.clinic_id();
    add_to_in(&mut tx.platform(), clinic, new).await
}

/// As [`add_in`], to the staff of any clinic. The caller audits.
pub async fn add_to_in(tx: &mut PlatformTx, clinic: ClinicId, new: NewMember) -> Result<Added, AppError> {
    let email = Person::from(&new.user).tidy().email;
    let known = match &email {
        Some(email) => store::find_by_email(tx, email).await?,
        None => None,
    };
    match known {
        // An account that a stranger made under the address of a colleague to come must not become that colleague.
        Some(known) if known.is_platform_admin || !known.is_active || !known.is_verified => Err(AppError::conflict("Email already exists")),
        Some(known) => ask(tx, clinic, known.user_id, &new).await,
        None => add_new(tx, clinic, new, email.is_some()).await,
    }
}

async fn ask(tx: &mut PlatformTx, clinic: ClinicId, user: UserId, new: &NewMember) -> Result<Added, AppError> {
    let (role, now) = (staff_role(new.role)?, tx.now());
    let there = || AppError::conflict("Email already exists");
    store::insert_pending_member(tx, clinic, user, role, now).await.on_unique("memberships_pkey", there)?;
    identity::invite_in(tx, clinic, user, (&new.user.first_name, &new.user.last_name)).await?;
    Ok(Added::Asked(user))
}

async fn add_new(tx: &mut PlatformTx, clinic: ClinicId, new: NewMember, has_email: bool) -> Result<Added, AppError> {
    let is_invited = new.user.password_hash.is_none();
    if is_invited && !has_email {
        return Err(AppError::field("password", "Give a password, or an e-mail address to send an invitation to"));
    }
    let names = (new.user.first_name.clone(), new.user.last_name.clone());
    let user = create_user_in(tx, new.user).await?;
    if new.role == Role::Doctor || new.profile != Profile::default() {
        doctors::create_profile_in(tx, user, &new.profile).await?;
    }
    add_member_in(tx, clinic, user, new.role).await?;
    if is_invited {
        identity::invite_in(tx, clinic, user, (&names.0, &names.1)).await?;
    }
    Ok(Added::New(user))
}

/// Makes somebody a member who was asked and agreed. The caller audits.
pub async fn join_in(tx: &mut PlatformTx, clinic: ClinicId, user: UserId, role: Role) -> Result<(), AppError> {
    store::set_joined(tx, clinic, user).await?;
    if role == Role::Doctor {
        doctors::create_profile_in(tx, user, &Profile::default()).await?;
    }
    Ok(())
}

/// Asks a member by mail, or asks them again: to join, or to show that the address is theirs.
pub async fn invite(app: &App, grant: &Grant, user: UserId) -> Result<StaffMember, AppError> {
    let send = async |mut tx: TenantTx, user: UserId| {
        let member = get_fresh(&mut tx, user).await?;
        require_invitable(&mut tx, &member).await?;
        let (clinic, mut ptx) = (tx.clinic_id(), tx.platform());
        identity::invite_in(&mut ptx, clinic, user, (&member.first_name, &member.last_name)).await?;
        tx.audit(about(user)).await?;
        get_in(&mut tx, user).await
    };
    app.db.write(grant, user, send).await
}

async fn require_invitable(tx: &mut TenantTx, member: &StaffMember) -> Result<(), AppError> {
    if member.email.is_none() {
        return Err(AppError::field("email", "An invitation needs an e-mail address to go to"));
    }
    if store::is_pending(tx, member.user_id).await? {
        return Ok(());
    }
    if member.state == MemberState::Inactive {
        return Err(AppError::conflict("This member is not active"));
    }
    if member.email_verified { Err(AppError::conflict("This member has accepted already")) } else { Ok(()) }
}

/// One page of the staff.
pub async fn list(app: &App, grant: &Grant, filter: Filter, page: PageRequest<StaffSort>) -> Result<Page<StaffMember>, AppError> {
    app.db.read(grant, (filter, page), async |mut tx, (filter, page)| Ok(store::list(&mut tx, &filter, &page).await?)).await
}

/// One member of the staff.
pub async fn get(app: &App, grant: &Grant, user: UserId) -> Result<StaffMember, AppError> {
    app.db.read(grant, user, async |mut tx, user| get_in(&mut tx, user).await).await
}

/// Who looks at a colleague's profile, with what they sign in with, manages the staff.
pub fn require_own_or_manager(grant: &Grant, user: UserId) -> Result<(), AppError> {
    if grant.user_id() == Some(user) || grant.may(Permission::StaffManage) {
        return Ok(());
    }
    Err(AppError::forbidden("You may see your own profile only"))
}

/// A member of the staff of the transaction's clinic.
pub async fn get_in(tx: &mut TenantTx, user: UserId) -> Result<StaffMember, AppError> {
    store::find(tx, user).await?.ok_or(AppError::NotFound("User"))
}

/// Changes a member: oneself, or anybody with [`Permission::StaffManage`]. Another role takes effect at once.
pub async fn update(app: &App, grant: &Grant, user: UserId, changes: StaffChanges) -> Result<StaffMember, AppError> {
    if grant.user_id() == Some(user) {
        return update_own(app, grant, user, changes).await;
    }
    if !grant.may(Permission::StaffManage) {
        return Err(AppError::forbidden("You may change your own profile only"));
    }
    app.db.write(grant, (user, changes), update_other).await
}

/// One's own profile changes by identity's rules.
async fn update_own(app: &App, grant: &Grant, user: UserId, changes: StaffChanges) -> Result<StaffMember, AppError> {
    let before = get(app, grant, user).await?;
    check_version(grant, before.version)?;
    if changes.role.is_some_and(|role| role != before.role) {
        return Err(AppError::forbidden("You may not change your own role"));
    }
    identity::update_me(app, grant, changes.into_own()).await?;
    get(app, grant, user).await
}

async fn update_other(mut tx: TenantTx, (user, changes): (UserId, StaffChanges)) -> Result<StaffMember, AppError> {
    let before = get_fresh(&mut tx, user).await?;
    if let Some(role) = changes.role.filter(|role| *role != before.role) {
        change_role(&mut tx, &before, role).await?;
    }
    let after = changes.apply(&before);
    if after != Person::from(&before) {
        change_person(&mut tx, &before, &after).await?;
    }
    announce(&mut tx.platform(), Changed::User(user))?;
    tx.audit(about(user)).await?;
    get_in(&mut tx, user).await
}

async fn change_role(tx: &mut TenantTx, before: &StaffMember, role: Role) -> Result<(), AppError> {
    let role = staff_role(role)?;
    if before.role == Role::Admin {
        keep_an_admin(tx, before.user_id).await?;
    }
    store::set_role(tx, before.user_id, role).await?;
    if role == Role::Doctor && !store::is_pending(tx, before.user_id).await? {
        doctors::create_profile_in(&mut tx.platform(), before.user_id, &Profile::default()).await?;
    }
    Ok(())
}

/// Somebody who belongs to another clinic too, or has not agreed to work here, is not this one's to rename, or it could take over their
/// account. Links that were mailed to an address before are worth nothing.
async fn change_person(tx: &mut TenantTx, before: &StaffMember, after: &Person) -> Result<(), AppError> {
    after.check(Person::from(before).can_sign_in())?;
    let (user, now) = (before.user_id, tx.now());
    let (clinic, mut ptx) = (tx.clinic_id(), tx.platform());
    if store::is_pending(tx, user).await? || store::belongs_elsewhere(&mut ptx, user, clinic).await? {
        return Err(AppError::forbidden("Only they themselves can change their names and addresses"));
    }
    unique(store::update_user(&mut ptx, user, after, now).await)?;
    if after.email != before.email {
        identity::forget_links_in(&mut ptx, user).await?;
    }
    Ok(())
}

/// Ends somebody's access to this clinic, at once, or gives it back.
pub async fn set_active(app: &App, grant: &Grant, user: UserId, is_active: bool) -> Result<StaffMember, AppError> {
    let change = async |mut tx: TenantTx, (user, is_active): (UserId, bool)| {
        get_fresh(&mut tx, user).await?;
        if is_active {
            bring_back(&mut tx, user).await?;
        } else {
            deactivate_in(&mut tx, user).await?;
        }
        announce(&mut tx.platform(), Changed::User(user))?;
        tx.audit(about(user)).await?;
        get_in(&mut tx, user).await
    };
    app.db.write(grant, (user, is_active), change).await
}

/// Nobody works in a clinic who has not agreed to.
async fn bring_back(tx: &mut TenantTx, user: UserId) -> Result<(), AppError> {
    if store::is_pending(tx, user).await? {
        return Err(AppError::conflict("They have not accepted the invitation; send it again"));
    }
    Ok(store::set_active(tx, user, true).await?)
}

/// Ends a member's access to the transaction's clinic, or what they were asked. The caller audits.
pub async fn deactivate_in(tx: &mut TenantTx, user: UserId) -> Result<(), AppError> {
    if tx.grant().user_id() == Some(user) {
        return Err(AppError::Rule("You can't deactivate yourself".to_owned()));
    }
    if get_in(tx, user).await?.role == Role::Admin {
        keep_an_admin(tx, user).await?;
    }
    store::set_active(tx, user, false).await?;
    let (clinic, mut ptx) = (tx.clinic_id(), tx.platform());
    identity::withdraw_invitation_in(&mut ptx, clinic, user).await?;
    identity::revoke_sessions_of(&mut ptx, user, Some(clinic), "deactivated").await
}

/// A clinic always has an active admin.
async fn keep_an_admin(tx: &mut TenantTx, leaving: UserId) -> Result<(), AppError> {
    if store::other_admins(tx, leaving).await? == 0 {
        return Err(AppError::conflict("The clinic's last active admin can't be deactivated or given another role"));
    }
    Ok(())
}

/// A member to be changed, where the caller has seen its last version.
async fn get_fresh(tx: &mut TenantTx, user: UserId) -> Result<StaffMember, AppError> {
    store::lock(tx, user).await?;
    let member = get_in(tx, user).await?;
    check_version(tx.grant(), member.version)?;
    Ok(member)
}

fn unique<T>(result: Result<T, clinichub_db::DbError>) -> Result<T, AppError> {
    result
        .on_unique("users_email", || AppError::conflict("Email already exists"))
        .on_unique("users_username", || AppError::conflict("Username already exists"))
        .on_unique("users_phone", || AppError::conflict("Phone already exists"))
}

/// What the trail says that was changed.
pub(super) fn about(user: UserId) -> TrailEntry {
    TrailEntry { resource: Some(("user", user.0)), ..TrailEntry::default() }
}
