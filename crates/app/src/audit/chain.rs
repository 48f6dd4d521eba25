//! The chain: what is hashed, and how a seal follows another.
//!
//! A seal holds SHA-256 over the seal's own place in the chain, the hash before it, and every column of its events: first those that
//! came late, then those of its range, each in the order of their ids. Numbers are 8 bytes, texts have their length before them, so
//! that two different trails never give the same bytes.

use std::collections::{BTreeMap, BTreeSet};

use clinichub_core::UtcTime;
use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use crate::identity::keys::hex;

/// What stands before everything hashed: the scheme and its version.
const SCHEME: &[u8] = b"clinichub-audit-1";
/// What the first seal of a chain follows.
pub(super) const FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// How long an id that is missing is waited for: longer than any transaction lasts.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// How many missing ids of one page are waited for.
const MOST_GAPS: usize = 10_000;

/// A row of the trail, every column of it.
#[expect(clippy::struct_field_names, reason = "the fields are the columns")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) event_id: i64,
    pub(super) clinic_id: Option<i64>,
    pub(super) at: UtcTime,
    pub(super) user_id: Option<i64>,
    pub(super) role: Option<String>,
    pub(super) action: String,
    pub(super) outcome: String,
    pub(super) patient_id: Option<i64>,
    pub(super) resource: Option<String>,
    pub(super) resource_id: Option<i64>,
    pub(super) address: Option<String>,
    pub(super) request_id: String,
    pub(super) session_id: Option<i64>,
    pub(super) details: Option<String>,
}

clinichub_db::from_row!(Event {
    event_id,
    clinic_id,
    at,
    user_id,
    role,
    action,
    outcome,
    patient_id,
    resource,
    resource_id,
    address,
    request_id,
    session_id,
    details,
});

impl Event {
    /// The chain it belongs to: its clinic's, or 0.
    pub(super) fn chain(&self) -> i64 {
        self.clinic_id.unwrap_or(0)
    }
}

/// A link of a clinic's chain: the events after `after_event_id` up to `upto_event_id`, and `late_ids` of earlier ranges.
#[expect(clippy::struct_field_names, reason = "the fields are the columns")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seal {
    pub(super) clinic_id: i64,
    pub(super) seal_no: i64,
    pub(super) after_event_id: i64,
    pub(super) upto_event_id: i64,
    pub(super) late_ids: String,
    pub(super) events: i64,
    pub(super) previous_hash: String,
    pub(super) hash: String,
}

clinichub_db::from_row!(Seal { clinic_id, seal_no, after_event_id, upto_event_id, late_ids, events, previous_hash, hash });

impl Seal {
    /// The chain's end, once this is its last seal.
    pub(super) fn head(&self) -> Head {
        let Self { clinic_id, seal_no, upto_event_id, hash, .. } = self;
        Head { clinic_id: *clinic_id, seal_no: *seal_no, upto_event_id: *upto_event_id, hash: hash.clone() }
    }

    /// The ids of the events that came late.
    pub(super) fn late(&self) -> Vec<i64> {
        parse_ids(&self.late_ids)
    }
}

/// `3,7` as numbers; what is no number is left out (the hash over the text shows that it was altered).
pub(super) fn parse_ids(text: &str) -> Vec<i64> {
    text.split(',').filter_map(|id| id.parse().ok()).collect()
}

/// Where a chain ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) clinic_id: i64,
    pub(super) seal_no: i64,
    pub(super) upto_event_id: i64,
    pub(super) hash: String,
}

clinichub_db::from_row!(Head { clinic_id, seal_no, upto_event_id, hash });

impl Head {
    /// The beginning of a chain without a seal.
    pub(super) fn none(clinic_id: i64) -> Self {
        Self { clinic_id, seal_no: 0, upto_event_id: 0, hash: FIRST.to_owned() }
    }
}

/// Hashes the events of one seal.
pub(super) struct Hasher {
    sha: Sha256,
    events: i64,
}

impl Hasher {
    /// For the seal at this place; its `events` and `hash` are not read.
    pub(super) fn new(seal: &Seal) -> Self {
        let mut hasher = Self { sha: Sha256::new_with_prefix(SCHEME), events: 0 };
        for number in [seal.clinic_id, seal.seal_no, seal.after_event_id, seal.upto_event_id] {
            hasher.number(Some(number));
        }
        hasher.text(Some(&seal.late_ids));
        hasher.text(Some(&seal.previous_hash));
        hasher
    }

    /// Adds an event.
    pub(super) fn add(&mut self, event: &Event) {
        self.events += 1;
        self.number(Some(event.event_id));
        self.number(event.clinic_id);
        self.number(Some(event.at.micros()));
        self.number(event.user_id);
        self.text(event.role.as_deref());
        self.text(Some(&event.action));
        self.text(Some(&event.outcome));
        self.number(event.patient_id);
        self.text(event.resource.as_deref());
        self.number(event.resource_id);
        self.text(event.address.as_deref());
        self.text(Some(&event.request_id));
        self.number(event.session_id);
        self.text(event.details.as_deref());
    }

    /// How many events there were, and the hash in hexadecimal.
    pub(super) fn finish(self) -> (i64, String) {
        let hash = self.sha.finalize();
        (self.events, hex(&hash))
    }

    fn number(&mut self, number: Option<i64>) {
        match number {
            None => self.sha.update([0]),
            Some(number) => {
                self.sha.update([1]);
                self.sha.update(number.to_be_bytes());
            }
        }
    }

    fn text(&mut self, text: Option<&str>) {
        match text {
            None => self.sha.update([0]),
            Some(text) => {
                self.sha.update([2]);
                self.sha.update((text.len() as u64).to_be_bytes());
                self.sha.update(text);
            }
        }
    }
}

/// What the sealer found.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// The ends of all chains.
    pub(super) heads: Vec<Head>,
    /// Ids that were missing, and when that was seen first.
    pub(super) gaps: Vec<(i64, UtcTime)>,
    /// Events whose ids were missing.
    pub(super) late: Vec<Event>,
    /// The events after the last sealed one, in the order of their ids.
    pub(super) page: Vec<Event>,
}

impl Found {
    /// The last id that any chain has passed.
    pub(super) fn position(&self) -> i64 {
        self.heads.iter().map(|head| head.upto_event_id).max().unwrap_or(0)
    }
}

/// What the sealer writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) seals: Vec<Seal>,
    pub(super) new_gaps: Vec<i64>,
    pub(super) closed_gaps: Vec<i64>,
}

impl Plan {
    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.seals.is_empty() && self.new_gaps.is_empty() && self.closed_gaps.is_empty()
    }
}

/// The next seal of each chain that has new or late events, and which ids to wait for.
pub(super) fn plan(found: &Found, now: UtcTime) -> Plan {
    let position = found.position();
    let upto = found.page.last().map_or(position, |event| event.event_id);
    let mut touched: BTreeMap<i64, (Vec<&Event>, Vec<&Event>)> = BTreeMap::new();
    for event in &found.late {
        touched.entry(event.chain()).or_default().0.push(event);
    }
    for event in &found.page {
        touched.entry(event.chain()).or_default().1.push(event);
    }
    let heads: BTreeMap<i64, &Head> = found.heads.iter().map(|head| (head.clinic_id, head)).collect();
    let seals = touched.into_iter().map(|(clinic, (late, page))| match heads.get(&clinic) {
        Some(head) => seal(head, upto, &late, &page),
        None => seal(&Head::none(clinic), upto, &late, &page),
    });
    let came: BTreeSet<i64> = found.late.iter().map(|event| event.event_id).collect();
    let closed = found.gaps.iter().filter(|(id, seen)| came.contains(id) || now.since(*seen) > PATIENCE);
    Plan { seals: seals.collect(), new_gaps: missing(position, &found.page), closed_gaps: closed.map(|(id, _)| *id).collect() }
}

fn seal(head: &Head, upto: i64, late: &[&Event], page: &[&Event]) -> Seal {
    let late_ids: Vec<_> = late.iter().map(|event| event.event_id.to_string()).collect();
    let mut seal = Seal {
        clinic_id: head.clinic_id,
        seal_no: head.seal_no + 1,
        after_event_id: head.upto_event_id,
        upto_event_id: upto,
        late_ids: late_ids.join(","),
        events: 0,
        previous_hash: head.hash.clone(),
        hash: String::new(),
    };
    let mut hasher = Hasher::new(&seal);
    late.iter().chain(page).for_each(|event| hasher.add(event));
    (seal.events, seal.hash) = hasher.finish();
    seal
}

/// The ids after `position` that the page passes over, the newest of them if there are too many.
fn missing(position: i64, page: &[Event]) -> Vec<i64> {
    let mut missing = Vec::new();
    let mut next = page.last().map_or(position, |event| event.event_id).saturating_add(1);
    let before = std::iter::once(position).chain(page.iter().map(|event| event.event_id)).collect::<Vec<_>>();
    for id in before.into_iter().rev() {
        missing.extend((id + 1..next).rev().take(MOST_GAPS - missing.len()));
        next = id;
    }
    missing.reverse();
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(event_id: i64, clinic_id: Option<i64>) -> Event {
        Event {
            event_id,
            clinic_id,
            at: UtcTime::from_micros(1_776_247_200_123_456),
            user_id: Some(7),
            role: Some("nurse".to_owned()),
            action: "get_patient".to_owned(),
            outcome: "allowed".to_owned(),
            patient_id: Some(3),
            resource: None,
            resource_id: None,
            address: Some("127.0.0.1".to_owned()),
            request_id: "r-1".to_owned(),
            session_id: Some(9),
            details: None,
        }
    }

    fn at() -> UtcTime {
        UtcTime::from_micros(1_776_247_260_000_000)
    }

    fn hash_of(event: &Event) -> String {
        let found = Found { page: vec![event.clone()], ..Found::default() };
        plan(&found, at()).seals[0].hash.clone()
    }

    #[test]
    fn the_bytes_that_are_hashed_never_change() {
        // A trail sealed by an older program must still verify: this value is for ever.
        assert_eq!(hash_of(&event(1, Some(1))), "db0dc6ceb2d52cbb2eea986fd8674290a46e7a47030a7367daa7eea342048d5c");
    }

    #[test]
    fn every_column_counts() {
        let base = event(1, Some(1));
        let changed: [fn(&mut Event); 14] = [
            |event| event.event_id = 2,
            |event| event.clinic_id = Some(2),
            |event| event.at = UtcTime::from_micros(event.at.micros() + 1),
            |event| event.user_id = None,
            |event| event.role = Some("doctor".to_owned()),
            |event| event.action.push('s'),
            |event| event.outcome = "refused".to_owned(),
            |event| event.patient_id = Some(4),
            |event| event.resource = Some(String::new()),
            |event| event.resource_id = Some(0),
            |event| event.address = None,
            |event| event.request_id = "r-2".to_owned(),
            |event| event.session_id = Some(90),
            |event| event.details = Some("{}".to_owned()),
        ];
        let mut hashes = BTreeSet::from([hash_of(&base)]);
        for change in changed {
            let mut event = base.clone();
            change(&mut event);
            assert!(hashes.insert(hash_of(&event)), "{event:?}");
        }
    }

    #[test]
    fn texts_can_t_run_into_each_other() {
        let (mut one, mut other) = (event(1, Some(1)), event(1, Some(1)));
        (one.action, one.outcome) = ("ab".to_owned(), "c".to_owned());
        (other.action, other.outcome) = ("a".to_owned(), "bc".to_owned());
        assert_ne!(hash_of(&one), hash_of(&other));
    }

    #[test]
    fn each_clinic_has_its_own_chain() {
        let page = vec![event(1, Some(1)), event(2, None), event(3, Some(2)), event(4, Some(1))];
        let plan = plan(&Found { page, ..Found::default() }, at());
        let seals: Vec<_> = plan.seals.iter().map(|seal| (seal.clinic_id, seal.seal_no, seal.upto_event_id, seal.events)).collect();
        assert_eq!(seals, [(0, 1, 4, 1), (1, 1, 4, 2), (2, 1, 4, 1)]);
        assert!(plan.new_gaps.is_empty() && plan.closed_gaps.is_empty());
    }

    #[test]
    fn missing_ids_are_waited_for_and_sealed_when_they_come() {
        let head = Head { clinic_id: 1, seal_no: 5, upto_event_id: 10, hash: "ab".to_owned() };
        let page = vec![event(12, Some(1)), event(15, Some(1))];
        let first = plan(&Found { heads: vec![head.clone()], page, ..Found::default() }, at());
        assert_eq!((first.seals[0].after_event_id, first.seals[0].upto_event_id), (10, 15));
        assert_eq!(first.new_gaps, [11, 13, 14]);

        let old = at().plus(SignedDuration::from_mins(-11));
        let found = Found { heads: vec![head], gaps: vec![(8, old), (9, at())], late: vec![event(9, Some(1))], page: vec![] };
        let then = plan(&found, at());
        assert_eq!((then.seals[0].seal_no, then.seals[0].upto_event_id, then.seals[0].late_ids.as_str()), (6, 10, "9"));
        assert_eq!((then.seals[0].previous_hash.as_str(), then.closed_gaps), ("ab", vec![8, 9]));
    }

    #[test]
    fn a_leap_of_the_ids_does_not_fill_the_memory() {
        let missing = missing(0, &[event(3, None), event(i64::MAX - 1, None)]);
        assert_eq!((missing.len(), missing.last()), (MOST_GAPS, Some(&(i64::MAX - 2))));
    }

    #[test]
    fn nothing_new_means_nothing_to_write() {
        assert!(plan(&Found { heads: vec![Head::none(1)], gaps: vec![(3, at())], ..Found::default() }, at()).is_empty());
    }
}
