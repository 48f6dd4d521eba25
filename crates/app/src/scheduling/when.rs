//! From what a request says about time to a span of instants. Pure; zones and daylight saving end here, stored times are instants.

use clinichub_core::{AppError, UtcTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, civil};
use serde::{Deserialize, Serialize};

/// The longest appointment.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// A stretch of time: the start belongs to it, the end does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Its first instant.
    pub start: UtcTime,
    /// The instant before which it ends.
    pub end: UtcTime,
}

impl Span {
    /// A span that ends after it starts and is no longer than [`LONGEST`].
    pub fn new(start: UtcTime, end: UtcTime) -> Result<Self, AppError> {
        if end <= start {
            return Err(AppError::field("scheduled_end", "End time must be after start time"));
        }
        if end.since(start) > LONGEST {
            return Err(AppError::field("scheduled_end", "An appointment lasts at most 24 hours"));
        }
        Ok(Self { start, end })
    }

    /// How long it lasts.
    pub fn duration(self) -> SignedDuration {
        self.end.since(self.start)
    }

    /// Whether both have an instant in common.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// What a body says about the time: instants (seed 000), or a day and a time of day in the clinic (seed 002), and maybe a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct When {
    /// The first instant.
    pub start: Option<UtcTime>,
    /// The instant of the end.
    pub end: Option<UtcTime>,
    /// The day in the clinic.
    pub date: Option<civil::Date>,
    /// The time of day in the clinic.
    pub time: Option<civil::Time>,
    /// How long, in minutes.
    pub minutes: Option<i64>,
}

impl When {
    /// Whether the clinic's time zone is needed to understand it.
    pub fn is_local(&self) -> bool {
        self.date.is_some() || self.time.is_some()
    }

    /// Refuses what is missing or said twice in a new booking, before anything is looked up.
    pub fn check_new(&self) -> Result<(), AppError> {
        self.check_once()?;
        match (self.start, self.date, self.time) {
            (None, None, None) => return Err(AppError::missing("scheduled_start")),
            (None, None, Some(_)) => return Err(AppError::missing("date")),
            (None, Some(_), None) => return Err(AppError::missing("time")),
            _ => {}
        }
        if self.start.is_some() && self.end.is_none() && self.minutes.is_none() {
            return Err(AppError::missing("scheduled_end"));
        }
        Ok(())
    }

    /// Refuses two ways of saying the same thing.
    pub fn check_once(&self) -> Result<(), AppError> {
        if self.start.is_some() && self.is_local() {
            let field = if self.date.is_some() { "date" } else { "time" };
            return Err(AppError::field(field, "Give either scheduled_start, or date and time"));
        }
        if self.end.is_some() && self.minutes.is_some() {
            return Err(AppError::field("duration_minutes", "Give either scheduled_end or duration_minutes"));
        }
        if self.minutes.is_some_and(|minutes| !(1..=1440).contains(&minutes)) {
            return Err(AppError::field("duration_minutes", "duration_minutes: expected a number from 1 to 1440"));
        }
        Ok(())
    }

    /// The span of a new booking; `usual_minutes` is how long one lasts that does not say.
    pub fn resolve_new(&self, zone: &TimeZone, usual_minutes: i64) -> Result<Span, AppError> {
        self.check_new()?;
        let start = match (self.start, self.date, self.time) {
            (Some(start), _, _) => start,
            (None, Some(date), Some(time)) => local(date, time, zone)?,
            _ => return Err(AppError::missing("scheduled_start")),
        };
        Span::new(start, self.end.unwrap_or_else(|| after(start, self.minutes.unwrap_or(usual_minutes))))
    }

    /// The span after a change of `before`: what is not said stays, and a moved start keeps the length.
    pub fn resolve_move(&self, before: Span, zone: &TimeZone) -> Result<Span, AppError> {
        self.check_once()?;
        let start = match self.start {
            Some(start) => start,
            None if self.is_local() => {
                let old = before.start.timestamp().to_zoned(zone.clone());
                local(self.date.unwrap_or_else(|| old.date()), self.time.unwrap_or_else(|| old.time()), zone)?
            }
            None => before.start,
        };
        let moved = start != before.start;
        let end = match (self.end, self.minutes) {
            (Some(end), _) => end,
            (None, Some(minutes)) => after(start, minutes),
            (None, None) if moved => start.plus(before.duration()),
            (None, None) => before.end,
        };
        Span::new(start, end)
    }
}

fn after(start: UtcTime, minutes: i64) -> UtcTime {
    start.plus(SignedDuration::from_mins(minutes))
}

/// The instant of a local time: the first of two when the clocks go back, refused when they skip it.
fn local(date: civil::Date, time: civil::Time, zone: &TimeZone) -> Result<UtcTime, AppError> {
    let ambiguous = zone.to_ambiguous_zoned(date.to_datetime(time));
    if matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. }) {
        let message = format!("{time} does not exist on {date} in the clinic's time zone: the clocks skip it");
        return Err(AppError::field("time", message));
    }
    let zoned = ambiguous.earlier().map_err(|_| AppError::field("date", "The date is out of range"))?;
    Ok(UtcTime::new(zoned.timestamp()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> UtcTime {
        UtcTime::parse(text).expect("a time")
    }

    fn new_york() -> TimeZone {
        TimeZone::get("America/New_York").expect("a zone")
    }

    fn on(date: &str, time: &str) -> When {
        When { date: Some(date.parse().expect("a date")), time: Some(time.parse().expect("a time")), ..When::default() }
    }

    #[test]
    fn instants_are_taken_as_they_are() {
        let when = When { start: Some(at("2026-04-15T10:00:00")), end: Some(at("2026-04-15T10:30:00")), ..When::default() };
        let span = when.resolve_new(&new_york(), 20).expect("a span");
        assert_eq!((span.start, span.end), (at("2026-04-15T10:00:00Z"), at("2026-04-15T10:30:00Z")));
    }

    #[test]
    fn a_local_time_is_the_clinics_and_lasts_as_long_as_usual() {
        let span = on("2026-04-15", "10:00").resolve_new(&new_york(), 20).expect("a span");
        assert_eq!((span.start, span.end), (at("2026-04-15T14:00:00Z"), at("2026-04-15T14:20:00Z")));
    }

    #[test]
    fn a_time_that_the_clocks_skip_is_refused() {
        let error = on("2026-03-08", "02:30").resolve_new(&new_york(), 30).expect_err("a gap");
        assert!(matches!(error, AppError::Invalid(fields) if fields[0].field == "time"));
    }

    #[test]
    fn of_a_time_that_comes_twice_the_first_is_meant() {
        let span = on("2026-11-01", "01:30").resolve_new(&new_york(), 30).expect("a span");
        assert_eq!(span.start, at("2026-11-01T05:30:00Z"));
    }

    #[test]
    fn what_is_missing_is_named() {
        let missing = |when: When| match when.check_new() {
            Err(AppError::Invalid(fields)) => fields[0].message.clone(),
            other => panic!("{other:?}"),
        };
        let start = Some(at("2026-04-15T10:00:00"));
        assert_eq!(missing(When::default()), "Missing required field: scheduled_start");
        assert_eq!(missing(When { start, ..When::default() }), "Missing required field: scheduled_end");
        assert_eq!(missing(When { time: None, ..on("2026-04-15", "10:00") }), "Missing required field: time");
        assert_eq!(missing(When { date: None, ..on("2026-04-15", "10:00") }), "Missing required field: date");
    }

    #[test]
    fn an_end_before_the_start_and_a_day_too_long_are_refused() {
        let start = at("2026-04-15T10:00:00");
        for end in ["2026-04-15T10:00:00", "2026-04-15T09:00:00", "2026-04-16T10:00:01"] {
            assert!(Span::new(start, at(end)).is_err(), "{end}");
        }
        assert!(Span::new(start, at("2026-04-16T10:00:00")).is_ok());
    }

    #[test]
    fn a_move_keeps_what_it_does_not_name() {
        let before = Span::new(at("2026-04-15T14:00:00"), at("2026-04-15T14:45:00")).expect("a span");
        let moved = |when: When| when.resolve_move(before, &new_york()).expect("a span");
        let noon = moved(When { time: Some("12:00".parse().expect("a time")), ..When::default() });
        assert_eq!((noon.start, noon.end), (at("2026-04-15T16:00:00"), at("2026-04-15T16:45:00")));
        let next_week = moved(When { date: Some("2026-04-22".parse().expect("a date")), ..When::default() });
        assert_eq!((next_week.start, next_week.end), (at("2026-04-22T14:00:00"), at("2026-04-22T14:45:00")));
        let longer = moved(When { minutes: Some(60), ..When::default() });
        assert_eq!((longer.start, longer.end), (before.start, at("2026-04-15T15:00:00")));
        let earlier = moved(When { start: Some(at("2026-04-15T13:00:00")), ..When::default() });
        assert_eq!((earlier.start, earlier.end), (at("2026-04-15T13:00:00"), at("2026-04-15T13:45:00")));
    }

    #[test]
    fn nothing_is_said_twice() {
        let twice = When { start: Some(at("2026-04-15T10:00:00")), ..on("2026-04-15", "10:00") };
        assert!(twice.check_once().is_err());
        let twice = When { end: Some(at("2026-04-15T10:00:00")), minutes: Some(30), ..on("2026-04-15", "10:00") };
        assert!(twice.check_once().is_err());
    }

    proptest! {
        #[test]
        fn a_local_time_comes_back_as_the_same_local_time(day in 0i32..20_000, minute in 0i32..1440) {
            let date = civil::date(1990, 1, 1).saturating_add(jiff::Span::new().days(day));
            let time = civil::Time::midnight().saturating_add(jiff::Span::new().minutes(minute));
            if let Ok(instant) = local(date, time, &new_york()) {
                let back = instant.timestamp().to_zoned(new_york());
                prop_assert_eq!((back.date(), back.time()), (date, time));
            }
        }

        #[test]
        fn overlapping_is_mutual(a in 0i64..100, b in 1i64..100, c in 0i64..100, d in 1i64..100) {
            let span = |start: i64, length: i64| Span { start: UtcTime::from_micros(start), end: UtcTime::from_micros(start + length) };
            let (one, other) = (span(a, b), span(c, d));
            prop_assert_eq!(one.overlaps(other), other.overlaps(one));
            prop_assert!(one.overlaps(one));
            prop_assert!(!one.overlaps(span(a + b, d)));
        }
    }
}
