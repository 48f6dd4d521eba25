//! An invoice as a document.

use clinichub_core::{AppError, Day, InvoiceId, Money, Result, UtcTime};
use clinichub_db::TenantTx;
use clinichub_pdf as pdf;
use jiff::tz::TimeZone;

use super::model::{Bill, InvoiceRow, LineRow};
use super::service;
use crate::press::{self, Paper};
use crate::{App, clinics, patients, scheduling};

type Access = clinichub_api::Access<App>;

/// The number and the PDF of an invoice, on this paper or the one that is usual where the clinic is.
pub async fn print(access: &Access, id: InvoiceId, paper: Option<Paper>) -> Result<(String, Vec<u8>)> {
    let document = access.app.db.read(&access.grant, (id, paper), async |mut tx: TenantTx, (id, paper): (InvoiceId, Option<Paper>)| {
        let bill = service::bill_in(&mut tx, id).await?;
        compose(&mut tx, bill, paper).await
    });
    let document = document.await?;
    Ok((document.number.clone(), access.app.press.print(move |fonts| pdf::invoice(&document, fonts)).await?))
}

async fn compose(tx: &mut TenantTx, Bill { invoice, lines, .. }: Bill, paper: Option<Paper>) -> Result<pdf::Invoice> {
    let clinic = clinics::get_in(tx).await?;
    let patient = about(tx, &invoice).await?;
    let zone = clinic.zone();
    Ok(pdf::Invoice {
        paper: paper.unwrap_or_else(|| Paper::usual_in(&clinic, Paper::A4)).into(),
        issued: date(invoice.issued_at, &zone),
        letterhead: press::letterhead(&clinic),
        patient,
        appointment: scheduling::reference_of(tx, invoice.appointment_id).await?,
        lines: lines.into_iter().map(|row| line(row, &invoice)).collect(),
        currency: invoice.currency.code().to_owned(),
        total: Money::new(invoice.total_minor, invoice.currency).to_string(),
        paid: invoice.paid_at.map(|at| pdf::Payment {
            on: date(at, &zone),
            method: invoice.payment_method,
            reference: invoice.payment_reference,
        }),
        number: invoice.number,
    })
}

/// Whom it is for: what was billed is owed after the chart is deleted, too.
async fn about(tx: &mut TenantTx, invoice: &InvoiceRow) -> Result<pdf::Patient> {
    match patients::get_in(tx, invoice.patient_id).await {
        Ok(chart) => Ok(press::patient(&chart)),
        Err(AppError::NotFound(_)) => Ok(pdf::Patient { name: invoice.patient_name.clone(), number: None, born: None, address: None }),
        Err(error) => Err(error),
    }
}

fn date(at: UtcTime, zone: &TimeZone) -> pdf::Date {
    press::day(Day(at.date_in(zone)))
}

fn line(row: LineRow, invoice: &InvoiceRow) -> pdf::Line {
    let money = |minor| Money::new(minor, invoice.currency).to_string();
    pdf::Line {
        code: row.code,
        description: row.description,
        units: row.units.to_string(),
        unit_price: money(row.unit_price_minor),
        amount: money(row.amount_minor),
    }
}
