//! What a client sends about a prescription, and how it becomes items.

use clinichub_api::rules;
use clinichub_core::{AppError, Currency, FieldError, Money, Patch, PatientId, Result, UserId, VisitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::amount::{self, Decimal, Dose, Quantity};
use super::model::{FREQUENCIES, Item};
use super::ucum::{self, DoseUnit};

/// Items of one prescription at most.
pub const MOST_ITEMS: usize = 40;

/// One drug of a prescription.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "drug": "Amoxicillin", "strength": "500 mg", "form": "capsule", "dose": "1", "dose_unit": "{capsule}", "route": "by mouth",
    "frequency_code": "TID", "duration_days": 7, "quantity": "21", "refills": 0, "note": "With food", "cost": "12.50"
}))]
pub struct ItemBody {
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub drug: String,
    #[serde(default)]
    #[schema(max_length = 100)]
    pub strength: Option<String>,
    #[serde(default)]
    #[schema(max_length = 100)]
    pub form: Option<String>,
    /// `dosage` is accepted for it.
    #[serde(default, alias = "dosage")]
    #[schema(value_type = Option<Dose>)]
    pub dose: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<DoseUnit>)]
    pub dose_unit: Option<String>,
    #[serde(default)]
    #[schema(max_length = 50)]
    pub route: Option<String>,
    /// How often, in words.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub frequency: Option<String>,
    /// How often, as a code of HL7 table 0335.
    #[serde(default)]
    #[schema(pattern = "^(QD|BID|TID|QID|Q4H|Q6H|Q8H|Q12H|QAM|QPM|QHS|QOD|QWK|PRN|STAT|ONCE)$", example = "BID")]
    pub frequency_code: Option<String>,
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3650)]
    pub duration_days: Option<i64>,
    #[serde(default)]
    #[schema(value_type = Option<Quantity>)]
    pub quantity: Option<Decimal>,
    #[serde(default)]
    #[schema(max_length = 40)]
    pub quantity_unit: Option<String>,
    #[serde(default)]
    #[schema(minimum = 0, maximum = 99, default = 0)]
    pub refills: i64,
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub note: Option<String>,
    /// In the clinic's currency.
    #[serde(default)]
    pub cost: Option<Decimal>,
}

/// A new prescription: of a visit, or of a patient by itself. One item can be given flat (`drug`, `dosage`, `frequency`, `cost`) instead
/// of `items`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "patient_id": 1, "drug": "Metformin", "dosage": "500mg", "frequency": "Daily", "cost": 12.5 }))]
pub struct NewPrescription {
    /// Whose; needed where no visit is named.
    pub patient_id: Option<PatientId>,
    /// In which visit it is written; it is then the visit's patient's.
    pub visit_id: Option<VisitId>,
    /// Who signs it; the one who asks unless said otherwise. `provider_user_id` is accepted for it.
    #[serde(alias = "provider_user_id")]
    pub doctor_id: Option<UserId>,
    #[schema(max_length = 2000)]
    pub note: Option<String>,
    #[schema(max_items = 40)]
    pub items: Option<Vec<ItemBody>>,
    #[schema(max_length = 200)]
    pub drug: Option<String>,
    #[schema(value_type = Option<Dose>)]
    pub dosage: Option<String>,
    #[schema(max_length = 200)]
    pub frequency: Option<String>,
    pub cost: Option<Decimal>,
}

/// What changes: an absent field stays. `items` takes the place of all items; the flat fields change the only one.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "note": "Come back in two weeks" }))]
pub struct PrescriptionUpdate {
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub note: Patch<String>,
    #[schema(value_type = Option<Vec<ItemBody>>, nullable = false, max_items = 40)]
    pub items: Option<Vec<ItemBody>>,
    #[schema(value_type = Option<String>, nullable = false, max_length = 200, pattern = "\\S")]
    pub drug: Option<String>,
    #[schema(value_type = Option<Dose>)]
    pub dosage: Patch<String>,
    #[schema(value_type = Option<String>, max_length = 200)]
    pub frequency: Patch<String>,
    #[schema(value_type = Option<Decimal>)]
    pub cost: Patch<Decimal>,
}

/// How to finalize against a warning.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "acknowledge_warnings": true, "reason": "Taken before without a reaction" }))]
pub struct Finalize {
    pub acknowledge_warnings: bool,
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

impl Finalize {
    /// The same without blanks around the reason; one that is too long is refused.
    pub fn tidy(self) -> Result<Self> {
        let mut refused = Vec::new();
        let reason = optional(&mut refused, "reason", self.reason, 500);
        rules::verdict(refused)?;
        Ok(Self { reason, ..self })
    }
}

impl NewPrescription {
    /// The note and the items; every refused field is named.
    pub fn content(&mut self, currency: Currency) -> Result<(Option<String>, Vec<Item>)> {
        let mut refused = Vec::new();
        let note = optional(&mut refused, "note", self.note.take(), 2000);
        let flat = self.drug.is_some() || self.dosage.is_some() || self.frequency.is_some() || self.cost.is_some();
        let items = match self.items.take() {
            Some(_) if flat => return Err(AppError::field("items", "Give items, or drug, dosage, frequency and cost; not both")),
            Some(bodies) => items(&mut refused, bodies, currency),
            None if !flat => return Err(AppError::missing("items")),
            None => {
                let body = ItemBody {
                    drug: self.drug.take().ok_or_else(|| AppError::missing("drug"))?,
                    dose: self.dosage.take(),
                    frequency: self.frequency.take(),
                    cost: self.cost.take(),
                    ..ItemBody::default()
                };
                vec![flat_item(&mut refused, body, currency)]
            }
        };
        rules::verdict(refused)?;
        Ok((note, items))
    }
}

impl PrescriptionUpdate {
    /// The note and the items after the update.
    pub fn apply(self, note: Option<String>, before: Vec<Item>, currency: Currency) -> Result<(Option<String>, Vec<Item>)> {
        let mut refused = Vec::new();
        let note = optional(&mut refused, "note", self.note.apply(note), 2000);
        let flat = self.drug.is_some() || !(self.dosage.is_keep() && self.frequency.is_keep() && self.cost.is_keep());
        let after = match (self.items, before.as_slice()) {
            (Some(_), _) if flat => return Err(AppError::field("items", "Give items, or drug, dosage, frequency and cost; not both")),
            (Some(bodies), _) => items(&mut refused, bodies, currency),
            (None, _) if !flat => before,
            (None, [only]) => {
                // A dosage brings its own unit along, in words.
                let dose_unit = only.dose_unit.clone().filter(|_| self.dosage.is_keep());
                let body = ItemBody {
                    drug: self.drug.unwrap_or_else(|| only.drug.clone()),
                    dose_unit,
                    dose: self.dosage.apply(only.dose.clone()),
                    frequency: self.frequency.apply(only.frequency.clone()),
                    cost: self.cost.apply(only.cost_minor.map(|minor| Decimal::of(Money::new(minor, currency).to_string()))),
                    ..ItemBody::of(only)
                };
                vec![flat_item(&mut refused, body, currency)]
            }
            (None, _) => return Err(AppError::field("items", "It has several items; give items")),
        };
        rules::verdict(refused)?;
        Ok((note, after))
    }
}

impl ItemBody {
    /// The body that makes this item, but for what it costs.
    fn of(item: &Item) -> Self {
        let item = item.clone();
        Self {
            drug: item.drug,
            strength: item.strength,
            form: item.form,
            dose: item.dose,
            dose_unit: item.dose_unit,
            route: item.route,
            frequency: item.frequency,
            frequency_code: item.frequency_code,
            duration_days: item.duration_days,
            quantity: item.quantity.map(Decimal::of),
            quantity_unit: item.quantity_unit,
            refills: item.refills,
            note: item.note,
            cost: None,
        }
    }

    /// The item; every refused field is added to `refused`, with `path` before its name.
    pub fn into_item(self, refused: &mut Vec<FieldError>, path: &str, currency: Currency) -> Item {
        let field = |name: &str| format!("{path}{name}");
        rules::required_text(refused, &field("drug"), &self.drug, 200);
        let mut text = |name: &str, value, most| optional(refused, &field(name), value, most);
        let strength = text("strength", self.strength, 100);
        let form = text("form", self.form, 100);
        let dose = text("dose", self.dose, 100);
        let dose_unit = text("dose_unit", self.dose_unit, 40);
        let route = text("route", self.route, 50);
        let frequency = text("frequency", self.frequency, 200);
        let frequency_code = text("frequency_code", self.frequency_code, 10).map(|code| code.to_uppercase());
        let quantity_unit = text("quantity_unit", self.quantity_unit, 40);
        let note = text("note", self.note, 1000);
        let quantity = self.quantity.and_then(|quantity| amount::above_zero(refused, &field("quantity"), quantity));
        let cost_minor = self.cost.and_then(|cost| amount::money(refused, &field("cost"), &cost, currency));
        if frequency_code.as_ref().is_some_and(|code| !FREQUENCIES.iter().any(|(known, _)| known == code)) {
            let known = FREQUENCIES.map(|(code, _)| code).join(", ");
            rules::refuse(refused, &field("frequency_code"), format!("frequency_code: expected one of {known}"));
        }
        match (&dose, &dose_unit) {
            (Some(dose), Some(_)) => amount::dose_of_unit(refused, &field("dose"), dose),
            (dose, _) => amount::dose(refused, &field("dose"), dose.as_deref()),
        }
        ucum::unit(refused, &field("dose_unit"), dose_unit.as_deref());
        within(refused, &field("duration_days"), self.duration_days, 1, 3650);
        within(refused, &field("refills"), Some(self.refills), 0, 99);
        Item {
            drug: self.drug.trim().to_owned(),
            strength,
            form,
            dose,
            dose_unit,
            route,
            frequency,
            frequency_code,
            duration_days: self.duration_days,
            quantity,
            quantity_unit,
            refills: self.refills,
            note,
            cost_minor,
            record_id: None,
        }
    }
}

fn items(refused: &mut Vec<FieldError>, bodies: Vec<ItemBody>, currency: Currency) -> Vec<Item> {
    if bodies.len() > MOST_ITEMS {
        rules::refuse(refused, "items", format!("items: at most {MOST_ITEMS}"));
        return Vec::new();
    }
    let numbered = bodies.into_iter().enumerate();
    numbered.map(|(index, body)| body.into_item(refused, &format!("items[{index}]."), currency)).collect()
}

/// The one item of a body without a list; refused fields are called as they stand there.
fn flat_item(refused: &mut Vec<FieldError>, body: ItemBody, currency: Currency) -> Item {
    let mut of_item = Vec::new();
    let item = body.into_item(&mut of_item, "", currency);
    refused.extend(of_item.into_iter().map(|error| match (error.field.as_str(), error.message.strip_prefix("dose:")) {
        ("dose", Some(rest)) => FieldError { field: "dosage".to_owned(), message: format!("dosage:{rest}") },
        _ => error,
    }));
    item
}

/// Without blanks around it; `None` where nothing is left.
pub fn optional(refused: &mut Vec<FieldError>, field: &str, value: Option<String>, most: usize) -> Option<String> {
    let value = value.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    rules::text(refused, field, value.as_deref(), most);
    value
}

fn within(refused: &mut Vec<FieldError>, field: &str, value: Option<i64>, least: i64, most: i64) {
    if value.is_some_and(|value| !(least..=most).contains(&value)) {
        rules::refuse(refused, field, format!("{field}: expected a number from {least} to {most}"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn new(body: serde_json::Value) -> Result<(Option<String>, Vec<Item>)> {
        serde_json::from_value::<NewPrescription>(body).expect("a body").content(Currency::USD)
    }

    #[test]
    fn the_flat_body_is_one_item() {
        let (_, items) =
            new(json!({ "patient_id": 1, "drug": "Metformin", "dosage": "500mg", "frequency": "Daily", "cost": 12.5 })).expect("items");
        let [item] = items.as_slice() else { panic!("one item: {items:?}") };
        assert_eq!((item.drug.as_str(), item.dose.as_deref(), item.cost_minor), ("Metformin", Some("500mg"), Some(1250)));
    }

    #[test]
    fn a_body_is_flat_or_has_items() {
        assert_eq!(new(json!({ "patient_id": 1 })).expect_err("refused").to_string(), "Missing required field: items");
        assert!(new(json!({ "patient_id": 1, "drug": "Metformin", "items": [] })).is_err());
        assert_eq!(new(json!({ "patient_id": 1, "items": [] })).expect("a draft").1, []);
    }

    #[test]
    fn every_refused_field_is_named_with_its_item() {
        let item = json!({ "drug": " ", "refills": 100, "duration_days": 0, "frequency_code": "XID", "quantity": "0",
            "dose": "0 mg", "dose_unit": "mcg" });
        let Err(AppError::Invalid(refused)) = new(json!({ "patient_id": 1, "items": [{ "drug": "A" }, item] })) else { panic!("refused") };
        let fields: Vec<_> = refused.iter().map(|error| error.field.as_str()).collect();
        let expected = ["drug", "quantity", "frequency_code", "dose", "dose_unit", "duration_days", "refills"];
        assert_eq!(fields, expected.map(|name| format!("items[1].{name}")));
    }

    /// The refused fields, each with its sentence.
    fn refused(answer: Result<(Option<String>, Vec<Item>)>) -> Vec<(String, String)> {
        let Err(AppError::Invalid(refused)) = answer else { panic!("it is refused: {answer:?}") };
        refused.into_iter().map(|error| (error.field, error.message)).collect()
    }

    #[test]
    fn a_refused_flat_field_is_called_as_it_was_sent() {
        let long = "x".repeat(201);
        let found = refused(new(json!({ "patient_id": 1, "drug": " ", "dosage": "0 mg", "frequency": long })));
        let fields: Vec<_> = found.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["drug", "frequency", "dosage"]);
        assert_eq!(found[0].1, "Missing required field: drug");
        assert_eq!(found[2].1, "dosage: expected more than 0, such as 1, 0.5 or 1-2");
        let (_, items) = new(json!({ "patient_id": 1, "drug": "Metformin" })).expect("items");
        let update = |body| serde_json::from_value::<PrescriptionUpdate>(body).expect("a body").apply(None, items.clone(), Currency::USD);
        assert_eq!(refused(update(json!({ "drug": " " })))[0].0, "drug");
        assert_eq!(
            refused(update(json!({ "dosage": "x".repeat(101) }))),
            [("dosage".to_owned(), "dosage: at most 100 characters".to_owned())]
        );
    }

    #[test]
    fn the_flat_fields_change_the_only_item_and_leave_the_rest() {
        let (_, items) =
            new(json!({ "patient_id": 1, "items": [{ "drug": "Metformin", "strength": "500 mg", "cost": "3.00" }] })).expect("items");
        let update = |body| serde_json::from_value::<PrescriptionUpdate>(body).expect("a body");
        let (_, after) = update(json!({ "frequency": "Daily" })).apply(None, items.clone(), Currency::USD).expect("items");
        assert_eq!(after, [Item { frequency: Some("Daily".to_owned()), ..items[0].clone() }]);
        let twice = [items.clone(), items].concat();
        assert!(update(json!({ "frequency": "Daily" })).apply(None, twice, Currency::USD).is_err());
    }
}
