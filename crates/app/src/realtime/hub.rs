//! Who listens on this node, and how events reach them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use clinichub_core::{AppError, ClinicId, Clock};
use clinichub_db::Db;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::model::Delivery;
use super::tail;

/// How many sockets a node serves.
const MOST_SOCKETS: usize = 10_000;
/// How many events may wait for one socket. Whoever is slower is told to load everything again.
const MOST_WAITING: usize = 256;

/// Those who listen on this node. Cheap to clone.
#[derive(Clone)]
pub struct EventHub(Arc<Inner>);

struct Inner {
    clinics: RwLock<HashMap<ClinicId, HashMap<usize, Listener>>>,
    sockets: AtomicUsize,
    next: AtomicUsize,
    newest: AtomicI64,
    wake: Arc<Notify>,
    closing: CancellationToken,
}

struct Listener {
    queue: mpsc::Sender<Arc<Delivery>>,
    overflowed: Arc<AtomicBool>,
}

/// A socket's place in the hub; gives it back when dropped.
pub(super) struct Subscription {
    hub: EventHub,
    clinic: ClinicId,
    number: usize,
    queue: mpsc::Receiver<Arc<Delivery>>,
    overflowed: Arc<AtomicBool>,
}

/// What a socket is to do next.
pub(super) enum Next {
    /// Send this, if its person may see it.
    Deliver(Arc<Delivery>),
    /// Say that events were lost.
    Resync,
}

impl Default for EventHub {
    fn default() -> Self {
        Self(Arc::new(Inner {
            clinics: RwLock::default(),
            sockets: AtomicUsize::new(0),
            next: AtomicUsize::new(0),
            newest: AtomicI64::new(0),
            wake: Arc::default(),
            closing: CancellationToken::new(),
        }))
    }
}

impl EventHub {
    /// Follows the outbox until `stop`; then the sockets are closed.
    pub fn start(&self, db: &Db, clock: Arc<dyn Clock>, tasks: &TaskTracker, stop: CancellationToken) {
        let wake = self.0.wake.clone();
        db.on_commit(move || wake.notify_one());
        let (hub, db) = (self.clone(), db.clone());
        tasks.spawn(async move {
            stop.run_until_cancelled(tail::follow(&hub, &db, clock.as_ref())).await;
            hub.0.closing.cancel();
        });
    }

    /// How many sockets are open on this node.
    pub fn sockets(&self) -> usize {
        self.0.sockets.load(Ordering::Relaxed)
    }

    /// The number of the newest event that was passed on.
    pub(super) fn newest(&self) -> i64 {
        self.0.newest.load(Ordering::Relaxed)
    }

    pub(super) fn set_newest(&self, event_id: i64) {
        self.0.newest.store(event_id, Ordering::Relaxed);
    }

    /// Ends when a transaction on this node was committed that had something to tell.
    pub(super) async fn woken(&self) {
        self.0.wake.notified().await;
    }

    /// Ends when the program stops.
    pub(super) async fn closing(&self) {
        self.0.closing.cancelled().await;
    }

    /// Listens to a clinic's events from now on.
    pub(super) fn subscribe(&self, clinic: ClinicId) -> Result<Subscription, AppError> {
        if self.0.sockets.fetch_add(1, Ordering::AcqRel) >= MOST_SOCKETS {
            self.0.sockets.fetch_sub(1, Ordering::AcqRel);
            return Err(AppError::Unavailable("too many sockets are open".to_owned()));
        }
        let (sender, queue) = mpsc::channel(MOST_WAITING);
        let (number, overflowed) = (self.0.next.fetch_add(1, Ordering::Relaxed), Arc::new(AtomicBool::new(false)));
        let listener = Listener { queue: sender, overflowed: overflowed.clone() };
        self.0.clinics.write().unwrap_or_else(PoisonError::into_inner).entry(clinic).or_default().insert(number, listener);
        Ok(Subscription { hub: self.clone(), clinic, number, queue, overflowed })
    }

    /// Passes an event on to those who listen to its clinic.
    pub(super) fn publish(&self, delivery: Delivery) {
        let clinics = self.0.clinics.read().unwrap_or_else(PoisonError::into_inner);
        let Some(listeners) = clinics.get(&delivery.clinic_id) else { return };
        let delivery = Arc::new(delivery);
        for listener in listeners.values() {
            if let Err(mpsc::error::TrySendError::Full(_)) = listener.queue.try_send(delivery.clone()) {
                listener.overflowed.store(true, Ordering::Release);
            }
        }
    }

    /// Tells everybody that events may have been lost.
    pub(super) fn lose(&self) {
        let clinics = self.0.clinics.read().unwrap_or_else(PoisonError::into_inner);
        clinics.values().flat_map(HashMap::values).for_each(|listener| listener.overflowed.store(true, Ordering::Release));
    }
}

impl Subscription {
    /// What to do next. After an overflow what waited is dropped: it is loaded again anyhow.
    pub(super) async fn next(&mut self) -> Next {
        let delivery = self.queue.recv().await;
        if self.has_lost() {
            return Next::Resync;
        }
        match delivery {
            Some(delivery) => Next::Deliver(delivery),
            // The hub holds the sender for as long as this subscription lives.
            None => std::future::pending().await,
        }
    }
}

impl Subscription {
    /// Whether events were lost since the last time that this was asked.
    pub(super) fn has_lost(&mut self) -> bool {
        let lost = self.overflowed.swap(false, Ordering::AcqRel);
        while lost && self.queue.try_recv().is_ok() {}
        lost
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut clinics = self.hub.0.clinics.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(listeners) = clinics.get_mut(&self.clinic) {
            listeners.remove(&self.number);
            if listeners.is_empty() {
                clinics.remove(&self.clinic);
            }
        }
        self.hub.0.sockets.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use clinichub_core::UtcTime;

    use super::*;
    use crate::realtime::model::Row;

    fn delivery(event_id: i64, clinic: i64) -> Delivery {
        let row = Row {
            event_id,
            clinic_id: ClinicId(clinic),
            kind: "appointment.status_changed".to_owned(),
            resource: "appointment".to_owned(),
            resource_id: 7,
            needs: "appointment_read".to_owned(),
            patient_id: None,
            payload: "{}".to_owned(),
            created_at: UtcTime::from_micros(0),
        };
        Delivery::of(&row).expect("a delivery")
    }

    #[tokio::test]
    async fn a_clinics_listeners_get_its_events_only() {
        let hub = EventHub::default();
        let mut ours = hub.subscribe(ClinicId(1)).expect("a place");
        hub.publish(delivery(1, 2));
        hub.publish(delivery(2, 1));
        assert!(matches!(ours.next().await, Next::Deliver(delivery) if delivery.event_id == 2));
    }

    #[tokio::test]
    async fn who_is_too_slow_is_told_to_load_again_once() {
        let hub = EventHub::default();
        let mut slow = hub.subscribe(ClinicId(1)).expect("a place");
        (0..1000).for_each(|event| hub.publish(delivery(event, 1)));
        assert!(matches!(slow.next().await, Next::Resync));
        hub.publish(delivery(1000, 1));
        assert!(matches!(slow.next().await, Next::Deliver(delivery) if delivery.event_id == 1000));
    }

    #[test]
    fn a_place_is_given_back() {
        let hub = EventHub::default();
        let places: Vec<_> = (0..MOST_SOCKETS).map(|_| hub.subscribe(ClinicId(1)).expect("a place")).collect();
        assert!(matches!(hub.subscribe(ClinicId(1)), Err(AppError::Unavailable(_))));
        drop(places);
        assert_eq!(hub.sockets(), 0);
        assert!(hub.subscribe(ClinicId(1)).is_ok());
    }
}
