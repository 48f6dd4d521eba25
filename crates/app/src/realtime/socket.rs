//! One open socket: what is sent, what is heard, and when it ends.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use clinichub_api::{Access, Platform};
use clinichub_core::{AppError, ClinicId, Principal};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::hub::{Next, Subscription};
use super::model::{Delivery, notice};
use super::store;
use crate::App;

/// How often the session is looked at while nothing happens.
const RECHECK: Duration = Duration::from_secs(2);
/// How often a sign of life is asked for; whoever gave none since the last time is gone.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// How long a frame may take to be taken.
const SEND: Duration = Duration::from_secs(10);

/// Why a socket is closed (RFC 6455 §7.4; from 4000 on it is ours to say).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The client went, or is gone.
    Gone,
    /// The program stops.
    Stopping,
    /// The client said what it must not.
    Wrong,
    /// The session ended.
    SignedOut,
    /// A fault of ours, or the database is away.
    Fault,
}

impl End {
    fn frame(self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Gone => return None,
            Self::Stopping => (1001, "The server is stopping"),
            Self::Wrong => (1008, "Only {\"type\":\"ping\"} is understood"),
            Self::SignedOut => (4401, "Invalid or expired token"),
            Self::Fault => (1011, "Internal error"),
        };
        Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) })
    }
}

/// A socket and whose it is.
pub(super) struct Session {
    pub(super) access: Access<App>,
    pub(super) token: String,
    pub(super) clinic: ClinicId,
    pub(super) subscription: Subscription,
    /// The last event that the client knows.
    pub(super) since: Option<i64>,
}

impl Session {
    /// Serves the socket to its end.
    pub(super) async fn run(mut self, mut socket: WebSocket) {
        let end = match self.serve(&mut socket).await {
            Ok(end) | Err(end) => end,
        };
        if let Some(frame) = end.frame() {
            // Whoever is gone needs no goodbye.
            let _ = timeout(SEND, socket.send(Message::Close(Some(frame)))).await;
        }
    }

    async fn serve(&mut self, socket: &mut WebSocket) -> Result<End, End> {
        let mut replayed = self.greet(socket).await?;
        let (mut recheck, mut heartbeat) = (every(RECHECK), every(HEARTBEAT));
        let hub = self.access.app.events.clone();
        let mut is_alive = true;
        loop {
            tokio::select! {
                next = self.subscription.next() => match next {
                    Next::Deliver(delivery) if replayed.remove(&delivery.event_id) => {}
                    Next::Deliver(delivery) => self.deliver(socket, &delivery).await?,
                    Next::Resync => self.say(socket, "resync").await?,
                },
                heard = socket.recv() => match heard {
                    Some(Ok(message)) => {
                        is_alive = true;
                        self.answer(socket, &message).await?;
                    }
                    Some(Err(_)) | None => return Ok(End::Gone),
                },
                _ = recheck.tick() => {
                    self.principal().await?;
                    if self.subscription.has_lost() {
                        self.say(socket, "resync").await?;
                    }
                }
                _ = heartbeat.tick() => {
                    if !std::mem::take(&mut is_alive) {
                        return Ok(End::Gone);
                    }
                    send(socket, Message::Ping(axum::body::Bytes::new())).await?;
                }
                () = hub.closing() => return Ok(End::Stopping),
            }
        }
    }

    /// Says that the socket is open and sends what was missed. The numbers of what was sent: they may come a second time.
    async fn greet(&mut self, socket: &mut WebSocket) -> Result<HashSet<i64>, End> {
        self.say(socket, "ready").await?;
        let Some(since) = self.since else { return Ok(HashSet::new()) };
        let Some(missed) = self.missed(since).await.map_err(|error| fault(&error))? else {
            self.say(socket, "resync").await?;
            return Ok(HashSet::new());
        };
        for delivery in &missed {
            self.deliver(socket, delivery).await?;
        }
        Ok(missed.into_iter().map(|delivery| delivery.event_id).collect())
    }

    /// The clinic's events after `since`; none where they are too many, or not all kept any more.
    async fn missed(&self, since: i64) -> Result<Option<Vec<Delivery>>, AppError> {
        let Access { app, grant } = &self.access;
        let read = app.db.read(grant, since, |mut tx, since| async move {
            let oldest = store::oldest(&mut tx.platform()).await?;
            Ok((oldest, store::missed(&mut tx, since).await?))
        });
        let (oldest, rows) = read.await?;
        let is_whole = rows.len() <= store::PAGE && oldest.is_none_or(|oldest| oldest <= since.saturating_add(1));
        Ok(is_whole.then(|| rows.into_iter().filter_map(|row| Delivery::of(&row)).collect()))
    }

    async fn deliver(&self, socket: &mut WebSocket, delivery: &Delivery) -> Result<(), End> {
        let principal = self.principal().await?;
        if delivery.is_for(&principal) {
            send(socket, Message::Text(delivery.frame.clone())).await?;
        }
        Ok(())
    }

    /// Who the token stands for now.
    async fn principal(&self) -> Result<Arc<Principal>, End> {
        let Access { app, grant } = &self.access;
        app.authenticate(&self.token, grant.origin()).await.map_err(|error| match error {
            AppError::Unauthenticated(_) => End::SignedOut,
            other => fault(&other),
        })
    }

    async fn say(&self, socket: &mut WebSocket, event: &str) -> Result<(), End> {
        let app = &self.access.app;
        send(socket, Message::Text(notice(event, self.clinic, app.events.newest(), app.clock.now()))).await
    }

    async fn answer(&self, socket: &mut WebSocket, message: &Message) -> Result<(), End> {
        match message {
            Message::Text(text) if is_ping(text) => self.say(socket, "pong").await,
            Message::Text(_) | Message::Binary(_) => Err(End::Wrong),
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            Message::Close(_) => Err(End::Gone),
        }
    }
}

fn every(period: Duration) -> tokio::time::Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.reset_at(Instant::now() + period);
    ticks
}

async fn send(socket: &mut WebSocket, message: Message) -> Result<(), End> {
    match timeout(SEND, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(End::Gone),
    }
}

fn is_ping(text: &str) -> bool {
    serde_json::from_str(text).is_ok_and(|value: serde_json::Value| value == serde_json::json!({"type": "ping"}))
}

fn fault(error: &AppError) -> End {
    tracing::warn!(error = %error, "a socket is closed");
    End::Fault
}
