//! Who may do what with the staff. `/api/admins` is what seed 002 calls it.

use clinichub_api::{ApiRoutes, routes};
use clinichub_core::Permission::{ClinicsManage, SignedIn, StaffManage, StaffRead};

use super::{api, first_admin};
use crate::App;

/// The routes of this slice.
pub fn routes() -> ApiRoutes<App> {
    ApiRoutes::new()
        .at(StaffRead, routes!(api::list_users))
        .at(StaffManage, routes!(api::create_user))
        .at(StaffRead, routes!(api::get_user))
        .at(SignedIn, routes!(api::update_user))
        .at(SignedIn, routes!(api::change_user_password))
        .at(StaffManage, routes!(api::deactivate_user))
        .at(StaffManage, routes!(api::activate_user))
        .at(StaffManage, routes!(api::invite_user))
        .at(ClinicsManage, routes!(first_admin::invite_first_admin))
        .at_alias(StaffRead, "/api/admins", routes!(api::list_users))
        .at_alias(StaffManage, "/api/admins", routes!(api::create_user))
        .at_alias(StaffRead, "/api/admins/{user_id}", routes!(api::get_user))
        .at_alias(SignedIn, "/api/admins/{user_id}", routes!(api::update_user))
        .at_alias(SignedIn, "/api/admins/{user_id}/password", routes!(api::change_user_password))
        .at_alias(StaffManage, "/api/admins/{user_id}/deactivate", routes!(api::deactivate_user))
        .at_alias(StaffManage, "/api/admins/{user_id}/activate", routes!(api::activate_user))
        .at_alias(StaffManage, "/api/admins/{user_id}/invitation", routes!(api::invite_user))
}
