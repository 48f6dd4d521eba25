//! Everything that answers: the slices' routes, those of operations, and the web app where neither does.

use axum::{Extension, Router};
use clinichub_api::Built;
use clinichub_app::App;

use super::ops::{self, Ops};
use crate::web;

/// The mounted routes with the document and the table of who may do what.
pub fn mounted(app: &App) -> Built {
    clinichub_app::routes().merge(ops::routes()).pages(web::page).finish(app.clone())
}

/// The router of a server.
pub fn router(app: &App, ops: Ops) -> Router {
    mounted(app).router.layer(Extension(ops))
}
