//! Reports and results and the rules they obey, without a database.

use clinichub_api::rules;
use clinichub_core::{AppError, FieldError, FileId, Grant, LabReportId, LabResultId, PatientId, Role, UserId, UtcTime, VisitId, text_enum};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::results::NewLabResult;

/// The longest title of a report.
pub const MOST_TITLE: usize = 200;
/// The most results that come at once.
pub const MOST_RESULTS: usize = 200;

text_enum! {
    /// How a value stands to its reference range.
    Flag {
        /// Inside.
        Normal => "normal",
        /// Below.
        Low => "low",
        /// Above.
        High => "high",
        /// So far below that somebody must act.
        CriticalLow => "critical_low",
        /// So far above that somebody must act.
        CriticalHigh => "critical_high",
        /// Not as it should be, in words.
        Abnormal => "abnormal",
    }
}

impl Flag {
    /// What the inbox is ordered by: 0 nothing, 1 abnormal, 2 critical.
    pub fn severity(self) -> i64 {
        match self {
            Self::Normal => 0,
            Self::Low | Self::High | Self::Abnormal => 1,
            Self::CriticalLow | Self::CriticalHigh => 2,
        }
    }
}

/// A laboratory's report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabReport {
    pub lab_report_id: LabReportId,
    pub visit_id: VisitId,
    pub patient_id: PatientId,
    pub patient_name: String,
    pub file_id: FileId,
    pub title: String,
    pub severity: i64,
    pub released_at: Option<UtcTime>,
    pub signed_at: Option<UtcTime>,
    pub signed_by: Option<UserId>,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
    pub created_by: Option<UserId>,
    pub version: i64,
    pub file_name: String,
    pub mime_type: String,
    pub file_size: i64,
    pub sha256: String,
}

impl LabReport {
    /// Whether whoever asks may see it: the clinic's staff, a patient when it was released.
    pub fn is_shown_to(&self, grant: &Grant) -> bool {
        grant.reaches(self.patient_id) && (grant.role() != Some(Role::Patient) || self.released_at.is_some())
    }

    /// That no doctor has signed it yet.
    pub fn require_unsigned(&self) -> Result<(), AppError> {
        match self.signed_at {
            None => Ok(()),
            Some(_) => Err(AppError::conflict("A signed lab report can't be changed")),
        }
    }

    /// The report with another title, or shown to the patient or not.
    pub fn updated(self, title: Option<String>, released: Option<bool>, now: UtcTime) -> Result<Self, AppError> {
        let title = match title.map(|title| title.trim().to_owned()) {
            Some(title) if title != self.title => {
                self.require_unsigned()?;
                check_title(&title)?;
                title
            }
            _ => self.title.clone(),
        };
        let released_at = match released {
            None => self.released_at,
            Some(true) => self.released_at.or(Some(now)),
            Some(false) => None,
        };
        Ok(Self { title, released_at, updated_at: now, version: self.version + 1, ..self })
    }

    /// The report with a doctor's signature.
    pub fn signed(self, by: UserId, now: UtcTime) -> Result<Self, AppError> {
        if self.signed_at.is_some() {
            return Err(AppError::conflict("The lab report is signed already"));
        }
        Ok(Self { signed_at: Some(now), signed_by: Some(by), updated_at: now, version: self.version + 1, ..self })
    }
}

/// That a title can be stored.
pub fn check_title(title: &str) -> Result<(), AppError> {
    let mut refused = Vec::new();
    rules::required_text(&mut refused, "title", title, MOST_TITLE);
    rules::verdict(refused)
}

/// A value of a laboratory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LabResult {
    pub lab_result_id: LabResultId,
    /// The report that it came with, if it did.
    pub lab_report_id: Option<LabReportId>,
    pub patient_id: PatientId,
    pub panel: Option<String>,
    pub analyte: String,
    pub loinc: Option<String>,
    pub value: Option<f64>,
    pub value_text: Option<String>,
    pub unit: Option<String>,
    pub reference_low: Option<f64>,
    pub reference_high: Option<f64>,
    pub reference_text: Option<String>,
    /// How it stands to its range; `null` where there is none.
    pub flag: Option<Flag>,
    pub observed_at: UtcTime,
    /// Since when the patient sees it.
    pub released_at: Option<UtcTime>,
    pub created_at: UtcTime,
    pub created_by: Option<UserId>,
}

/// What analytes are compared by: a name is one in any case.
pub fn analyte_key(analyte: &str) -> String {
    analyte.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl NewLabResult {
    /// How the value stands to its range: as the laboratory says, or worked out; none where there is no range.
    pub fn flag(&self) -> Option<Flag> {
        let of_number = |value: f64| match (self.reference_low, self.reference_high) {
            (None, None) => None,
            (Some(low), _) if value < low => Some(Flag::Low),
            (_, Some(high)) if value > high => Some(Flag::High),
            _ => Some(Flag::Normal),
        };
        let of_text = |text: &String| {
            let expected = self.reference_text.as_ref()?;
            Some(if analyte_key(text) == analyte_key(expected) { Flag::Normal } else { Flag::Abnormal })
        };
        self.flag.or_else(|| self.value.and_then(of_number)).or_else(|| self.value_text.as_ref().and_then(of_text))
    }

    /// What of it can't be stored.
    pub fn refusals(&self, now: UtcTime) -> Vec<FieldError> {
        let mut refused = Vec::new();
        rules::required_text(&mut refused, "analyte", &self.analyte, 200);
        for (field, text, most) in [
            ("panel", &self.panel, 200),
            ("value_text", &self.value_text, 500),
            ("unit", &self.unit, 40),
            ("reference_text", &self.reference_text, 200),
        ] {
            rules::text(&mut refused, field, text.as_deref(), most);
        }
        match (self.value, self.value_text.as_deref().is_some_and(|text| !text.trim().is_empty())) {
            (None, false) => rules::refuse(&mut refused, "value", "Missing required field: value (or value_text)"),
            (Some(_), true) => rules::refuse(&mut refused, "value_text", "value_text: a result has one value"),
            _ => {}
        }
        if self.reference_low.zip(self.reference_high).is_some_and(|(low, high)| low > high) {
            rules::refuse(&mut refused, "reference_high", "reference_high: below reference_low");
        }
        if self.loinc.as_deref().is_some_and(|code| !is_loinc(code)) {
            rules::refuse(&mut refused, "loinc", "loinc: expected a LOINC code such as 2345-7");
        }
        if self.observed_at.is_some_and(|at| at > now) {
            rules::refuse(&mut refused, "observed_at", "observed_at: in the future");
        }
        refused
    }
}

/// Up to seven digits, a hyphen, and a check digit (LOINC Users' Guide, mod 10).
fn is_loinc(code: &str) -> bool {
    let Some((number, check)) = code.split_once('-') else { return false };
    let is_number = |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(number, 7) || !is_number(check, 1) {
        return false;
    }
    let doubled = |digit: u32| digit * 2 / 10 + digit * 2 % 10;
    let digits = number.chars().rev().filter_map(|digit| digit.to_digit(10)).enumerate();
    let sum: u32 = digits.map(|(place, digit)| if place % 2 == 0 { doubled(digit) } else { digit }).sum();
    check.parse() == Ok((10 - sum % 10) % 10)
}

/// That there are results, not too many, each of which can be stored; what can't is named by its place.
pub fn check_results(results: &[NewLabResult], now: UtcTime) -> Result<(), AppError> {
    if results.len() > MOST_RESULTS {
        return Err(AppError::field("results", format!("results: at most {MOST_RESULTS}")));
    }
    let placed = |(place, result): (usize, &NewLabResult)| {
        let at = move |error: FieldError| FieldError { field: format!("results[{place}].{}", error.field), ..error };
        result.refusals(now).into_iter().map(at).collect::<Vec<_>>()
    };
    rules::verdict(results.iter().enumerate().flat_map(placed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(value: f64, low: Option<f64>, high: Option<f64>) -> NewLabResult {
        NewLabResult { analyte: "Glucose".into(), value: Some(value), reference_low: low, reference_high: high, ..NewLabResult::default() }
    }

    fn words(text: &str, expected: Option<&str>) -> NewLabResult {
        let (value_text, reference_text) = (Some(text.into()), expected.map(Into::into));
        NewLabResult { analyte: "Nitrite".into(), value_text, reference_text, ..NewLabResult::default() }
    }

    #[test]
    fn a_flag_follows_from_the_range() {
        for (value, low, high, flag) in [
            (98.0, Some(70.0), Some(99.0), Some(Flag::Normal)),
            (70.0, Some(70.0), Some(99.0), Some(Flag::Normal)),
            (69.9, Some(70.0), Some(99.0), Some(Flag::Low)),
            (126.0, Some(70.0), Some(99.0), Some(Flag::High)),
            (126.0, None, Some(99.0), Some(Flag::High)),
            (1.0, None, Some(99.0), Some(Flag::Normal)),
            (1.0, None, None, None),
        ] {
            assert_eq!(result(value, low, high).flag(), flag, "{value} {low:?} {high:?}");
        }
        assert_eq!(words("NEGATIVE", Some("Negative")).flag(), Some(Flag::Normal));
        assert_eq!(words("Positive", Some("Negative")).flag(), Some(Flag::Abnormal));
        assert_eq!(words("Positive", None).flag(), None);
        let told = NewLabResult { flag: Some(Flag::CriticalHigh), ..result(500.0, Some(70.0), Some(99.0)) };
        assert_eq!(told.flag(), Some(Flag::CriticalHigh), "what the laboratory says holds");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let now = UtcTime::from_micros(1_000_000);
        let fields = |result: NewLabResult| result.refusals(now).into_iter().map(|error| error.field).collect::<Vec<_>>();
        assert_eq!(fields(result(1.0, None, None)), [""; 0]);
        assert_eq!(fields(NewLabResult { analyte: "Glucose".into(), ..NewLabResult::default() }), ["value"]);
        assert_eq!(fields(NewLabResult { value_text: Some("x".into()), ..result(1.0, None, None) }), ["value_text"]);
        assert_eq!(fields(result(1.0, Some(2.0), Some(1.0))), ["reference_high"]);
        assert_eq!(fields(NewLabResult { observed_at: Some(UtcTime::from_micros(2_000_000)), ..result(1.0, None, None) }), ["observed_at"]);
        assert!(check_results(&vec![result(1.0, None, None); 201], now).is_err());
        let placed = check_results(&[result(1.0, None, None), result(1.0, Some(2.0), Some(1.0))], now);
        assert!(matches!(placed, Err(AppError::Invalid(errors)) if errors[0].field == "results[1].reference_high"));
    }

    #[test]
    fn a_loinc_code_has_its_check_digit() {
        assert!(["2345-7", "718-7", "4548-4", "2160-0", "13457-7"].iter().all(|code| is_loinc(code)));
        assert!(["2345-8", "2345", "-7", "a-1", "12345678-1", "2345-77", ""].iter().all(|code| !is_loinc(code)));
    }
}
