//! What makes a chart look like the person who is being registered. Pure: no database.

use clinichub_core::{Day, PatientId};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::search::{digits, name_key};
use crate::patients::Sex;
use crate::patients::identifiers::{Identifiers, Marks};

/// Digits of a phone number that two people don't share by chance: a local number.
const LOCAL_NUMBER: usize = 7;
/// Digits of a phone number without what is dialled before it.
const NATIONAL_NUMBER: usize = 10;
/// How many charts are shown.
const MOST: usize = 10;

/// Why a chart looks like the same person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateReason {
    /// The same national id.
    SameNationalId,
    /// The same words of the name, in any order, and the same date of birth.
    SameNameAndDob,
    /// The same e-mail address.
    SameEmail,
    /// The same phone number, however it is written.
    SamePhone,
    /// The same insurance number, which a family may share.
    SameInsuranceNumber,
    /// A name that is spelt nearly alike or is a longer form, and a date of birth that is the same, nearly the same, or not known yet.
    SimilarName,
}

impl DuplicateReason {
    /// How much it says.
    fn weight(self) -> u8 {
        match self {
            Self::SameNationalId => 16,
            Self::SameNameAndDob => 8,
            Self::SameEmail => 4,
            Self::SamePhone | Self::SameInsuranceNumber => 2,
            Self::SimilarName => 1,
        }
    }
}

/// A chart that may be the same person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The chart.
    pub patient_id: PatientId,
    /// Its number.
    pub mrn: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Date of birth.
    pub dob: Day,
    /// Administrative sex.
    pub sex: Sex,
    /// Telephone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// What the national id is found by.
    pub national_id_mark: Option<String>,
    /// What the insurance number is found by.
    pub insurance_number_mark: Option<String>,
}

/// What is known so far of the person who is being registered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Newcomer {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Date of birth.
    pub dob: Option<Day>,
    /// Telephone number.
    pub phone: String,
    /// E-mail address.
    pub email: String,
    /// National id and insurance number.
    pub identifiers: Identifiers,
    /// What charts with the same identifiers are found by.
    pub marks: Marks,
}

impl Newcomer {
    /// What names are compared by, once both are known.
    pub fn name(&self) -> Option<String> {
        let (first, last) = (name_key(&self.first_name, ""), name_key("", &self.last_name));
        (!first.is_empty() && !last.is_empty()).then(|| format!("{last} {first}"))
    }

    /// How the keys begin of those with the same family name and the same initial.
    pub fn name_prefix(&self) -> Option<String> {
        let initial = name_key(&self.first_name, "").chars().next()?;
        let last = name_key("", &self.last_name);
        (!last.is_empty()).then(|| format!("{last} {initial}"))
    }

    /// The digits that a chart with the same phone number is found by.
    pub fn phone_token(&self) -> Option<String> {
        let digits = digits(&self.phone);
        (digits.len() >= LOCAL_NUMBER).then(|| tail(&digits).to_owned())
    }

    /// What e-mail addresses are compared by.
    pub fn email_key(&self) -> Option<String> {
        let email = self.email.trim().to_lowercase();
        (!email.is_empty()).then_some(email)
    }

    /// Why this chart looks like the newcomer's; nothing: it does not.
    fn reasons(&self, chart: &Candidate) -> Vec<DuplicateReason> {
        let mut reasons = Vec::new();
        let theirs = name_key(&chart.first_name, &chart.last_name);
        let name = self.name();
        let same_name = name.as_ref().is_some_and(|name| sorted(name) == sorted(&theirs));
        let same = |mark: &Option<String>, theirs: &Option<String>| mark.is_some() && mark == theirs;
        if same(&self.marks.national_id, &chart.national_id_mark) {
            reasons.push(DuplicateReason::SameNationalId);
        }
        if same_name && self.dob == Some(chart.dob) {
            reasons.push(DuplicateReason::SameNameAndDob);
        }
        if self.email_key().is_some_and(|email| chart.email.as_deref().map(str::to_lowercase) == Some(email)) {
            reasons.push(DuplicateReason::SameEmail);
        }
        if chart.phone.as_deref().is_some_and(|phone| same_number(&digits(&self.phone), &digits(phone))) {
            reasons.push(DuplicateReason::SamePhone);
        }
        if same(&self.marks.insurance_number, &chart.insurance_number_mark) {
            reasons.push(DuplicateReason::SameInsuranceNumber);
        }
        let maybe_born_alike = self.dob.is_none_or(|dob| nearly_same_day(dob, chart.dob));
        if !reasons.contains(&DuplicateReason::SameNameAndDob)
            && maybe_born_alike
            && name.is_some_and(|name| same_name || similar(&name, &theirs))
        {
            reasons.push(DuplicateReason::SimilarName);
        }
        reasons
    }

    /// The charts that look like the newcomer's, the likeliest first, each once, with the reasons.
    pub fn compare(&self, mut charts: Vec<Candidate>) -> Vec<(Candidate, Vec<DuplicateReason>)> {
        charts.sort_by_key(|chart| chart.patient_id);
        charts.dedup_by_key(|chart| chart.patient_id);
        let with_reasons = charts.into_iter().map(|chart| {
            let reasons = self.reasons(&chart);
            (chart, reasons)
        });
        let mut alike: Vec<_> = with_reasons.filter(|(_, reasons)| !reasons.is_empty()).collect();
        alike.sort_by_key(|(_, reasons)| std::cmp::Reverse(reasons.iter().map(|reason| reason.weight()).sum::<u8>()));
        alike.truncate(MOST);
        alike
    }
}

/// The words of a key in alphabetical order: people swap given and family name.
fn sorted(key: &str) -> Vec<&str> {
    let mut words: Vec<_> = key.split(' ').collect();
    words.sort_unstable();
    words
}

/// Whether two keys may be one name: a slip or two of the pen, a short form of the last word, a further name.
fn similar(one: &str, other: &str) -> bool {
    let slips = if one.chars().count().min(other.chars().count()) < 8 { 1 } else { 2 };
    let (mine, theirs) = (sorted(one), sorted(other));
    let (few, many) = if mine.len() <= theirs.len() { (&mine, &theirs) } else { (&theirs, &mine) };
    let has_all = few.len() > 1 && few.iter().all(|word| many.contains(word));
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let short_form = long.starts_with(short) && short.rsplit(' ').next().is_some_and(|word| word.chars().count() > 2);
    has_all
        || short_form
        || strsim::damerau_levenshtein(one, other) <= slips
        || strsim::damerau_levenshtein(&mine.join(" "), &theirs.join(" ")) <= slips
}

/// Whether two days are the same but for one of year, month and day, or with day and month swapped: how dates are mistyped.
fn nearly_same_day(one: Day, other: Day) -> bool {
    let (one, other) = (one.0, other.0);
    let alike = [one.year() == other.year(), one.month() == other.month(), one.day() == other.day()];
    let swapped = alike[0] && one.month() == other.day() && one.day() == other.month();
    swapped || alike.into_iter().filter(|same| *same).count() > 1
}

/// Whether both are one number, whatever is dialled before it.
fn same_number(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    short.len() >= LOCAL_NUMBER && (long.ends_with(short) || tail(short) == tail(long))
}

fn tail(digits: &str) -> &str {
    &digits[digits.len().saturating_sub(NATIONAL_NUMBER)..]
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::DuplicateReason::{SameEmail, SameInsuranceNumber, SameNameAndDob, SameNationalId, SamePhone, SimilarName};
    use super::*;

    fn chart() -> Candidate {
        Candidate {
            patient_id: PatientId(1),
            mrn: "ABC01-P1".into(),
            first_name: "José".into(),
            last_name: "Núñez Ortiz".into(),
            dob: "1990-05-10".parse().expect("a day"),
            sex: Sex::Male,
            phone: Some("+1 (787) 123-4567".into()),
            email: Some("Jose@example.com".into()),
            national_id_mark: Some("n".into()),
            insurance_number_mark: Some("i".into()),
        }
    }

    fn newcomer(first_name: &str, last_name: &str, dob: &str) -> Newcomer {
        Newcomer { first_name: first_name.into(), last_name: last_name.into(), dob: dob.parse().ok(), ..Newcomer::default() }
    }

    #[rstest]
    #[case("jose", "nunez ortiz", "1990-05-10", &[SameNameAndDob])]
    #[case("Nuñez  Ortiz", "José", "1990-05-10", &[SameNameAndDob])]
    #[case("José", "Núñez", "1990-05-10", &[SimilarName])]
    #[case("José Luis", "Núñez Ortiz", "1990-05-10", &[SimilarName])]
    #[case("Jose", "Nunes Ortis", "1990-05-10", &[SimilarName])]
    #[case("José", "Núñez Ortiz", "1990-10-05", &[SimilarName])]
    #[case("José", "Núñez Ortiz", "1991-05-10", &[SimilarName])]
    #[case("José", "Núñez Ortiz", "", &[SimilarName])]
    #[case("José", "Núñez Ortiz", "1962-03-01", &[])]
    #[case("Ana", "Núñez Ortiz", "1990-05-10", &[])]
    #[case("José", "", "1990-05-10", &[])]
    fn names_and_births(#[case] first: &str, #[case] last: &str, #[case] dob: &str, #[case] reasons: &[DuplicateReason]) {
        assert_eq!(newcomer(first, last, dob).reasons(&chart()), reasons);
    }

    #[rstest]
    #[case("787 123 4567", "", &[SamePhone])]
    #[case("123-4567", "", &[SamePhone])]
    #[case("001 787 1234567", "", &[SamePhone])]
    #[case("787 123 4568", "", &[])]
    #[case("4567", "", &[])]
    #[case("", " JOSE@example.com ", &[SameEmail])]
    #[case("7871234567", "jose@example.com", &[SameEmail, SamePhone])]
    #[case("", "jose@example.org", &[])]
    fn phones_and_addresses(#[case] phone: &str, #[case] email: &str, #[case] reasons: &[DuplicateReason]) {
        let newcomer = Newcomer { phone: phone.into(), email: email.into(), ..Newcomer::default() };
        assert_eq!(newcomer.reasons(&chart()), reasons);
    }

    #[rstest]
    #[case(Some("n"), None, &[SameNationalId])]
    #[case(Some("i"), Some("i"), &[SameInsuranceNumber])]
    #[case(None, None, &[])]
    fn identifiers(#[case] national_id: Option<&str>, #[case] insurance_number: Option<&str>, #[case] reasons: &[DuplicateReason]) {
        let marks = Marks { national_id: national_id.map(Into::into), insurance_number: insurance_number.map(Into::into) };
        assert_eq!(Newcomer { marks, ..Newcomer::default() }.reasons(&chart()), reasons);
    }

    #[test]
    fn the_likeliest_comes_first_and_each_once() {
        let by_phone = Candidate { patient_id: PatientId(2), first_name: "Ana".into(), ..chart() };
        let charts = vec![by_phone.clone(), chart(), by_phone, chart()];
        let newcomer = Newcomer { phone: "7871234567".into(), ..newcomer("José", "Núñez Ortiz", "1990-05-10") };
        let found: Vec<_> = newcomer.compare(charts).into_iter().map(|(chart, reasons)| (chart.patient_id.0, reasons)).collect();
        assert_eq!(found, [(1, vec![SameNameAndDob, SamePhone]), (2, vec![SamePhone])]);
    }
}
