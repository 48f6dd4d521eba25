//! When a provider works: weekly hours and exceptions in the clinic's local time, turned into instants, and the slots that
//! are left of them. Pure: no database, no clock.
//!
//! The rule for days on which the clocks change: an instant belongs to the hours when its wall-clock time does and that wall
//! clock time has not been shown before on that day. A local time that doesn't exist is passed over forwards, one that
//! happens twice counts the first time only. A slot always lasts as long as it says.

use clinichub_core::UtcTime;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::Serialize;
use utoipa::ToSchema;

/// Minutes of a day, from 0 to 1440.
pub const DAY_MINUTES: i64 = 1440;

/// Hours that come back every week, in local wall-clock time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeeklyHours {
    /// 1 = Monday … 7 = Sunday (ISO 8601).
    pub weekday: i64,
    /// Minutes since midnight.
    pub starts_minute: i64,
    /// Minutes since midnight, at most 1440, after `starts_minute`.
    pub ends_minute: i64,
    /// The first day on which they hold.
    pub valid_from: Option<Date>,
    /// The last day on which they hold.
    pub valid_to: Option<Date>,
}

impl WeeklyHours {
    fn holds_on(&self, day: Date) -> bool {
        i64::from(day.weekday().to_monday_one_offset()) == self.weekday
            && self.valid_from.is_none_or(|from| from <= day)
            && self.valid_to.is_none_or(|to| day <= to)
    }

    /// Whether both would open the same minute of some day.
    pub fn overlaps(&self, other: &Self) -> bool {
        let days_meet = self.valid_from.is_none_or(|from| other.valid_to.is_none_or(|to| from <= to))
            && other.valid_from.is_none_or(|from| self.valid_to.is_none_or(|to| from <= to));
        self.weekday == other.weekday && days_meet && self.starts_minute < other.ends_minute && other.starts_minute < self.ends_minute
    }
}

/// A day that differs from the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayHours {
    /// The local day.
    pub day: Date,
    /// Start and end in minutes since midnight; `None`: closed on that day.
    pub minutes: Option<(i64, i64)>,
}

/// A stretch of time, its end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct Interval {
    /// Its first instant.
    pub start: UtcTime,
    /// The first instant after it.
    pub end: UtcTime,
}

impl Interval {
    /// From `start` until before `end`.
    pub fn new(start: UtcTime, end: UtcTime) -> Self {
        Self { start, end }
    }

    /// Whether both share an instant.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `other` lies wholly in this one.
    pub fn contains(&self, other: &Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// A provider's hours in one clinic.
#[derive(Debug, Clone)]
pub struct Timetable {
    /// The clinic's time zone.
    pub zone: TimeZone,
    /// What comes back every week.
    pub weekly: Vec<WeeklyHours>,
    /// Days that differ.
    pub exceptions: Vec<DayHours>,
}

impl Timetable {
    /// The working time of every local day that touches `window`, in order; stretches of one day that touch are joined. Not
    /// cut to the window, so that slots begin at the same minutes whatever window is asked for.
    pub fn open(&self, window: Interval) -> Vec<Interval> {
        let (Some(first), Some(last)) = (self.day_of(window.start).yesterday().ok(), self.day_of(window.end).tomorrow().ok()) else {
            return Vec::new();
        };
        let clock = WallClock::between(&self.zone, first, last);
        let mut open = Vec::new();
        for day in first.series(1.day()).take_while(|day| *day <= last) {
            let mut of_day = Vec::new();
            for (starts, ends) in self.minutes_of(day) {
                clock.instants(day, starts, ends, &mut of_day);
            }
            open.extend(joined(of_day));
        }
        open.retain(|stretch| stretch.overlaps(&window));
        open
    }

    /// Whether `time` lies wholly inside the hours, across midnight where both days are open.
    pub fn covers(&self, time: Interval) -> bool {
        joined(self.open(time)).iter().any(|open| open.contains(&time))
    }

    fn day_of(&self, at: UtcTime) -> Date {
        at.date_in(&self.zone)
    }

    /// Start and end of the hours of one day: the exceptions of that day where there are any, else the week's.
    fn minutes_of(&self, day: Date) -> Vec<(i64, i64)> {
        let mut of_day = self.exceptions.iter().filter(|exception| exception.day == day).peekable();
        if of_day.peek().is_some() {
            return of_day.filter_map(|exception| exception.minutes).collect();
        }
        self.weekly.iter().filter(|hours| hours.holds_on(day)).map(|hours| (hours.starts_minute, hours.ends_minute)).collect()
    }
}

/// The zone's offsets over a few days: when each holds, in order and without a gap.
struct WallClock(Vec<(Timestamp, Timestamp, Offset)>);

impl WallClock {
    fn between(zone: &TimeZone, first: Date, last: Date) -> Self {
        // A day around, so that whatever the offset the local days are inside.
        let margin = SignedDuration::from_hours(48);
        let utc = |day: Date| Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MIN);
        let start = utc(first).saturating_sub(margin).unwrap_or(Timestamp::MIN);
        let end = utc(last).saturating_add(margin).unwrap_or(Timestamp::MAX);
        let mut segments = Vec::new();
        let (mut from, mut offset) = (start, zone.to_offset(start));
        for change in zone.following(start).take_while(|change| change.timestamp() < end) {
            segments.push((from, change.timestamp(), offset));
            (from, offset) = (change.timestamp(), change.offset());
        }
        segments.push((from, end, offset));
        Self(segments)
    }

    /// Adds the instants at which the wall clock of `day` shows a minute from `starts` until before `ends` for the first time.
    fn instants(&self, day: Date, starts: i64, ends: i64, into: &mut Vec<Interval>) {
        let midnight = day.at(0, 0, 0, 0);
        let local = |minutes: i64| midnight.saturating_add(SignedDuration::from_mins(minutes));
        let (mut shown, ends) = (local(starts), local(ends));
        for (from, to, offset) in &self.0 {
            let low = offset.to_datetime(*from).max(shown);
            let high = offset.to_datetime(*to).min(ends);
            if low < high {
                if let (Some(start), Some(end)) = (instant(*offset, low), instant(*offset, high)) {
                    into.push(Interval { start, end });
                }
                shown = high;
            }
        }
    }
}

fn instant(offset: Offset, local: DateTime) -> Option<UtcTime> {
    offset.to_timestamp(local).ok().map(UtcTime::new)
}

/// Sorted, with stretches that touch or overlap made one.
pub fn joined(mut stretches: Vec<Interval>) -> Vec<Interval> {
    stretches.sort_unstable();
    let mut joined: Vec<Interval> = Vec::with_capacity(stretches.len());
    for stretch in stretches {
        match joined.last_mut() {
            Some(last) if stretch.start <= last.end => last.end = last.end.max(stretch.end),
            _ => joined.push(stretch),
        }
    }
    joined
}

/// The slots of `length` that fit into `open`, side by side from the start of each stretch, that lie in `window` and touch
/// nothing of `taken`. `open` and `taken` as [`joined`] makes them.
pub fn slots<'a>(
    open: &'a [Interval],
    taken: &'a [Interval],
    window: Interval,
    length: SignedDuration,
) -> impl Iterator<Item = Interval> + 'a {
    let free = move |slot: &Interval| {
        let next = taken.partition_point(|busy| busy.end <= slot.start);
        taken.get(next).is_none_or(|busy| slot.end <= busy.start)
    };
    open.iter().flat_map(move |stretch| side_by_side(*stretch, length)).filter(move |slot| window.contains(slot)).filter(free)
}

fn side_by_side(stretch: Interval, length: SignedDuration) -> impl Iterator<Item = Interval> {
    let first = Interval::new(stretch.start, stretch.start.plus(length));
    let next = move |slot: &Interval| Some(Interval::new(slot.end, slot.end.plus(length)));
    std::iter::successors((length > SignedDuration::ZERO).then_some(first), next).take_while(move |slot| slot.end <= stretch.end)
}

#[cfg(test)]
#[path = "hours_tests.rs"]
mod tests;
