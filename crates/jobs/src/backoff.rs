//! How long to wait before the next attempt.

use jiff::SignedDuration;

/// The wait after the first failure.
const FIRST_SECONDS: i64 = 5;
/// The longest wait.
const LONGEST_SECONDS: i64 = 3600;

/// How long to wait after `attempt` (from 1) has failed: 5 seconds, doubled with each further failure, at most an hour, and a
/// quarter more or less by `random`, so that what failed together does not come back together.
pub fn delay(attempt: i64, random: u16) -> SignedDuration {
    let doublings = u32::try_from(attempt.clamp(1, 20) - 1).unwrap_or_default();
    let seconds = (FIRST_SECONDS << doublings).min(LONGEST_SECONDS);
    let millis = seconds * 1000;
    let spread = millis / 2;
    SignedDuration::from_millis(millis - spread / 2 + spread * i64::from(random) / i64::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        let middle = u16::MAX / 2;
        let seconds: Vec<_> = (1..=12).map(|attempt| delay(attempt, middle).as_secs_f64().round()).collect();
        assert_eq!(seconds, [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0, 1280.0, 2560.0, 3600.0, 3600.0]);
        assert_eq!(delay(i64::MAX, 0), SignedDuration::from_secs(2700));
    }

    #[test]
    fn waits_are_spread_by_a_quarter() {
        for attempt in [-1, 0, 1] {
            assert_eq!(delay(attempt, 0), SignedDuration::from_millis(3750));
            assert_eq!(delay(attempt, u16::MAX), SignedDuration::from_millis(6250));
        }
    }
}
