//! What goes over the wire about lab reports, and the handlers.

use axum::response::Response;
use clinichub_api::{
    Access, Body, Created, Done, Form, Id, List, PagingQuery, Params, Read, Result, SortField, Versioned, Wanted, Written, list_body,
    written_body,
};
use clinichub_core::{LabReportId, Order, Patch, PatientId, UserId, UtcTime, VisitId};
use clinichub_files::Kind;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{LabReport, LabResult};
use super::results::NewLabResult;
use super::service;
use crate::App;
use crate::files::{self, DownloadQuery};

/// A laboratory's report of a visit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LabReport)]
pub struct LabReportBody {
    pub lab_report_id: LabReportId,
    pub visit_id: VisitId,
    pub patient_id: PatientId,
    #[schema(example = "John Doe")]
    pub patient_name: String,
    #[schema(example = "Basic metabolic panel")]
    pub title: String,
    /// What the file is called when it is kept.
    #[schema(example = "labs.pdf")]
    pub file_name: String,
    /// The kind of file in a word.
    #[schema(example = "pdf")]
    pub file_type: &'static str,
    #[schema(example = "application/pdf")]
    pub mime_type: String,
    /// In bytes.
    #[schema(minimum = 0, example = 48213)]
    pub file_size: i64,
    /// The SHA-256 of the contents in hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: String,
    /// Whether a result is outside of its range.
    pub is_abnormal: bool,
    /// Whether one is so far outside that somebody must act.
    pub is_critical: bool,
    /// Since when the patient sees it.
    pub released_at: Option<UtcTime>,
    /// When a doctor signed that it was read.
    pub signed_at: Option<UtcTime>,
    pub signed_by: Option<UserId>,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
    pub created_by: Option<UserId>,
    /// Goes up with each change; what `If-Match` compares.
    pub version: i64,
}

impl From<LabReport> for LabReportBody {
    fn from(report: LabReport) -> Self {
        Self {
            lab_report_id: report.lab_report_id,
            visit_id: report.visit_id,
            patient_id: report.patient_id,
            patient_name: report.patient_name,
            title: report.title,
            file_name: report.file_name,
            file_type: Kind::of_mime(&report.mime_type).map_or("file", Kind::as_str),
            mime_type: report.mime_type,
            file_size: report.file_size,
            sha256: report.sha256,
            is_abnormal: report.severity > 0,
            is_critical: report.severity > 1,
            released_at: report.released_at,
            signed_at: report.signed_at,
            signed_by: report.signed_by,
            created_at: report.created_at,
            updated_at: report.updated_at,
            created_by: report.created_by,
            version: report.version,
        }
    }
}

/// A report with its results.
#[derive(Debug, Serialize, ToSchema)]
pub struct LabReportWithResults {
    #[serde(flatten)]
    pub report: LabReportBody,
    pub results: Vec<LabResult>,
}

impl From<(LabReport, Vec<LabResult>)> for LabReportWithResults {
    fn from((report, results): (LabReport, Vec<LabResult>)) -> Self {
        Self { report: report.into(), results }
    }
}

/// A report to be brought, as a form.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it describes the form, which is read part by part")]
pub struct LabReportForm {
    /// PDF, JPEG, PNG, WebP, HEIC, TIFF, GIF, text, CSV, DOCX, XLSX, ODT or DICOM.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// The file's name where none is given.
    #[schema(nullable = false, max_length = 200)]
    title: Option<String>,
    /// Its values, as JSON.
    #[schema(nullable = false, max_items = 200)]
    results: Option<Vec<NewLabResult>>,
}

/// What changes: an absent field stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "title": "Basic metabolic panel", "released": true }))]
pub struct LabReportUpdate {
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 200)]
    pub title: Patch<String>,
    /// Whether the patient sees it.
    #[schema(value_type = Option<bool>, nullable = false)]
    pub released: Patch<bool>,
}

/// Which reports are listed.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LabReportFilter {
    /// Those of this chart.
    pub patient_id: Option<PatientId>,
    /// Those of this visit.
    pub visit_id: Option<VisitId>,
    /// Those that a doctor has signed, or has not.
    pub signed: Option<bool>,
    /// Those that the patient sees, or does not.
    pub released: Option<bool>,
    /// Those with a result outside of its range, or without.
    pub abnormal: Option<bool>,
}

list_body!(
    /// A page of lab reports.
    LabReports, lab_reports: LabReportBody
);
written_body!(
    /// What a change answers.
    LabReportWritten, lab_report: LabReportBody
);
written_body!(
    /// What bringing a report answers.
    LabReportUploaded, lab_report: LabReportWithResults
);

impl Versioned for LabReportBody {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

impl Versioned for LabReportWithResults {
    fn version(&self) -> Option<i64> {
        Some(self.report.version)
    }
}

/// Brings a laboratory's report into a visit, with its values where they are known.
#[utoipa::path(post, path = "/api/visits/{visit_id}/lab-reports", params(("visit_id" = VisitId, Path)),
    request_body(content = LabReportForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "Stored", body = LabReportUploaded)))]
pub async fn upload_lab_report(access: Access<App>, Id(id): Id<VisitId>, form: Form) -> Result<Created<LabReportUploaded>> {
    let report = service::upload(&access, id, form).await?;
    Ok(Created(LabReportUploaded::new("Lab report uploaded successfully", report)))
}

/// How a list of reports can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum LabReportSort {
    /// How urgent they are, then when they came.
    Severity,
    CreatedAt,
    Title,
}

impl SortField for LabReportSort {
    const ALL: &'static [(&'static str, Self)] = &[("severity", Self::Severity), ("created_at", Self::CreatedAt), ("title", Self::Title)];
}

impl LabReportSort {
    /// The order in SQL; each is that of an index.
    pub fn order_by(self, order: Order) -> &'static str {
        match (self, order) {
            (Self::Severity, Order::Asc) => " ORDER BY r.severity, r.created_at, r.lab_report_id LIMIT ? OFFSET ?",
            (Self::Severity, Order::Desc) => " ORDER BY r.severity DESC, r.created_at DESC, r.lab_report_id DESC LIMIT ? OFFSET ?",
            (Self::CreatedAt, Order::Asc) => " ORDER BY r.created_at, r.lab_report_id LIMIT ? OFFSET ?",
            (Self::CreatedAt, Order::Desc) => " ORDER BY r.created_at DESC, r.lab_report_id DESC LIMIT ? OFFSET ?",
            (Self::Title, Order::Asc) => " ORDER BY r.title, r.lab_report_id LIMIT ? OFFSET ?",
            (Self::Title, Order::Desc) => " ORDER BY r.title DESC, r.lab_report_id DESC LIMIT ? OFFSET ?",
        }
    }
}

/// Lists lab reports: critical ones first, then abnormal ones, each the latest first, where nothing else is asked; a patient sees those
/// that were released.
#[utoipa::path(get, path = "/api/lab-reports", params(LabReportFilter, PagingQuery, ("sort" = inline(Option<LabReportSort>), Query, description = "The field the list is ordered by")),
    responses(
        (status = 200, description = "A page of lab reports", body = LabReports),
        (status = 404, description = "There is no such patient or visit"),
    ))]
pub async fn list_lab_reports(access: Access<App>, list: List<LabReportFilter>) -> Result<Read<LabReports>> {
    let page = list.paging.request(LabReportSort::Severity, Order::Desc)?;
    Ok(Read(service::list(&access, list.filter, list.paging.search, page).await?.into()))
}

/// Shows a lab report with its results.
#[utoipa::path(get, path = "/api/lab-reports/{lab_report_id}", params(("lab_report_id" = LabReportId, Path)), responses((status = 200, description = "The report", body = LabReportWithResults)))]
pub async fn get_lab_report(access: Access<App>, Id(id): Id<LabReportId>) -> Result<Read<LabReportWithResults>> {
    Ok(Read(service::get(&access, id).await?.into()))
}

/// Changes the title of a report that is not signed, and whether the patient sees it.
#[utoipa::path(method(put, patch), path = "/api/lab-reports/{lab_report_id}", params(("lab_report_id" = LabReportId, Path)), request_body = LabReportUpdate,
    responses((status = 200, description = "Changed", body = LabReportWritten)))]
pub async fn update_lab_report(
    access: Access<App>,
    Id(id): Id<LabReportId>,
    Body(update): Body<LabReportUpdate>,
) -> Result<Written<LabReportWritten>> {
    let report = service::update(&access, id, update).await?;
    Ok(Written(LabReportWritten::new("Lab report updated successfully", report)))
}

/// Takes a report and its results out of sight; nothing is erased.
#[utoipa::path(delete, path = "/api/lab-reports/{lab_report_id}", params(("lab_report_id" = LabReportId, Path)), responses((status = 200, description = "Deleted", body = Done)))]
pub async fn delete_lab_report(access: Access<App>, Id(id): Id<LabReportId>) -> Result<Written<Done>> {
    service::delete(&access, id).await?;
    Ok(Written(Done { message: "Lab report deleted successfully" }))
}

/// A doctor signs that the report was read; it does not change after that.
#[utoipa::path(put, path = "/api/lab-reports/{lab_report_id}/sign", params(("lab_report_id" = LabReportId, Path)), responses((status = 200, description = "Signed", body = LabReportWritten)))]
pub async fn sign_lab_report(access: Access<App>, Id(id): Id<LabReportId>) -> Result<Written<LabReportWritten>> {
    Ok(Written(LabReportWritten::new("Lab report signed successfully", service::sign(&access, id).await?)))
}

/// Shows the report to the patient.
#[utoipa::path(put, path = "/api/lab-reports/{lab_report_id}/release", params(("lab_report_id" = LabReportId, Path)), responses((status = 200, description = "Released", body = LabReportWritten)))]
pub async fn release_lab_report(access: Access<App>, Id(id): Id<LabReportId>) -> Result<Written<LabReportWritten>> {
    let update = LabReportUpdate { released: Patch::Set(true), ..LabReportUpdate::default() };
    Ok(Written(LabReportWritten::new("Lab report released successfully", service::update(&access, id, update).await?)))
}

/// Hands out a report's file, or the part of it that `Range` asks for.
#[utoipa::path(get, path = "/api/lab-reports/{lab_report_id}/download", params(("lab_report_id" = LabReportId, Path), DownloadQuery),
    responses(
        (status = 200, description = "The file", body = Vec<u8>, content_type = "*/*"),
        (status = 206, description = "A part of it", body = Vec<u8>, content_type = "*/*"),
        (status = 304, description = "It is the one that the client has"),
        (status = 416, description = "The part is not in the file", body = clinichub_api::Problem, content_type = "application/problem+json"),
    ))]
pub async fn download_lab_report(
    access: Access<App>,
    Id(id): Id<LabReportId>,
    Params(query): Params<DownloadQuery>,
    wanted: Wanted,
) -> Result<Response> {
    let file = service::file(&access, id).await?;
    files::answer(&access, file, &wanted, query.inline).await
}
