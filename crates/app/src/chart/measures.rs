//! Measurements: what is possible, what is usual, and their units. Pure; everything is kept in the unit of its column.

use std::collections::BTreeMap;

use clinichub_api::rules;
use clinichub_core::{AppError, FieldError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Kilograms a pound (avoirdupois, exact).
const POUND: f64 = 0.453_592_37;
/// Centimetres an inch (exact).
const INCH: f64 = 2.54;
/// mg/dL a mmol/L of glucose.
const GLUCOSE_MMOL: f64 = 18.016;

/// Measurements as they are kept, each in the UCUM unit that `units` names.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct Vitals {
    /// mm[Hg]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 128)]
    pub systolic: Option<i64>,
    /// mm[Hg]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 82)]
    pub diastolic: Option<i64>,
    /// /min
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub heart_rate: Option<i64>,
    /// /min
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub respiratory_rate: Option<i64>,
    /// Cel
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 36.8)]
    pub temperature: Option<f64>,
    /// %
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub spo2: Option<i64>,
    /// kg
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 71.5)]
    pub weight: Option<f64>,
    /// cm
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub height: Option<f64>,
    /// From 0, none, to 10, the worst there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub pain: Option<i64>,
    /// mg/dL
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub glucose: Option<f64>,
    /// cm
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub head_circumference: Option<f64>,
    /// Body-mass index, kg/m2; computed where weight and height were measured together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 24.7)]
    pub bmi: Option<f64>,
    /// The unit of each (UCUM).
    #[schema(example = json!({ "systolic": "mm[Hg]" }))]
    pub units: BTreeMap<String, String>,
}

/// `C` or `F`; UCUM's `Cel` and `[degF]` are accepted for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub enum TemperatureUnit {
    /// Degrees Celsius.
    #[default]
    #[serde(alias = "Cel")]
    C,
    /// Degrees Fahrenheit.
    #[serde(alias = "[degF]")]
    F,
}

/// `kg` or `lb`; UCUM's `[lb_av]` is accepted for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum WeightUnit {
    #[default]
    Kg,
    #[serde(alias = "[lb_av]")]
    Lb,
}

/// `cm` or `in`; UCUM's `[in_i]` is accepted for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LengthUnit {
    #[default]
    Cm,
    #[serde(alias = "[in_i]")]
    In,
}

/// `mg/dL` or `mmol/L`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub enum GlucoseUnit {
    #[default]
    #[serde(rename = "mg/dL")]
    MgDl,
    #[serde(rename = "mmol/L")]
    MmolL,
}

/// Measurements as somebody types them: one at least, each in the default unit or in the one that is named.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "systolic": 128, "diastolic": 82, "heart_rate": 72, "temperature": 98.6, "temperature_unit": "F", "weight": 71.5 }))]
pub struct VitalsInput {
    /// mmHg; together with `diastolic`.
    #[schema(minimum = 30, maximum = 300)]
    pub systolic: Option<i64>,
    /// mmHg; together with `systolic`.
    #[schema(minimum = 10, maximum = 200)]
    pub diastolic: Option<i64>,
    /// Beats a minute.
    #[schema(minimum = 10, maximum = 350)]
    pub heart_rate: Option<i64>,
    /// Breaths a minute.
    #[schema(minimum = 2, maximum = 120)]
    pub respiratory_rate: Option<i64>,
    /// 20 to 45 °C.
    pub temperature: Option<f64>,
    pub temperature_unit: TemperatureUnit,
    /// Oxygen saturation in percent.
    #[schema(minimum = 20, maximum = 100)]
    pub spo2: Option<i64>,
    /// 0.2 to 650 kg.
    pub weight: Option<f64>,
    pub weight_unit: WeightUnit,
    /// 20 to 275 cm.
    pub height: Option<f64>,
    pub height_unit: LengthUnit,
    /// From 0, none, to 10, the worst there is.
    #[schema(minimum = 0, maximum = 10)]
    pub pain: Option<i64>,
    /// 5 to 2,000 mg/dL.
    pub glucose: Option<f64>,
    pub glucose_unit: GlucoseUnit,
    /// 10 to 80 cm.
    pub head_circumference: Option<f64>,
    pub head_circumference_unit: LengthUnit,
}

/// A value that is possible, and so far from the usual that it may be a slip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VitalsWarning {
    #[schema(example = "systolic")]
    pub field: String,
    #[schema(example = "systolic: 210 mm[Hg] is far from the usual 80 to 180; is it right?")]
    pub message: String,
}

/// A thing that is measured.
pub struct Measure {
    /// The field.
    pub name: &'static str,
    /// Its unit (UCUM).
    pub unit: &'static str,
    /// Beyond these it is refused; the database says the same.
    possible: (f64, f64),
    /// Beyond these somebody is asked whether it is right.
    usual: (f64, f64),
    /// The value.
    pub of: fn(&Vitals) -> Option<f64>,
}

const fn measure(
    name: &'static str,
    unit: &'static str,
    possible: (f64, f64),
    usual: (f64, f64),
    of: fn(&Vitals) -> Option<f64>,
) -> Measure {
    Measure { name, unit, possible, usual, of }
}

/// Everything that is measured.
pub const MEASURES: [Measure; 12] = [
    measure("systolic", "mm[Hg]", (30.0, 300.0), (80.0, 180.0), |vitals| whole(vitals.systolic)),
    measure("diastolic", "mm[Hg]", (10.0, 200.0), (45.0, 110.0), |vitals| whole(vitals.diastolic)),
    measure("heart_rate", "/min", (10.0, 350.0), (40.0, 160.0), |vitals| whole(vitals.heart_rate)),
    measure("respiratory_rate", "/min", (2.0, 120.0), (8.0, 40.0), |vitals| whole(vitals.respiratory_rate)),
    measure("temperature", "Cel", (20.0, 45.0), (35.0, 40.0), |vitals| vitals.temperature),
    measure("spo2", "%", (20.0, 100.0), (90.0, 100.0), |vitals| whole(vitals.spo2)),
    measure("weight", "kg", (0.2, 650.0), (2.0, 200.0), |vitals| vitals.weight),
    measure("height", "cm", (20.0, 275.0), (45.0, 210.0), |vitals| vitals.height),
    measure("pain", "{score}", (0.0, 10.0), (0.0, 10.0), |vitals| whole(vitals.pain)),
    measure("glucose", "mg/dL", (5.0, 2000.0), (60.0, 300.0), |vitals| vitals.glucose),
    measure("head_circumference", "cm", (10.0, 80.0), (28.0, 65.0), |vitals| vitals.head_circumference),
    measure("bmi", "kg/m2", (f64::MIN, f64::MAX), (12.0, 60.0), |vitals| vitals.bmi),
];

#[expect(clippy::cast_precision_loss, reason = "what is measured in whole numbers is small")]
fn whole(value: Option<i64>) -> Option<f64> {
    value.map(|value| value as f64)
}

/// To so many decimals.
fn rounded(value: f64, decimals: i32) -> f64 {
    let factor = 10_f64.powi(decimals);
    (value * factor).round() / factor
}

impl VitalsInput {
    /// The measurements in the units they are kept in; every value that is not possible is named.
    pub fn into_vitals(self) -> Result<Vitals, AppError> {
        let temperature = self.temperature.map(|value| match self.temperature_unit {
            TemperatureUnit::C => value,
            TemperatureUnit::F => (value - 32.0) / 1.8,
        });
        let weight = self.weight.map(|value| value * if self.weight_unit == WeightUnit::Lb { POUND } else { 1.0 });
        let glucose = self.glucose.map(|value| value * if self.glucose_unit == GlucoseUnit::MmolL { GLUCOSE_MMOL } else { 1.0 });
        let length = |value: Option<f64>, unit: LengthUnit| value.map(|value| value * if unit == LengthUnit::In { INCH } else { 1.0 });
        let vitals = Vitals {
            systolic: self.systolic,
            diastolic: self.diastolic,
            heart_rate: self.heart_rate,
            respiratory_rate: self.respiratory_rate,
            temperature,
            spo2: self.spo2,
            weight,
            height: length(self.height, self.height_unit),
            pain: self.pain,
            glucose,
            head_circumference: length(self.head_circumference, self.head_circumference_unit),
            ..Vitals::default()
        };
        // As it was measured: what is beyond a limit by less than the rounding is beyond it.
        vitals.check()?;
        Ok(vitals.shortened().completed())
    }
}

impl Vitals {
    fn check(&self) -> Result<(), AppError> {
        let mut refused: Vec<FieldError> = Vec::new();
        if MEASURES.iter().all(|measure| (measure.of)(self).is_none()) {
            rules::refuse(&mut refused, "vitals", "At least one measurement is needed");
        }
        for Measure { name, unit, possible: (least, most), of, .. } in &MEASURES {
            if of(self).is_some_and(|value| !(*least..=*most).contains(&value)) {
                rules::refuse(&mut refused, &format!("vitals.{name}"), format!("vitals.{name}: expected {least} to {most} {unit}"));
            }
        }
        match (self.systolic, self.diastolic) {
            (Some(_), None) => rules::refuse(&mut refused, "vitals.diastolic", "Missing required field: vitals.diastolic"),
            (None, Some(_)) => rules::refuse(&mut refused, "vitals.systolic", "Missing required field: vitals.systolic"),
            (Some(upper), Some(lower)) if lower >= upper => {
                rules::refuse(&mut refused, "vitals.diastolic", "vitals.diastolic: must be lower than systolic");
            }
            _ => {}
        }
        rules::verdict(refused)
    }

    /// With as many decimals as are kept.
    fn shortened(self) -> Self {
        let to = |decimals, value: Option<f64>| value.map(|value| rounded(value, decimals));
        Self {
            temperature: to(1, self.temperature),
            weight: to(3, self.weight),
            height: to(1, self.height),
            glucose: to(1, self.glucose),
            head_circumference: to(1, self.head_circumference),
            ..self
        }
    }

    /// With what follows from it: the body-mass index and the units.
    #[must_use]
    pub fn completed(self) -> Self {
        let mut completed = self.with_bmi();
        let there = MEASURES.iter().filter(|measure| (measure.of)(&completed).is_some());
        completed.units = there.map(|measure| (measure.name.to_owned(), measure.unit.to_owned())).collect();
        completed
    }

    /// With the body-mass index.
    #[must_use]
    pub fn with_bmi(mut self) -> Self {
        self.bmi = match (self.weight, self.height) {
            (Some(weight), Some(height)) if height > 0.0 => Some(rounded(weight / (height / 100.0).powi(2), 1)),
            _ => None,
        };
        self
    }

    /// What is possible and unusual.
    pub fn warnings(&self) -> Vec<VitalsWarning> {
        let unusual = MEASURES.iter().filter_map(|Measure { name, unit, usual: (least, most), of, .. }| {
            let value = of(self).filter(|value| !(*least..=*most).contains(value))?;
            let message = format!("{name}: {value} {unit} is far from the usual {least} to {most}; is it right?");
            Some(VitalsWarning { field: (*name).to_owned(), message })
        });
        unusual.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_turned_into_the_ones_that_are_kept() {
        let input = VitalsInput {
            temperature: Some(98.6),
            temperature_unit: TemperatureUnit::F,
            weight: Some(154.0),
            weight_unit: WeightUnit::Lb,
            height: Some(67.0),
            height_unit: LengthUnit::In,
            glucose: Some(5.5),
            glucose_unit: GlucoseUnit::MmolL,
            ..VitalsInput::default()
        };
        let vitals = input.into_vitals().expect("measurements");
        assert_eq!((vitals.temperature, vitals.weight, vitals.height), (Some(37.0), Some(69.853), Some(170.2)));
        assert_eq!((vitals.glucose, vitals.bmi), (Some(99.1), Some(24.1)));
        assert_eq!(vitals.units.get("temperature").map(String::as_str), Some("Cel"));
        assert!(vitals.warnings().is_empty());
    }

    #[test]
    fn limits_hold_before_anything_is_rounded() {
        for (field, least, most, step) in [
            ("temperature", 20.0, 45.0, 0.04),
            ("weight", 0.2, 650.0, 0.0004),
            ("height", 20.0, 275.0, 0.04),
            ("glucose", 5.0, 2000.0, 0.04),
            ("head_circumference", 10.0, 80.0, 0.04),
        ] {
            let noted = |value: f64| {
                let input: VitalsInput = serde_json::from_value(serde_json::json!({ field: value })).expect("measurements");
                input.into_vitals().ok().map(|vitals| serde_json::json!(vitals)[field].clone())
            };
            assert_eq!((noted(least - step), noted(most + step)), (None, None), "{field}");
            let bounds = (Some(serde_json::json!(least)), Some(serde_json::json!(most)));
            assert_eq!((noted(least), noted(most)), bounds, "{field}");
            // Decimals that nobody needs are no mistake.
            assert_eq!((noted(least + step), noted(most - step)), bounds, "{field}");
        }
        let fahrenheit = |value| {
            let input = VitalsInput { temperature: Some(value), temperature_unit: TemperatureUnit::F, ..VitalsInput::default() };
            input.into_vitals().ok().and_then(|vitals| vitals.temperature)
        };
        assert_eq!([68.0, 67.95, 113.0, 113.05].map(fahrenheit), [Some(20.0), None, Some(45.0), None]);
    }

    #[test]
    fn units_are_named_as_people_say_them_or_as_ucum_does() {
        let read = |unit: &str, text: &str| serde_json::from_value::<VitalsInput>(serde_json::json!({ unit: text })).expect("measurements");
        for (unit, said, ucum) in [
            ("temperature_unit", "C", "Cel"),
            ("temperature_unit", "F", "[degF]"),
            ("weight_unit", "lb", "[lb_av]"),
            ("height_unit", "in", "[in_i]"),
            ("head_circumference_unit", "in", "[in_i]"),
        ] {
            assert_eq!(read(unit, said), read(unit, ucum), "{unit} {ucum}");
        }
        assert_eq!(serde_json::json!(TemperatureUnit::F), "F", "an answer says it in one way");
    }

    #[test]
    fn what_is_not_possible_is_refused_and_what_is_unusual_is_asked_about() {
        let refused = |input: VitalsInput| input.into_vitals().is_err();
        assert!(refused(VitalsInput::default()), "nothing was measured");
        assert!(refused(VitalsInput { systolic: Some(120), ..VitalsInput::default() }), "half of a blood pressure");
        assert!(refused(VitalsInput { systolic: Some(80), diastolic: Some(120), ..VitalsInput::default() }), "turned round");
        // 98.6 without a unit is degrees Celsius: a slip.
        assert!(refused(VitalsInput { temperature: Some(98.6), ..VitalsInput::default() }));
        assert!(refused(VitalsInput { weight: Some(f64::NAN), ..VitalsInput::default() }));
        let high = VitalsInput { systolic: Some(210), diastolic: Some(115), ..VitalsInput::default() }.into_vitals().expect("possible");
        let fields: Vec<_> = high.warnings().into_iter().map(|warning| warning.field).collect();
        assert_eq!(fields, ["systolic", "diastolic"]);
    }
}
