//! The hours and the taken time of many providers at once: a fixed number of statements, however many they are.

use std::collections::HashMap;
use std::hash::Hash;

use clinichub_core::{AppError, UserId};
use clinichub_db::PlatformTx;
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::hours::{self, DayHours, Interval, Timetable, WeeklyHours};
use super::model::Doctor;
use super::service::days_around;
use super::slots::OpenSlot;
use super::store::{Filter, batch};

/// The hours of many providers.
#[derive(Debug, Default)]
pub struct WorkingHours {
    weekly: HashMap<batch::Key, Vec<WeeklyHours>>,
    exceptions: HashMap<batch::Key, Vec<DayHours>>,
}

impl WorkingHours {
    /// The hours on the days around `window`; two statements.
    pub async fn load(tx: &mut PlatformTx, filter: &Filter, window: Interval) -> Result<Self, AppError> {
        let (from, to) = days_around(&TimeZone::UTC, window);
        Ok(Self { weekly: grouped(batch::weekly(tx, filter).await?), exceptions: grouped(batch::exceptions(tx, filter, from, to).await?) })
    }

    /// When the provider works on the days of `window`, in order.
    pub fn open(&self, key: batch::Key, zone: TimeZone, window: Interval) -> Vec<Interval> {
        let weekly = self.weekly.get(&key).cloned().unwrap_or_default();
        let exceptions = self.exceptions.get(&key).cloned().unwrap_or_default();
        Timetable { zone, weekly, exceptions }.open(window)
    }
}

/// The hours of many providers, and when they are away or booked in any clinic.
#[derive(Debug, Default)]
pub struct Calendar {
    hours: WorkingHours,
    away: HashMap<batch::Key, Vec<Interval>>,
    busy: HashMap<UserId, Vec<Interval>>,
}

impl Calendar {
    /// The calendar of `window`; four statements.
    pub async fn load(tx: &mut PlatformTx, filter: &Filter, window: Interval) -> Result<Self, AppError> {
        Ok(Self {
            hours: WorkingHours::load(tx, filter, window).await?,
            away: grouped(batch::time_off(tx, filter, window).await?),
            busy: grouped(batch::busy(tx, filter, window).await?),
        })
    }

    /// The provider's first free slots in `window`, `most` of them.
    pub fn free(&self, doctor: &Doctor, window: Interval, length: SignedDuration, most: usize) -> Vec<Interval> {
        let Ok(zone) = TimeZone::get(&doctor.clinic.time_zone) else { return Vec::new() };
        let key = (doctor.clinic.clinic_id, doctor.user_id);
        let taken = self.away.get(&key).into_iter().chain(self.busy.get(&doctor.user_id)).flatten().copied().collect();
        hours::slots(&self.hours.open(key, zone, window), &hours::joined(taken), window, length).take(most).collect()
    }

    /// The first free slots of all these providers, `most` of them, the earliest first and of one time in the order of the providers.
    pub fn earliest(&self, doctors: &[Doctor], window: Interval, length: SignedDuration, most: usize) -> Vec<OpenSlot> {
        let of_one = |doctor: &Doctor| {
            let (user_id, name) = (doctor.user_id, format!("{} {}", doctor.first_name, doctor.last_name));
            self.free(doctor, window, length, most).into_iter().map(move |slot| OpenSlot { slot, user_id, name: name.clone() })
        };
        let mut found: Vec<_> = doctors.iter().flat_map(of_one).collect();
        found.sort_by_key(|open| open.slot);
        found.truncate(most);
        found
    }
}

/// The values of each key, in their order.
pub fn grouped<K: Eq + Hash, V>(rows: Vec<(K, V)>) -> HashMap<K, Vec<V>> {
    let mut groups: HashMap<K, Vec<V>> = HashMap::new();
    for (key, value) in rows {
        groups.entry(key).or_default().push(value);
    }
    groups
}
