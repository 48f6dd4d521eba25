//! A file on its way in.

use clinichub_api::{Fields, FilePart, Form, Part, finish_key};
use clinichub_core::{AppError, FieldError, FileId, Grant, Result};
use clinichub_db::TenantTx;
use clinichub_files::{HEAD_BYTES, Kind, Scan, ScanError, Stored, Verdict, Writing, kind_of};

use super::{context_of, explained, name, store};
use crate::App;

type Access = clinichub_api::Access<App>;

/// The field of a form that holds the file.
const FIELD: &str = "file";

/// A form that has arrived to its end, its file in the store.
#[derive(Debug)]
pub struct Received {
    /// The file.
    pub upload: Upload,
    /// The other fields.
    pub fields: Fields,
    /// The request's own, for the transaction that keeps the file: an `Idempotency-Key` is finished in it.
    pub grant: Grant,
}

/// A file that is in the store, and belongs to nothing yet. Dropped before [`Upload::kept_as`] it is removed.
#[derive(Debug)]
pub struct Upload {
    /// Its row.
    pub file_id: FileId,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    stored: Stored,
    pending: Pending,
}

/// Reads a form with a file and the fields in `known`. What is wrong with it leaves nothing behind.
pub async fn receive(access: &Access, mut form: Form, known: &[&str]) -> Result<Received> {
    let (mut upload, mut fields) = (None, Fields::default());
    while let Some(part) = form.next().await? {
        match part {
            Part::Text(name, text) if name != FIELD => fields.add(known, name, text)?,
            Part::File(part) if part.field == FIELD && upload.is_none() => upload = Some(take(access, part).await?),
            Part::File(part) if part.field == FIELD => return Err(AppError::field(FIELD, "file: one file at a time")),
            Part::File(part) => return Err(AppError::field(part.field.clone(), format!("{}: expected text, not a file", part.field))),
            Part::Text(..) => return Err(AppError::field(FIELD, "file: expected a file with a name")),
        }
    }
    let (upload, said) = upload.ok_or_else(|| AppError::missing(FIELD))?;
    let grant = finish_key(&access.grant, &contents(&upload.stored, &said, &fields));
    Ok(Received { upload, fields, grant })
}

/// What is found out before a file comes, so that nobody sends two gigabytes to hear that there is no place for them. A request that was
/// answered once is read all the same: what has become of the place since does not change the answer.
pub async fn before<T>(tx: &mut TenantTx, found: Result<T>) -> Result<()> {
    match found {
        Err(AppError::NotFound(_)) if tx.knows_key().await? => Ok(()),
        found => found.map(drop),
    }
}

/// What the sender says of a file, as it was sent: its name and what it is.
type Said = (String, Option<String>);

/// What tells the form from another one, wherever its parts stood and whatever stood between them.
fn contents<'a>(stored: &'a Stored, (name, mime): &'a Said, fields: &'a Fields) -> Vec<&'a [u8]> {
    let file = [stored.sha256.as_str(), name, mime.as_deref().unwrap_or_default()];
    file.into_iter().chain(fields.iter().flat_map(|(name, text)| [name, text])).map(str::as_bytes).collect()
}

async fn take(access: &Access, mut part: FilePart) -> Result<(Upload, Said)> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    while head.len() < HEAD_BYTES
        && let Some(piece) = part.next().await?
    {
        head.extend_from_slice(&piece);
    }
    if head.is_empty() {
        return Err(AppError::field(FIELD, "The file is empty"));
    }
    let name = name::safe(&part.file_name);
    let kind = kind_of(&head[..head.len().min(HEAD_BYTES)], &name, part.mime.as_deref()).map_err(refused)?;
    let mut arriving = Arriving::begin(&access.app, &access.grant, &name, kind.mime()).await?;
    arriving.push(&head).await?;
    while let Some(piece) = part.next().await? {
        arriving.push(&piece).await?;
    }
    let (pending, stored) = arriving.finish().await?;
    Ok((Upload { file_id: pending.file_id, name, kind, stored, pending }, (part.file_name, part.mime)))
}

fn refused(message: String) -> AppError {
    AppError::FileRefused(FieldError { field: FIELD.to_owned(), message })
}

/// Makes the row of an upload that of a stored file, in the transaction of whatever the file belongs to.
pub async fn keep_in(tx: &mut TenantTx, file_id: FileId, stored: &Stored) -> Result<()> {
    if store::mark_stored(tx, file_id, stored).await? {
        return Ok(());
    }
    Err(AppError::Conflict("The upload took too long and was given up; send the file again".to_owned()))
}

impl Upload {
    /// What the row is told of the object.
    pub fn stored(&self) -> &Stored {
        &self.stored
    }

    /// The transaction that keeps a file has been committed. Where that is the file of the same request before, this one is removed.
    pub fn kept_as(mut self, file_id: FileId) {
        self.pending.is_settled = self.file_id == file_id;
    }
}

/// An object that is being written, behind its `pending` row.
pub(super) struct Arriving {
    app: App,
    /// Both are there until the end.
    pending: Option<Pending>,
    writing: Option<Writing>,
    scan: Option<Scan>,
}

/// Whoever gives up in the middle leaves nothing of it in the store.
impl Drop for Arriving {
    fn drop(&mut self) {
        if let Some(writing) = self.writing.take() {
            let pending = self.pending.take();
            self.app.tasks.spawn(async move {
                if let Err(error) = writing.abort().await {
                    tracing::warn!(%error, "an upload could not be taken back");
                }
                drop(pending);
            });
        }
    }
}

impl Arriving {
    pub(super) async fn begin(app: &App, grant: &Grant, name: &str, mime: &str) -> Result<Self> {
        let scan = match &app.settings.files.scanner {
            Some(scanner) => Some(scanner.begin().await.map_err(|error| unscanned(&error))?),
            None => None,
        };
        let clinic = grant.clinic_id().ok_or_else(|| AppError::forbidden("This needs an active clinic"))?;
        let object = app.files.new_name(&clinic.to_string());
        let row = (object.clone(), name.to_owned(), mime.to_owned());
        let file_id = app.db.write(grant, row, async |mut tx: TenantTx, (object, name, mime): (String, String, String)| {
            tx.unaudited("an upload is audited when it is stored");
            Ok(store::insert_pending(&mut tx, &object, &name, &mime).await?)
        });
        let pending = Pending { app: app.clone(), grant: grant.clone(), file_id: file_id.await?, object, is_settled: false };
        let most = app.settings.files.max_upload;
        let writing = app.files.begin(&pending.object, &context_of(clinic), most).await.map_err(explained)?;
        Ok(Self { app: app.clone(), pending: Some(pending), writing: Some(writing), scan })
    }

    pub(super) async fn push(&mut self, contents: &[u8]) -> Result<()> {
        if let Some(scan) = &mut self.scan {
            scan.push(contents).await.map_err(|error| unscanned(&error))?;
        }
        let writing = self.writing.as_mut().ok_or_else(ended)?;
        writing.push(contents).await.map_err(explained)
    }

    pub(super) async fn finish(mut self) -> Result<(Pending, Stored)> {
        if let Some(scan) = self.scan.take() {
            match scan.finish().await.map_err(|error| unscanned(&error))? {
                Verdict::Clean => {}
                Verdict::Found(what) => {
                    tracing::warn!(%what, "a file was refused by the virus scanner");
                    return Err(AppError::field(FIELD, "The file is refused by the virus scanner"));
                }
            }
        }
        let (pending, writing) = self.pending.take().zip(self.writing.take()).ok_or_else(ended)?;
        // The sender may hang up while the store makes the object: what is to be removed then is removed when it is there, not before.
        let ending = self.app.tasks.spawn(async move {
            let stored = writing.finish().await.map_err(explained)?;
            Ok::<_, AppError>((pending, stored))
        });
        ending.await.map_err(AppError::internal)?
    }
}

fn ended() -> AppError {
    AppError::internal("an upload goes on after its end")
}

/// A file that nobody could look into is not taken. One that the scanner finds too large will be so again.
fn unscanned(error: &ScanError) -> AppError {
    if matches!(error, ScanError::TooLarge) {
        tracing::error!(%error, "a file was refused");
        return AppError::field(FIELD, "The file is larger than the virus scanner takes");
    }
    AppError::Unavailable(error.to_string())
}

/// A row that waits for its object. Dropped while it waits, also because the sender hung up, it and its object are removed.
pub(super) struct Pending {
    app: App,
    grant: Grant,
    pub(super) file_id: FileId,
    object: String,
    pub(super) is_settled: bool,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pending({})", self.file_id)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if self.is_settled {
            return;
        }
        let (app, grant, file_id, object) = (self.app.clone(), self.grant.clone(), self.file_id, std::mem::take(&mut self.object));
        let tasks = app.tasks.clone();
        tasks.spawn(async move {
            if let Err(error) = discard(&app, &grant, file_id, &object).await {
                tracing::warn!(error = %error, %file_id, "what an upload left could not be removed; it is swept later");
            }
        });
    }
}

/// Removes what an upload left: says so in its row, removes the object, forgets the row. Wherever this ends, what is left can be found by
/// the row. A file that was stored after all stays.
pub(super) async fn discard(app: &App, grant: &Grant, file_id: FileId, object: &str) -> Result<()> {
    let is_left = app.db.write(grant, file_id, async |mut tx: TenantTx, file_id: FileId| {
        tx.unaudited("nothing was stored");
        Ok(store::mark_discarded(&mut tx, file_id).await?)
    });
    if !is_left.await? {
        return Ok(());
    }
    app.files.delete(object).await.map_err(explained)?;
    let forget = app.db.write(grant, file_id, async |mut tx: TenantTx, file_id: FileId| {
        tx.unaudited("nothing was stored");
        Ok(store::delete_discarded(&mut tx, file_id).await?)
    });
    forget.await.map(drop)
}
