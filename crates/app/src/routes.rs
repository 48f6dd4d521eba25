//! Every route of the slices, each with its permission. What is not in a slice's table is not mounted.

use clinichub_api::ApiRoutes;

use crate::{App, audit, billing, clinics, doctors, documents, identity, patients, realtime, scheduling, staff};

/// The routes of all slices.
pub fn routes() -> ApiRoutes<App> {
    ApiRoutes::new()
        .merge(identity::routes())
        .merge(clinics::routes())
        .merge(staff::routes())
        .merge(doctors::routes())
        .merge(patients::routes())
        .merge(scheduling::routes())
        .merge(billing::routes())
        .merge(documents::routes())
        .merge(audit::routes())
        .merge(realtime::routes())
}
