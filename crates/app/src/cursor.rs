//! Lists that go back in time and are continued where they stopped, however much was added meanwhile.

use clinichub_core::{AppError, UtcTime};

/// The thing behind which a list goes on: its time, the place of its kind where several kinds share the list, its id.
///
/// The order is newest first, then by kind, then the largest id first; clients get it as an opaque text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    at: UtcTime,
    kind: u8,
    id: i64,
}

impl Cursor {
    /// Before everything.
    pub const START: Self = Self { at: UtcTime::MAX, kind: 0, id: i64::MAX };

    /// Behind the thing of this time, kind and id.
    pub fn behind(at: UtcTime, kind: u8, id: i64) -> Self {
        Self { at, kind, id }
    }

    /// What a client sent as `before`; without it the list begins at its start.
    pub fn read(text: Option<&str>) -> Result<Self, AppError> {
        let Some(text) = text else { return Ok(Self::START) };
        let mut parts = text.split('.');
        let mut number = |most: usize| {
            let digits = parts.next().filter(|part| part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit()))?;
            digits.parse::<i64>().ok()
        };
        let cursor = (|| {
            let (at, kind, id) = (number(18)?, u8::try_from(number(1)?).ok()?, number(18)?);
            Some(Self { at: UtcTime::from_micros(at), kind, id })
        })();
        let cursor = cursor.filter(|_| parts.next().is_none());
        cursor.ok_or_else(|| AppError::field("before", "before: expected what an earlier page gave as next"))
    }

    /// What rows of `kind` must be smaller than, as (time, id), to come behind this place.
    pub fn bound(self, kind: u8) -> (UtcTime, i64) {
        match kind.cmp(&self.kind) {
            std::cmp::Ordering::Less => (self.at, 0),
            std::cmp::Ordering::Equal => (self.at, self.id),
            std::cmp::Ordering::Greater => (self.at, i64::MAX),
        }
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.at.micros(), self.kind, self.id)
    }
}

/// How many rows a page of such a list shows: `limit`, from 1 to `most`.
pub fn limit(limit: Option<i64>, usual: i64, most: i64) -> Result<i64, AppError> {
    match limit {
        None => Ok(usual),
        Some(limit) if (1..=most).contains(&limit) => Ok(limit),
        Some(_) => Err(AppError::field("limit", format!("limit: expected a number from 1 to {most}"))),
    }
}

/// The page of one more than `limit` rows, and where the next one begins.
pub fn page<T>(mut rows: Vec<T>, limit: i64, place: impl Fn(&T) -> Cursor) -> (Vec<T>, Option<String>) {
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    if rows.len() <= shown {
        return (rows, None);
    }
    rows.truncate(shown);
    let next = rows.last().map(|last| place(last).to_string());
    (rows, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let cursor = Cursor::behind(UtcTime::from_micros(1_776_168_000_000_000), 2, 17);
        assert_eq!(Cursor::read(Some(&cursor.to_string())).ok(), Some(cursor));
        for wrong in ["", "x", "1.2", "1.2.3.4", "-5.0.1", "1.10.1", "9999999999999999999.0.1"] {
            assert!(Cursor::read(Some(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn kinds_of_one_time_follow_each_other() {
        let at = UtcTime::from_micros(5);
        let cursor = Cursor::behind(at, 1, 7);
        assert_eq!([0, 1, 2].map(|kind| cursor.bound(kind)), [(at, 0), (at, 7), (at, i64::MAX)]);
    }
}
