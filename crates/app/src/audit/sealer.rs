//! The sealer: chains new events, a second behind, on one node, without a lock that a request could wait for.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clinichub_core::{AppError, Clock, Entropy};
use clinichub_db::Db;
use clinichub_jobs::{hold_in, is_held_by_another, system_grant};
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::chain::{Head, Plan, Seal, plan};
use super::store;

/// The lease that says which node seals.
const LEASE: &str = "audit_sealer";
/// How long it lasts.
const HELD: SignedDuration = SignedDuration::from_secs(10);
/// How often new events are looked for.
const ROUND: Duration = Duration::from_secs(1);
/// How long transactions that have taken an id get to commit, so that few events come late.
const SETTLE: Duration = Duration::from_millis(250);

/// Chains the events of the trail. Cheap to clone.
#[derive(Clone)]
pub struct Sealer(Arc<Inner>);

struct Inner {
    db: Db,
    clock: Arc<dyn Clock>,
    node: String,
    /// Up to where this node knows everything to be sealed.
    position: AtomicI64,
    /// How many missing ids are waited for.
    gaps: AtomicI64,
    /// The ends of the chains as this node left them.
    left: Mutex<BTreeMap<i64, Head>>,
}

impl Sealer {
    /// A sealer; it does nothing until it is started or asked.
    pub fn new(db: Db, clock: Arc<dyn Clock>, entropy: &dyn Entropy) -> Self {
        let node = format!("{:016x}", u64::from_be_bytes(entropy.bytes()));
        Self(Arc::new(Inner { db, clock, node, position: AtomicI64::new(0), gaps: AtomicI64::new(0), left: Mutex::default() }))
    }

    /// Seals in the background until `stop`.
    pub fn start(&self, tasks: &TaskTracker, stop: CancellationToken) {
        let this = self.clone();
        tasks.spawn(async move {
            while stop.run_until_cancelled(tokio::time::sleep(ROUND)).await.is_some() {
                if let Err(error) = this.round(SETTLE).await {
                    metrics::counter!("clinichub_audit_seal_failures_total").increment(1);
                    tracing::warn!(error = %error, "the audit trail could not be sealed; it is tried again");
                }
            }
        });
    }

    /// Seals everything that is committed now, for tests and commands. How many events were sealed; none while another node seals.
    pub async fn seal_now(&self) -> Result<i64, AppError> {
        self.round(Duration::ZERO).await
    }

    async fn round(&self, settle: Duration) -> Result<i64, AppError> {
        let grant = system_grant(None, "seal_audit", self.0.clock.as_ref());
        let newest = self.0.db.platform_read(&grant, (), |mut tx, ()| async move { Ok(store::newest(&mut tx).await?) }).await?;
        let nothing_new = newest <= self.0.position.load(Ordering::Relaxed) && self.0.gaps.load(Ordering::Relaxed) == 0;
        if nothing_new {
            return Ok(0);
        }
        tokio::time::sleep(settle).await;
        let mut sealed = 0;
        loop {
            let (events, more) = self.seal_page(newest).await?;
            sealed += events;
            if !more {
                return Ok(sealed);
            }
        }
    }

    /// Seals a page of events. How many, and whether more follow.
    async fn seal_page(&self, upto: i64) -> Result<(i64, bool), AppError> {
        let inner = &self.0;
        let grant = system_grant(None, "seal_audit", inner.clock.as_ref());
        let found = inner.db.platform_read(&grant, (upto, inner.node.clone()), |mut tx, (upto, node)| async move {
            if is_held_by_another(&mut tx, LEASE, &node).await? {
                return Ok(None);
            }
            Ok(Some(store::unsealed(&mut tx, upto).await?))
        });
        let Some(mut found) = found.await? else { return Ok((0, false)) };
        let more = found.page.len() == store::PAGE;
        let position = found.page.last().map_or(found.position(), |event| event.event_id);
        self.mistrust(&mut found.heads);
        let plan = plan(&found, inner.clock.now());
        let gaps = found.gaps.len() + plan.new_gaps.len() - plan.closed_gaps.len();
        let events = plan.seals.iter().map(|seal| seal.events).sum();
        if !plan.is_empty() && !self.write(plan).await? {
            return Ok((0, false));
        }
        inner.position.store(if more { position } else { position.max(upto) }, Ordering::Relaxed);
        inner.gaps.store(i64::try_from(gaps).unwrap_or(i64::MAX), Ordering::Relaxed);
        Ok((events, more))
    }

    /// Goes on where this node left a chain if its end is not there any more: the hole in the numbers shows what was removed.
    fn mistrust(&self, heads: &mut Vec<Head>) {
        let left = self.0.left.lock().unwrap_or_else(PoisonError::into_inner);
        for head in left.values() {
            let found = heads.iter_mut().find(|found| found.clinic_id == head.clinic_id);
            let is_there = found
                .as_ref()
                .is_some_and(|found| found.seal_no > head.seal_no || (found.seal_no == head.seal_no && found.hash == head.hash));
            if is_there {
                continue;
            }
            metrics::counter!("clinichub_audit_chain_broken_total").increment(1);
            tracing::error!(clinic_id = head.clinic_id, seal_no = head.seal_no, "a seal of the audit trail was removed or altered");
            match found {
                Some(found) => *found = head.clone(),
                None => heads.push(head.clone()),
            }
        }
    }

    /// False if another node has the lease.
    async fn write(&self, plan: Plan) -> Result<bool, AppError> {
        let ends: Vec<_> = plan.seals.iter().map(Seal::head).collect();
        let grant = system_grant(None, "seal_audit", self.0.clock.as_ref());
        let written = self.0.db.platform_write(&grant, (plan, self.0.node.clone()), |mut tx, (plan, node)| async move {
            let until = tx.now().plus(HELD);
            if !hold_in(&mut tx, LEASE, &node, until).await? {
                return Ok(false);
            }
            tx.unaudited("these are the seals over the trail itself");
            store::write(&mut tx, plan).await?;
            Ok(true)
        });
        let written = written.await?;
        if written {
            let mut left = self.0.left.lock().unwrap_or_else(PoisonError::into_inner);
            left.extend(ends.into_iter().map(|head| (head.clinic_id, head)));
        }
        Ok(written)
    }
}
