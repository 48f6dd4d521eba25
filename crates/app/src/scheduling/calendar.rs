//! Appointments as iCalendar (RFC 5545), in UTC. A calendar is copied to phones and companies' servers: it says when and where, never
//! who or why.

use clinichub_core::UtcTime;
use icalendar::{Calendar, Component, Event, EventLike, EventStatus};

use super::status::Status;

/// What a calendar says about an appointment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What people call it; with the clinic's code inside it is the same everywhere and for ever.
    pub reference: String,
    /// Where.
    pub clinic_name: String,
    /// The clinic's address, if it has one.
    pub clinic_address: Option<String>,
    /// The first instant.
    pub scheduled_start: UtcTime,
    /// The instant of the end.
    pub scheduled_end: UtcTime,
    /// Where it stands.
    pub status: Status,
    /// When it was last changed.
    pub updated_at: UtcTime,
    /// Counts the changes, so that a calendar knows the newer of two copies.
    pub version: i64,
}

/// A calendar with these appointments; `now` is when it was made.
pub fn render(name: &str, entries: &[Entry], now: UtcTime) -> String {
    let mut calendar = Calendar::empty();
    calendar.append_property(("VERSION", "2.0"));
    calendar.append_property(("PRODID", "-//ClinicHub//ClinicHub//EN"));
    calendar.append_property(("CALSCALE", "GREGORIAN"));
    calendar.append_property(("METHOD", "PUBLISH"));
    calendar.name(name);
    for entry in entries {
        calendar.push(event(entry, now));
    }
    calendar.to_string()
}

fn event(entry: &Entry, now: UtcTime) -> Event {
    let mut event = Event::with_uid(&format!("{}@clinichub", entry.reference));
    event
        .add_property("DTSTAMP", stamp(now))
        .add_property("LAST-MODIFIED", stamp(entry.updated_at))
        .add_property("SEQUENCE", entry.version.to_string())
        .add_property("DTSTART", stamp(entry.scheduled_start))
        .add_property("DTEND", stamp(entry.scheduled_end))
        .summary(&format!("Appointment at {}", entry.clinic_name))
        .status(status(entry.status))
        .add_property("CLASS", "PRIVATE");
    if let Some(address) = &entry.clinic_address {
        event.location(address);
    }
    event.done()
}

/// RFC 5545 §3.3.5, form 2.
fn stamp(time: UtcTime) -> String {
    time.timestamp().strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn status(status: Status) -> EventStatus {
    match status {
        Status::Pending => EventStatus::Tentative,
        status if !status.is_busy() => EventStatus::Cancelled,
        _ => EventStatus::Confirmed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(status: Status) -> Entry {
        let at = |text| UtcTime::parse(text).expect("a time");
        Entry {
            reference: "ABC01-A1".into(),
            clinic_name: "Ocean, Park & Sons; Family Practice".into(),
            clinic_address: Some("1 Main Street\nSpringfield".into()),
            scheduled_start: at("2026-04-15T10:00:00Z"),
            scheduled_end: at("2026-04-15T10:30:00Z"),
            status,
            updated_at: at("2026-04-01T08:00:00Z"),
            version: 3,
        }
    }

    fn rendered(status: Status) -> String {
        render("ClinicHub", &[entry(status)], UtcTime::parse("2026-04-02T09:00:00Z").expect("a time"))
    }

    #[test]
    fn it_says_when_and_where_in_utc() {
        let text = rendered(Status::Scheduled);
        for line in [
            "BEGIN:VCALENDAR",
            "UID:ABC01-A1@clinichub",
            "DTSTAMP:20260402T090000Z",
            "DTSTART:20260415T100000Z",
            "DTEND:20260415T103000Z",
            "SEQUENCE:3",
            "STATUS:CONFIRMED",
            "SUMMARY:Appointment at Ocean\\, Park & Sons\\; Family Practice",
            "LOCATION:1 Main Street\\nSpringfield",
            "END:VCALENDAR",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(text.ends_with("END:VCALENDAR\r\n") && !text.replace("\r\n", "").contains('\n'));
    }

    #[test]
    fn a_request_is_tentative_and_what_does_not_take_place_is_cancelled() {
        assert!(rendered(Status::Pending).contains("STATUS:TENTATIVE"));
        for status in [Status::Cancelled, Status::NoShow, Status::Rejected] {
            assert!(rendered(status).contains("STATUS:CANCELLED"), "{status}");
        }
    }

    #[test]
    fn every_property_stands_once() {
        let text = rendered(Status::Scheduled);
        for property in ["VERSION", "PRODID", "UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "STATUS"] {
            assert_eq!(text.lines().filter(|line| line.starts_with(&format!("{property}:"))).count(), 1, "{property}");
        }
    }
}
