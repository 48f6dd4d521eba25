//! Who may call what.

use clinichub_api::{ApiRoutes, Because, routes};
use clinichub_core::Permission::SignedIn;

use super::api;
use crate::App;

/// The routes of this slice.
pub fn routes() -> ApiRoutes<App> {
    let (login, refresh) = (Because("one signs in here"), Because("the refresh token is the credential"));
    let mailed = Because("the mailed link is the credential");
    ApiRoutes::new()
        .open(login, routes!(api::login))
        .open_alias(login, "/api/login", routes!(api::login))
        .open(refresh, routes!(api::refresh_token))
        .open_alias(refresh, "/api/refresh", routes!(api::refresh_token))
        .open(Because("a new patient has no account yet"), routes!(api::register))
        .open(Because("whoever forgot the password can't sign in"), routes!(api::forgot_password))
        .open(mailed, routes!(api::reset_password))
        .open(mailed, routes!(api::open_invitation))
        .open(mailed, routes!(api::accept_invitation))
        .open(Because("an empty installation has no account; the printed link is the credential"), routes!(api::get_setup, api::set_up))
        .at(SignedIn, routes!(api::logout))
        .at_alias(SignedIn, "/api/logout", routes!(api::logout))
        .at(SignedIn, routes!(api::get_me, api::update_me))
        .at_alias(SignedIn, "/api/profile", routes!(api::get_me, api::update_me))
        .at(SignedIn, routes!(api::protected))
        .at(SignedIn, routes!(api::switch_clinic))
        .at(SignedIn, routes!(api::list_sessions))
        .at(SignedIn, routes!(api::end_session))
}
