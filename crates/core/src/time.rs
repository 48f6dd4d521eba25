//! Instants in UTC to the microsecond, as both databases keep them.

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// An instant, rounded to the microsecond. JSON: RFC 3339 with `Z`; a time without an offset is read as UTC. Years 1900 to 2200.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcTime(Timestamp);

impl UtcTime {
    /// Later than every time that is stored, and one that both databases know.
    pub const MAX: Self = Self(Timestamp::MAX);

    /// The instant, cut to the microsecond.
    pub fn new(instant: Timestamp) -> Self {
        Self(Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant))
    }

    /// From microseconds since 1970; clamped to what can be represented.
    pub fn from_micros(micros: i64) -> Self {
        Self(Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 { Timestamp::MIN } else { Timestamp::MAX }))
    }

    /// Microseconds since 1970.
    pub fn micros(self) -> i64 {
        self.0.as_microsecond()
    }

    /// The instant for jiff.
    pub fn timestamp(self) -> Timestamp {
        self.0
    }

    /// `self + duration`, saturating.
    #[must_use]
    pub fn plus(self, duration: SignedDuration) -> Self {
        Self::new(self.0.saturating_add(duration).unwrap_or(self.0))
    }

    /// `self - earlier`.
    pub fn since(self, earlier: Self) -> SignedDuration {
        self.0.duration_since(earlier.0)
    }

    /// The calendar date of this instant in `zone`.
    pub fn date_in(self, zone: &TimeZone) -> civil::Date {
        self.0.to_zoned(zone.clone()).date()
    }

    /// Reads RFC 3339; without an offset it is UTC; `T` may be a blank. An error says how to write it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a time; write it as 2026-04-15T10:00:00Z");
        if !(16..=40).contains(&text.len()) || text.contains('[') {
            return Err(wrong());
        }
        let instant = text.parse::<Timestamp>().or_else(|_| {
            let civil = text.parse::<civil::DateTime>()?;
            civil.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp())
        });
        let instant = instant.map_err(|_| wrong())?;
        let year = instant.to_zoned(TimeZone::UTC).year();
        if !(1900..=2200).contains(&year) {
            return Err(format!("{text:?} is not a time between the years 1900 and 2200"));
        }
        Ok(Self::new(instant))
    }
}

impl std::fmt::Display for UtcTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for UtcTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for UtcTime {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for UtcTime {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .examples(["2026-04-15T10:00:00Z"])
            .build()
            .into()
    }
}

impl utoipa::ToSchema for UtcTime {}

/// A calendar day, `YYYY-MM-DD`, years 1000 to 9999: a date of birth, a day off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub civil::Date);

impl Default for Day {
    /// 1970-01-01.
    fn default() -> Self {
        Self(civil::date(1970, 1, 1))
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a date; write it as 2026-04-15");
        let day: civil::Date = if text.len() == 10 { text.parse().map_err(|_| wrong())? } else { return Err(wrong()) };
        if day.year() < 1000 { Err(wrong()) } else { Ok(Self(day)) }
    }
}

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Day {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .examples(["1990-05-10"])
            .build()
            .into()
    }
}

impl utoipa::ToSchema for Day {}

/// A bound of a time range as a query parameter: a whole day in the clinic's zone (`2026-04-15`), or an instant. A day beyond the years
/// 1900 to 2200 bounds nothing and is read as their first or last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayOrInstant {
    /// A calendar day.
    Day(civil::Date),
    /// A moment.
    Instant(UtcTime),
}

impl DayOrInstant {
    /// The first instant of the range: the day's first moment in `zone`, or the instant.
    pub fn start_in(self, zone: &TimeZone) -> UtcTime {
        match self {
            Self::Day(day) => start_of_day(day, zone),
            Self::Instant(instant) => instant,
        }
    }

    /// The instant before which the range ends: the next day's first moment in `zone`, or the instant.
    pub fn end_in(self, zone: &TimeZone) -> UtcTime {
        match self {
            Self::Day(day) => start_of_day(day.tomorrow().unwrap_or(day), zone),
            Self::Instant(instant) => instant,
        }
    }
}

fn start_of_day(day: civil::Date, zone: &TimeZone) -> UtcTime {
    let zoned = zone.to_ambiguous_zoned(day.at(0, 0, 0, 0)).compatible();
    UtcTime::new(zoned.map_or(Timestamp::MAX, |zoned| zoned.timestamp()))
}

impl std::str::FromStr for DayOrInstant {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.len() == 10 {
            let day = text.parse().ok().filter(|day: &civil::Date| day.year() > 0);
            let day = day.ok_or_else(|| format!("{text:?} is not a date; write it as 2026-04-15"))?;
            return Ok(Self::Day(day.clamp(civil::date(1900, 1, 1), civil::date(2200, 12, 31))));
        }
        UtcTime::parse(text).map(Self::Instant)
    }
}

impl<'de> Deserialize<'de> for DayOrInstant {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_an_offset_is_utc() {
        let utc = UtcTime::parse("2026-04-15T10:00:00Z");
        assert_eq!(UtcTime::parse("2026-04-15T10:00:00"), utc);
        assert_eq!(UtcTime::parse("2026-04-15T06:00:00-04:00"), utc);
        assert_eq!(utc.map(|time| time.to_string()), Ok("2026-04-15T10:00:00Z".to_owned()));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in
            ["", "2026-04-15", "10:00", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00"]
        {
            assert!(UtcTime::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_day_far_away_bounds_nothing() {
        let day = |text: &str| text.parse::<DayOrInstant>();
        assert_eq!(day("0649-08-17"), day("1900-01-01"));
        assert_eq!(day("9999-12-31"), day("2200-12-31"));
        assert!(day("0000-01-01").is_err() && day("2026-02-30").is_err());
    }

    #[test]
    fn a_day_is_as_long_as_the_zone_makes_it() {
        let zone = TimeZone::get("America/New_York").expect("a zone");
        let day: DayOrInstant = "2026-03-08".parse().expect("a day");
        assert_eq!(day.end_in(&zone).since(day.start_in(&zone)), SignedDuration::from_hours(23));
    }
}
