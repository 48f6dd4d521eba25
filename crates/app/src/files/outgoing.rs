//! A file on its way out.

use axum::response::Response;
use clinichub_api::{Download, Wanted};
use clinichub_core::{AppError, FileId, Result};
use clinichub_db::TenantTx;
use clinichub_files::{FileError, Kind, Wrapped};
use futures_util::TryStreamExt;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{context_of, explained, store};
use crate::App;

type Access = clinichub_api::Access<App>;

/// How a file is handed out.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DownloadQuery {
    /// `1`: to be shown in the page, where the file is a PDF or a picture that browsers show; else it is to be kept.
    #[serde(deserialize_with = "flag")]
    #[param(value_type = Option<String>, pattern = "^(0|1|true|false)$")]
    pub inline: bool,
}

/// `1` and `true`, `0` and `false`.
fn flag<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<bool, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(serde::de::Error::custom("expected 1 or 0")),
    }
}

/// A stored file.
#[derive(Debug, Clone)]
pub struct StoredFile {
    /// Its row.
    pub file_id: FileId,
    /// Its media type.
    pub mime: String,
    /// What it is called.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its contents in hexadecimal.
    pub sha256: String,
    pub(super) object: String,
    pub(super) key: Wrapped,
}

/// A stored file of the clinic.
pub async fn find_in(tx: &mut TenantTx, file_id: FileId) -> Result<StoredFile> {
    let found = store::find(tx, file_id).await?;
    found.map(Into::into).ok_or(AppError::NotFound("File"))
}

/// Hands a file out, or what is wanted of it. A browser may show it when `inline` asks for that and it is of a kind that runs nothing.
pub async fn answer(access: &Access, file: StoredFile, wanted: &Wanted, inline: bool) -> clinichub_api::Result<Response> {
    let kind = Kind::of_mime(&file.mime);
    let download = Download {
        name: file.name.clone(),
        mime: kind.map_or("application/octet-stream", Kind::mime),
        size: file.size,
        tag: file.sha256.clone(),
        is_inline: inline && kind.is_some_and(Kind::is_shown_by_browsers),
    };
    let clinic = access.grant.clinic_id().ok_or_else(|| AppError::forbidden("This needs an active clinic"))?;
    let store = &access.app.files;
    let open = |range| async move {
        let reading = store.open(&file.object, &context_of(clinic), &file.key, file.size).map_err(explained)?;
        let pieces = reading.read(range).await.map_err(explained)?;
        // The head of the answer is gone by then: all that is left is to break off, and to say why in the log.
        Ok(pieces.inspect_err(|error: &FileError| tracing::error!(%error, "a file breaks off while it is read")))
    };
    download.answer(wanted, open).await
}
