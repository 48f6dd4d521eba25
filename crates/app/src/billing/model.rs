//! Services, procedures and invoices, without a database.

use clinichub_core::{AppError, AppointmentId, CptId, Currency, InvoiceId, Money, Patch, PatientId, Result, ServiceId, UserId, UtcTime};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::patients;

/// Whether an invoice is paid (seed 000: `paid` or `unpaid`, nothing else).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    Paid,
    Unpaid,
}

impl InvoiceStatus {
    /// As it stands in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Unpaid => "unpaid",
        }
    }
}

impl std::str::FromStr for InvoiceStatus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "paid" => Ok(Self::Paid),
            "unpaid" => Ok(Self::Unpaid),
            _ => Err(format!("{text:?} is not one of paid, unpaid")),
        }
    }
}

/// A service to add to the fee schedule.
#[derive(Debug, Clone)]
pub struct NewService {
    /// What is billed: a CPT code or the clinic's own.
    pub code: String,
    /// The clinic's own words.
    pub description: String,
    /// In the clinic's currency.
    pub price: Money,
    /// How long it takes, if that is always the same.
    pub duration_minutes: Option<i64>,
    /// Whether it is billed where an appointment names no service; one of the clinic's services is.
    pub is_default: bool,
}

/// A service of the clinic, as it stands in the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRow {
    pub service_id: ServiceId,
    pub code: String,
    pub description: String,
    pub price_minor: i64,
    pub currency: Currency,
    pub duration_minutes: Option<i64>,
    pub is_active: bool,
    pub is_default: bool,
    pub version: i64,
}

impl ServiceRow {
    /// The price.
    pub fn price(&self) -> Money {
        Money::new(self.price_minor, self.currency)
    }

    /// The same service, a version later, as `new` describes it; it stays active, and the default where it was.
    #[must_use]
    pub fn replaced(self, new: NewService) -> Self {
        Self {
            code: new.code,
            description: new.description,
            price_minor: new.price.minor,
            duration_minutes: new.duration_minutes,
            is_default: self.is_default || new.is_default,
            version: self.version + 1,
            ..self
        }
    }
}

/// An appointment that was just completed.
#[derive(Debug, Clone, Copy)]
pub struct CompletedAppointment {
    /// The appointment.
    pub appointment_id: AppointmentId,
    /// Whose it was.
    pub patient_id: PatientId,
    /// Who did it.
    pub provider_user_id: UserId,
    /// What was booked; the clinic's default service where nothing was.
    pub service_id: Option<ServiceId>,
    /// When it was done.
    pub performed_at: UtcTime,
}

/// A procedure that a completed visit names, at the price of when it was noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Performed {
    /// The service of the fee schedule.
    pub service_id: ServiceId,
    /// What is billed.
    pub code: String,
    /// The clinic's own words.
    pub description: String,
    /// How often.
    pub units: i64,
    /// Two letters or digits each, at most four.
    pub modifiers: Modifiers,
    /// In minor units of `currency`.
    pub unit_price_minor: i64,
    /// The price's currency.
    pub currency: Currency,
}

/// What is added to a code on a bill (`25`, `59`, `RT`); one text in the database, a list elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Modifiers(pub Vec<String>);

impl Modifiers {
    /// The most that one procedure has (CMS-1500, item 24D).
    pub const MOST: usize = 4;

    /// Modifiers in capitals; `None` where one has not two letters or digits, or there are more than four.
    pub fn checked(given: Vec<String>) -> Option<Self> {
        let fits = |text: &String| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let fine = given.len() <= Self::MOST && given.iter().all(fits);
        fine.then(|| Self(given.into_iter().map(|text| text.to_ascii_uppercase()).collect()))
    }

    /// The place of the first one that stands before it already.
    pub fn repeated(&self) -> Option<usize> {
        (1..self.0.len()).find(|place| self.0[..*place].contains(&self.0[*place]))
    }

    /// As it stands in the database.
    pub fn to_text(&self) -> String {
        self.0.join(",")
    }

    /// From what stands in the database.
    pub fn of_text(text: &str) -> Self {
        Self(text.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect())
    }
}

/// A procedure performed, as it stands in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CptRow {
    pub cpt_id: CptId,
    pub appointment_id: AppointmentId,
    pub patient_id: PatientId,
    pub provider_user_id: UserId,
    pub service_id: Option<ServiceId>,
    pub code: String,
    pub description: String,
    pub units: i64,
    pub unit_price_minor: i64,
    pub currency: Currency,
    pub performed_at: UtcTime,
    pub line_no: i64,
    pub modifiers: Modifiers,
}

/// A procedure performed, with what a list of them shows beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CptListed {
    pub cpt_id: CptId,
    pub appointment_id: AppointmentId,
    pub appointment_reference: String,
    pub patient_id: PatientId,
    pub patient_name: String,
    pub provider_user_id: UserId,
    pub provider_name: String,
    pub service_id: Option<ServiceId>,
    pub code: String,
    pub description: String,
    pub units: i64,
    pub unit_price_minor: i64,
    pub currency: Currency,
    pub performed_at: UtcTime,
    pub line_no: i64,
    pub modifiers: Modifiers,
    pub invoice_id: Option<InvoiceId>,
}

/// What a search for invoices looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The invoice with this number.
    Number(String),
    /// Invoices of patients who have words that begin with each of these.
    Patient(Vec<String>),
}

impl Wanted {
    /// A number, whole (`ABC01-I88`) or without the clinic's code (`I88`, `88`), or else words about a patient.
    pub fn of(search: &str, code: &str) -> Self {
        let upper = search.trim().to_uppercase();
        let is_number = |text: &str| (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        match upper.rsplit_once("-I") {
            Some((_, number)) if is_number(number) => Self::Number(upper),
            _ => match upper.strip_prefix('I').unwrap_or(&upper) {
                number if is_number(number) => Self::Number(format!("{code}-I{number}")),
                _ => Self::Patient(patients::search_terms(search)),
            },
        }
    }
}

/// The invoices of one currency that a list is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalRow {
    pub currency: Currency,
    pub count: i64,
    pub total_minor: i64,
    pub paid_minor: i64,
}

/// An invoice, as it stands in the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceRow {
    pub invoice_id: InvoiceId,
    pub number: String,
    pub appointment_id: AppointmentId,
    pub patient_id: PatientId,
    pub cpt_id: CptId,
    pub status: InvoiceStatus,
    pub currency: Currency,
    pub total_minor: i64,
    pub payment_method: Option<String>,
    pub payment_reference: Option<String>,
    pub issued_at: UtcTime,
    pub paid_at: Option<UtcTime>,
    pub updated_at: UtcTime,
    pub version: i64,
    pub patient_name: String,
}

/// A line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineRow {
    pub line_no: i64,
    pub code: String,
    pub description: String,
    pub units: i64,
    pub unit_price_minor: i64,
    pub amount_minor: i64,
    #[serde(default)]
    pub modifiers: Modifiers,
}

/// An invoice with its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    pub invoice: InvoiceRow,
    pub lines: Vec<LineRow>,
    /// The letters that its document can't show, where somebody looks at it.
    pub unprintable: Option<String>,
}

impl Bill {
    /// What the document says of the patient, the work and the payment.
    pub fn words(&self) -> String {
        let InvoiceRow { patient_name, payment_method, payment_reference, .. } = &self.invoice;
        let lines = self.lines.iter().map(|line| line.description.as_str());
        let paid = [payment_method, payment_reference].into_iter().filter_map(|text| text.as_deref());
        std::iter::once(patient_name.as_str()).chain(lines).chain(paid).collect::<Vec<_>>().join("\n")
    }
}

/// What a patient owes in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Unpaid {
    pub currency: Currency,
    #[schema(example = "125.00")]
    pub amount: String,
    /// How many invoices are open.
    pub invoices: i64,
}

/// What an update says about payment.
#[derive(Debug, Clone, Default)]
pub struct Payment {
    pub status: Option<InvoiceStatus>,
    pub method: Patch<String>,
    pub reference: Patch<String>,
}

impl InvoiceRow {
    /// The invoice after `payment`: `paid` sets `paid_at` (once), `unpaid` clears it and how it was paid (API.md, rule 6).
    pub fn paid(self, payment: Payment, now: UtcTime) -> Result<Self> {
        let status = payment.status.unwrap_or(self.status);
        let (method, reference) = (payment.method.apply(self.payment_method), payment.reference.apply(self.payment_reference));
        let is_paid = status == InvoiceStatus::Paid;
        if !is_paid && payment.status.is_none() && (method.is_some() || reference.is_some()) {
            return Err(AppError::field("status", "How an invoice was paid can be said when it is paid"));
        }
        Ok(Self {
            status,
            payment_method: method.filter(|_| is_paid),
            payment_reference: reference.filter(|_| is_paid),
            paid_at: is_paid.then(|| self.paid_at.unwrap_or(now)),
            updated_at: now,
            version: self.version + 1,
            ..self
        })
    }
}

/// Which of what was charged before each line of a new list stands for: a record of the same service that no line before it took.
pub fn kept_ids(before: &[CptRow], performed: &[Performed]) -> Vec<Option<CptId>> {
    let mut left: Vec<&CptRow> = before.iter().collect();
    let mut take = |one: &Performed| {
        let at = left.iter().position(|cpt| cpt.service_id == Some(one.service_id))?;
        Some(left.remove(at).cpt_id)
    };
    performed.iter().map(&mut take).collect()
}

/// The lines that the procedures of one appointment make, and their sum.
pub fn bill(procedures: &[CptRow]) -> Result<(Vec<LineRow>, Money)> {
    let too_much = || AppError::Rule("The amount is too large".to_owned());
    let mut total: Option<Money> = None;
    let mut lines = Vec::with_capacity(procedures.len());
    for cpt in procedures {
        let amount = Money::new(cpt.unit_price_minor, cpt.currency).times(cpt.units).ok_or_else(too_much)?;
        let before = total.unwrap_or(Money::new(0, cpt.currency));
        if before.currency != cpt.currency {
            return Err(AppError::Rule("The procedures are priced in different currencies".to_owned()));
        }
        total = Some(before.plus(amount).ok_or_else(too_much)?);
        lines.push(LineRow {
            line_no: cpt.line_no,
            code: cpt.code.clone(),
            description: cpt.description.clone(),
            units: cpt.units,
            unit_price_minor: cpt.unit_price_minor,
            amount_minor: amount.minor,
            modifiers: cpt.modifiers.clone(),
        });
    }
    let total = total.ok_or_else(|| AppError::Rule("No CPT record exists for this appointment".to_owned()))?;
    Ok((lines, total))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoice() -> InvoiceRow {
        InvoiceRow {
            invoice_id: InvoiceId(1),
            number: "ABC01-I1".into(),
            appointment_id: AppointmentId(1),
            patient_id: PatientId(1),
            cpt_id: CptId(5),
            status: InvoiceStatus::Unpaid,
            currency: Currency::USD,
            total_minor: 12_500,
            payment_method: None,
            payment_reference: None,
            issued_at: UtcTime::from_micros(0),
            paid_at: None,
            updated_at: UtcTime::from_micros(0),
            version: 1,
            patient_name: "John Doe".into(),
        }
    }

    fn pay(invoice: InvoiceRow, status: InvoiceStatus, at: i64) -> InvoiceRow {
        let payment = Payment { status: Some(status), method: Patch::Set("card".into()), ..Payment::default() };
        invoice.paid(payment, UtcTime::from_micros(at)).expect("a payment")
    }

    #[test]
    fn paying_sets_the_time_once_and_unpaying_clears_it() {
        let paid = pay(invoice(), InvoiceStatus::Paid, 7);
        assert_eq!((paid.paid_at, paid.payment_method.as_deref()), (Some(UtcTime::from_micros(7)), Some("card")));
        let again = pay(paid, InvoiceStatus::Paid, 9);
        assert_eq!(again.paid_at, Some(UtcTime::from_micros(7)));
        let unpaid = pay(again, InvoiceStatus::Unpaid, 11);
        assert_eq!((unpaid.paid_at, unpaid.payment_method), (None, None));
    }

    #[test]
    fn a_number_is_told_from_a_patient() {
        let wanted = |search: &str| Wanted::of(search, "ABC01");
        for number in ["ABC01-I88", "abc01-i88", "I88", " 88 "] {
            assert_eq!(wanted(number), Wanted::Number("ABC01-I88".into()), "{number}");
        }
        assert_eq!(wanted("Iris"), Wanted::Patient(vec!["iris".into()]));
        assert_eq!(wanted("ABC01-P17"), Wanted::Patient(vec!["abc01".into(), "p17".into()]));
        assert_eq!(wanted("(787) 123-4567"), Wanted::Patient(vec!["7871234567".into()]));
        assert_eq!(wanted("?"), Wanted::Patient(Vec::new()));
    }

    #[test]
    fn an_open_invoice_has_no_payment_method() {
        let payment = Payment { method: Patch::Set("card".into()), ..Payment::default() };
        assert!(invoice().paid(payment, UtcTime::from_micros(1)).is_err());
    }

    #[test]
    fn a_line_of_the_same_service_keeps_its_id() {
        let charged =
            |line_no: i64, service: i64| CptRow { service_id: Some(ServiceId(service)), ..performed(line_no, 1, 1, Currency::USD) };
        let named = |service: i64| Performed {
            service_id: ServiceId(service),
            code: "97110".into(),
            description: "Exercises".into(),
            units: 1,
            modifiers: Modifiers::default(),
            unit_price_minor: 1,
            currency: Currency::USD,
        };
        let before = [charged(1, 7), charged(2, 8), charged(3, 7)];
        let kept = kept_ids(&before, &[named(8), named(7), named(7), named(7), named(9)]);
        assert_eq!(kept, [Some(CptId(2)), Some(CptId(1)), Some(CptId(3)), None, None]);
    }

    fn performed(line_no: i64, price: i64, units: i64, currency: Currency) -> CptRow {
        CptRow {
            cpt_id: CptId(line_no),
            appointment_id: AppointmentId(1),
            patient_id: PatientId(1),
            provider_user_id: UserId(2),
            service_id: None,
            code: "99213".into(),
            description: "Office visit".into(),
            units,
            unit_price_minor: price,
            currency,
            performed_at: UtcTime::from_micros(0),
            line_no,
            modifiers: Modifiers::default(),
        }
    }

    #[test]
    fn a_bill_has_a_line_for_each_procedure() {
        let (lines, total) = bill(&[performed(1, 9_500, 1, Currency::USD), performed(2, 5_500, 3, Currency::USD)]).expect("a bill");
        assert_eq!((lines.len(), lines[1].amount_minor, total.minor), (2, 16_500, 26_000));
        let mixed = [performed(1, 1, 1, Currency::USD), performed(2, 1, 1, Currency::parse("EUR").expect("a currency"))];
        assert!(bill(&mixed).is_err() && bill(&[]).is_err());
        assert!(bill(&[performed(1, i64::MAX, 2, Currency::USD)]).is_err());
    }

    #[test]
    fn modifiers_are_two_signs_each() {
        let given = |texts: &[&str]| Modifiers::checked(texts.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(given(&["25", "rt"]).map(|modifiers| modifiers.to_text()), Some("25,RT".to_owned()));
        assert_eq!(Modifiers::of_text("25,RT").0, ["25", "RT"]);
        assert_eq!(Modifiers::of_text(""), Modifiers::default());
        for wrong in [&["2"][..], &["255"], &["2,"], &["25", "26", "27", "28", "29"]] {
            assert_eq!(given(wrong), None, "{wrong:?}");
        }
        let repeated = |texts: &[&str]| given(texts).and_then(|modifiers| modifiers.repeated());
        assert_eq!((repeated(&[]), repeated(&["25", "RT"]), repeated(&["25", "rt", "RT", "25"])), (None, None, Some(2)));
    }
}
