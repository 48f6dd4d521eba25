//! Every route of the slices, each with its permission. What is not in a slice's table is not mounted.

use clinichub_api::ApiRoutes;

use crate::{App, billing, identity, patients};

/// The routes of all slices.
pub fn routes() -> ApiRoutes<App> {
    ApiRoutes::new().merge(identity::routes()).merge(patients::routes()).merge(billing::routes())
}
