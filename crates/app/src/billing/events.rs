//! What those who watch the money are told: which invoice, of which appointment, and whether it is paid; never how much or whose name.

use clinichub_core::Permission;
use clinichub_db::Event;
use serde_json::json;

use super::model::{InvoiceRow, InvoiceStatus};

/// An invoice was made.
pub fn created(invoice: &InvoiceRow) -> Event {
    event("invoice.created", invoice)
}

/// An invoice was marked paid or unpaid, or it was said how it was paid.
pub fn changed(invoice: &InvoiceRow) -> Event {
    event(if invoice.status == InvoiceStatus::Paid { "invoice.paid" } else { "invoice.unpaid" }, invoice)
}

fn event(kind: &'static str, invoice: &InvoiceRow) -> Event {
    Event {
        kind,
        resource: ("invoice", invoice.invoice_id.0),
        needs: Permission::InvoiceRead,
        patient_id: Some(invoice.patient_id),
        payload: json!({ "appointment_id": invoice.appointment_id, "status": invoice.status, "version": invoice.version }),
    }
}
