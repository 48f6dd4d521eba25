//! The hours of a provider on ordinary days and on those on which the clocks change.

use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("a zone")
}

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn at(text: &str) -> UtcTime {
    UtcTime::parse(text).expect("a time")
}

/// Every day of the week from `starts` to `ends`, in minutes.
fn daily(zone_name: &str, starts: i64, ends: i64) -> Timetable {
    let hours = |weekday| WeeklyHours { weekday, starts_minute: starts, ends_minute: ends, valid_from: None, valid_to: None };
    Timetable { zone: zone(zone_name), weekly: (1..=7).map(hours).collect(), exceptions: Vec::new() }
}

fn local_day(zone_name: &str, date: &str) -> Interval {
    let zone = zone(zone_name);
    let start = |day: Date| UtcTime::new(day.to_zoned(zone.clone()).expect("a day").timestamp());
    Interval::new(start(day(date)), start(day(date).tomorrow().expect("a day")))
}

fn texts(slots: impl IntoIterator<Item = Interval>) -> Vec<String> {
    slots.into_iter().map(|slot| format!("{}/{}", slot.start, slot.end)).collect()
}

#[test]
fn a_plain_morning() {
    let table = daily("Europe/Madrid", 9 * 60, 10 * 60);
    let open = table.open(local_day("Europe/Madrid", "2026-07-01"));
    assert_eq!(texts(open.clone()), ["2026-07-01T07:00:00Z/2026-07-01T08:00:00Z"]);
    let slots = slots(&open, &[], local_day("Europe/Madrid", "2026-07-01"), SignedDuration::from_mins(25));
    assert_eq!(texts(slots), ["2026-07-01T07:00:00Z/2026-07-01T07:25:00Z", "2026-07-01T07:25:00Z/2026-07-01T07:50:00Z"]);
}

#[rstest]
// 02:00–03:00 does not exist: 01:00–04:00 lasts two hours.
#[case("America/New_York", "2026-03-08", 60, 240, &["2026-03-08T06:00:00Z/2026-03-08T08:00:00Z"])]
// Hours wholly in the gap are none.
#[case("America/New_York", "2026-03-08", 120, 180, &[])]
// Hours that begin or end in the gap begin or end where the clock jumps.
#[case("America/New_York", "2026-03-08", 150, 240, &["2026-03-08T07:00:00Z/2026-03-08T08:00:00Z"])]
#[case("America/New_York", "2026-03-08", 60, 150, &["2026-03-08T06:00:00Z/2026-03-08T07:00:00Z"])]
// 01:00–02:00 happens twice and counts once, the first time.
#[case("America/New_York", "2026-11-01", 60, 120, &["2026-11-01T05:00:00Z/2026-11-01T06:00:00Z"])]
#[case("America/New_York", "2026-11-01", 0, 240,
    &["2026-11-01T04:00:00Z/2026-11-01T06:00:00Z", "2026-11-01T07:00:00Z/2026-11-01T09:00:00Z"])]
#[case("America/New_York", "2026-11-01", 90, 150,
    &["2026-11-01T05:30:00Z/2026-11-01T06:00:00Z", "2026-11-01T07:00:00Z/2026-11-01T07:30:00Z"])]
#[case("America/New_York", "2026-11-01", 540, 1020, &["2026-11-01T14:00:00Z/2026-11-01T22:00:00Z"])]
// Lord Howe moves by half an hour: 02:00–02:30 does not exist in October, 01:30–02:00 happens twice in April.
#[case("Australia/Lord_Howe", "2026-10-04", 60, 180, &["2026-10-03T14:30:00Z/2026-10-03T16:00:00Z"])]
#[case("Australia/Lord_Howe", "2026-04-05", 60, 180,
    &["2026-04-04T14:00:00Z/2026-04-04T15:00:00Z", "2026-04-04T15:30:00Z/2026-04-04T16:30:00Z"])]
#[case("Europe/Madrid", "2026-03-29", 0, 1440, &["2026-03-28T23:00:00Z/2026-03-29T22:00:00Z"])]
#[case("UTC", "2026-03-08", 0, 1440, &["2026-03-08T00:00:00Z/2026-03-09T00:00:00Z"])]
fn days_on_which_the_clocks_change(
    #[case] zone_name: &str,
    #[case] date: &str,
    #[case] starts: i64,
    #[case] ends: i64,
    #[case] expected: &[&str],
) {
    let hours = DayHours { day: day(date), minutes: Some((starts, ends)) };
    let table = Timetable { zone: zone(zone_name), weekly: Vec::new(), exceptions: vec![hours] };
    assert_eq!(texts(table.open(local_day(zone_name, date))), expected);
}

#[test]
fn an_exception_takes_the_place_of_the_week() {
    let mut table = daily("UTC", 540, 1020);
    table.exceptions = vec![
        DayHours { day: day("2026-05-04"), minutes: None },
        DayHours { day: day("2026-05-05"), minutes: Some((600, 660)) },
        DayHours { day: day("2026-05-05"), minutes: Some((720, 780)) },
    ];
    assert_eq!(texts(table.open(local_day("UTC", "2026-05-04"))), [""; 0]);
    assert_eq!(
        texts(table.open(local_day("UTC", "2026-05-05"))),
        ["2026-05-05T10:00:00Z/2026-05-05T11:00:00Z", "2026-05-05T12:00:00Z/2026-05-05T13:00:00Z"]
    );
}

#[test]
fn hours_hold_from_their_first_to_their_last_day() {
    let mut table = daily("UTC", 540, 600);
    for hours in &mut table.weekly {
        (hours.valid_from, hours.valid_to) = (Some(day("2026-05-04")), Some(day("2026-05-05")));
    }
    let window = Interval::new(at("2026-05-01T00:00:00Z"), at("2026-05-10T00:00:00Z"));
    assert_eq!(texts(table.open(window)), ["2026-05-04T09:00:00Z/2026-05-04T10:00:00Z", "2026-05-05T09:00:00Z/2026-05-05T10:00:00Z"]);
}

#[test]
fn taken_time_is_not_offered() {
    let table = daily("UTC", 540, 660);
    let window = local_day("UTC", "2026-05-04");
    let taken = joined(vec![Interval::new(at("2026-05-04T09:30:00Z"), at("2026-05-04T09:45:00Z"))]);
    let open = table.open(window);
    let slots = slots(&open, &taken, window, SignedDuration::from_mins(30));
    assert_eq!(
        texts(slots),
        [
            "2026-05-04T09:00:00Z/2026-05-04T09:30:00Z",
            "2026-05-04T10:00:00Z/2026-05-04T10:30:00Z",
            "2026-05-04T10:30:00Z/2026-05-04T11:00:00Z"
        ]
    );
}

#[test]
fn hours_of_different_seasons_do_not_overlap() {
    let summer = WeeklyHours {
        weekday: 1,
        starts_minute: 480,
        ends_minute: 720,
        valid_from: Some(day("2026-06-01")),
        valid_to: Some(day("2026-08-31")),
    };
    let winter = WeeklyHours { valid_from: Some(day("2026-09-01")), valid_to: None, ..summer.clone() };
    let always = WeeklyHours { valid_from: None, valid_to: None, ..summer.clone() };
    assert!(!summer.overlaps(&winter));
    assert!(summer.overlaps(&always) && always.overlaps(&winter));
    assert!(!always.overlaps(&WeeklyHours { weekday: 2, ..always.clone() }));
    assert!(!always.overlaps(&WeeklyHours { starts_minute: 720, ends_minute: 780, ..always.clone() }));
}

const ZONES: [&str; 7] =
    ["America/New_York", "Europe/Madrid", "Australia/Lord_Howe", "UTC", "America/Havana", "Pacific/Apia", "Asia/Kathmandu"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Slots never overlap, last exactly as long as asked, show wall-clock times inside the hours, and no wall-clock time twice.
    #[test]
    fn slots_keep_their_laws(
        zone_name in prop::sample::select(&ZONES[..]),
        first in 0_i64..365,
        starts in 0_i64..1400,
        length in 1_i64..=1440,
        minutes in prop::sample::select(&[5_i64, 15, 20, 30, 45, 60, 90][..]),
        busy in prop::collection::vec((0_i64..4320, 1_i64..300), 0..6),
    ) {
        let ends = (starts + length).min(DAY_MINUTES);
        let table = daily(zone_name, starts, ends);
        let zone = zone(zone_name);
        let start = day("2026-01-01").saturating_add(first.days()).to_zoned(zone.clone()).expect("a day");
        let window = Interval::new(UtcTime::new(start.timestamp()), UtcTime::new(start.timestamp()).plus(SignedDuration::from_hours(72)));
        let taken = joined(busy.iter().map(|(from, long)| {
            let begin = window.start.plus(SignedDuration::from_mins(*from));
            Interval::new(begin, begin.plus(SignedDuration::from_mins(*long)))
        }).collect());
        let open = table.open(window);
        let length = SignedDuration::from_mins(minutes);
        let slots: Vec<_> = slots(&open, &taken, window, length).collect();
        let mut shown = std::collections::HashSet::new();
        for slot in &slots {
            prop_assert_eq!(slot.end.since(slot.start), length);
            prop_assert!(window.contains(slot) && table.covers(*slot));
            prop_assert!(taken.iter().all(|busy| !busy.overlaps(slot)));
            let local = slot.start.timestamp().to_zoned(zone.clone()).datetime();
            let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
            prop_assert!((starts..ends).contains(&minute), "{local}");
            prop_assert!(shown.insert(local), "{local} twice");
        }
        prop_assert!(slots.windows(2).all(|pair| pair[0].end <= pair[1].start));
    }

    /// On a day without a change of the clocks as much is open as the hours say.
    #[test]
    fn ordinary_days_are_as_long_as_their_hours(starts in 0_i64..1400, length in 1_i64..=1440) {
        let ends = (starts + length).min(DAY_MINUTES);
        let mut table = daily("America/New_York", starts, ends);
        table.weekly.retain(|hours| hours.weekday == 3);
        let open = table.open(local_day("America/New_York", "2026-07-15"));
        prop_assert_eq!(open.len(), 1);
        prop_assert_eq!(open[0].end.since(open[0].start), SignedDuration::from_mins(ends - starts));
    }
}
