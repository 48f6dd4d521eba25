//! The first admin of a clinic, invited by the operator of the installation, who otherwise has no say in who works there.
//!
//! What must never happen here: an operator who brings somebody into a clinic that runs itself already, a link that went to a mistyped address
//! and still works after the right one was given.

use clinichub_api::{Access, Body, Created, Id, Result, Versioned, rules, written_body};
use clinichub_core::{AppError, ClinicId, Grant, Role, UserId};
use clinichub_db::PlatformTx;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{NewUser, Person};
use super::service::{NewMember, about, add_to_in};
use super::store;
use crate::doctors::Profile;
use crate::{App, clinics, identity};

/// Who is to run a new clinic.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({"first_name": "Ada", "last_name": "Marin", "email": "ada@harbor.example"}))]
pub struct InviteAdmin {
    /// Given name.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    pub first_name: String,
    /// Family name.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[^\n\r\t]*\S[^\n\r\t]*$")]
    pub last_name: String,
    /// Where the invitation goes.
    #[schema(format = Email, max_length = 254)]
    pub email: String,
}

impl InviteAdmin {
    fn checked(self) -> clinichub_core::Result<NewUser> {
        let mut refused = Vec::new();
        rules::name(&mut refused, "first_name", &self.first_name);
        rules::name(&mut refused, "last_name", &self.last_name);
        rules::email(&mut refused, "email", Some(&self.email));
        rules::verdict(refused)?;
        Ok(NewUser {
            first_name: self.first_name,
            last_name: self.last_name,
            email: Some(self.email),
            username: None,
            phone: None,
            password_hash: None,
            is_platform_admin: false,
        })
    }
}

/// Who was asked to run a clinic.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InvitedAdmin {
    /// The person.
    pub user_id: UserId,
    /// The clinic.
    pub clinic_id: ClinicId,
    /// Where the invitation went.
    #[schema(example = "ada@harbor.example")]
    pub email: Option<String>,
}

impl Versioned for InvitedAdmin {}

written_body!(
    /// Somebody was asked to run a clinic.
    AdminInvited, admin: InvitedAdmin
);

/// Invite the first admin of a clinic by mail. Until one of them accepts it can be done again, with the same address or a better one; the
/// links before work no longer. A clinic that has an admin invites its people itself.
#[utoipa::path(
    post, path = "/api/clinics/{clinic_id}/admins", params(("clinic_id" = ClinicId, Path)), request_body = InviteAdmin,
    responses(
        (status = 201, description = "The mail is on its way", body = AdminInvited),
        (status = 409, description = "The clinic has an admin, or somebody else has the address"),
    )
)]
pub async fn invite_first_admin(
    access: Access<App>,
    Id(clinic): Id<ClinicId>,
    Body(body): Body<InviteAdmin>,
) -> Result<Created<AdminInvited>> {
    let admin = invite(&access.app, &access.grant, clinic, body.checked()?).await?;
    Ok(Created(AdminInvited::new("Invitation sent successfully", admin)))
}

async fn invite(app: &App, grant: &Grant, clinic: ClinicId, new: NewUser) -> clinichub_core::Result<InvitedAdmin> {
    let ask = async |mut tx: PlatformTx, (clinic, new): (ClinicId, NewUser)| {
        clinics::get_any(&mut tx, clinic).await?;
        if store::has_admin(&mut tx, clinic).await? {
            return Err(AppError::conflict("The clinic has an admin already, who invites the others"));
        }
        let email = Person::from(&new).tidy().email;
        let user_id = ask_in(&mut tx, clinic, new, email.as_deref()).await?;
        let now = tx.now();
        store::keep_one_invited_admin(&mut tx, clinic, user_id, now).await?;
        identity::withdraw_other_admins_in(&mut tx, clinic, user_id).await?;
        tx.audit(Some(clinic), about(user_id)).await?;
        Ok(InvitedAdmin { user_id, clinic_id: clinic, email })
    };
    app.db.platform_create(grant, (clinic, new), ask).await
}

/// Asks somebody, or asks them again.
async fn ask_in(tx: &mut PlatformTx, clinic: ClinicId, new: NewUser, email: Option<&str>) -> clinichub_core::Result<UserId> {
    if let Some(known) = store::find_invited_admin(tx, clinic, email).await? {
        identity::invite_in(tx, clinic, known, (&new.first_name, &new.last_name)).await?;
        return Ok(known);
    }
    let member = NewMember { user: new, role: Role::Admin, profile: Profile::default() };
    Ok(add_to_in(tx, clinic, member).await?.user())
}
