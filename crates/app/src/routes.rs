//! Every route of the slices, each with its permission. What is not in a slice's table is not mounted.

use clinichub_api::ApiRoutes;

use crate::{
    App, audit, billing, chart, clinics, codes, doctors, documents, identity, labs, patients, prescriptions, realtime, scheduling, staff,
    usage, visits,
};

/// The routes of all slices.
pub fn routes() -> ApiRoutes<App> {
    ApiRoutes::new()
        .merge(identity::routes())
        .merge(clinics::routes())
        .merge(staff::routes())
        .merge(doctors::routes())
        .merge(patients::routes())
        .merge(scheduling::routes())
        .merge(visits::routes())
        .merge(chart::routes())
        .merge(codes::routes())
        .merge(prescriptions::routes())
        .merge(billing::routes())
        .merge(usage::routes())
        .merge(documents::routes())
        .merge(labs::routes())
        .merge(audit::routes())
        .merge(realtime::routes())
}
