//! Who may do what with clinics. Where the operator of the installation and an admin may do the same, the service tells them apart.

use clinichub_api::{ApiRoutes, Because, routes};
use clinichub_core::Permission::{ClinicSettings, ClinicsManage, SignedIn};

use super::api;
use crate::App;

/// The routes of this slice.
pub fn routes() -> ApiRoutes<App> {
    ApiRoutes::new()
        .open(Because("people look for a clinic before they sign in"), routes!(api::list_public_clinics))
        .at(SignedIn, routes!(api::list_clinics))
        .at(ClinicsManage, routes!(api::create_clinic))
        .at(ClinicsManage, routes!(api::list_clinics_usage))
        .at(SignedIn, routes!(api::get_clinic))
        .at(SignedIn, routes!(api::update_clinic))
        .at(ClinicsManage, routes!(api::set_clinic_status))
        .at(SignedIn, routes!(api::get_clinic_usage))
        .at(ClinicSettings, routes!(api::get_clinic_permissions))
        .at(ClinicSettings, routes!(api::set_clinic_permissions))
}
