//! Typed identifiers. Positive 64-bit integers in the database and in JSON; nothing outside relies on their order.

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let id = i64::deserialize(deserializer)?;
                if id > 0 { Ok(Self(id)) } else { Err(D::Error::custom("expected a positive whole number")) }
            }
        }

        impl From<$name> for i64 {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                id_schema()
            }
        }

        impl utoipa::ToSchema for $name {}
    )+

    /// Calls `$callback!(Id, Id, …)` with every id type, for crates that implement a trait for all of them.
    #[macro_export]
    macro_rules! for_each_id {
        ($callback:ident) => { $callback!($($name),+); };
    }
    };
}

ids! {
    /// A clinic: the unit that data belongs to.
    ClinicId,
    /// A person who signs in, staff or patient, known to the whole installation.
    UserId,
    /// A chart in one clinic.
    PatientId,
    /// A booked time of a provider.
    AppointmentId,
    /// A service of a clinic's fee schedule.
    ServiceId,
    /// A procedure performed (Current Procedural Terminology record).
    CptId,
    /// A bill for one appointment.
    InvoiceId,
    /// What happened in an appointment: an encounter, in the words of the field.
    VisitId,
    /// What was added to a completed visit.
    AddendumId,
    /// The beginning of a visit's notes.
    VisitTemplateId,
    /// An entry of the chart: a problem, an allergy, a medication, an immunization, measurements or a note.
    RecordId,
    /// Stored contents: a file's bytes, wherever they belong to.
    FileId,
    /// A document in a chart.
    DocumentId,
    /// A laboratory's report.
    LabReportId,
    /// One measured value of a laboratory.
    LabResultId,
    /// A sign-in that lasts until it is logged out, expires or is revoked.
    SessionId,
    /// A period in which a provider is away.
    TimeOffId,
    /// What a doctor wrote for a patient to take.
    PrescriptionId,
    /// An item that a doctor prescribes often.
    FavoriteId,
    /// A row of the audit trail.
    AuditEventId,
    /// A unit of background work.
    JobId,
    /// An event on its way to those who listen.
    OutboxId,
}

fn id_schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(1))
        .build()
        .into()
}
