//! The table of the slice's routes.

use clinichub_api::{ApiRoutes, Because, routes};

use super::api;
use crate::App;

/// The routes of the slice.
pub fn routes() -> ApiRoutes<App> {
    let because = Because("checks its own token: browsers can't set headers on a WebSocket");
    ApiRoutes::new().open(because, routes!(api::open_events))
}
