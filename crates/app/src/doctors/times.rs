//! Weekdays and wall-clock times, as they are written in JSON.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use super::hours::DAY_MINUTES;

/// A day of the week; in JSON its English name or 1 (Monday) to 7 (Sunday).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weekday(i64);

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl Weekday {
    /// From its ISO 8601 number.
    pub fn from_number(number: i64) -> Option<Self> {
        (1..=7).contains(&number).then_some(Self(number))
    }

    /// Its ISO 8601 number.
    pub fn number(self) -> i64 {
        self.0
    }

    fn from_name(name: &str) -> Option<Self> {
        WEEKDAYS.into_iter().zip(1..).find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, number)| Self(number))
    }

    fn name(self) -> &'static str {
        usize::try_from(self.0 - 1).ok().and_then(|index| WEEKDAYS.get(index)).copied().unwrap_or("monday")
    }
}

impl Serialize for Weekday {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Weekday {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Weekday;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a day of the week, like \"monday\" or 1")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Weekday, E> {
                Weekday::from_name(name).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(name), &self))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Weekday, E> {
                let weekday = i64::try_from(number).ok().and_then(Weekday::from_number);
                weekday.ok_or_else(|| E::invalid_value(serde::de::Unexpected::Unsigned(number), &self))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl utoipa::PartialSchema for Weekday {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
        let name = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(WEEKDAYS)).build();
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(7)).build();
        Schema::OneOf(OneOfBuilder::new().item(name).item(number).build()).into()
    }
}

impl ToSchema for Weekday {}

/// A wall-clock time to the minute, `00:00` to `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(i64);

impl TimeOfDay {
    /// From minutes since midnight.
    pub fn from_minutes(minutes: i64) -> Option<Self> {
        (0..=DAY_MINUTES).contains(&minutes).then_some(Self(minutes))
    }

    /// Minutes since midnight.
    pub fn minutes(self) -> i64 {
        self.0
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl std::str::FromStr for TimeOfDay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a time of day; write it as 09:00");
        let number = |part: &str| match part.as_bytes() {
            [a, b] if a.is_ascii_digit() && b.is_ascii_digit() => Some(i64::from(a - b'0') * 10 + i64::from(b - b'0')),
            _ => None,
        };
        let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
        let (hour, minute) = (number(hour).ok_or_else(wrong)?, number(minute).filter(|minute| *minute < 60).ok_or_else(wrong)?);
        Self::from_minutes(hour * 60 + minute).ok_or_else(wrong)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for TimeOfDay {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, Type};
        let pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$";
        ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).examples(["09:00"]).build().into()
    }
}

impl ToSchema for TimeOfDay {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day() {
        assert_eq!("09:05".parse::<TimeOfDay>().map(TimeOfDay::minutes), Ok(545));
        assert_eq!("24:00".parse::<TimeOfDay>().map(|time| time.to_string()), Ok("24:00".to_owned()));
        for bad in ["", "9:00", "24:01", "25:00", "09:60", "09:00:00", "0900", "-1:00", "+9:00", "09:0é"] {
            assert!(bad.parse::<TimeOfDay>().is_err(), "{bad}");
        }
    }

    #[test]
    fn weekdays_have_names_and_numbers() {
        let read = |json: serde_json::Value| serde_json::from_value::<Weekday>(json).ok().map(Weekday::number);
        assert_eq!(read("Monday".into()), Some(1));
        assert_eq!(read(7.into()), Some(7));
        assert_eq!(read(0.into()), None);
        assert_eq!(read(8.into()), None);
        assert_eq!(read("montag".into()), None);
    }
}
