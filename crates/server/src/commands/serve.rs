//! `clinichub serve`: listens at once, is ready when the database is, and stops without losing anything.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use clinichub_app::{App, background, identity};
use clinichub_db::Db;
use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::boot;
use crate::cli::Serve;
use crate::config::{Config, shown};
use crate::data_dir::{DataDir, Sharing};
use crate::demo;
use crate::failure::{Failure, Kind};
use crate::serve::tls::Certificate;
use crate::serve::{Gate, Limits, Listener, Ops, Signals, keys, metrics, router};
use crate::terminal::say;

/// How long background work may take to finish, after the requests.
const BACKGROUND: Duration = Duration::from_secs(10);

/// What runs beside the requests, and how it is told to stop.
#[derive(Clone, Default)]
struct Running {
    /// Stops accepting, and what only serves the requests.
    stop: CancellationToken,
    /// Stops jobs and the rest, when no request is left that might need them.
    finish: CancellationToken,
    connections: TaskTracker,
    tasks: TaskTracker,
}

/// What was started.
struct Started {
    app: App,
    setup: Option<String>,
    router: Router,
}

/// Serves until a signal.
pub async fn run(config: &Config, args: &Serve) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let address = config.address()?;
    config.check_exposure(address, args.demo)?;
    let data = DataDir::prepare(&config.data_dir)?;
    let sharing = if config.database_url.is_some() { Sharing::WithNodes } else { Sharing::Alone };
    let _lock = data.lock(sharing)?;
    demo::check_mark(&data, args.demo)?;
    let running = Running::default();
    let gate = Gate::default();
    let address = listen(config, address, &gate, &running).await?;
    let started = tokio::select! {
        started = start(config, &data, address, args.demo, &running) => started,
        name = signals.next() => {
            tracing::info!(signal = name, "stopped before it was ready");
            running.stop.cancel();
            return Ok(());
        }
    };
    let started = started.inspect_err(|_| running.stop.cancel())?;
    gate.open(started.router);
    banner(config, &data, address, args.demo, started.setup.as_deref());
    let name = signals.next().await;
    tracing::info!(signal = name, "stopping; a second signal stops at once");
    tokio::select! {
        () = shut_down(config, &running, &started.app.db) => Ok(()),
        name = signals.next() => {
            tracing::warn!(signal = name, "stopped at once");
            Err(Failure::failed("stopped at once by a second signal"))
        }
    }
}

/// Binds the address and begins to answer, at first that it is not ready.
async fn listen(config: &Config, address: SocketAddr, gate: &Gate, running: &Running) -> Result<SocketAddr, Failure> {
    let certificate = match (&config.tls_cert, &config.tls_key) {
        (Some(chain), Some(key)) => Some(Certificate::load(chain, key)?),
        _ => None,
    };
    let acceptor = certificate.as_ref().map(Certificate::acceptor);
    let listener = Listener::bind(address, acceptor, Limits::with_connections(config.max_connections)).await?;
    let address = listener.address();
    if let Some(certificate) = certificate {
        running.tasks.spawn(certificate.watch(running.stop.clone()));
    }
    running.connections.spawn(listener.run(gate.clone(), running.stop.clone(), running.connections.clone()));
    Ok(address)
}

/// Opens and migrates the database, fills the demonstration, and starts what runs beside the requests.
async fn start(config: &Config, data: &DataDir, address: SocketAddr, demo: bool, running: &Running) -> Result<Started, Failure> {
    let metrics = metrics::recorder();
    running.tasks.spawn(metrics::keep(metrics.clone(), running.finish.clone()));
    let db = patiently(config, data).await?;
    let settings = boot::settings(config, data, config.url(address), demo)?;
    let app = boot::app(db, settings, running.tasks.clone())?;
    if let Some(url) = &config.redis_url {
        app.sign_in_limits.share(url.expose_secret(), "clinichub:")?;
    }
    let setup = if demo {
        demo::fill(&app, data).await?;
        None
    } else {
        identity::ensure_setup_token(&app).await?
    };
    background::start(&app, &running.finish);
    if config.jwt_key.is_none() {
        running.tasks.spawn(keys::watch(app.clone(), data.path().to_owned(), running.finish.clone()));
    }
    let ops = Ops { metrics, token: config.metrics_token.clone().map(Arc::new) };
    let router = router(&app, ops);
    Ok(Started { app, router, setup: setup.map(|token| format!("{}/setup#token={token}", config.url(address))) })
}

/// Opens and migrates the database; one that is away is waited for, one that can't be used is an error.
async fn patiently(config: &Config, data: &DataDir) -> Result<Db, Failure> {
    let mut wait = Duration::from_millis(250);
    loop {
        let opened = async {
            boot::recover(config, data).await?;
            boot::open_migrated(config).await
        };
        match opened.await {
            Err(failure) if failure.kind == Kind::Unreachable && config.database_url.is_some() => {
                tracing::warn!(%failure, "waiting for the database");
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(Duration::from_secs(5));
            }
            other => return other,
        }
    }
}

/// Three lines: where, what, and where to read on; and who to sign in as.
fn banner(config: &Config, data: &DataDir, address: SocketAddr, demo: bool, setup: Option<&str>) {
    let url = config.url(address);
    say(format_args!("ClinicHub {} is ready: {url}", env!("CARGO_PKG_VERSION")));
    say(format_args!("Data folder {} with {}", shown(data.path()), boot::engine(config)));
    say(format_args!("The API's documentation is at {url}/docs"));
    if demo {
        say("Demonstration: invented people only, this machine only. Sign in with the password admin123 as");
        say(format_args!("  {}", demo::ACCOUNTS.join(", ")));
    }
    if let Some(link) = setup {
        say(format_args!("Set up your first clinic, with this link that works once: {link}"));
    }
}

/// Requests first, since they may need the rest; then jobs and the audit trail; the database last.
async fn shut_down(config: &Config, running: &Running, db: &Db) {
    running.stop.cancel();
    running.connections.close();
    if tokio::time::timeout(Duration::from_secs(config.shutdown_seconds), running.connections.wait()).await.is_err() {
        tracing::warn!(connections = running.connections.len(), "some connections did not end in time");
    }
    running.finish.cancel();
    running.tasks.close();
    if tokio::time::timeout(BACKGROUND, running.tasks.wait()).await.is_err() {
        tracing::warn!("some background work did not end in time; it is done after the next start");
    }
    db.close().await;
    tracing::info!("stopped");
}
