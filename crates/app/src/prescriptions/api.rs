//! What goes over the wire about prescriptions, and the handlers.

use axum::response::Response;
use clinichub_api::{
    Access, Body, Created, Done, Id, List, OptionalBody, PagingQuery, Params, Read, Result, SortField, Versioned, Written, list_body,
    written_body,
};
use clinichub_core::{Currency, DayOrInstant, Money, Order, PatientId, PrescriptionId, RecordId, UserId, UtcTime, VisitId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::{Finalize, NewPrescription, PrescriptionUpdate};
use super::model::{self, Item, PrescriptionStatus, Warning};
use super::{document, service};
use crate::App;
use crate::press::{self, PaperQuery};

/// Who signs a prescription.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Prescriber {
    pub user_id: UserId,
    #[schema(example = "Gregory")]
    pub first_name: String,
    #[schema(example = "House")]
    pub last_name: String,
}

/// One drug of a prescription.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PrescriptionItem {
    /// From 1.
    #[schema(minimum = 1)]
    pub line_no: i64,
    #[schema(example = "Amoxicillin")]
    pub drug: String,
    #[schema(example = "500 mg")]
    pub strength: Option<String>,
    #[schema(example = "capsule")]
    pub form: Option<String>,
    #[schema(example = "1")]
    pub dose: Option<String>,
    /// UCUM.
    #[schema(example = "{capsule}")]
    pub dose_unit: Option<String>,
    #[schema(example = "by mouth")]
    pub route: Option<String>,
    pub frequency: Option<String>,
    #[schema(example = "TID")]
    pub frequency_code: Option<String>,
    #[schema(example = 7)]
    pub duration_days: Option<i64>,
    #[schema(example = "21")]
    pub quantity: Option<String>,
    pub quantity_unit: Option<String>,
    pub refills: i64,
    pub note: Option<String>,
    #[schema(example = "12.50")]
    pub cost: Option<String>,
    /// How to take it, as it stands on the paper.
    #[schema(example = "1 capsule, by mouth, three times daily, for 7 days")]
    pub directions: String,
    /// The entry of the chart's medications that finalizing made.
    pub record_id: Option<RecordId>,
}

/// Why a prescription was finalized against its warnings.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Acknowledgement {
    #[schema(example = "Taken before without a reaction")]
    pub reason: String,
    pub at: UtcTime,
    pub by_user_id: Option<UserId>,
}

/// A prescription. `drug`, `dosage`, `frequency` and `cost` repeat the first item.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PrescriptionBody {
    pub prescription_id: PrescriptionId,
    #[schema(example = "ABC01-R12")]
    pub reference: String,
    pub status: PrescriptionStatus,
    pub patient_id: PatientId,
    #[schema(example = "John Doe")]
    pub patient_name: String,
    pub visit_id: Option<VisitId>,
    pub doctor: Prescriber,
    /// The same number as `doctor.user_id`.
    pub doctor_id: UserId,
    pub items: Vec<PrescriptionItem>,
    pub note: Option<String>,
    pub currency: Currency,
    /// What the items cost together, where any says.
    #[schema(example = "12.50")]
    pub total_cost: Option<String>,
    /// What speaks against a draft now, or spoke against it when it was finalized; empty in lists.
    pub warnings: Vec<Warning>,
    pub acknowledged: Option<Acknowledgement>,
    /// The letters in the patient's, the doctor's and the drugs' lines that no font here has, each once: the document shows boxes for
    /// them. Null where it shows all.
    #[schema(example = "小明王")]
    pub unprintable: Option<String>,
    /// What it corrects.
    pub supersedes: Option<PrescriptionId>,
    /// What took its place.
    pub superseded_by: Option<PrescriptionId>,
    /// Where anyone who holds the paper can check it; what the QR code says.
    pub verify_path: Option<String>,
    pub finalized_at: Option<UtcTime>,
    pub finalized_by: Option<UserId>,
    #[schema(example = "Metformin")]
    pub drug: Option<String>,
    #[schema(example = "500mg")]
    pub dosage: Option<String>,
    #[schema(example = "Daily")]
    pub frequency: Option<String>,
    #[schema(example = "12.50")]
    pub cost: Option<String>,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
    #[schema(minimum = 1)]
    pub version: i64,
}

impl PrescriptionItem {
    fn of(line_no: i64, item: Item, currency: Currency) -> Self {
        Self {
            line_no,
            directions: item.directions(),
            cost: item.cost_minor.map(|minor| Money::new(minor, currency).to_string()),
            drug: item.drug,
            strength: item.strength,
            form: item.form,
            dose: item.dose,
            dose_unit: item.dose_unit,
            route: item.route,
            frequency: item.frequency,
            frequency_code: item.frequency_code,
            duration_days: item.duration_days,
            quantity: item.quantity,
            quantity_unit: item.quantity_unit,
            refills: item.refills,
            note: item.note,
            record_id: item.record_id,
        }
    }
}

impl From<model::Prescription> for PrescriptionBody {
    fn from(model::Prescription { row, items, warnings, unprintable }: model::Prescription) -> Self {
        let currency = row.currency;
        let total_cost = model::total_cost(&items, currency).map(|cost| cost.to_string());
        let first = items.first().cloned();
        let (dosage, frequency) = first.as_ref().map(|item| (item.dose_text(), item.frequency_text())).unwrap_or_default();
        let items: Vec<_> = (1..).zip(items).map(|(line_no, item)| PrescriptionItem::of(line_no, item, currency)).collect();
        let (reason, finalized_at, by_user_id) = (row.reason.clone(), row.finalized_at, row.finalized_by);
        Self {
            patient_name: row.patient_name(),
            prescription_id: row.prescription_id,
            reference: row.reference,
            status: row.status,
            patient_id: row.patient_id,
            visit_id: row.visit_id,
            doctor: Prescriber { user_id: row.doctor_user_id, first_name: row.doctor_first_name, last_name: row.doctor_last_name },
            doctor_id: row.doctor_user_id,
            note: row.note,
            currency,
            total_cost,
            warnings,
            unprintable,
            acknowledged: reason.zip(finalized_at).map(|(reason, at)| Acknowledgement { reason, at, by_user_id }),
            supersedes: row.supersedes_id,
            superseded_by: row.superseded_by_id,
            verify_path: row.token.as_deref().map(|token| document::verify_url("", token)),
            finalized_at,
            finalized_by: by_user_id,
            drug: first.map(|item| item.drug),
            dosage,
            frequency,
            cost: items.first().and_then(|item| item.cost.clone()),
            items,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

impl Versioned for PrescriptionBody {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

list_body!(
    /// A page of prescriptions.
    Prescriptions, prescriptions: PrescriptionBody
);
written_body!(
    /// What a change of a prescription answers.
    PrescriptionWritten, prescription: PrescriptionBody
);

/// Which prescriptions a list shows.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct PrescriptionFilter {
    #[param(value_type = Option<i64>, minimum = 1)]
    pub patient_id: Option<PatientId>,
    #[param(value_type = Option<i64>, minimum = 1)]
    pub visit_id: Option<VisitId>,
    /// Who signs; `provider_user_id` is accepted for it.
    #[serde(alias = "provider_user_id")]
    #[param(value_type = Option<i64>, minimum = 1)]
    pub doctor_id: Option<UserId>,
    #[param(inline)]
    pub status: Option<PrescriptionStatus>,
    /// Written on or after this day in the clinic, or at or after this instant.
    #[param(value_type = Option<String>, format = Date)]
    pub from: Option<DayOrInstant>,
    /// Written on or before this day in the clinic, or before this instant.
    #[param(value_type = Option<String>, format = Date)]
    pub to: Option<DayOrInstant>,
}

/// How a list of prescriptions can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrescriptionSort {
    CreatedAt,
    PrescriptionId,
}

impl SortField for PrescriptionSort {
    const ALL: &'static [(&'static str, Self)] = &[("created_at", Self::CreatedAt), ("prescription_id", Self::PrescriptionId)];
}

impl PrescriptionSort {
    /// The order in SQL.
    pub fn order_by(self, order: Order) -> &'static str {
        match (self, order) {
            (Self::CreatedAt, Order::Asc) => " ORDER BY r.created_at, r.prescription_id LIMIT ? OFFSET ?",
            (Self::CreatedAt, Order::Desc) => " ORDER BY r.created_at DESC, r.prescription_id DESC LIMIT ? OFFSET ?",
            (Self::PrescriptionId, Order::Asc) => " ORDER BY r.prescription_id LIMIT ? OFFSET ?",
            (Self::PrescriptionId, Order::Desc) => " ORDER BY r.prescription_id DESC LIMIT ? OFFSET ?",
        }
    }
}

/// Lists prescriptions, newest first; `search` takes a reference or a drug. A patient sees the own ones that are finalized.
#[utoipa::path(
    get, path = "/api/prescriptions", tag = "Prescriptions",
    params(PagingQuery, PrescriptionFilter, ("sort" = inline(Option<PrescriptionSort>), Query, description = "The field the list is ordered by")),
    responses((status = 200, description = "A page of prescriptions", body = Prescriptions))
)]
pub async fn list_prescriptions(access: Access<App>, list: List<PrescriptionFilter>) -> Result<Read<Prescriptions>> {
    let page = list.paging.request(PrescriptionSort::CreatedAt, Order::Desc)?;
    Ok(Read(service::list(&access, list.filter, list.paging.search, page).await?.into()))
}

/// Writes a prescription as a draft: of a visit (one each), or of a patient. The answer says what speaks against it.
#[utoipa::path(
    post, path = "/api/prescriptions", tag = "Prescriptions", request_body = NewPrescription,
    responses(
        (status = 201, description = "The draft", body = PrescriptionWritten),
        (status = 404, description = "The patient, the visit or the doctor is not of this clinic"),
        (status = 409, description = "The visit has a prescription already")
    )
)]
pub async fn create_prescription(access: Access<App>, Body(new): Body<NewPrescription>) -> Result<Created<PrescriptionWritten>> {
    let made = service::create(&access, new).await?;
    Ok(Created(PrescriptionWritten::new("Prescription created successfully", made)))
}

/// Shows a prescription.
#[utoipa::path(
    get, path = "/api/prescriptions/{prescription_id}", tag = "Prescriptions", params(("prescription_id" = PrescriptionId, Path)),
    responses((status = 200, description = "The prescription", body = PrescriptionBody))
)]
pub async fn get_prescription(access: Access<App>, Id(id): Id<PrescriptionId>) -> Result<Read<PrescriptionBody>> {
    Ok(Read(service::get(&access, id).await?.into()))
}

/// Changes a draft of one's own.
#[utoipa::path(
    method(put, patch), path = "/api/prescriptions/{prescription_id}", tag = "Prescriptions",
    params(("prescription_id" = PrescriptionId, Path)), request_body = PrescriptionUpdate,
    responses((status = 200, description = "Changed", body = PrescriptionWritten), (status = 409, description = "It is finalized"))
)]
pub async fn update_prescription(
    access: Access<App>,
    Id(id): Id<PrescriptionId>,
    Body(update): Body<PrescriptionUpdate>,
) -> Result<Written<PrescriptionWritten>> {
    let changed = service::update(&access, id, update).await?;
    Ok(Written(PrescriptionWritten::new("Prescription updated successfully", changed)))
}

/// Deletes a draft of one's own.
#[utoipa::path(
    delete, path = "/api/prescriptions/{prescription_id}", tag = "Prescriptions", params(("prescription_id" = PrescriptionId, Path)),
    responses((status = 200, description = "Deleted", body = Done), (status = 409, description = "It is finalized"))
)]
pub async fn delete_prescription(access: Access<App>, Id(id): Id<PrescriptionId>) -> Result<Written<Done>> {
    service::delete(&access, id).await?;
    Ok(Written(Done { message: "Prescription deleted successfully" }))
}

/// Signs a draft of one's own: it never changes again, and its items join the chart's medications. Against a warning it takes an
/// acknowledgement with a reason.
#[utoipa::path(
    put, path = "/api/prescriptions/{prescription_id}/finalize", tag = "Prescriptions",
    params(("prescription_id" = PrescriptionId, Path)), request_body = Option<Finalize>,
    responses(
        (status = 200, description = "Finalized", body = PrescriptionWritten),
        (status = 409, description = "It is finalized, or what speaks against it is not acknowledged: the detail names it")
    )
)]
pub async fn finalize_prescription(
    access: Access<App>,
    Id(id): Id<PrescriptionId>,
    OptionalBody(how): OptionalBody<Finalize>,
) -> Result<Written<PrescriptionWritten>> {
    let signed = service::finalize(&access, id, how).await?;
    Ok(Written(PrescriptionWritten::new("Prescription finalized successfully", signed)))
}

/// Writes the correction of a finalized prescription as a draft that says the same. Finalizing it supersedes the one before; both stay.
#[utoipa::path(
    post, path = "/api/prescriptions/{prescription_id}/correct", tag = "Prescriptions", params(("prescription_id" = PrescriptionId, Path)),
    responses(
        (status = 201, description = "The draft", body = PrescriptionWritten),
        (status = 409, description = "It is not finalized, or is being corrected already")
    )
)]
pub async fn correct_prescription(access: Access<App>, Id(id): Id<PrescriptionId>) -> Result<Created<PrescriptionWritten>> {
    let made = service::correct(&access, id).await?;
    Ok(Created(PrescriptionWritten::new("Correction created successfully", made)))
}

/// The prescription as a document. A draft says that it is one, and has no QR code.
#[utoipa::path(
    get, path = "/api/prescriptions/{prescription_id}/pdf", tag = "Prescriptions",
    params(("prescription_id" = PrescriptionId, Path), PaperQuery),
    responses((status = 200, description = "The document", body = Vec<u8>, content_type = "application/pdf"))
)]
pub async fn get_prescription_pdf(access: Access<App>, Id(id): Id<PrescriptionId>, Params(query): Params<PaperQuery>) -> Result<Response> {
    let (reference, bytes) = document::print(&access, id, query.paper).await?;
    Ok(press::answer(&reference, bytes))
}
