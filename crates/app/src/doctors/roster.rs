//! The clinic's providers side by side, as a schedule shows them: who they are, when they work, when they are away, and when another
//! clinic has them, which is all that is told of it. A fixed number of statements, however many they are.

use std::collections::HashMap;

use clinichub_core::{AppError, UserId};
use clinichub_db::TenantTx;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use super::calendar::{WorkingHours, grouped};
use super::hours::{Interval, joined};
use super::model::TimeOff;
use super::store::{Filter, roster};

/// How many colours providers are told apart by.
const COLORS: usize = 12;

/// A provider of the clinic, as boards and schedules name them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RosterDoctor {
    /// The person.
    pub user_id: UserId,
    /// Their name.
    #[schema(example = "Gregory House")]
    pub name: String,
    /// Specialty.
    #[schema(example = "Cardiology")]
    pub specialization: Option<String>,
    /// Which of twelve colours is theirs; it stays when others come and go.
    #[schema(minimum = 0, maximum = 11)]
    pub color_index: usize,
    /// Whether they can be booked.
    #[serde(skip)]
    pub is_active: bool,
}

/// All providers of the transaction's clinic, in the order in which they came.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<RosterDoctor>, AppError> {
    let providers = roster::list(tx).await?;
    let doctor = |(index, (provider, is_active)): (usize, (super::Provider, bool))| RosterDoctor {
        user_id: provider.user_id,
        name: format!("{} {}", provider.first_name, provider.last_name),
        specialization: provider.specialization,
        color_index: index % COLORS,
        is_active,
    };
    Ok(providers.into_iter().enumerate().map(doctor).collect())
}

/// When a provider works and does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Days {
    /// Working time, after weekly hours and exceptions.
    pub hours: Vec<Interval>,
    /// Time off, whether or not they would work.
    pub time_off: Vec<TimeOff>,
    /// Time that another clinic has booked.
    pub busy: Vec<Interval>,
}

/// When these providers of the transaction's clinic work and do not, in `window`; four statements.
pub async fn days_of(tx: &mut TenantTx, users: &[UserId], zone: &TimeZone, window: Interval) -> Result<HashMap<UserId, Days>, AppError> {
    let clinic = tx.clinic_id();
    if users.is_empty() {
        return Ok(HashMap::new());
    }
    let filter = Filter { own: Some(clinic), users: users.to_vec(), ..Filter::default() };
    let hours = WorkingHours::load(&mut tx.platform(), &filter, window).await?;
    let mut time_off = grouped(roster::time_off(tx, users, window).await?);
    let mut busy = grouped(roster::busy_elsewhere(&mut tx.platform(), clinic, users, window).await?);
    let days = users.iter().map(|user| {
        let days = Days {
            hours: hours.open((clinic, *user), zone.clone(), window),
            time_off: time_off.remove(user).unwrap_or_default(),
            busy: joined(busy.remove(user).unwrap_or_default()),
        };
        (*user, days)
    });
    Ok(days.collect())
}
