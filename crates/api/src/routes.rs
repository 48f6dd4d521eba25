//! The only way to mount a route: with the permission it needs, or with a reason why it needs none.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use clinichub_core::Permission;
use http::{HeaderMap, Method, Uri};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{OpenApi, Paths};
use utoipa_axum::router::UtoipaMethodRouter;

use crate::guard::{Guard, Guarded, guard};
use crate::{Platform, layers, openapi, schemas};

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
    /// How large a file it takes, where its body is one.
    pub upload: Option<usize>,
}

/// What answers where no route does: pages and their files. `None`: there is nothing at that path.
pub type Pages = fn(&Method, &Uri, &HeaderMap) -> Option<Response>;

/// A table of routes, each with its permission.
pub struct ApiRoutes<P: Platform> {
    mounts: Vec<Mount<P>>,
    pages: Option<Pages>,
}

struct Mount<P: Platform> {
    needs: Result<Permission, Because>,
    alias: Option<&'static str>,
    upload: Option<usize>,
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
        Self { mounts: Vec::new(), pages: None }
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

    /// Mounts a handler that needs `permission` and whose body is a file of at most `most` bytes. It is read as it comes, so there is more
    /// time for it; its `Idempotency-Key` is finished when it was read ([`finish_key`](crate::finish_key)).
    #[must_use]
    pub fn at_upload(mut self, permission: Permission, most: usize, routes: UtoipaMethodRouter<P>) -> Self {
        self.mounts.push(Mount { needs: Ok(permission), alias: None, upload: Some(most), routes });
        self
    }

    /// Mounts a handler that needs `permission` and whose body is a form with a file, which may be large and slow.
    #[must_use]
    pub fn at_file(self, permission: Permission, routes: UtoipaMethodRouter<P>) -> Self {
        self.at_upload(permission, crate::MOST_FORM_BYTES, routes)
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

    /// The names of all operations, as they stand in the audit trail.
    pub fn actions(&self) -> BTreeSet<String> {
        let items = self.mounts.iter().flat_map(|mount| mount.routes.1.paths.values());
        let operations = items.flat_map(|item| self::operations(item.clone()));
        operations.filter_map(|(_, operation)| operation.operation_id).collect()
    }

    /// Asks `pages` where no route answers. They are for everyone, so they may hold nothing about anyone.
    #[must_use]
    pub fn pages(mut self, pages: Pages) -> Self {
        self.pages = Some(pages);
        self
    }

    fn mount(mut self, needs: Result<Permission, Because>, alias: Option<&'static str>, routes: UtoipaMethodRouter<P>) -> Self {
        self.mounts.push(Mount { needs, alias, upload: None, routes });
        self
    }

    /// Guards every route, writes the document and puts the common layers around all. Panics where the table contradicts itself.
    pub fn finish(self, app: P) -> Built {
        let mut router = Router::new();
        let (mut document, mut rows) = (openapi::document(), Vec::new());
        let mut names = BTreeSet::new();
        for Mount { needs, alias, upload, routes: (schemas, paths, methods) } in self.mounts {
            document.components.get_or_insert_default().schemas.extend(schemas);
            let (path, item) = only_path(paths);
            let path = alias.map_or(path, str::to_owned);
            let mut operations = Vec::new();
            for (method, mut operation) in self::operations(item) {
                let action = operation.operation_id.take().unwrap_or_default();
                // What a GET asks for is in its address; a body means nothing (RFC 9110, 9.3.1).
                let refuses_body = operation.request_body.is_none() && method != Method::GET;
                let operation_id = unique(&mut names, &action, &method, alias.is_some());
                operation.operation_id = Some(operation_id.clone());
                let needs = needs.map_err(|because| because.0);
                let row = RouteRow { method: method.clone(), path: path.clone(), operation_id, needs, is_alias: alias.is_some(), upload };
                openapi::describe(&mut operation, &row);
                openapi::add(&mut document, &path, &method, operation);
                rows.push(row);
                operations.push(Guarded { method, action: Arc::from(action), refuses_body });
            }
            let guard_state = Guard { app: app.clone(), permission: needs.ok(), upload, operations };
            let methods = methods.route_layer(from_fn_with_state(Arc::new(guard_state), guard::<P>));
            #[expect(clippy::disallowed_methods, reason = "this is the one way to mount a route")]
            let with_route = router.route(&path, methods);
            router = with_route;
        }
        schemas::complete(&mut document);
        let router = layers::wrap(router.with_state(app.clone()), &app, &document, self.pages);
        Built { router, openapi: document, rows }
    }
}

/// Handlers of two paths in one `routes!` would each be served at both.
fn only_path(paths: Paths) -> (String, PathItem) {
    let mut paths = paths.paths.into_iter();
    let (Some(only), None) = (paths.next(), paths.next()) else { panic!("`routes!` takes handlers of one path") };
    only
}

/// Operation ids are one each: a handler under two methods or several paths gets a suffix for each but the first. In the audit trail
/// and the metrics it has its own name throughout.
fn unique(names: &mut BTreeSet<String>, action: &str, method: &Method, is_alias: bool) -> String {
    let patch = if *method == Method::PATCH && !action.starts_with("patch") { "_patch" } else { "" };
    let id = format!("{action}{patch}{}", if is_alias { "_alias" } else { "" });
    if names.insert(id.clone()) {
        return id;
    }
    assert!(is_alias, "two operations are called {id}");
    let numbered = (2..=99).map(|number| format!("{id}_{number}")).find(|id| names.insert(id.clone()));
    numbered.unwrap_or(id)
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
