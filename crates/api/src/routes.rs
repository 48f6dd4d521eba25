//! The only way to mount a route: with the permission it needs, or with a reason why it needs none.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use clinichub_core::Permission;
use http::Method;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{OpenApi, RefOr, schema::Schema};
use utoipa_axum::router::UtoipaMethodRouter;

use crate::guard::{Guard, guard};
use crate::{Platform, layers, openapi};

/// Why a route is open to everyone. The list of these is short and reviewed.
#[derive(Debug, Clone, Copy)]
pub struct Because(pub &'static str);

/// A mounted operation.
#[derive(Debug, Clone)]
pub struct RouteRow {
    /// `GET`, …
    pub method: Method,
    /// The path with its parameters (`/api/patients/{patient_id}`).
    pub path: String,
    /// The name in the document and in the audit trail.
    pub operation_id: String,
    /// What it needs, or why it needs nothing.
    pub needs: Result<Permission, &'static str>,
    /// Whether it is another path for an operation that has one.
    pub is_alias: bool,
}

/// A table of routes, each with its permission.
pub struct ApiRoutes<P: Platform> {
    mounts: Vec<Mount<P>>,
}

struct Mount<P: Platform> {
    needs: Result<Permission, Because>,
    alias: Option<&'static str>,
    routes: UtoipaMethodRouter<P>,
}

/// What a table of routes becomes.
pub struct Built {
    /// The router with all layers, ready to serve.
    pub router: Router,
    /// The document.
    pub openapi: OpenApi,
    /// Every mounted operation.
    pub rows: Vec<RouteRow>,
}

impl<P: Platform> Default for ApiRoutes<P> {
    fn default() -> Self {
        Self { mounts: Vec::new() }
    }
}

impl<P: Platform> ApiRoutes<P> {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Mounts handlers (all of one path) that need `permission`.
    #[must_use]
    pub fn at(self, permission: Permission, routes: UtoipaMethodRouter<P>) -> Self {
        self.mount(Ok(permission), None, routes)
    }

    /// Mounts handlers that need `permission` under another path than the one they declare.
    #[must_use]
    pub fn at_alias(self, permission: Permission, path: &'static str, routes: UtoipaMethodRouter<P>) -> Self {
        self.mount(Ok(permission), Some(path), routes)
    }

    /// Mounts handlers that need no permission.
    #[must_use]
    pub fn open(self, because: Because, routes: UtoipaMethodRouter<P>) -> Self {
        self.mount(Err(because), None, routes)
    }

    /// Mounts handlers that need no permission under another path than the one they declare.
    #[must_use]
    pub fn open_alias(self, because: Because, path: &'static str, routes: UtoipaMethodRouter<P>) -> Self {
        self.mount(Err(because), Some(path), routes)
    }

    /// The routes of both.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.mounts.extend(other.mounts);
        self
    }

    fn mount(mut self, needs: Result<Permission, Because>, alias: Option<&'static str>, routes: UtoipaMethodRouter<P>) -> Self {
        self.mounts.push(Mount { needs, alias, routes });
        self
    }

    /// Guards every route, writes the document and puts the common layers around all.
    pub fn finish(self, app: P) -> Built {
        let mut router = Router::new();
        let mut document = openapi::document();
        let mut rows = Vec::new();
        for mount in self.mounts {
            let (schemas, paths, methods) = mount.routes;
            add_schemas(&mut document, schemas);
            for (declared, item) in paths.paths {
                let path = mount.alias.map_or(declared, str::to_owned);
                let operations = operations(item);
                let mut guarded = Vec::new();
                for (method, mut operation) in operations {
                    name(&mut operation, &method, mount.alias.is_some());
                    let row = row(&mount.needs, &path, &method, &operation, mount.alias.is_some());
                    openapi::describe(&mut operation, &row);
                    guarded.push((method.clone(), Arc::from(row.operation_id.as_str())));
                    openapi::add(&mut document, &path, &method, operation);
                    rows.push(row);
                }
                let guard_state = Guard { app: app.clone(), permission: mount.needs.ok(), operations: guarded };
                let methods = methods.clone().route_layer(from_fn_with_state(Arc::new(guard_state), guard::<P>));
                #[expect(clippy::disallowed_methods, reason = "this is the one way to mount a route")]
                let with_route = router.route(&path, methods);
                router = with_route;
            }
        }
        let router = layers::wrap(router.with_state(app.clone()), &app, &document);
        Built { router, openapi: document, rows }
    }
}

fn row(needs: &Result<Permission, Because>, path: &str, method: &Method, operation: &Operation, is_alias: bool) -> RouteRow {
    let operation_id = operation.operation_id.clone().unwrap_or_default();
    let needs = needs.as_ref().map(|permission| *permission).map_err(|because| because.0);
    RouteRow { method: method.clone(), path: path.to_owned(), operation_id, needs, is_alias }
}

/// Operation ids are one each: a handler under two methods or two paths gets a suffix for the second.
fn name(operation: &mut Operation, method: &Method, is_alias: bool) {
    let id = operation.operation_id.take().unwrap_or_default();
    let patch = if *method == Method::PATCH && !id.starts_with("patch") { "_patch" } else { "" };
    let alias = if is_alias { "_alias" } else { "" };
    operation.operation_id = Some(format!("{id}{patch}{alias}"));
}

fn operations(item: PathItem) -> Vec<(Method, Operation)> {
    let all = [
        (Method::GET, item.get),
        (Method::POST, item.post),
        (Method::PUT, item.put),
        (Method::PATCH, item.patch),
        (Method::DELETE, item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation?))).collect()
}

fn add_schemas(document: &mut OpenApi, schemas: Vec<(String, RefOr<Schema>)>) {
    let components = document.components.get_or_insert_default();
    components.schemas.extend(schemas);
}
