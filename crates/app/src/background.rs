//! What runs beside the requests: jobs, schedules, the sealing of the audit trail, events, hearing other nodes.

use std::time::Duration;

use clinichub_core::UtcTime;
use clinichub_jobs::Runner;
use tokio_util::sync::CancellationToken;

use crate::audit::Sealer;
use crate::{App, chart, documents, files, identity, notifications};

/// How long to wait before listening again after the connection was lost.
const DEAF_PAUSE: Duration = Duration::from_secs(1);

/// The runner of all jobs and schedules, not started yet: tests run what is due by hand.
pub fn runner(app: &App) -> Runner {
    let builder = Runner::builder(app.db.clone(), app.clock.clone(), app.entropy.clone(), app.tasks.clone());
    let builder = notifications::with_jobs(app, builder);
    let builder = files::with_jobs(app, builder);
    let builder = documents::with_jobs(app, builder);
    identity::with_jobs(app, builder).build()
}

/// Starts everything that runs beside the requests; it ends when `stop` says so.
pub fn start(app: &App, stop: &CancellationToken) {
    runner(app).start(stop.clone());
    Sealer::new(app.db.clone(), app.clock.clone(), app.entropy.as_ref()).start(&app.tasks, stop.clone());
    app.events.start(&app.db, app.clock.clone(), &app.tasks, stop.clone());
    app.tasks.spawn(hear_others(app.clone(), stop.clone()));
    app.tasks.spawn(seal_old_notes(app.clone(), stop.clone()));
    // Taken here: whatever is begun from now on is nobody's leftover.
    app.tasks.spawn(sweep_files(app.clone(), app.clock.now(), stop.clone()));
}

/// Removes the uploads that the end of the program before broke off.
async fn sweep_files(app: App, started: UtcTime, stop: CancellationToken) {
    if let Some(Err(error)) = stop.run_until_cancelled(files::sweep_after_start(&app, started)).await {
        tracing::warn!(%error, "what broken uploads left could not be removed; it is tried again within the hour");
    }
}

/// Seals what an earlier version left in the clear; what is not done by `stop` is done after the next start.
async fn seal_old_notes(app: App, stop: CancellationToken) {
    tokio::select! {
        sealed = chart::seal_old_notes(&app) => match sealed {
            Ok(0) => {}
            Ok(notes) => tracing::info!(notes, "sensitive notes are sealed now"),
            Err(error) => tracing::error!(%error, "sensitive notes can't be sealed; the next start tries again"),
        },
        () = stop.cancelled() => {}
    }
}

/// Hears what other nodes announce, again and again, until `stop`.
async fn hear_others(app: App, stop: CancellationToken) {
    let hear = async {
        while let Err(error) = app.db.hear().await {
            tracing::warn!(%error, "other nodes can't be heard; sessions are looked up for each request meanwhile");
            tokio::time::sleep(DEAF_PAUSE).await;
        }
    };
    tokio::select! {
        () = hear => {}
        () = stop.cancelled() => {}
    }
}
