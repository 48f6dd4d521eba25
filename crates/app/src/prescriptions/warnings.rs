//! What speaks against the items of a prescription: the chart's allergies and what the patient takes already.

use clinichub_core::{Day, PatientId, RecordId, Result};
use clinichub_db::TenantTx;

use super::drug;
use super::model::{Item, Warning, WarningKind};
use crate::chart::{self, Allergy, Medication};

/// What speaks against these items for this patient. `replaced` are the entries of the chart that a superseded prescription made: what
/// it gave is no duplicate of its correction.
pub async fn of(tx: &mut TenantTx, patient: PatientId, items: &[Item], replaced: &[RecordId], today: Day) -> Result<Vec<Warning>> {
    let allergies = chart::allergies_of(tx, patient).await?;
    let mut medications = chart::active_medications_of(tx, patient).await?;
    let is_over = |medication: &Medication| medication.ended_on.is_some_and(|last| last < today);
    medications.retain(|medication| !is_over(medication) && !replaced.contains(&medication.record_id));
    Ok(find(items, &allergies, &medications))
}

/// The allergies first, in the order of the items.
fn find(items: &[Item], allergies: &[Allergy], medications: &[Medication]) -> Vec<Warning> {
    let keys: Vec<String> = items.iter().map(|item| drug::key(&item.drug)).collect();
    let numbered = || (1..).zip(items.iter().zip(&keys));
    let against = numbered().flat_map(|(line_no, (item, key))| {
        let matching = allergies.iter().filter(|allergy| drug::related(&drug::key(&allergy.substance), key));
        matching.map(move |allergy| warn_of_allergy(line_no, item, allergy))
    });
    let taken = numbered().flat_map(|(line_no, (item, key))| {
        let same = medications.iter().filter(|medication| drug::same(&drug::key(&medication.name), key));
        same.map(move |medication| duplicate(line_no, item, format!("taken already as {}", medication.name), Some(medication.record_id)))
    });
    let twice = numbered().filter_map(|(line_no, (item, key))| {
        let before = keys.iter().take(usize::try_from(line_no - 1).unwrap_or(0)).any(|other| drug::same(other, key));
        before.then(|| duplicate(line_no, item, "stands twice on this prescription".to_owned(), None))
    });
    against.chain(taken).chain(twice).collect()
}

fn warn_of_allergy(line_no: i64, item: &Item, allergy: &Allergy) -> Warning {
    let severity = allergy.severity.map(|severity| format!(" ({})", severity.as_str().replace('_', " "))).unwrap_or_default();
    Warning {
        kind: WarningKind::Allergy,
        line_no,
        drug: item.drug.clone(),
        message: format!("{}: allergy to {}{severity}", item.drug, allergy.substance),
        record_id: Some(allergy.record_id),
        severity: allergy.severity,
    }
}

fn duplicate(line_no: i64, item: &Item, what: String, record_id: Option<RecordId>) -> Warning {
    let message = format!("{}: {what}", item.drug);
    Warning { kind: WarningKind::Duplicate, line_no, drug: item.drug.clone(), message, record_id, severity: None }
}

#[cfg(test)]
mod tests {
    use super::super::model::tests::item;
    use super::*;

    #[test]
    fn allergies_and_duplicates_are_found_and_named() {
        let items = [item("Amoxicillin 500 mg"), item("Metformin"), item("amoxicillin")];
        let allergies = [Allergy {
            record_id: RecordId(1),
            substance: "Penicillin".to_owned(),
            severity: Some(chart::Severity::LifeThreatening),
            reaction: None,
        }];
        let medications = [Medication {
            record_id: RecordId(2),
            name: "METFORMIN 850 mg".to_owned(),
            dose: None,
            route: None,
            frequency: None,
            started_on: None,
            ended_on: None,
        }];
        let found: Vec<_> =
            find(&items, &allergies, &medications).into_iter().map(|warning| (warning.kind, warning.line_no, warning.message)).collect();
        let expected = [
            (WarningKind::Allergy, 1, "Amoxicillin 500 mg: allergy to Penicillin (life threatening)"),
            (WarningKind::Allergy, 3, "amoxicillin: allergy to Penicillin (life threatening)"),
            (WarningKind::Duplicate, 2, "Metformin: taken already as METFORMIN 850 mg"),
            (WarningKind::Duplicate, 3, "amoxicillin: stands twice on this prescription"),
        ];
        assert_eq!(found, expected.map(|(kind, line, message)| (kind, line, message.to_owned())));
        assert!(find(&[item("Paracetamol")], &allergies, &medications).is_empty());
    }
}
