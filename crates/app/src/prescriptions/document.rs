//! A prescription as a document.

use clinichub_core::{Day, PrescriptionId, Result};
use clinichub_db::TenantTx;
use clinichub_pdf as pdf;

use super::model::{Item, Prescription, PrescriptionStatus};
use super::{service, store};
use crate::press::{self, Paper};
use crate::{App, clinics, doctors, patients};

type Access = clinichub_api::Access<App>;

/// The reference and the PDF of a prescription, on this paper or the one that is usual where the clinic is.
pub async fn print(access: &Access, id: PrescriptionId, paper: Option<Paper>) -> Result<(String, Vec<u8>)> {
    let args = (id, paper, access.app.settings.public_url.clone());
    let read = async |mut tx: TenantTx, (id, paper, public_url): (PrescriptionId, Option<Paper>, String)| {
        let prescription = service::reached(&mut tx, id).await?;
        compose(&mut tx, prescription, paper, &public_url).await
    };
    let document = access.app.db.read(&access.grant, args, read).await?;
    Ok((document.reference.clone(), access.app.press.print(move |fonts| pdf::prescription(&document, fonts)).await?))
}

async fn compose(tx: &mut TenantTx, prescription: Prescription, paper: Option<Paper>, public_url: &str) -> Result<pdf::Prescription> {
    let Prescription { row, items, .. } = prescription;
    let clinic = clinics::get_in(tx).await?;
    let chart = patients::get_in(tx, row.patient_id).await?;
    let doctor = doctors::signature_of(tx, row.doctor_user_id).await?;
    let replaces = reference_of(tx, row.supersedes_id).await?;
    let replaced_by = reference_of(tx, row.superseded_by_id).await?;
    let issued = row.finalized_at.unwrap_or(row.created_at).date_in(&clinic.zone());
    Ok(pdf::Prescription {
        paper: paper.unwrap_or_else(|| Paper::usual_in(&clinic, Paper::A5)).into(),
        standing: standing(row.status),
        issued: press::day(Day(issued)),
        letterhead: press::letterhead(&clinic),
        patient: press::patient(&chart),
        doctor: pdf::Doctor {
            name: format!("{} {}", doctor.first_name, doctor.last_name),
            specialty: doctor.specialization,
            registration_number: doctor.registration_number,
        },
        items: items.iter().map(entry).collect(),
        verify_url: row.token.as_deref().map(|token| verify_url(public_url, token)),
        reference: row.reference,
        note: row.note,
        replaces,
        replaced_by,
    })
}

async fn reference_of(tx: &mut TenantTx, id: Option<PrescriptionId>) -> Result<Option<String>> {
    let Some(id) = id else { return Ok(None) };
    Ok(store::reference_of(tx, id).await?)
}

/// Where anyone can check the prescription with this token.
pub fn verify_url(public_url: &str, token: &str) -> String {
    format!("{public_url}/verify/{token}")
}

fn standing(status: PrescriptionStatus) -> pdf::Standing {
    match status {
        PrescriptionStatus::Draft => pdf::Standing::Draft,
        PrescriptionStatus::Finalized => pdf::Standing::Finalized,
        PrescriptionStatus::Superseded => pdf::Standing::Superseded,
    }
}

fn entry(item: &Item) -> pdf::Item {
    pdf::Item { title: item.title(), directions: item.directions(), supply: item.supply(), note: item.note.clone() }
}
