//! How much: of a drug at a time, of a drug altogether, and of money.

use clinichub_api::rules;
use clinichub_core::{Currency, FieldError, Money, Result};
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use utoipa::Number;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};

/// A decimal, written as a text (`"12.50"`) or as a number (`12.5`, as seed 003 has it). Never reckoned with as a float.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Decimal(String);

impl Decimal {
    /// One that is stored, and was looked at before.
    pub fn of(stored: String) -> Self {
        Self(stored)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;

        impl Visitor<'_> for Digits {
            type Value = Decimal;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a decimal such as \"12.50\"")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Decimal, E> {
                decimal(text.to_owned())
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Decimal, E> {
                decimal(number.to_string())
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Decimal, E> {
                decimal(number.to_string())
            }

            /// As it was most likely typed: `0.35`, not `0.35000000000000003`.
            fn visit_f64<E: Error>(self, number: f64) -> Result<Decimal, E> {
                let rounded = format!("{number:.3}");
                let is_close = rounded.parse::<f64>().is_ok_and(|typed| (typed - number).abs() < 1e-9);
                let typed = rounded.trim_end_matches('0').trim_end_matches('.').to_owned();
                decimal(if is_close { typed } else { number.to_string() })
            }
        }
        deserializer.deserialize_any(Digits)
    }
}

/// A decimal of at most six digits before the point and two behind it.
fn decimal<E: Error>(text: String) -> Result<Decimal, E> {
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    let is_plain = |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain(whole, 6) && is_plain(fraction, 2) {
        Ok(Decimal(text))
    } else {
        Err(E::custom("expected a decimal such as \"12.50\", not negative, with at most six digits before the point and two behind it"))
    }
}

impl utoipa::PartialSchema for Decimal {
    fn schema() -> RefOr<Schema> {
        let said = "A decimal with at most two digits behind the point, as a text or as a number";
        decimal_schema(said, r"^[0-9]{1,6}(\.[0-9]{1,2})?$", 0.into(), "12.50")
    }
}

fn decimal_schema(said: &str, pattern: &str, least: Number, example: &str) -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).build();
    let number = ObjectBuilder::new().schema_type(Type::Number).minimum(Some(least)).maximum(Some(999_999)).multiple_of(Some(0.01)).build();
    let either = OneOfBuilder::new().description(Some(said)).item(text).item(number).examples([example]).build();
    Schema::OneOf(either).into()
}

impl ToSchema for Decimal {}

/// How the document describes a [`Decimal`] that [`above_zero`] takes.
pub enum Quantity {}

impl utoipa::PartialSchema for Quantity {
    fn schema() -> RefOr<Schema> {
        let said = "A decimal above zero with at most two digits behind the point, as a text or as a number";
        decimal_schema(said, r"^([1-9][0-9]{0,5}(\.[0-9]{1,2})?|0\.(0[1-9]|[1-9][0-9]?))$", 0.01.into(), "21")
    }
}

impl ToSchema for Quantity {}

/// How the document describes what [`dose`] takes.
pub enum Dose {}

/// Nothing, or a text that does not begin with zero, or whose leading numbers hold another digit than zero. What [`is_above_zero`] says,
/// without the control characters that no text may have.
const DOSE: &str = r"^ *([^\s\u0000-\u001f\u007f-\u009f0.,\u2212-][^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*|[0.,][0 .,/\u2013-]*[1-9][^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*)?$";

impl utoipa::PartialSchema for Dose {
    fn schema() -> RefOr<Schema> {
        let said = "How much at a time: `1`, `1–2`, `500mg`. A number in front is above zero";
        let text = ObjectBuilder::new().schema_type(Type::String).description(Some(said));
        Schema::Object(text.max_length(Some(100)).pattern(Some(DOSE)).examples(["1"]).build()).into()
    }
}

impl ToSchema for Dose {}

/// How much at a time, in words or numbers. `0 mg` and `-1` are refused; `0.5`, `0-0-1` (none in the morning and at noon) and
/// `as told` are not.
pub fn dose(refused: &mut Vec<FieldError>, field: &str, dose: Option<&str>) {
    if dose.is_some_and(|dose| !is_above_zero(dose)) {
        rules::refuse(refused, field, "dose: expected more than 0, such as 1, 0.5 or 1-2");
    }
}

/// How much at a time, of a unit: a number or fraction above zero, from one to another, or one for each time of the day (`0-0-1`). More
/// words would stand on the paper with the unit behind them.
pub fn dose_of_unit(refused: &mut Vec<FieldError>, field: &str, dose: &str) {
    let parts: Vec<Option<bool>> = dose.split(['-', '\u{2013}']).map(|part| is_amount(part.trim())).collect();
    if parts.len() > 4 || parts.contains(&None) || !parts.contains(&Some(true)) {
        rules::refuse(refused, field, "dose: beside a dose_unit expected a number above 0, such as 1, 0.5, 1/2 or 1-2");
    }
}

/// Whether a number or a fraction of two is above zero; none where it is neither.
fn is_amount(text: &str) -> Option<bool> {
    let is_plain = |digits: &str| (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_zero = |digits: &str| digits.bytes().all(|digit| digit == b'0');
    if let Some((above, below)) = text.split_once('/') {
        return (is_plain(above) && is_plain(below) && !is_zero(below)).then(|| !is_zero(above));
    }
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    (is_plain(whole) && is_plain(fraction)).then(|| !(is_zero(whole) && is_zero(fraction)))
}

/// Whether a text without blanks around it begins with no number, or with numbers of which one is above zero.
fn is_above_zero(dose: &str) -> bool {
    let is_between = |sign: char| "0 .,/–-".contains(sign);
    match dose.chars().next() {
        Some('-' | '−') => false,
        Some('0' | '.' | ',') => dose.trim_start_matches(is_between).starts_with(|first| matches!(first, '1'..='9')),
        _ => true,
    }
}

/// A decimal above zero of at most six digits, and two behind the point, without needless zeros.
pub fn above_zero(refused: &mut Vec<FieldError>, field: &str, Decimal(text): Decimal) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = (1..=6).contains(&whole.len()) && fraction.len() <= 2 && is_plain(whole) && is_plain(fraction) && !text.ends_with('.');
    if !fits || text.bytes().all(|byte| matches!(byte, b'0' | b'.')) {
        rules::refuse(refused, field, format!("{field}: expected an amount above zero such as 21 or 0.5"));
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let (whole, fraction) = (if whole.is_empty() { "0" } else { whole }, fraction.trim_end_matches('0'));
    Some(if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") })
}

/// An amount in the smallest unit of `currency`, which may be zero.
pub fn money(refused: &mut Vec<FieldError>, field: &str, Decimal(text): &Decimal, currency: Currency) -> Option<i64> {
    match Money::parse(text, currency) {
        Ok(money) if money.minor >= 0 => return Some(money.minor),
        Ok(_) => rules::refuse(refused, field, format!("{field}: can't be negative")),
        Err(message) => rules::refuse(refused, field, format!("{field}: {message}")),
    }
    None
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("21", Some("21"))]
    #[case("007.50", Some("7.5"))]
    #[case("0.50", Some("0.5"))]
    #[case("0.00", None)]
    #[case("1.234", None)]
    #[case("-1", None)]
    #[case("1e3", None)]
    #[case("1.", None)]
    #[case("", None)]
    fn quantities_are_plain_decimals(#[case] text: &str, #[case] expected: Option<&str>) {
        let mut refused = Vec::new();
        assert_eq!(above_zero(&mut refused, "quantity", Decimal(text.to_owned())).as_deref(), expected);
        assert_eq!(refused.is_empty(), expected.is_some());
    }

    #[rstest]
    #[case("1", true)]
    #[case("0.5", true)]
    #[case("0,25", true)]
    #[case("1/2", true)]
    #[case("1 - 2", true)]
    #[case("1\u{2013}2", true)]
    #[case("NaN", false)]
    #[case("1 mg", false)]
    #[case("0/2", false)]
    #[case("+1", false)]
    #[case("\u{661}", false)]
    #[case("1e400", false)]
    #[case("0-0-1", true)]
    #[case("1/2-1", true)]
    #[case("0-0", false)]
    #[case("1/0", false)]
    #[case("1-1-1-1-1", false)]
    fn beside_a_unit_stands_a_number(#[case] text: &str, #[case] expected: bool) {
        let mut refused = Vec::new();
        dose_of_unit(&mut refused, "dose", text);
        assert_eq!(refused.is_empty(), expected);
    }

    #[rstest]
    #[case("1", true)]
    #[case("0.5", true)]
    #[case("0,25 mg", true)]
    #[case(".5", true)]
    #[case("1–2", true)]
    #[case("0-0-1", true)]
    #[case("500mg", true)]
    #[case("½", true)]
    #[case("as told", true)]
    #[case("0", false)]
    #[case("0.00", false)]
    #[case("0 mg", false)]
    #[case("00mg", false)]
    #[case("0-0", false)]
    #[case("-1", false)]
    #[case("−5 mg", false)]
    fn doses_are_above_zero(#[case] text: &str, #[case] expected: bool) {
        let mut refused = Vec::new();
        dose(&mut refused, "dose", Some(text));
        assert_eq!(refused.is_empty(), expected);
    }
}
