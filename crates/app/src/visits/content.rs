//! What is noted in a visit beside the notes: diagnoses, procedures, measurements, addenda.

use std::collections::{HashMap, HashSet};

use clinichub_core::{AppError, FieldError, Result, ServiceId, UtcTime, VisitId};
use clinichub_db::TenantTx;
use serde_json::json;

use super::api::{NewDiagnosis, NewProcedure};
use super::model::{Addendum, Clinician, NotedDiagnosis, VisitRow, VisitStatus};
use super::service::{about, require, require_locked};
use super::store;
use crate::billing::{self, Modifiers, Performed, ServiceRow};
use crate::chart::{self, Recorded, VitalsInput};
use crate::sealing::FieldKeys;
use crate::{App, codes, scheduling, staff};

type Access = clinichub_api::Access<App>;

/// Replaces the diagnoses of an open visit; the first is what the patient came for. Those that ask for it become problems of the chart, and
/// those that are taken back are none any more.
pub(super) async fn replace_diagnoses(tx: &mut TenantTx, row: &VisitRow, new: Vec<NewDiagnosis>) -> Result<()> {
    let codes: Vec<String> = new.iter().filter_map(|one| one.code.clone()).collect();
    let known = codes::describe(tx, &normal(&codes)).await?;
    let (diagnoses, problems) = checked_diagnoses(new, &known)?;
    store::replace_diagnoses(tx, row.visit_id, &diagnoses).await?;
    let said: Vec<Problem> = diagnoses.into_iter().map(|one| (one.code, one.description)).collect();
    chart::withdraw_problems(tx, row.patient_id, row.visit_id, &said).await?;
    chart::add_problems(tx, row.patient_id, row.visit_id, problems).await
}

fn normal(codes: &[String]) -> Vec<String> {
    codes.iter().filter_map(|code| codes::normal(code)).collect()
}

/// A problem for the chart: its code and its name.
type Problem = (Option<String>, String);

/// The diagnoses in their order, and those that become problems. What the code set knows need not be described.
fn checked_diagnoses(new: Vec<NewDiagnosis>, known: &HashMap<String, String>) -> Result<(Vec<NotedDiagnosis>, Vec<Problem>)> {
    let (mut refused, mut diagnoses, mut problems, mut seen) = (Vec::new(), Vec::new(), Vec::new(), HashSet::new());
    for (index, one) in new.into_iter().enumerate() {
        let mut refuse = |field: &str, message: &str| {
            refused.push(FieldError { field: format!("diagnoses[{index}].{field}"), message: message.to_owned() });
        };
        let code = one.code.as_deref().map(codes::normal);
        if code == Some(None) {
            refuse("code", codes::WRONG);
        }
        let code = code.flatten();
        if code.as_ref().is_some_and(|code| !seen.insert(code.clone())) {
            refuse("code", "This diagnosis is there twice");
        }
        let given = one.description.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let description = given.or_else(|| known.get(code.as_ref()?).cloned()).or_else(|| code.clone());
        let Some(description) = description else {
            refuse("description", "Missing required field: description");
            continue;
        };
        if one.add_to_problems {
            problems.push((code.clone(), description.clone()));
        }
        let note = one.note.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        diagnoses.push(NotedDiagnosis { rank: i64::try_from(index).unwrap_or(0) + 1, code, description, note });
    }
    if refused.is_empty() { Ok((diagnoses, problems)) } else { Err(AppError::Invalid(refused)) }
}

/// Replaces what was done in an open visit, from the fee schedule at the prices of now. Where the appointment was completed and charged
/// before there was a visit, its charges follow; the caller has called [`lock_charges`].
pub(super) async fn replace_procedures(tx: &mut TenantTx, row: &VisitRow, new: Vec<NewProcedure>) -> Result<()> {
    let ids: Vec<ServiceId> = new.iter().map(|one| one.service_id).collect();
    let services = if ids.is_empty() { Vec::new() } else { billing::offered_services(tx, &ids).await? };
    let performed = checked_procedures(new, &services)?;
    store::replace_performed(tx, row.visit_id, &performed).await?;
    if row.charged_before {
        scheduling::recharge_visited(tx, row.appointment_id, &performed).await?;
    }
    Ok(())
}

/// Has whoever else decides about the charges of a visit wait: who completes it, who makes the invoice. They lock before they touch the
/// visit, so this comes before anything that does.
pub(super) async fn lock_charges(tx: &mut TenantTx, id: VisitId) -> Result<()> {
    let row = require(tx, id).await?;
    if row.charged_before {
        scheduling::lock_for_visit(tx, row.appointment_id).await?;
    }
    Ok(())
}

fn checked_procedures(new: Vec<NewProcedure>, services: &[ServiceRow]) -> Result<Vec<Performed>> {
    let (mut refused, mut performed) = (Vec::new(), Vec::new());
    for (index, one) in new.into_iter().enumerate() {
        let mut refuse = |field: &str, message: &str| {
            refused.push(FieldError { field: format!("procedures[{index}].{field}"), message: message.to_owned() });
        };
        // Another clinic's service is answered as one that nobody has.
        let service = services.iter().find(|service| service.service_id == one.service_id).ok_or(AppError::NotFound("Service"))?;
        let modifiers = Modifiers::checked(one.modifiers);
        match modifiers.as_ref().map(Modifiers::repeated) {
            None => refuse("modifiers", "modifiers: at most four, of two letters or digits each"),
            Some(Some(place)) => refuse(&format!("modifiers[{place}]"), "This modifier is there twice"),
            Some(None) => {}
        }
        if !(1..=999).contains(&one.units) {
            refuse("units", "units: expected a number from 1 to 999");
        }
        performed.push(Performed {
            service_id: service.service_id,
            code: service.code.clone(),
            description: service.description.clone(),
            units: one.units,
            modifiers: modifiers.unwrap_or_default(),
            unit_price_minor: service.price_minor,
            currency: service.currency,
        });
    }
    if refused.is_empty() { Ok(performed) } else { Err(AppError::Invalid(refused)) }
}

/// The visit, what was measured, when, and the keys of sealed fields.
type VitalsArgs = (VisitId, VitalsInput, Option<UtcTime>, FieldKeys);

/// Notes what was measured. Whoever types the notes is not disturbed: the visit keeps its version.
pub async fn record_vitals(access: &Access, id: VisitId, vitals: VitalsInput, at: Option<UtcTime>) -> Result<Recorded> {
    let args = (id, vitals, at, access.app.fields.clone());
    access
        .app
        .db
        .create(&access.grant, args, async |mut tx: TenantTx, (id, vitals, at, fields): VitalsArgs| {
            let row = require_locked(&mut tx, id).await?;
            row.status.require_open_to_entries()?;
            chart::record_vitals_in(&mut tx, &fields, row.patient_id, id, vitals, at).await
        })
        .await
}

/// Adds to a completed visit; what was written stays as it was.
pub async fn add_addendum(access: &Access, id: VisitId, text: String) -> Result<Addendum> {
    access
        .app
        .db
        .create(&access.grant, (id, text), async |mut tx: TenantTx, (id, text): (VisitId, String)| {
            let row = require(&mut tx, id).await?;
            if row.status != VisitStatus::Completed {
                return Err(AppError::conflict("The visit is not completed; write into its notes"));
            }
            let addendum_id = store::insert_addendum(&mut tx, id, &text).await?;
            let mut entry = about(&row);
            entry.details = Some(json!({ "addendum_id": addendum_id }).to_string());
            tx.audit(entry).await?;
            Ok(Addendum { addendum_id, text, created_at: tx.now(), created_by: writer(&mut tx).await? })
        })
        .await
}

/// Who asks, by name.
async fn writer(tx: &mut TenantTx) -> Result<Option<Clinician>> {
    let Some(user_id) = tx.grant().user_id() else { return Ok(None) };
    let member = staff::get_in(tx, user_id).await?;
    Ok(Some(Clinician { user_id, first_name: member.first_name, last_name: member.last_name }))
}

#[cfg(test)]
mod tests {
    use clinichub_core::Currency;

    use super::*;

    fn diagnosis(code: Option<&str>, description: Option<&str>) -> NewDiagnosis {
        NewDiagnosis { code: code.map(str::to_owned), description: description.map(str::to_owned), note: None, add_to_problems: true }
    }

    #[test]
    fn a_diagnosis_is_a_code_or_words() {
        let known = HashMap::from([("J06.9".to_owned(), "Acute upper respiratory infection, unspecified".to_owned())]);
        let new = vec![diagnosis(Some("j069"), None), diagnosis(None, Some(" Tired ")), diagnosis(Some("M54.5"), None)];
        let (diagnoses, problems) = checked_diagnoses(new, &known).expect("diagnoses");
        let said: Vec<_> = diagnoses.iter().map(|one| (one.rank, one.code.as_deref(), one.description.as_str())).collect();
        let expected =
            [(1, Some("J06.9"), "Acute upper respiratory infection, unspecified"), (2, None, "Tired"), (3, Some("M54.5"), "M54.5")];
        assert_eq!((said.as_slice(), problems.len()), (&expected[..], 3));
        let wrong = checked_diagnoses(vec![diagnosis(Some("flu"), None), diagnosis(None, Some(" "))], &known);
        let Err(AppError::Invalid(errors)) = wrong else { panic!("{wrong:?}") };
        let fields: Vec<_> = errors.into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["diagnoses[0].code", "diagnoses[0].description", "diagnoses[1].description"]);
    }

    /// The refused fields.
    fn fields<T: std::fmt::Debug>(answer: Result<T>) -> Vec<String> {
        let Err(AppError::Invalid(errors)) = answer else { panic!("it is refused: {answer:?}") };
        errors.into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_code_is_there_once() {
        let new = |codes: &[Option<&str>]| codes.iter().map(|code| diagnosis(*code, Some("Cough"))).collect();
        let twice = checked_diagnoses(new(&[Some("J06.9"), Some("R05"), Some("j069"), Some("J069")]), &HashMap::new());
        assert_eq!(fields(twice), ["diagnoses[2].code", "diagnoses[3].code"]);
        let words = checked_diagnoses(new(&[None, None, Some("R05")]), &HashMap::new());
        assert_eq!(words.map(|(diagnoses, _)| diagnoses.len()).ok(), Some(3));
    }

    #[test]
    fn a_procedure_has_the_price_of_now() {
        let service = ServiceRow {
            service_id: ServiceId(7),
            code: "97110".to_owned(),
            description: "Exercises".to_owned(),
            price_minor: 5_500,
            currency: Currency::USD,
            duration_minutes: None,
            is_active: true,
            is_default: false,
            version: 1,
        };
        let new = |id, units, modifiers: &[&str]| NewProcedure {
            service_id: ServiceId(id),
            units,
            modifiers: modifiers.iter().map(|text| (*text).to_owned()).collect(),
        };
        let services = [service];
        let performed = checked_procedures(vec![new(7, 2, &["gp"])], &services).expect("procedures");
        assert_eq!((performed[0].unit_price_minor, performed[0].units, performed[0].modifiers.to_text()), (5_500, 2, "GP".to_owned()));
        assert!(matches!(checked_procedures(vec![new(8, 1, &[])], &services), Err(AppError::NotFound(_))));
        assert!(checked_procedures(vec![new(7, 0, &["x"])], &services).is_err());
        let twice = checked_procedures(vec![new(7, 1, &["25"]), new(7, 1, &["25", "gp", "GP"])], &services);
        assert_eq!(fields(twice), ["procedures[1].modifiers[2]"], "the same service may be there twice");
    }
}
