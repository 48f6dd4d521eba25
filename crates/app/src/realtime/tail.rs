//! Follows the outbox. Every node does, so that an event reaches the sockets of all.
//!
//! Numbers are given before transactions commit, so one may turn up below another that was seen: what is missing is asked for again.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use clinichub_core::{AppError, Clock};
use clinichub_db::Db;
use clinichub_jobs::system_grant;

use super::hub::EventHub;
use super::model::{Delivery, Row};
use super::store;

/// How often the outbox is looked at for what other nodes wrote.
const POLL: Duration = Duration::from_millis(500);
/// How long commits are gathered before the outbox is looked at.
const GATHER: Duration = Duration::from_millis(20);
/// How long a missing number is waited for.
const PATIENCE: Duration = Duration::from_mins(1);
/// How many missing numbers are waited for.
const MOST_MISSING: usize = 1000;

/// Passes events on to the hub. Never ends.
pub async fn follow(hub: &EventHub, db: &Db, clock: &dyn Clock) {
    let mut tail = Tail { hub, db, clock, last: None, missing: BTreeMap::new() };
    loop {
        match tail.round().await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(error = %error, "the outbox could not be read"),
        }
        if hub.sockets() == 0 {
            tokio::time::sleep(POLL).await;
            continue;
        }
        tokio::select! {
            () = hub.woken() => tokio::time::sleep(GATHER).await,
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

struct Tail<'a> {
    hub: &'a EventHub,
    db: &'a Db,
    clock: &'a dyn Clock,
    /// The highest number seen; none before the first look.
    last: Option<i64>,
    /// Numbers below it that were not there, and since when they are waited for.
    missing: BTreeMap<i64, Instant>,
}

impl Tail<'_> {
    /// Passes a page of events on. True if more may be there.
    async fn round(&mut self) -> Result<bool, AppError> {
        let Some(last) = self.last.filter(|_| self.hub.sockets() > 0) else {
            // Nobody listens: only the place is kept.
            let newest = self.newest().await?;
            self.move_to(newest);
            self.missing.clear();
            return Ok(false);
        };
        let rows = self.read(last).await?;
        let more = rows.len() >= store::PAGE;
        for row in rows {
            self.pass_on(&row);
        }
        self.missing.retain(|_, since| since.elapsed() < PATIENCE);
        if self.missing.len() > MOST_MISSING {
            self.missing.clear();
            self.hub.lose();
        }
        Ok(more)
    }

    async fn newest(&self) -> Result<i64, AppError> {
        let grant = system_grant(None, "follow_outbox", self.clock);
        self.db.platform_read(&grant, (), |mut tx, ()| async move { Ok(store::newest(&mut tx).await?) }).await
    }

    async fn read(&self, last: i64) -> Result<Vec<Row>, AppError> {
        let grant = system_grant(None, "follow_outbox", self.clock);
        let missing: Vec<_> = self.missing.keys().copied().collect();
        let read = self.db.platform_read(&grant, (last, missing), |mut tx, (last, missing)| async move {
            let mut rows = if missing.is_empty() { Vec::new() } else { store::by_ids(&mut tx, &missing).await? };
            rows.extend(store::after(&mut tx, last).await?);
            Ok(rows)
        });
        read.await
    }

    fn pass_on(&mut self, row: &Row) {
        let (event_id, last) = (row.event_id, self.last.unwrap_or(0));
        if event_id > last {
            let now = Instant::now();
            self.missing.extend((last + 1..event_id).rev().take(MOST_MISSING + 1).map(|missing| (missing, now)));
            self.move_to(event_id);
        } else {
            self.missing.remove(&event_id);
        }
        if let Some(delivery) = Delivery::of(row) {
            self.hub.publish(delivery);
        }
    }

    fn move_to(&mut self, event_id: i64) {
        self.last = Some(event_id);
        self.hub.set_newest(event_id);
    }
}
