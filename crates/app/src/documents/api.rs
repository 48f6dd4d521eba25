//! What goes over the wire about documents, and the handlers.

use axum::response::Response;
use clinichub_api::{
    Access, Body, Created, Done, Form, Id, List, PagingQuery, Params, Read, Result, SortField, Versioned, Wanted, Written, list_body,
    written_body,
};
use clinichub_core::{DocumentId, Order, Patch, PatientId, UserId, UtcTime};
use clinichub_files::Kind;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Category, Document};
use super::service::{self, Which};
use crate::App;
use crate::files::{self, DownloadQuery};

/// A document of a chart.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Document)]
pub struct DocumentBody {
    pub document_id: DocumentId,
    pub patient_id: PatientId,
    #[schema(example = "Referral to cardiology")]
    pub title: String,
    pub category: Category,
    pub note: Option<String>,
    /// What the file is called when it is kept.
    #[schema(example = "referral.pdf")]
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
    /// Whether there is a small picture; it is made soon after the upload.
    pub has_thumbnail: bool,
    /// Since when the patient sees it.
    pub released_at: Option<UtcTime>,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
    pub created_by: Option<UserId>,
    /// Goes up with each change; what `If-Match` compares.
    pub version: i64,
}

impl From<Document> for DocumentBody {
    fn from(document: Document) -> Self {
        Self {
            document_id: document.document_id,
            patient_id: document.patient_id,
            title: document.title,
            category: document.category,
            note: document.note,
            file_name: document.file_name,
            file_type: Kind::of_mime(&document.mime_type).map_or("file", Kind::as_str),
            mime_type: document.mime_type,
            file_size: document.file_size,
            sha256: document.sha256,
            has_thumbnail: document.thumbnail_file_id.is_some(),
            released_at: document.released_at,
            created_at: document.created_at,
            updated_at: document.updated_at,
            created_by: document.created_by,
            version: document.version,
        }
    }
}

/// A document to be brought, as a form.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it describes the form, which is read part by part")]
pub struct DocumentForm {
    /// PDF, JPEG, PNG, WebP, HEIC, TIFF, GIF, text, CSV, DOCX, XLSX, ODT or DICOM.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// The file's name where none is given.
    #[schema(nullable = false, max_length = 200)]
    title: Option<String>,
    #[schema(nullable = false)]
    category: Option<Category>,
    #[schema(nullable = false, max_length = 2000)]
    note: Option<String>,
}

/// What changes: an absent field stays, `null` clears it.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "title": "Referral to cardiology", "released": true }))]
pub struct DocumentUpdate {
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 200)]
    pub title: Patch<String>,
    #[schema(value_type = Option<Category>, nullable = false)]
    pub category: Patch<Category>,
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub note: Patch<String>,
    /// Whether the patient sees it.
    #[schema(value_type = Option<bool>, nullable = false)]
    pub released: Patch<bool>,
}

/// Which documents are listed.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DocumentFilter {
    /// Those of this category.
    #[param(inline)]
    pub category: Option<Category>,
    /// Those that the patient sees, or does not.
    pub released: Option<bool>,
}

/// How a list of documents can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentSort {
    CreatedAt,
    Title,
}

impl SortField for DocumentSort {
    const ALL: &'static [(&'static str, Self)] = &[("created_at", Self::CreatedAt), ("title", Self::Title)];
}

list_body!(
    /// A page of documents.
    Documents, documents: DocumentBody
);
written_body!(
    /// What a change answers.
    DocumentWritten, document: DocumentBody
);

impl Versioned for DocumentBody {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// Lists a chart's documents, newest first; a patient sees those that were released, and the own ones.
#[utoipa::path(get, path = "/api/patients/{patient_id}/documents",
    params(("patient_id" = PatientId, Path), DocumentFilter, PagingQuery, ("sort" = inline(Option<DocumentSort>), Query, description = "The field the list is ordered by")),
    responses((status = 200, description = "A page of documents", body = Documents)))]
pub async fn list_documents(access: Access<App>, Id(id): Id<PatientId>, list: List<DocumentFilter>) -> Result<Read<Documents>> {
    let request = list.paging.request(DocumentSort::CreatedAt, Order::Desc)?;
    Ok(Read(service::list(&access, id, list.filter, list.paging.search, request).await?.into()))
}

/// Brings a document into a chart.
#[utoipa::path(post, path = "/api/patients/{patient_id}/documents", params(("patient_id" = PatientId, Path)),
    request_body(content = DocumentForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "Stored", body = DocumentWritten)))]
pub async fn upload_document(access: Access<App>, Id(id): Id<PatientId>, form: Form) -> Result<Created<DocumentWritten>> {
    let document = service::upload(&access, id, form).await?;
    Ok(Created(DocumentWritten::new("Document uploaded successfully", document)))
}

/// Shows what is known of a document.
#[utoipa::path(get, path = "/api/documents/{document_id}", params(("document_id" = DocumentId, Path)), responses((status = 200, description = "The document", body = DocumentBody)))]
pub async fn get_document(access: Access<App>, Id(id): Id<DocumentId>) -> Result<Read<DocumentBody>> {
    Ok(Read(service::get(&access, id).await?.into()))
}

/// Changes what is said of a document, and whether the patient sees it.
#[utoipa::path(method(put, patch), path = "/api/documents/{document_id}", params(("document_id" = DocumentId, Path)), request_body = DocumentUpdate,
    responses((status = 200, description = "Changed", body = DocumentWritten)))]
pub async fn update_document(
    access: Access<App>,
    Id(id): Id<DocumentId>,
    Body(update): Body<DocumentUpdate>,
) -> Result<Written<DocumentWritten>> {
    let document = service::update(&access, id, update).await?;
    Ok(Written(DocumentWritten::new("Document updated successfully", document)))
}

/// Takes a document out of sight; nothing is erased.
#[utoipa::path(delete, path = "/api/documents/{document_id}", params(("document_id" = DocumentId, Path)), responses((status = 200, description = "Deleted", body = Done)))]
pub async fn delete_document(access: Access<App>, Id(id): Id<DocumentId>) -> Result<Written<Done>> {
    service::delete(&access, id).await?;
    Ok(Written(Done { message: "Document deleted successfully" }))
}

/// Hands out a document's file, or the part of it that `Range` asks for.
#[utoipa::path(get, path = "/api/documents/{document_id}/download", params(("document_id" = DocumentId, Path), DownloadQuery),
    responses(
        (status = 200, description = "The file", body = Vec<u8>, content_type = "*/*"),
        (status = 206, description = "A part of it", body = Vec<u8>, content_type = "*/*"),
        (status = 304, description = "It is the one that the client has"),
        (status = 416, description = "The part is not in the file", body = clinichub_api::Problem, content_type = "application/problem+json"),
    ))]
pub async fn download_document(
    access: Access<App>,
    Id(id): Id<DocumentId>,
    Params(query): Params<DownloadQuery>,
    wanted: Wanted,
) -> Result<Response> {
    let file = service::file(&access, id, Which::Whole).await?;
    files::answer(&access, file, &wanted, query.inline).await
}

/// Hands out the small picture of a document that is one.
#[utoipa::path(get, path = "/api/documents/{document_id}/thumbnail", params(("document_id" = DocumentId, Path)),
    responses(
        (status = 200, description = "The picture", body = Vec<u8>, content_type = "image/jpeg"),
        (status = 206, description = "A part of it", body = Vec<u8>, content_type = "image/jpeg"),
        (status = 304, description = "It is the one that the client has"),
        (status = 416, description = "The part is not in the picture", body = clinichub_api::Problem, content_type = "application/problem+json"),
    ))]
pub async fn get_document_thumbnail(access: Access<App>, Id(id): Id<DocumentId>, wanted: Wanted) -> Result<Response> {
    let file = service::file(&access, id, Which::Thumbnail).await?;
    files::answer(&access, file, &wanted, true).await
}
