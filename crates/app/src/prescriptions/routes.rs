//! The table of the slice: permission, route.

use clinichub_api::{ApiRoutes, Because, routes};
use clinichub_core::Permission;

use super::{api, favorites, public};
use crate::App;

/// The slice's routes.
pub fn routes() -> ApiRoutes<App> {
    ApiRoutes::new()
        .at(Permission::ChartRead, routes!(api::list_prescriptions))
        .at(Permission::PrescriptionWrite, routes!(api::create_prescription))
        .at(Permission::ChartRead, routes!(api::get_prescription))
        .at(Permission::PrescriptionWrite, routes!(api::update_prescription))
        .at(Permission::PrescriptionWrite, routes!(api::delete_prescription))
        .at(Permission::PrescriptionWrite, routes!(api::finalize_prescription))
        .at(Permission::PrescriptionWrite, routes!(api::correct_prescription))
        .at(Permission::ChartRead, routes!(api::get_prescription_pdf))
        .at(Permission::PrescriptionWrite, routes!(favorites::list_prescription_favorites))
        .at(Permission::PrescriptionWrite, routes!(favorites::create_prescription_favorite))
        .at(Permission::PrescriptionWrite, routes!(favorites::delete_prescription_favorite))
        .open(
            Because("whoever holds the paper may check that it is genuine: the token on it is the credential"),
            routes!(public::verify_prescription),
        )
}
