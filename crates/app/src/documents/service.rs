//! What can be done with documents. Each function is one transaction, but for the upload, which has two (see the files).

use clinichub_api::{Form, check_version};
use clinichub_core::{AppError, DocumentId, FileId, Grant, Page, PageRequest, PatientId, Result, Role, TrailEntry, UserId};
use clinichub_db::TenantTx;
use clinichub_files::Stored;

use super::api::{DocumentFilter, DocumentSort, DocumentUpdate};
use super::model::{Document, Said};
use super::{events, store, thumbnails};
use crate::files::{self, Received, StoredFile, Upload};
use crate::usage::{self, Use};
use crate::{App, patients};

type Access = clinichub_api::Access<App>;

/// The fields of an upload beside its file.
const FIELDS: &[&str] = &["title", "category", "note"];

/// Which part of a document is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The file as it was brought.
    Whole,
    /// The small picture.
    Thumbnail,
}

/// Takes a document into a chart. A patient's own is the patient's to see at once.
pub async fn upload(access: &Access, patient_id: PatientId, form: Form) -> Result<Document> {
    let known = async |mut tx: TenantTx, id: PatientId| {
        let found = patients::require(&mut tx, id).await;
        files::before(&mut tx, found).await
    };
    access.app.db.read(&access.grant, patient_id, known).await?;
    let Received { upload, mut fields, grant } = files::receive(access, form, FIELDS).await?;
    let mut field = |name: &str| fields.take(name);
    let said = Said::new(field("title"), field("category"), field("note"), &upload.name)?;
    let document = keep(&access.app, &grant, patient_id, &upload, said).await?;
    upload.kept_as(document.file_id);
    Ok(document)
}

type Kept = (PatientId, FileId, Stored, bool, Said);

/// The document with this file, or the one that the same request made before.
async fn keep(app: &App, grant: &Grant, patient_id: PatientId, upload: &Upload, said: Said) -> Result<Document> {
    let args: Kept = (patient_id, upload.file_id, upload.stored().clone(), files::has_small(upload.kind), said);
    let create = async |mut tx: TenantTx, (patient_id, file_id, stored, has_small, said): Kept| {
        // It may have been deleted while the file came.
        patients::require(&mut tx, patient_id).await?;
        files::keep_in(&mut tx, file_id, &stored).await?;
        let released_at = if tx.grant().role() == Some(Role::Patient) { Some(tx.now()) } else { None };
        let document_id = store::insert(&mut tx, patient_id, file_id, &said, released_at).await?;
        usage::record(&mut tx, Use::Document(document_id)).await?;
        let document = store::find(&mut tx, document_id).await?.ok_or(AppError::NotFound("Document"))?;
        if has_small {
            let job = thumbnails::job(document_id, tx.now());
            tx.enqueue(job).await?;
        }
        tx.audit(about(&document)).await?;
        tx.emit(events::changed("document.created", &document)).await?;
        Ok(document)
    };
    app.db.create(grant, args, create).await
}

/// One document.
pub async fn get(access: &Access, document_id: DocumentId) -> Result<Document> {
    let document = access.app.db.read(&access.grant, document_id, async |mut tx: TenantTx, id: DocumentId| get_in(&mut tx, id).await).await;
    document.inspect(|document| access.grant.look(about(document)))
}

async fn get_in(tx: &mut TenantTx, document_id: DocumentId) -> Result<Document> {
    let document = store::find(tx, document_id).await?.filter(|document| document.is_shown_to(tx.grant()));
    let document = document.ok_or(AppError::NotFound("Document"))?;
    // Those of a chart that is out of sight are, too.
    patients::require(tx, document.patient_id).await.map_err(|_| AppError::NotFound("Document"))?;
    Ok(document)
}

/// The patient who asks, to whom not every document is shown; none for the clinic's staff.
pub(super) fn shown_to(grant: &Grant) -> Option<UserId> {
    grant.user_id().filter(|_| grant.role() == Some(Role::Patient))
}

type ListArgs = (PatientId, store::Wanted, PageRequest<DocumentSort>);

/// One page of a chart's documents.
pub async fn list(
    access: &Access,
    patient_id: PatientId,
    filter: DocumentFilter,
    search: Option<String>,
    page: PageRequest<DocumentSort>,
) -> Result<Page<Document>> {
    access.grant.look_at(patient_id);
    let args: ListArgs = (patient_id, store::Wanted { filter, search, shown_to: shown_to(&access.grant) }, page);
    let found = access.app.db.read(&access.grant, args, async |mut tx: TenantTx, (patient_id, wanted, page): ListArgs| {
        patients::require(&mut tx, patient_id).await?;
        Ok(store::list(&mut tx, patient_id, &wanted, &page).await?)
    });
    let (items, total) = found.await?;
    Ok(Page::new(items, total, &page))
}

/// Changes what is said of a document, and whether the patient sees it.
pub async fn update(access: &Access, document_id: DocumentId, update: DocumentUpdate) -> Result<Document> {
    let args = (document_id, update);
    access
        .app
        .db
        .write(&access.grant, args, async |mut tx: TenantTx, (document_id, update): (DocumentId, DocumentUpdate)| {
            let before = get_in(&mut tx, document_id).await?;
            check_version(tx.grant(), before.version)?;
            let after = before.updated(update, tx.now())?;
            if store::update(&mut tx, &after).await? == 0 {
                return Err(AppError::Stale);
            }
            tx.audit(about(&after)).await?;
            tx.emit(events::changed("document.updated", &after)).await?;
            Ok(after)
        })
        .await
}

/// Takes a document out of sight. Nothing is erased.
pub async fn delete(access: &Access, document_id: DocumentId) -> Result<()> {
    access
        .app
        .db
        .write(&access.grant, document_id, async |mut tx: TenantTx, document_id: DocumentId| {
            let document = get_in(&mut tx, document_id).await?;
            check_version(tx.grant(), document.version)?;
            if store::delete(&mut tx, document_id, document.version).await? == 0 {
                return Err(AppError::Stale);
            }
            tx.audit(about(&document)).await?;
            tx.emit(events::changed("document.deleted", &Document { version: document.version + 1, ..document })).await?;
            Ok(())
        })
        .await
}

/// The file of a document, to be handed out.
pub async fn file(access: &Access, document_id: DocumentId, which: Which) -> Result<StoredFile> {
    let args = (document_id, which);
    let found = access.app.db.read(&access.grant, args, async |mut tx: TenantTx, (document_id, which): (DocumentId, Which)| {
        let document = get_in(&mut tx, document_id).await?;
        let file_id = match which {
            Which::Whole => Some(document.file_id),
            Which::Thumbnail => document.thumbnail_file_id,
        };
        let file = files::find_in(&mut tx, file_id.ok_or(AppError::NotFound("Thumbnail"))?).await?;
        Ok((document, file))
    });
    let (document, file) = found.await?;
    access.grant.look(about(&document));
    Ok(file)
}

fn about(document: &Document) -> TrailEntry {
    TrailEntry { patient_id: Some(document.patient_id), resource: Some(("document", document.document_id.0)), details: None }
}
