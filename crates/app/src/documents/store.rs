//! All SQL of the documents.

use clinichub_core::{DocumentId, FileId, Order, PageRequest, PatientId, UserId, UtcTime};
use clinichub_db::{DbError, Query, TenantTx, from_row, params, tenant_sql, text_column};

use super::api::{DocumentFilter, DocumentSort};
use super::for_others::DocumentBrief;
use super::model::{Category, Document, Said};

text_column!(Category);
from_row!(Document {
    document_id,
    patient_id,
    file_id,
    thumbnail_file_id,
    title,
    category,
    note,
    released_at,
    created_at,
    updated_at,
    created_by,
    version,
    file_name,
    mime_type,
    file_size,
    sha256,
});
from_row!(DocumentBrief { document_id, title, category, released_at, created_at });

/// Stores a new document; gives its id.
pub async fn insert(
    tx: &mut TenantTx,
    patient_id: PatientId,
    file_id: FileId,
    said: &Said,
    released_at: Option<UtcTime>,
) -> Result<DocumentId, DbError> {
    let (now, by) = (tx.now(), tx.grant().user_id());
    tx.one(
        tenant_sql!(
            "INSERT INTO documents (clinic_id, patient_id, file_id, title, category, note, released_at, created_at, updated_at, created_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9) RETURNING document_id"
        ),
        params![patient_id, file_id, &said.title, said.category, &said.note, released_at, now, by],
    )
    .await
}

/// A document, if it is there.
pub async fn find(tx: &mut TenantTx, document_id: DocumentId) -> Result<Option<Document>, DbError> {
    tx.opt(
        tenant_sql!(
            "SELECT d.document_id, d.patient_id, d.file_id, d.thumbnail_file_id, d.title, d.category, d.note, d.released_at, d.created_at,
                    d.updated_at, d.created_by, d.version, f.name AS file_name, f.mime AS mime_type, f.size AS file_size, f.sha256
             FROM documents d JOIN files f ON f.clinic_id = d.clinic_id AND f.file_id = d.file_id
             WHERE d.clinic_id = $1 AND d.document_id = $2 AND d.deleted_at IS NULL"
        ),
        params![document_id],
    )
    .await
}

/// Which documents are wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub filter: DocumentFilter,
    /// What stands in their titles.
    pub search: Option<String>,
    /// Those only that this patient may see.
    pub shown_to: Option<UserId>,
}

/// One page of a chart's documents.
pub async fn list(
    tx: &mut TenantTx,
    patient_id: PatientId,
    wanted: &Wanted,
    page: &PageRequest<DocumentSort>,
) -> Result<(Vec<Document>, i64), DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT d.document_id, d.patient_id, d.file_id, d.thumbnail_file_id, d.title, d.category, d.note, d.released_at, d.created_at,
                d.updated_at, d.created_by, d.version, f.name AS file_name, f.mime AS mime_type, f.size AS file_size, f.sha256
         FROM documents d JOIN files f ON f.clinic_id = d.clinic_id AND f.file_id = d.file_id
         WHERE d.clinic_id = $1 AND d.deleted_at IS NULL"
    ));
    query.part(" AND d.patient_id = ?", params![patient_id]);
    if let Some(category) = wanted.filter.category {
        query.part(" AND d.category = ?", params![category]);
    }
    match wanted.filter.released {
        None => {}
        Some(true) => {
            query.part(" AND d.released_at IS NOT NULL", params![]);
        }
        Some(false) => {
            query.part(" AND d.released_at IS NULL", params![]);
        }
    }
    if let Some(patient) = wanted.shown_to {
        query.part(" AND (d.released_at IS NOT NULL OR d.created_by = ?)", params![patient]);
    }
    if let Some(search) = &wanted.search {
        query.part(" AND lower(d.title) LIKE ? ESCAPE '!'", params![crate::like::containing(search)]);
    }
    let total =
        tx.one_q(&query.under(tenant_sql!("SELECT count(*) FROM documents d WHERE d.clinic_id = $1 AND d.deleted_at IS NULL"))).await?;
    query.tail(order_by(page), params![page.per_page, page.offset()]);
    Ok((tx.all_q(&query).await?, total))
}

/// A chart's documents before this place, the latest first; `shown_to`: those only that this patient may see.
pub async fn list_before(
    tx: &mut TenantTx,
    patient_id: PatientId,
    before: (UtcTime, i64),
    shown_to: Option<UserId>,
    limit: i64,
) -> Result<Vec<DocumentBrief>, DbError> {
    let mut query = Query::tenant(tenant_sql!(
        "SELECT d.document_id, d.title, d.category, d.released_at, d.created_at FROM documents d
         WHERE d.clinic_id = $1 AND d.deleted_at IS NULL"
    ));
    query.part(" AND d.patient_id = ? AND (d.created_at, d.document_id) < (?, ?)", params![patient_id, before.0, before.1]);
    if let Some(patient) = shown_to {
        query.part(" AND (d.released_at IS NOT NULL OR d.created_by = ?)", params![patient]);
    }
    query.tail(" ORDER BY d.created_at DESC, d.document_id DESC LIMIT ?", params![limit]);
    tx.all_q(&query).await
}

fn order_by(page: &PageRequest<DocumentSort>) -> &'static str {
    match (page.sort, page.order) {
        (DocumentSort::CreatedAt, Order::Asc) => " ORDER BY d.created_at, d.document_id LIMIT ? OFFSET ?",
        (DocumentSort::CreatedAt, Order::Desc) => " ORDER BY d.created_at DESC, d.document_id DESC LIMIT ? OFFSET ?",
        (DocumentSort::Title, Order::Asc) => " ORDER BY d.title, d.document_id LIMIT ? OFFSET ?",
        (DocumentSort::Title, Order::Desc) => " ORDER BY d.title DESC, d.document_id DESC LIMIT ? OFFSET ?",
    }
}

/// Stores what an update changed, if the document still has the version before it.
pub async fn update(tx: &mut TenantTx, document: &Document) -> Result<u64, DbError> {
    tx.exec(
        tenant_sql!(
            "UPDATE documents SET title = $3, category = $4, note = $5, released_at = $6, updated_at = $7, version = $8
             WHERE clinic_id = $1 AND document_id = $2 AND version = $8 - 1 AND deleted_at IS NULL"
        ),
        params![
            document.document_id,
            &document.title,
            document.category,
            &document.note,
            document.released_at,
            document.updated_at,
            document.version,
        ],
    )
    .await
}

/// Takes a document out of sight, if it still has this version.
pub async fn delete(tx: &mut TenantTx, document_id: DocumentId, version: i64) -> Result<u64, DbError> {
    let now = tx.now();
    tx.exec(
        tenant_sql!(
            "UPDATE documents SET deleted_at = $3, updated_at = $3, version = version + 1
             WHERE clinic_id = $1 AND document_id = $2 AND version = $4 AND deleted_at IS NULL"
        ),
        params![document_id, now, version],
    )
    .await
}

/// Gives a document its small picture, if it has none.
pub async fn set_thumbnail(tx: &mut TenantTx, document_id: DocumentId, file_id: FileId) -> Result<u64, DbError> {
    tx.exec(
        tenant_sql!(
            "UPDATE documents SET thumbnail_file_id = $3 WHERE clinic_id = $1 AND document_id = $2 AND thumbnail_file_id IS NULL
             AND deleted_at IS NULL"
        ),
        params![document_id, file_id],
    )
    .await
}
