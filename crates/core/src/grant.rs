//! Who is asking, for which clinic, with what permission: the only key to the database.
//!
//! A [`Grant`] is made by the guard of a route and by the doors for jobs and commands, nowhere else (`clippy.toml` bans
//! [`Mint`] elsewhere). Its fields are private, so that it can't be altered on the way.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use jiff::tz::TimeZone;

use crate::{ClinicId, PatientId, Permission, Role, SessionId, UserId, UtcTime};

/// Somebody whose token or session was found good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The person.
    pub user_id: UserId,
    /// What they are in the active clinic.
    pub role: Role,
    /// The active clinic; none for a `platform_admin` and for a patient without a chart.
    pub clinic_id: Option<ClinicId>,
    /// Where its days begin; none where no clinic is active.
    pub zone: Option<TimeZone>,
    /// The session their token belongs to.
    pub session_id: SessionId,
    /// What they may do here: the role's defaults with the clinic's changes applied.
    pub permissions: BTreeSet<Permission>,
    /// For a patient: the charts that are theirs.
    pub charts: Vec<(ClinicId, PatientId)>,
}

/// Where a request came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The id that is in the answer's `X-Request-Id` and in the log.
    pub request_id: String,
    /// The peer's address, as text.
    pub address: Option<String>,
    /// What the request does, the operation id (`get_patient`) or the command's or job's name.
    pub action: String,
    /// The `Idempotency-Key` and the SHA-256 of method, path and body, in hexadecimal.
    pub idempotency: Option<(String, String)>,
    /// The same of a request whose file is still to be read: no transaction takes it for a key.
    pub unfinished_key: Option<UnfinishedKey>,
    /// The versions of which `If-Match` asks for one; empty where it names none that a resource of ours could have.
    pub if_match: Option<Vec<i64>>,
}

impl Origin {
    /// Whether `version` is one that `If-Match` asks for, if it asks for any.
    pub fn wants(&self, version: i64) -> bool {
        self.if_match.as_ref().is_none_or(|wanted| wanted.contains(&version))
    }
}

/// An `Idempotency-Key` of whose request only the head is known. [`Grant::with_finished_key`] makes a key of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfinishedKey {
    /// The key.
    pub key: String,
    /// The SHA-256 of method, path and query, in hexadecimal.
    pub head: String,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who signed in.
    User(Arc<Principal>),
    /// The program itself: a job or a command.
    System,
}

/// What a request did, for the audit trail; the guard writes it before the answer leaves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrailEntry {
    /// The chart it was about.
    pub patient_id: Option<PatientId>,
    /// The kind and id of the thing it was about (`appointment`, 7).
    pub resource: Option<(&'static str, i64)>,
    /// What else must be known, as JSON without anything a log must not hold.
    pub details: Option<String>,
}

/// What was recorded while the request was worked on.
#[derive(Debug, Default)]
pub struct Trail {
    /// What was looked at, to be written when the handler has answered.
    pub looks: Vec<TrailEntry>,
    /// Whether a transaction has written the audit row already.
    pub written: bool,
}

/// The right to touch one clinic's data, for one request. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Grant(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    actor: Actor,
    clinic_id: Option<ClinicId>,
    origin: Origin,
    at: UtcTime,
    /// The request's: a grant that was made from another one writes to the same.
    trail: Arc<Mutex<Trail>>,
}

/// Makes grants. Only the guard and the doors for jobs and commands may.
pub struct Mint;

impl Mint {
    /// A grant for somebody who signed in, for their active clinic.
    pub fn user(principal: impl Into<Arc<Principal>>, origin: Origin, at: UtcTime) -> Grant {
        let principal = principal.into();
        let clinic_id = principal.clinic_id;
        Self::make(Actor::User(principal), clinic_id, origin, at)
    }

    /// A grant for the program itself, in one clinic or (`None`) for what belongs to none.
    pub fn system(clinic_id: Option<ClinicId>, action: &str, at: UtcTime) -> Grant {
        Self::make(Actor::System, clinic_id, Origin { action: action.to_owned(), ..Origin::default() }, at)
    }

    /// A grant for a public route: no person, no clinic.
    pub fn public(origin: Origin, at: UtcTime) -> Grant {
        Self::make(Actor::System, None, origin, at)
    }

    /// A grant for what a visitor's own registration writes into a clinic: no person yet, one clinic, the visitor's origin.
    pub fn visitor(clinic_id: ClinicId, origin: Origin, at: UtcTime) -> Grant {
        Self::make(Actor::System, Some(clinic_id), origin, at)
    }

    fn make(actor: Actor, clinic_id: Option<ClinicId>, origin: Origin, at: UtcTime) -> Grant {
        Grant(Arc::new(Inner { actor, clinic_id, origin, at, trail: Arc::default() }))
    }
}

impl Grant {
    /// The clinic this grant reaches; none for the operator of the installation.
    pub fn clinic_id(&self) -> Option<ClinicId> {
        self.0.clinic_id
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.0.actor
    }

    /// The person who acts, if it is one.
    pub fn principal(&self) -> Option<&Principal> {
        match &self.0.actor {
            Actor::User(principal) => Some(principal),
            Actor::System => None,
        }
    }

    /// The id of the person who acts.
    pub fn user_id(&self) -> Option<UserId> {
        self.principal().map(|principal| principal.user_id)
    }

    /// The role of the person who acts.
    pub fn role(&self) -> Option<Role> {
        self.principal().map(|principal| principal.role)
    }

    /// Where the days of the clinic begin, as far as the session says: the program itself does not know.
    pub fn zone(&self) -> Option<&TimeZone> {
        self.principal().filter(|principal| principal.clinic_id == self.0.clinic_id)?.zone.as_ref()
    }

    /// Whether the actor has this permission; the program itself has all.
    pub fn may(&self, permission: Permission) -> bool {
        self.principal().is_none_or(|principal| principal.permissions.contains(&permission))
    }

    /// For a patient: the charts in this clinic that are theirs. `None` for staff, who see all of the clinic.
    pub fn own_charts(&self) -> Option<Vec<PatientId>> {
        let principal = self.principal().filter(|principal| principal.role == Role::Patient)?;
        let here = principal.charts.iter().filter(|(clinic, _)| Some(*clinic) == self.0.clinic_id);
        Some(here.map(|(_, patient)| *patient).collect())
    }

    /// Whether this chart may be seen: any of the clinic for staff, the own ones for a patient.
    pub fn reaches(&self, patient: PatientId) -> bool {
        self.own_charts().is_none_or(|charts| charts.contains(&patient))
    }

    /// Where the request came from.
    pub fn origin(&self) -> &Origin {
        &self.0.origin
    }

    /// The grant of the same request once its file was read. The key that came with it, if one did, stands for the whole request from here
    /// on: `hash` makes the request's SHA-256, in hexadecimal, from its head's.
    #[must_use]
    pub fn with_finished_key(&self, hash: impl FnOnce(&str) -> String) -> Self {
        let Inner { actor, clinic_id, origin, at, trail } = &*self.0;
        let mut origin = origin.clone();
        let Some(UnfinishedKey { key, head }) = origin.unfinished_key.take() else { return self.clone() };
        origin.idempotency = Some((key, hash(&head)));
        Self(Arc::new(Inner { actor: actor.clone(), clinic_id: *clinic_id, origin, at: *at, trail: trail.clone() }))
    }

    /// When the request began; every row it writes carries this time.
    pub fn at(&self) -> UtcTime {
        self.0.at
    }

    /// Notes what is being looked at; written to the audit trail before the answer leaves.
    pub fn look(&self, entry: TrailEntry) {
        self.with_trail(|trail| trail.looks.push(entry));
    }

    /// Notes a look at a chart.
    pub fn look_at(&self, patient: PatientId) {
        self.look(TrailEntry { patient_id: Some(patient), ..TrailEntry::default() });
    }

    /// Notes which charts a list showed, in one row of the trail.
    pub fn look_at_many(&self, patients: impl Iterator<Item = PatientId>) {
        let ids: Vec<i64> = patients.map(|patient| patient.0).collect();
        self.look(TrailEntry { details: Some(serde_json::json!({ "patient_ids": ids }).to_string()), ..TrailEntry::default() });
    }

    /// Notes a list: the chart that it was asked for, or which charts it showed.
    pub fn look_at_listed(&self, asked_for: Option<PatientId>, shown: impl Iterator<Item = PatientId>) {
        match asked_for {
            Some(patient) => self.look_at(patient),
            None => self.look_at_many(shown),
        }
    }

    /// Works on the trail.
    pub fn with_trail<T>(&self, work: impl FnOnce(&mut Trail) -> T) -> T {
        work(&mut self.0.trail.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test makes its own grants")]
mod tests {
    use super::*;

    #[test]
    fn a_finished_key_is_of_the_same_request() {
        let unfinished_key = Some(UnfinishedKey { key: "k".to_owned(), head: "h".to_owned() });
        let grant = Mint::public(Origin { action: "upload".to_owned(), unfinished_key, ..Origin::default() }, UtcTime::from_micros(1));
        let finished = grant.with_finished_key(|head| format!("{head} and file"));
        let origin =
            Origin { idempotency: Some(("k".to_owned(), "h and file".to_owned())), unfinished_key: None, ..grant.origin().clone() };
        assert_eq!((finished.origin(), finished.at()), (&origin, grant.at()));
        assert_eq!(finished.with_finished_key(|_| "another".to_owned()).origin(), &origin, "it is finished once");
        finished.with_trail(|trail| trail.written = true);
        assert!(grant.with_trail(|trail| trail.written), "there is one trail");
    }
}
