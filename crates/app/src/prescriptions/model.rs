//! A prescription and the rules it obeys, without a database.

use clinichub_core::{AppError, Currency, Money, PatientId, PrescriptionId, RecordId, Result, UserId, UtcTime, VisitId, text_enum};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::chart::Severity;

text_enum! {
    /// Where a prescription stands.
    PrescriptionStatus {
        /// Being written; can be changed and deleted.
        Draft => "draft",
        /// Signed; never changes.
        Finalized => "finalized",
        /// A correction took its place.
        Superseded => "superseded",
    }
}

/// The codes for how often (HL7 table 0335), each with its words.
pub const FREQUENCIES: [(&str, &str); 16] = [
    ("QD", "once daily"),
    ("BID", "twice daily"),
    ("TID", "three times daily"),
    ("QID", "four times daily"),
    ("Q4H", "every 4 hours"),
    ("Q6H", "every 6 hours"),
    ("Q8H", "every 8 hours"),
    ("Q12H", "every 12 hours"),
    ("QAM", "every morning"),
    ("QPM", "every evening"),
    ("QHS", "at bedtime"),
    ("QOD", "every other day"),
    ("QWK", "once a week"),
    ("PRN", "as needed"),
    ("STAT", "at once"),
    ("ONCE", "once"),
];

/// One drug of a prescription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub drug: String,
    pub strength: Option<String>,
    pub form: Option<String>,
    /// How much at a time, as a text: `1`, `1–2`, `500mg`.
    pub dose: Option<String>,
    /// A unit of UCUM; one that was stored before units were looked at can be anything.
    pub dose_unit: Option<String>,
    pub route: Option<String>,
    pub frequency: Option<String>,
    /// One of [`FREQUENCIES`].
    pub frequency_code: Option<String>,
    pub duration_days: Option<i64>,
    /// A decimal.
    pub quantity: Option<String>,
    pub quantity_unit: Option<String>,
    pub refills: i64,
    pub note: Option<String>,
    pub cost_minor: Option<i64>,
    /// The entry of the chart that finalizing made of it.
    pub record_id: Option<RecordId>,
}

impl Item {
    /// Drug, strength and form in one line.
    pub fn title(&self) -> String {
        joined([Some(&self.drug), self.strength.as_ref(), self.form.as_ref()].map(Option::<&String>::cloned), " ")
    }

    /// The dose with its unit; what is written `{tablet}` or `mg/{dose}` is read without the braces.
    pub fn dose_text(&self) -> Option<String> {
        let unit = self.dose_unit.as_deref().map(without_braces);
        let dose = joined([self.dose.clone(), unit.filter(|_| self.dose.is_some())], " ");
        (!dose.is_empty()).then_some(dose)
    }

    /// How often: the doctor's words, or those of the code.
    pub fn frequency_text(&self) -> Option<String> {
        let words = |code: &String| FREQUENCIES.iter().find(|(known, _)| known == code).map(|(_, words)| (*words).to_owned());
        self.frequency.clone().or_else(|| self.frequency_code.as_ref().and_then(words))
    }

    /// How to take it, in one line.
    pub fn directions(&self) -> String {
        let days = |days: i64| if days == 1 { "for 1 day".to_owned() } else { format!("for {days} days") };
        joined([self.dose_text(), self.route.clone(), self.frequency_text(), self.duration_days.map(days)], ", ")
    }

    /// How much the pharmacy hands out, in one line.
    pub fn supply(&self) -> String {
        let quantity = self.quantity.as_ref().map(|amount| match &self.quantity_unit {
            Some(unit) => format!("Quantity {amount} {}", without_braces(unit)),
            None => format!("Quantity {amount}"),
        });
        let refills = match self.refills {
            0 => "no refills".to_owned(),
            1 => "1 refill".to_owned(),
            many => format!("{many} refills"),
        };
        joined([quantity, Some(refills)], " · ")
    }
}

fn without_braces(unit: &str) -> String {
    unit.replace(['{', '}'], "")
}

fn joined<const N: usize>(parts: [Option<String>; N], between: &str) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(between)
}

/// A prescription as it stands in the table, with the names around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub prescription_id: PrescriptionId,
    pub reference: String,
    pub status: PrescriptionStatus,
    pub patient_id: PatientId,
    pub patient_first_name: String,
    pub patient_last_name: String,
    pub patient_address: Option<String>,
    pub visit_id: Option<VisitId>,
    pub doctor_user_id: UserId,
    pub doctor_first_name: String,
    pub doctor_last_name: String,
    pub note: Option<String>,
    pub currency: Currency,
    pub supersedes_id: Option<PrescriptionId>,
    pub superseded_by_id: Option<PrescriptionId>,
    pub token: Option<String>,
    pub reason: Option<String>,
    pub finalized_at: Option<UtcTime>,
    pub finalized_by: Option<UserId>,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
    pub version: i64,
}

/// A prescription with its items, and what speaks against them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prescription {
    pub row: Row,
    pub items: Vec<Item>,
    /// Of now for a draft, of the moment it was finalized for the others.
    pub warnings: Vec<Warning>,
    /// The letters that its document can't show; filled in after the transaction, since the fonts are no database's.
    pub unprintable: Option<String>,
}

impl Prescription {
    /// What the document says of the patient, the doctor and the drugs.
    pub fn words(&self) -> String {
        let Row { patient_address, doctor_first_name, doctor_last_name, note, .. } = &self.row;
        let names = [self.row.patient_name(), format!("{doctor_first_name} {doctor_last_name}")];
        let items =
            self.items.iter().flat_map(|item| [Some(item.title()), Some(item.directions()), Some(item.supply()), item.note.clone()]);
        let others = [patient_address.clone(), note.clone()].into_iter().chain(items).flatten();
        names.into_iter().chain(others).collect::<Vec<_>>().join("\n")
    }
}

text_enum! {
    /// What a warning is about.
    WarningKind {
        /// The chart has an allergy to it.
        Allergy => "allergy",
        /// The patient takes it already.
        Duplicate => "duplicate",
    }
}

/// What speaks against an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Warning {
    pub kind: WarningKind,
    /// The item, from 1.
    #[schema(minimum = 1, maximum = 40)]
    pub line_no: i64,
    #[schema(example = "Amoxicillin")]
    pub drug: String,
    #[schema(example = "Amoxicillin: allergy to Penicillin (severe)")]
    pub message: String,
    /// The entry of the chart that says so; null for two items of the same prescription.
    pub record_id: Option<RecordId>,
    /// How bad the allergy is, where the chart says.
    pub severity: Option<Severity>,
}

impl Row {
    /// That it can still be changed.
    pub fn require_draft(&self) -> Result<()> {
        match self.status {
            PrescriptionStatus::Draft => Ok(()),
            _ => Err(AppError::conflict("Prescription is finalized; write a correction instead")),
        }
    }

    /// That it can be corrected: it is the latest of its line, and signed.
    pub fn require_finalized(&self) -> Result<()> {
        match self.status {
            PrescriptionStatus::Finalized => Ok(()),
            PrescriptionStatus::Draft => Err(AppError::conflict("Prescription is not finalized; change it instead")),
            PrescriptionStatus::Superseded => Err(AppError::conflict("Prescription was superseded; correct the one that took its place")),
        }
    }

    /// Family and given name as they are spoken.
    pub fn patient_name(&self) -> String {
        format!("{} {}", self.patient_first_name, self.patient_last_name)
    }
}

/// That the items can be signed: there is one, and each says how often.
pub fn require_complete(items: &[Item]) -> Result<()> {
    if items.is_empty() {
        return Err(AppError::field("items", "A prescription needs an item"));
    }
    let silent = items.iter().position(|item| item.frequency_text().is_none());
    silent.map_or(Ok(()), |at| Err(AppError::field(format!("items[{at}].frequency"), "Say how often before finalizing")))
}

/// That what was warned of is acknowledged with a reason; the conflict names every warning.
pub fn require_acknowledged(warnings: &[Warning], is_acknowledged: bool, reason: Option<&str>) -> Result<()> {
    if warnings.is_empty() || (is_acknowledged && reason.is_some()) {
        return Ok(());
    }
    let messages: Vec<_> = warnings.iter().map(|warning| warning.message.as_str()).collect();
    let ask = "Send acknowledge_warnings and a reason to finalize all the same";
    Err(AppError::conflict(format!("{}. {ask}", messages.join("; "))))
}

/// What the items cost together; `None` where none says.
pub fn total_cost(items: &[Item], currency: Currency) -> Option<Money> {
    let mut costs = items.iter().filter_map(|item| item.cost_minor).peekable();
    costs.peek()?;
    costs.try_fold(0_i64, i64::checked_add).map(|minor| Money::new(minor, currency))
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// An item that says nothing but its drug.
    pub fn item(drug: &str) -> Item {
        Item {
            drug: drug.to_owned(),
            strength: None,
            form: None,
            dose: None,
            dose_unit: None,
            route: None,
            frequency: None,
            frequency_code: None,
            duration_days: None,
            quantity: None,
            quantity_unit: None,
            refills: 0,
            note: None,
            cost_minor: None,
            record_id: None,
        }
    }

    #[test]
    fn directions_are_a_line_that_leaves_out_what_is_not_said() {
        let full = Item {
            dose: Some("1".to_owned()),
            dose_unit: Some("{tablet}".to_owned()),
            route: Some("by mouth".to_owned()),
            frequency_code: Some("TID".to_owned()),
            duration_days: Some(7),
            ..item("Amoxicillin")
        };
        assert_eq!(full.directions(), "1 tablet, by mouth, three times daily, for 7 days");
        let per_dose = Item { dose: Some("5".to_owned()), dose_unit: Some("mg/{dose}".to_owned()), ..item("Morphine") };
        assert_eq!(per_dose.directions(), "5 mg/dose");
        assert_eq!(Item { frequency: Some("Daily".to_owned()), ..item("Metformin") }.directions(), "Daily");
        assert_eq!((item("Metformin").directions().as_str(), item("Metformin").supply().as_str()), ("", "no refills"));
    }

    #[test]
    fn what_is_signed_says_how_often() {
        assert!(require_complete(&[]).is_err() && require_complete(&[item("Metformin")]).is_err());
        assert!(require_complete(&[Item { frequency: Some("Daily".to_owned()), ..item("Metformin") }]).is_ok());
    }

    #[test]
    fn a_warning_needs_both_the_acknowledgement_and_the_reason() {
        let warning = Warning {
            kind: WarningKind::Allergy,
            line_no: 1,
            drug: "Ibuprofen".to_owned(),
            message: "Ibuprofen: allergy to Aspirin".to_owned(),
            record_id: None,
            severity: None,
        };
        let warnings = [warning];
        assert!(require_acknowledged(&warnings, true, Some("tolerated before")).is_ok() && require_acknowledged(&[], false, None).is_ok());
        for (is_acknowledged, reason) in [(false, None), (true, None), (false, Some("tolerated before"))] {
            let refused = require_acknowledged(&warnings, is_acknowledged, reason).expect_err("refused");
            assert!(refused.to_string().starts_with("Ibuprofen: allergy to Aspirin. "), "{refused}");
        }
    }

    #[test]
    fn costs_add_up_where_there_are_any() {
        let costly = |minor| Item { cost_minor: Some(minor), ..item("Metformin") };
        assert_eq!(total_cost(&[item("Metformin")], Currency::USD), None);
        assert_eq!(total_cost(&[costly(1250), item("Ibuprofen"), costly(50)], Currency::USD).map(|cost| cost.minor), Some(1300));
    }
}
