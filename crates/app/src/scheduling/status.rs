//! The states of an appointment and the way between them (API.md, rule 3). Pure; the one place that knows what may follow what.

use clinichub_core::{AppError, Grant, Permission, Role, UserId};
use serde::{Deserialize, Deserializer, Serialize};

/// Where an appointment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A request that nobody has accepted yet.
    Pending,
    /// Booked.
    Scheduled,
    /// The patient said that they come.
    Confirmed,
    /// The patient is here.
    Waiting,
    /// With the doctor.
    InRoom,
    /// At the imaging device.
    InScan,
    /// The images are being read.
    Review,
    /// Done; billed from here.
    Completed,
    /// Called off.
    Cancelled,
    /// The patient did not come.
    NoShow,
    /// A request that was turned down.
    Rejected,
}

impl Status {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::Pending,
        Self::Scheduled,
        Self::Confirmed,
        Self::Waiting,
        Self::InRoom,
        Self::InScan,
        Self::Review,
        Self::Completed,
        Self::Cancelled,
        Self::NoShow,
        Self::Rejected,
    ];

    /// As it stands in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Scheduled => "scheduled",
            Self::Confirmed => "confirmed",
            Self::Waiting => "waiting",
            Self::InRoom => "in_room",
            Self::InScan => "in_scan",
            Self::Review => "review",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no_show",
            Self::Rejected => "rejected",
        }
    }

    /// Whether nothing can follow: such an appointment is neither moved nor changed in state.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled | Self::NoShow | Self::Rejected)
    }

    /// Whether the provider's time is taken. The database's overlap rule says the same.
    pub fn is_busy(self) -> bool {
        !matches!(self, Self::Cancelled | Self::NoShow | Self::Rejected)
    }

    /// The states that something can follow.
    pub fn open() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|status| !status.is_final())
    }

    /// The place in the patient's way through the clinic; none for what is not on it.
    fn step(self) -> Option<u8> {
        match self {
            Self::Scheduled => Some(0),
            Self::Confirmed => Some(1),
            Self::Waiting => Some(2),
            Self::InRoom => Some(3),
            Self::InScan => Some(4),
            Self::Review => Some(5),
            Self::Completed => Some(6),
            Self::Pending | Self::Cancelled | Self::NoShow | Self::Rejected => None,
        }
    }

    /// Whether the patient is in the house; between these states the way leads back, too.
    pub fn is_in_house(self) -> bool {
        matches!(self, Self::Waiting | Self::InRoom | Self::InScan | Self::Review)
    }

    /// Whether `next` may follow. The same state is no step.
    pub fn may_become(self, next: Self) -> bool {
        match (self, next) {
            (from, _) if from.is_final() => false,
            (_, Self::Cancelled | Self::NoShow) | (Self::Pending, Self::Scheduled | Self::Rejected) => true,
            (from, next) if from.is_in_house() && next.is_in_house() => from != next,
            (from, next) => matches!((from.step(), next.step()), (Some(from), Some(next)) if from < next),
        }
    }

    /// The conflict that a refused step is answered with.
    pub fn refused(self, next: Self) -> AppError {
        let message = match (self, next) {
            (from, _) if from.is_final() => format!("The appointment is {from} and can't become {next}"),
            (Self::Pending, _) => format!("The request must be accepted first; it can't become {next}"),
            (from, Self::Rejected) => format!("Only a request can be rejected; the appointment is {from}"),
            (from, _) => format!("An appointment that is {from} can't become {next}"),
        };
        AppError::conflict(message)
    }

    /// The permissions of which the step to this state needs one.
    pub fn needs(self) -> &'static [Permission] {
        match self {
            Self::Confirmed | Self::Waiting | Self::NoShow => &[Permission::AppointmentArrive, Permission::AppointmentFlow],
            Self::InRoom | Self::InScan | Self::Review | Self::Completed => &[Permission::AppointmentFlow],
            Self::Cancelled => &[Permission::AppointmentCancel],
            Self::Pending | Self::Scheduled | Self::Rejected => &[Permission::AppointmentDecide],
        }
    }

    /// Refuses who may not bring an appointment of `provider` into this state: the permission is missing, or a doctor
    /// decides about a colleague's request.
    pub fn require_right(self, grant: &Grant, provider: UserId) -> Result<(), AppError> {
        if !self.needs().iter().any(|permission| grant.may(*permission)) {
            return Err(AppError::forbidden(format!("You are not allowed to set an appointment to {self}")));
        }
        let decides = matches!(self, Self::Scheduled | Self::Rejected);
        if decides && grant.role() == Some(Role::Doctor) && grant.user_id() != Some(provider) {
            return Err(AppError::forbidden("A doctor decides about the own requests only"));
        }
        Ok(())
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Status {
    type Err = String;

    /// Also in seed 002's and 004's spellings: `In-Room`, `No Show`, `SCHEDULED`.
    fn from_str(text: &str) -> Result<Self, String> {
        let plain = text.trim().to_ascii_lowercase().replace(['-', ' '], "_");
        Self::ALL.into_iter().find(|status| status.as_str() == plain).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|status| status.as_str()).collect();
            format!("Invalid status; it must be one of {}", known.join(", "))
        })
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use rstest::rstest;

    use super::Status::{self, *};

    /// The whole table of API.md, rule 3, written out: a change of the rule must be made here, too.
    #[rstest]
    #[case(Pending, &[Scheduled, Rejected, Cancelled, NoShow])]
    #[case(Scheduled, &[Confirmed, Waiting, InRoom, InScan, Review, Completed, Cancelled, NoShow])]
    #[case(Confirmed, &[Waiting, InRoom, InScan, Review, Completed, Cancelled, NoShow])]
    #[case(Waiting, &[InRoom, InScan, Review, Completed, Cancelled, NoShow])]
    #[case(InRoom, &[Waiting, InScan, Review, Completed, Cancelled, NoShow])]
    #[case(InScan, &[Waiting, InRoom, Review, Completed, Cancelled, NoShow])]
    #[case(Review, &[Waiting, InRoom, InScan, Completed, Cancelled, NoShow])]
    #[case(Completed, &[])]
    #[case(Cancelled, &[])]
    #[case(NoShow, &[])]
    #[case(Rejected, &[])]
    fn what_may_follow(#[case] from: Status, #[case] expected: &[Status]) {
        let allowed: BTreeSet<_> = Status::ALL.into_iter().filter(|next| from.may_become(*next)).collect();
        assert_eq!(allowed, expected.iter().copied().collect());
    }

    #[rstest]
    #[case("In-Room", InRoom)]
    #[case("in scan", InScan)]
    #[case("No Show", NoShow)]
    #[case("SCHEDULED", Scheduled)]
    #[case("Review", Review)]
    #[case("completed", Completed)]
    fn spellings(#[case] text: &str, #[case] status: Status) {
        assert_eq!(text.parse(), Ok(status));
    }

    #[test]
    fn what_is_no_state_is_refused() {
        for text in ["", "done", "inroom", "in__room", "in-room;", "\u{0}"] {
            assert!(text.parse::<Status>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_texts_are_what_serde_writes() {
        for status in Status::ALL {
            assert_eq!(serde_json::to_value(status).expect("a text"), status.as_str());
            assert_eq!(status.as_str().parse(), Ok(status));
        }
    }

    fn any_status() -> impl Strategy<Value = Status> {
        proptest::sample::select(Status::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn nothing_follows_a_final_state(from in any_status(), next in any_status()) {
            prop_assert!(!from.is_final() || !from.may_become(next));
        }

        #[test]
        fn no_state_follows_itself(status in any_status()) {
            prop_assert!(!status.may_become(status));
        }

        #[test]
        fn every_open_state_can_be_closed(status in any_status()) {
            prop_assert_eq!(status.may_become(Cancelled), !status.is_final());
            prop_assert_eq!(status.may_become(NoShow), !status.is_final());
        }

        #[test]
        fn nobody_returns_to_a_request_or_to_the_street(path in proptest::collection::vec(any_status(), 1..40)) {
            let mut at = Scheduled;
            let mut was_in_house = false;
            for next in path {
                if at.may_become(next) {
                    at = next;
                }
                was_in_house |= at.is_in_house();
                prop_assert!(at != Pending && at != Rejected);
                prop_assert!(!(was_in_house && matches!(at, Scheduled | Confirmed)));
            }
        }

        #[test]
        fn steps_forward_can_be_skipped(a in any_status(), b in any_status(), c in any_status()) {
            let steps = [a, b, c].map(Status::step);
            if let [Some(first), Some(second), Some(third)] = steps
                && first < second && second < third
            {
                prop_assert!(a.may_become(b) && b.may_become(c) && a.may_become(c));
            }
        }

        #[test]
        fn a_closed_slot_never_becomes_busy_again(from in any_status(), next in any_status()) {
            prop_assert!(!(from.may_become(next) && next.is_busy() && !from.is_busy()));
        }
    }
}
