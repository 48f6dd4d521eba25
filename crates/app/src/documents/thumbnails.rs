//! Small pictures of the documents that are pictures or PDFs, made by a job.

use clinichub_core::{AppError, DocumentId, FileId, UtcTime};
use clinichub_db::{NewJob, TenantTx};
use clinichub_files::Stored;
use clinichub_jobs::{JobContext, JobError, RunnerBuilder, system_grant};
use serde::{Deserialize, Serialize};

use super::store;
use crate::{App, files};

const KIND: &str = "documents.thumbnail";

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    document_id: DocumentId,
}

/// The job that makes a document's small picture.
pub fn job(document_id: DocumentId, now: UtcTime) -> NewJob {
    let payload = serde_json::json!({ "document_id": document_id });
    NewJob { kind: KIND, payload, run_at: now, max_attempts: 5, unique_key: Some(document_id.to_string()) }
}

/// Adds this slice's jobs.
pub fn with_jobs(app: &App, builder: RunnerBuilder) -> RunnerBuilder {
    let app = app.clone();
    builder.job(KIND, move |job| {
        let app = app.clone();
        async move { make(&app, &job).await }
    })
}

type Args = (DocumentId, FileId, Stored);

/// Does the job. Run twice, the second picture finds that there is one, and is removed.
async fn make(app: &App, job: &JobContext) -> Result<(), JobError> {
    let Payload { document_id } = job.payload()?;
    let grant = system_grant(job.grant.clinic_id(), KIND, app.clock.as_ref());
    let file = app.db.read(&grant, document_id, async |mut tx: TenantTx, document_id: DocumentId| {
        match store::find(&mut tx, document_id).await?.filter(|document| document.thumbnail_file_id.is_none()) {
            None => Ok(None),
            Some(document) => files::find_in(&mut tx, document.file_id).await.map(Some),
        }
    });
    let Some(file) = file.await? else { return Ok(()) };
    let Some(small) = files::small_of(app, &grant, &file).await? else { return Ok(()) };
    let small = files::store_small(app, &grant, &small).await?;
    let (file_id, stored) = small.row();
    let kept = app.db.write(&grant, (document_id, file_id, stored), async |mut tx: TenantTx, (document_id, file_id, stored): Args| {
        tx.unaudited("the same document, made small");
        files::keep_in(&mut tx, file_id, &stored).await?;
        match store::set_thumbnail(&mut tx, document_id, file_id).await? {
            0 => Err(AppError::Conflict("The document has a small picture already".to_owned())),
            _ => Ok(()),
        }
    });
    match kept.await {
        Ok(()) => small.kept(),
        Err(AppError::Conflict(_)) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
