//! Recomputes every chain and says what does not fit.
//!
//! The trail is read once, in the order of the ids, each event going to the open seal of its clinic; memory grows with the number of
//! clinics, not with the trail. What is written while it runs is left to the next run.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use clinichub_core::{AppError, ClinicId, Clock, Grant};
use clinichub_db::Db;
use clinichub_jobs::system_grant;

use super::chain::{Event, FIRST, Hasher, Head, Seal, parse_ids};
use super::store;
use crate::App;

/// How many seals of a clinic are read at a time.
const SEALS: i64 = 64;
/// How many problems are reported; a trail with more has one problem.
const MOST_PROBLEMS: usize = 1000;

/// What does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// A column of an event was changed, or the seal itself.
    Changed,
    /// So many events were removed.
    Missing(i64),
    /// So many events were put in after the sealing.
    Inserted(i64),
    /// A seal does not follow the one before it.
    Broken,
    /// Seals were removed from the chain.
    SealsRemoved,
    /// So many events that must have been sealed are in no seal: the last seals were removed, or the events put in.
    NotSealed(i64),
}

/// A problem, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The clinic; none for what belongs to no clinic.
    pub clinic_id: Option<ClinicId>,
    /// The number of the seal that does not fit.
    pub seal_no: i64,
    /// Its events are those after this one …
    pub after_event_id: i64,
    /// … up to this one.
    pub upto_event_id: i64,
    /// What is wrong.
    pub problem: Problem,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.clinic_id {
            Some(clinic) => write!(f, "clinic {clinic}, ")?,
            None => f.write_str("events of no clinic, ")?,
        }
        write!(f, "seal {}, events {} to {}: ", self.seal_no, self.after_event_id.saturating_add(1), self.upto_event_id)?;
        match self.problem {
            Problem::Changed => f.write_str("an event or the seal was changed"),
            Problem::Missing(events) => write!(f, "{events} removed"),
            Problem::Inserted(events) => write!(f, "{events} inserted afterwards"),
            Problem::Broken => f.write_str("the seal does not follow the one before it"),
            Problem::SealsRemoved => f.write_str("seals before this one were removed"),
            Problem::NotSealed(events) => write!(f, "{events} in no seal: the last seals were removed, or the events inserted"),
        }
    }
}

/// What was checked of a clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClinicReport {
    /// The clinic; none for what belongs to no clinic.
    pub clinic_id: Option<ClinicId>,
    /// Its seals.
    pub seals: i64,
    /// Its events in them.
    pub events: i64,
    /// Its events that are too new to be sealed.
    pub unsealed: i64,
}

/// What was checked, and what does not fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Each clinic with events, by its id.
    pub clinics: Vec<ClinicReport>,
    /// What does not fit; empty for a sound trail.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether everything fits.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Checks the whole trail.
pub async fn verify(app: &App) -> Result<Report, AppError> {
    verify_in(&app.db, app.clock.as_ref()).await
}

/// As [`verify`], of a database that no program runs on.
pub async fn verify_in(db: &Db, clock: &dyn Clock) -> Result<Report, AppError> {
    let mut check = Check::start(db.clone(), system_grant(None, "verify_audit", clock)).await?;
    let mut after = i64::MIN;
    loop {
        let page = check.page(after).await?;
        let Some(last) = page.last() else { return check.finish().await };
        after = last.event_id;
        for event in page {
            check.take(event).await?;
        }
    }
}

struct Check {
    db: Db,
    grant: Grant,
    chains: BTreeMap<i64, Chain>,
    /// The last id that any chain has passed.
    position: i64,
    /// Events that were sealed late: by which chain and seal.
    late: HashMap<i64, (i64, i64)>,
    /// Ids that the sealer waits for.
    gaps: HashSet<i64>,
    findings: Vec<Finding>,
}

/// Where the check is in a clinic's chain.
struct Chain {
    head: Head,
    previous: Head,
    waiting: VecDeque<Seal>,
    open: Option<(Seal, Hasher)>,
    seals: i64,
    events: i64,
    unsealed: i64,
    outside: i64,
}

impl Chain {
    fn new(head: Head) -> Self {
        let previous = Head::none(head.clinic_id);
        Self { head, previous, waiting: VecDeque::new(), open: None, seals: 0, events: 0, unsealed: 0, outside: 0 }
    }
}

impl Check {
    async fn start(db: Db, grant: Grant) -> Result<Self, AppError> {
        let read = db.platform_read(&grant, (), |mut tx, ()| async move {
            // Gaps before and after the rest: one that is closed in between is in neither, but its event is in `late` then.
            let mut gaps = store::gaps(&mut tx).await?;
            let heads = store::heads(&mut tx).await?;
            gaps.extend(store::gaps(&mut tx).await?);
            Ok((gaps, heads, store::sealed_late(&mut tx).await?))
        });
        let (gaps, heads, late) = read.await?;
        let ids =
            |(clinic, seal, ids): &(i64, i64, String)| parse_ids(ids).into_iter().map(|id| (id, (*clinic, *seal))).collect::<Vec<_>>();
        Ok(Self {
            position: heads.iter().map(|head| head.upto_event_id).max().unwrap_or(0),
            late: late.iter().flat_map(ids).collect(),
            gaps: gaps.into_iter().map(|(id, _)| id).collect(),
            chains: heads.into_iter().map(|head| (head.clinic_id, Chain::new(head))).collect(),
            findings: Vec::new(),
            db,
            grant,
        })
    }

    async fn page(&self, after: i64) -> Result<Vec<Event>, AppError> {
        let read =
            self.db.platform_read(&self.grant, after, |mut tx, after| async move { Ok(store::page(&mut tx, after, i64::MAX).await?) });
        read.await
    }

    /// Puts an event where it belongs.
    async fn take(&mut self, event: Event) -> Result<(), AppError> {
        let clinic = event.chain();
        self.chains.entry(clinic).or_insert_with(|| Chain::new(Head::none(clinic)));
        self.advance(clinic, event.event_id).await?;
        let Some(chain) = self.chains.get_mut(&clinic) else { return Ok(()) };
        let sealed_late = self.late.get(&event.event_id).is_some_and(|(by, _)| *by == clinic);
        match &mut chain.open {
            _ if sealed_late => {}
            _ if self.gaps.contains(&event.event_id) || event.event_id > self.position => chain.unsealed += 1,
            Some((seal, hasher)) if event.event_id > seal.after_event_id => hasher.add(&event),
            _ => chain.outside += 1,
        }
        Ok(())
    }

    /// Closes the seals of a clinic that end before `event_id`, and opens the one that it belongs to, if there is one.
    async fn advance(&mut self, clinic: i64, event_id: i64) -> Result<(), AppError> {
        loop {
            let Some(chain) = self.chains.get_mut(&clinic) else { return Ok(()) };
            if chain.open.as_ref().is_some_and(|(seal, _)| seal.upto_event_id >= event_id) {
                return Ok(());
            }
            if let Some((seal, hasher)) = chain.open.take() {
                self.close(&seal, hasher);
            }
            let Some(seal) = self.next_seal(clinic).await? else { return Ok(()) };
            self.open(seal).await?;
        }
    }

    async fn next_seal(&mut self, clinic: i64) -> Result<Option<Seal>, AppError> {
        let Some(chain) = self.chains.get_mut(&clinic) else { return Ok(None) };
        if chain.waiting.is_empty() && chain.previous.seal_no < chain.head.seal_no {
            let args = (clinic, chain.previous.seal_no, chain.head.seal_no);
            let read = self.db.platform_read(&self.grant, args, |mut tx, (clinic, after, upto)| async move {
                Ok(store::seals(&mut tx, clinic, after, upto, SEALS).await?)
            });
            chain.waiting = read.await?.into();
        }
        Ok(chain.waiting.pop_front())
    }

    /// Checks that the seal follows the one before it, and takes in its late events.
    async fn open(&mut self, seal: Seal) -> Result<(), AppError> {
        let Some(chain) = self.chains.get_mut(&seal.clinic_id) else { return Ok(()) };
        let previous = std::mem::replace(&mut chain.previous, seal.head());
        chain.seals += 1;
        if seal.seal_no != previous.seal_no + 1 {
            let hole = Seal { after_event_id: previous.upto_event_id, upto_event_id: seal.after_event_id, ..seal.clone() };
            self.find(&hole, Problem::SealsRemoved);
        } else if seal.previous_hash != previous.hash || seal.after_event_id != previous.upto_event_id {
            self.find(&seal, Problem::Broken);
        }
        let mut hasher = Hasher::new(&seal);
        let ids = seal.late();
        if !ids.is_empty() {
            let read = self.db.platform_read(&self.grant, ids, |mut tx, ids| async move { Ok(store::by_ids(&mut tx, &ids).await?) });
            read.await?.iter().filter(|event| event.chain() == seal.clinic_id).for_each(|event| hasher.add(event));
        }
        if let Some(chain) = self.chains.get_mut(&seal.clinic_id) {
            chain.open = Some((seal, hasher));
        }
        Ok(())
    }

    fn close(&mut self, seal: &Seal, hasher: Hasher) {
        let (events, hash) = hasher.finish();
        if let Some(chain) = self.chains.get_mut(&seal.clinic_id) {
            chain.events += events;
        }
        if hash != seal.hash {
            let problem = match events - seal.events {
                more if more > 0 => Problem::Inserted(more),
                less if less < 0 => Problem::Missing(-less),
                _ => Problem::Changed,
            };
            self.find(seal, problem);
        }
    }

    fn find(&mut self, seal: &Seal, problem: Problem) {
        if self.findings.len() < MOST_PROBLEMS {
            self.findings.push(Finding {
                clinic_id: Some(ClinicId(seal.clinic_id)).filter(|clinic| clinic.0 != 0),
                seal_no: seal.seal_no,
                after_event_id: seal.after_event_id,
                upto_event_id: seal.upto_event_id,
                problem,
            });
        }
    }

    async fn finish(mut self) -> Result<Report, AppError> {
        let clinics: Vec<_> = self.chains.keys().copied().collect();
        for clinic in &clinics {
            self.advance(*clinic, i64::MAX).await?;
            if let Some((seal, hasher)) = self.chains.get_mut(clinic).and_then(|chain| chain.open.take()) {
                self.close(&seal, hasher);
            }
        }
        let mut report = Report::default();
        for (clinic, chain) in std::mem::take(&mut self.chains) {
            if chain.outside > 0 {
                self.find(&end_of(&chain, self.position), Problem::NotSealed(chain.outside));
            }
            report.clinics.push(ClinicReport {
                clinic_id: Some(ClinicId(clinic)).filter(|clinic| clinic.0 != 0),
                seals: chain.seals,
                events: chain.events,
                unsealed: chain.unsealed,
            });
        }
        report.findings = self.findings;
        Ok(report)
    }
}

/// The place after a chain's last seal.
fn end_of(chain: &Chain, position: i64) -> Seal {
    Seal {
        clinic_id: chain.head.clinic_id,
        seal_no: chain.head.seal_no + 1,
        after_event_id: chain.head.upto_event_id,
        upto_event_id: position,
        late_ids: String::new(),
        events: 0,
        previous_hash: FIRST.to_owned(),
        hash: String::new(),
    }
}
