//! An event on its way to a socket, and who may see it.

use axum::extract::ws::Utf8Bytes;
use clinichub_core::{ClinicId, PatientId, Permission, Principal, Role, UtcTime};
use serde_json::{Map, Value, json};

/// A row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub event_id: i64,
    pub clinic_id: ClinicId,
    pub kind: String,
    pub resource: String,
    pub resource_id: i64,
    pub needs: String,
    pub patient_id: Option<PatientId>,
    pub payload: String,
    pub created_at: UtcTime,
}

clinichub_db::from_row!(Row { event_id, clinic_id, kind, resource, resource_id, needs, patient_id, payload, created_at });

/// An event as it is sent, and what must be known to choose who gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its number; `since` of the next connection.
    pub event_id: i64,
    /// Whose it is.
    pub clinic_id: ClinicId,
    needs: Permission,
    patient_id: Option<PatientId>,
    /// The frame, made once for all who get it.
    pub frame: Utf8Bytes,
}

impl Delivery {
    /// The frame of a row: `{event, clinic_id, id, at, <resource>_id, patient_id?, …payload}`. `None` where this version of the program
    /// doesn't know who may see it.
    pub fn of(row: &Row) -> Option<Self> {
        let needs = row.needs.parse().ok()?;
        let mut frame: Map<String, Value> = serde_json::from_str(&row.payload).unwrap_or_default();
        frame.insert(format!("{}_id", row.resource), json!(row.resource_id));
        if let Some(patient) = row.patient_id {
            frame.insert("patient_id".to_owned(), json!(patient));
        }
        frame.insert("event".to_owned(), json!(row.kind));
        frame.insert("clinic_id".to_owned(), json!(row.clinic_id));
        frame.insert("id".to_owned(), json!(row.event_id));
        frame.insert("at".to_owned(), json!(row.created_at));
        let frame = Value::Object(frame).to_string().into();
        Some(Self { event_id: row.event_id, clinic_id: row.clinic_id, needs, patient_id: row.patient_id, frame })
    }

    /// Whether this person may see it: of the clinic they are in, with the permission it needs, and a patient only of the own charts.
    pub fn is_for(&self, principal: &Principal) -> bool {
        let is_own = |patient: PatientId| principal.charts.contains(&(self.clinic_id, patient));
        principal.clinic_id == Some(self.clinic_id)
            && principal.permissions.contains(&self.needs)
            && (principal.role != Role::Patient || self.patient_id.is_some_and(is_own))
    }
}

/// A frame that is about the connection and no event: `ready`, `resync`, `pong`.
pub fn notice(event: &str, clinic_id: ClinicId, id: i64, at: UtcTime) -> Utf8Bytes {
    json!({"event": event, "clinic_id": clinic_id, "id": id, "at": at}).to_string().into()
}

#[cfg(test)]
mod tests {
    use clinichub_core::{SessionId, UserId};

    use super::*;

    fn row() -> Row {
        Row {
            event_id: 9,
            clinic_id: ClinicId(1),
            kind: "appointment.status_changed".to_owned(),
            resource: "appointment".to_owned(),
            resource_id: 7,
            needs: "appointment_read".to_owned(),
            patient_id: Some(PatientId(3)),
            payload: r#"{"status":"waiting","id":"forged","clinic_id":2}"#.to_owned(),
            created_at: UtcTime::parse("2026-04-15T10:00:00Z").expect("a time"),
        }
    }

    fn person(role: Role, clinic: i64, charts: &[(i64, i64)]) -> Principal {
        let permissions = Permission::ALL.iter().copied().filter(|permission| permission.default_for(role));
        Principal {
            user_id: UserId(1),
            role,
            clinic_id: Some(ClinicId(clinic)),
            zone: None,
            session_id: SessionId(1),
            permissions: permissions.collect(),
            charts: charts.iter().map(|(clinic, patient)| (ClinicId(*clinic), PatientId(*patient))).collect(),
        }
    }

    #[test]
    fn the_frame_says_what_whose_and_when() {
        let delivery = Delivery::of(&row()).expect("a delivery");
        let frame: Value = serde_json::from_str(&delivery.frame).expect("JSON");
        let expected = json!({
            "event": "appointment.status_changed", "clinic_id": 1, "id": 9, "at": "2026-04-15T10:00:00Z",
            "appointment_id": 7, "patient_id": 3, "status": "waiting"
        });
        assert_eq!(frame, expected);
    }

    #[test]
    fn only_those_who_may_read_the_thing_get_it() {
        let delivery = Delivery::of(&row()).expect("a delivery");
        assert!(delivery.is_for(&person(Role::Nurse, 1, &[])));
        assert!(!delivery.is_for(&person(Role::Nurse, 2, &[])));
        assert!(!delivery.is_for(&person(Role::PlatformAdmin, 1, &[])));
        assert!(delivery.is_for(&person(Role::Patient, 1, &[(1, 3)])));
        assert!(!delivery.is_for(&person(Role::Patient, 1, &[(1, 4), (2, 3)])));
        let of_nobody = Delivery::of(&Row { patient_id: None, ..row() }).expect("a delivery");
        assert!(of_nobody.is_for(&person(Role::Nurse, 1, &[])) && !of_nobody.is_for(&person(Role::Patient, 1, &[(1, 3)])));
    }

    #[test]
    fn an_event_of_a_newer_version_is_for_nobody() {
        assert_eq!(Delivery::of(&Row { needs: "imaging_read_v9".to_owned(), ..row() }), None);
    }
}
