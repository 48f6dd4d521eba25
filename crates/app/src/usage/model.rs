//! Kinds of use, prices, and how months are told apart, without a database.

use clinichub_core::{Currency, Day, DocumentId, LabReportId, Money, PrescriptionId, VisitId, text_enum};
use jiff::civil;

text_enum! {
    /// What is metered.
    UsageKind {
        /// A visit was completed (seed 004).
        VisitCompletion => "visit_completion",
        /// A prescription was finalized; one that corrects another is no new use.
        Prescription => "prescription",
        /// A lab report was brought in.
        LabReport => "lab_report",
        /// A patient's document was brought in.
        Document => "document",
    }
}

/// What was used. Each counts once, however often it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    Visit(VisitId),
    Prescription(PrescriptionId),
    LabReport(LabReportId),
    Document(DocumentId),
}

impl Use {
    /// What it is metered as.
    pub fn kind(self) -> UsageKind {
        match self {
            Self::Visit(_) => UsageKind::VisitCompletion,
            Self::Prescription(_) => UsageKind::Prescription,
            Self::LabReport(_) => UsageKind::LabReport,
            Self::Document(_) => UsageKind::Document,
        }
    }

    /// The visit, where it is one.
    pub fn visit(self) -> Option<VisitId> {
        if let Self::Visit(id) = self { Some(id) } else { None }
    }

    /// The id of what is no visit.
    pub fn source(self) -> Option<i64> {
        match self {
            Self::Visit(_) => None,
            Self::Prescription(id) => Some(id.0),
            Self::LabReport(id) => Some(id.0),
            Self::Document(id) => Some(id.0),
        }
    }

    /// Whether it is counted without a price too: the clinic's own report says how many visits there were.
    pub fn always_counts(self) -> bool {
        matches!(self, Self::Visit(_))
    }
}

/// The units of a kind that a clinic used in a month, and what they come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// The clinic's own month: `2026-04`.
    pub month: String,
    pub kind: UsageKind,
    pub currency: Currency,
    pub units: i64,
    pub minor: i64,
}

impl Used {
    /// What the units come to.
    pub fn amount(&self) -> Money {
        Money::new(self.minor, self.currency)
    }
}

/// What a unit costs from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    pub kind: UsageKind,
    pub valid_from: Day,
    pub minor: i64,
    pub currency: Currency,
}

/// What one clinic used in a period, for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClinicUse {
    pub clinic_id: clinichub_core::ClinicId,
    pub code: String,
    pub name: String,
    /// None where nothing was used.
    pub currency: Option<Currency>,
    pub units: i64,
    pub minor: i64,
}

/// The month of a day, as usage is grouped by.
pub fn month(day: civil::Date) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

/// The sums per currency, in the order in which the currencies come.
pub fn totals(used: impl IntoIterator<Item = (Currency, i64, i64)>) -> Vec<(Currency, i64, i64)> {
    let mut totals: Vec<(Currency, i64, i64)> = Vec::new();
    for (currency, units, minor) in used {
        match totals.iter_mut().find(|total| total.0 == currency) {
            Some(total) => (total.1, total.2) = (total.1 + units, total.2 + minor),
            None => totals.push((currency, units, minor)),
        }
    }
    totals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_kept_apart_by_currency() {
        let eur = Currency::parse("EUR").expect("a currency");
        let used = [(Currency::USD, 2, 300), (eur, 1, 100), (Currency::USD, 1, 150)];
        assert_eq!(totals(used), [(Currency::USD, 3, 450), (eur, 1, 100)]);
        assert_eq!(month(civil::date(2026, 4, 1)), "2026-04");
    }
}
