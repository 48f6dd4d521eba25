//! Invoices as a table for a spreadsheet.

use clinichub_core::{AppError, Money, Result};

use super::model::InvoiceRow;

const HEADER: [&str; 11] = [
    "number",
    "issued_at",
    "patient_id",
    "patient_name",
    "appointment_id",
    "status",
    "currency",
    "total",
    "payment_method",
    "payment_reference",
    "paid_at",
];

/// The table, UTF-8 with a header line.
pub fn render(invoices: &[InvoiceRow]) -> Result<Vec<u8>> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER).map_err(AppError::internal)?;
    for invoice in invoices {
        writer.write_record(cells(invoice).map(|cell| harmless(&cell))).map_err(AppError::internal)?;
    }
    writer.into_inner().map_err(|error| AppError::internal(error.to_string()))
}

fn cells(invoice: &InvoiceRow) -> [String; 11] {
    [
        invoice.number.clone(),
        invoice.issued_at.to_string(),
        invoice.patient_id.to_string(),
        invoice.patient_name.clone(),
        invoice.appointment_id.to_string(),
        invoice.status.as_str().to_owned(),
        invoice.currency.to_string(),
        Money::new(invoice.total_minor, invoice.currency).to_string(),
        invoice.payment_method.clone().unwrap_or_default(),
        invoice.payment_reference.clone().unwrap_or_default(),
        invoice.paid_at.map(|time| time.to_string()).unwrap_or_default(),
    ]
}

/// A spreadsheet runs a cell that begins with one of these as a formula; a quote in front keeps it text (OWASP, CSV injection).
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_stay_text() {
        assert_eq!(harmless("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(harmless("card"), "card");
    }
}
