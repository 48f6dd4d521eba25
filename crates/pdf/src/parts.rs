//! What the documents are made from. The templates read these fields by name.

use serde::Serialize;

/// The sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Paper {
    /// 148 × 210 mm.
    #[serde(rename = "a5")]
    A5,
    /// 210 × 297 mm.
    #[serde(rename = "a4")]
    A4,
    /// 8.5 × 11 in.
    #[serde(rename = "us-letter")]
    Letter,
}

/// A calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Date {
    pub year: i16,
    /// From 1.
    pub month: u8,
    /// From 1.
    pub day: u8,
}

/// Who the document is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Letterhead {
    pub clinic: String,
    /// Address and how to reach the clinic, a line each.
    pub lines: Vec<String>,
}

/// Whom the document is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Patient {
    pub name: String,
    /// The chart number; none where the chart was deleted.
    pub number: Option<String>,
    pub born: Option<Date>,
    pub address: Option<String>,
}

/// Who answers for the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Doctor {
    pub name: String,
    pub specialty: Option<String>,
    pub registration_number: Option<String>,
}

/// Whether a prescription can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Not signed yet; the page says so across its whole height.
    Draft,
    Finalized,
    /// Another one has taken its place.
    Superseded,
}

/// One drug of a prescription, in the words that stand on the paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Drug, strength and form.
    pub title: String,
    /// Dose, route, how often, how long.
    pub directions: String,
    /// Quantity and refills.
    pub supply: String,
    pub note: Option<String>,
}

/// A prescription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Prescription {
    pub paper: Paper,
    pub reference: String,
    pub standing: Standing,
    /// The day it was signed, or written while it is a draft.
    pub issued: Date,
    pub letterhead: Letterhead,
    pub patient: Patient,
    pub doctor: Doctor,
    pub items: Vec<Item>,
    pub note: Option<String>,
    /// What it corrects.
    pub replaces: Option<String>,
    /// What took its place.
    pub replaced_by: Option<String>,
    /// Where anybody can check that it is genuine; becomes the QR code.
    pub verify_url: Option<String>,
}

/// A line of an invoice; amounts are decimals without the currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    pub code: String,
    pub description: String,
    pub units: String,
    pub unit_price: String,
    pub amount: String,
}

/// How an invoice was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Payment {
    pub on: Date,
    pub method: Option<String>,
    pub reference: Option<String>,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Invoice {
    pub paper: Paper,
    pub number: String,
    pub issued: Date,
    pub letterhead: Letterhead,
    pub patient: Patient,
    /// What was treated: the reference of the appointment.
    pub appointment: String,
    pub lines: Vec<Line>,
    /// ISO 4217.
    pub currency: String,
    pub total: String,
    /// None while it is open.
    pub paid: Option<Payment>,
}
