//! Everything that answers: the slices' routes and those of operations.

use axum::{Extension, Router};
use clinichub_api::Built;
use clinichub_app::App;

use super::ops::{self, Ops};

/// The mounted routes with the document and the table of who may do what.
pub fn mounted(app: &App) -> Built {
    clinichub_app::routes().merge(ops::routes()).finish(app.clone())
}

/// The router of a server.
pub fn router(app: &App, ops: Ops) -> Router {
    mounted(app).router.layer(Extension(ops))
}
