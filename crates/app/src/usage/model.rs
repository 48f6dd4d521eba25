//! Kinds of use, prices, and how months are told apart, without a database.

use clinichub_core::{Currency, Day, Money, text_enum};
use jiff::civil;

text_enum! {
    /// What is metered.
    UsageKind {
        /// A visit was completed (seed 004); each counts once.
        VisitCompletion => "visit_completion",
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
