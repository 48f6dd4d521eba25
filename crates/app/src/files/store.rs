//! All SQL of stored contents.

use clinichub_core::{ClinicId, FileId, UtcTime};
use clinichub_db::{DbError, PlatformTx, Query, TenantTx, from_row, params, platform_sql, tenant_sql};
use clinichub_files::{Stored, Wrapped};

use super::outgoing::StoredFile;

/// A stored file as its row has it.
pub struct FileRow {
    file_id: FileId,
    object: String,
    key_id: String,
    wrapped_key: String,
    size: i64,
    sha256: String,
    mime: String,
    name: String,
}
from_row!(FileRow { file_id, object, key_id, wrapped_key, size, sha256, mime, name });

impl From<FileRow> for StoredFile {
    fn from(row: FileRow) -> Self {
        let key = Wrapped { kid: row.key_id, text: row.wrapped_key };
        let size = u64::try_from(row.size).unwrap_or_default();
        Self { file_id: row.file_id, object: row.object, key, size, sha256: row.sha256, mime: row.mime, name: row.name }
    }
}

/// Notes that an object is about to be written.
pub async fn insert_pending(tx: &mut TenantTx, object: &str, name: &str, mime: &str) -> Result<FileId, DbError> {
    let (now, by) = (tx.now(), tx.grant().user_id());
    tx.one(
        tenant_sql!(
            "INSERT INTO files (clinic_id, object, state, mime, name, created_at, created_by) VALUES ($1, $2, 'pending', $3, $4, $5, $6)
             RETURNING file_id"
        ),
        params![object, mime, name, now, by],
    )
    .await
}

/// Says that the object is there; whether the row was still waiting for it.
pub async fn mark_stored(tx: &mut TenantTx, file_id: FileId, stored: &Stored) -> Result<bool, DbError> {
    let now = tx.now();
    let size = i64::try_from(stored.size).unwrap_or(i64::MAX);
    let updated = tx.exec(
        tenant_sql!(
            "UPDATE files SET state = 'stored', key_id = $3, wrapped_key = $4, size = $5, sha256 = $6, stored_at = $7
             WHERE clinic_id = $1 AND file_id = $2 AND state = 'pending'"
        ),
        params![file_id, &stored.key.kid, &stored.key.text, size, &stored.sha256, now],
    );
    Ok(updated.await? == 1)
}

/// Says that the object is to be removed; whether that is so. A file that was stored meanwhile stays.
pub async fn mark_discarded(tx: &mut TenantTx, file_id: FileId) -> Result<bool, DbError> {
    let sql = tenant_sql!("UPDATE files SET state = 'discarded' WHERE clinic_id = $1 AND file_id = $2 AND state <> 'stored'");
    Ok(tx.exec(sql, params![file_id]).await? == 1)
}

/// Forgets a file whose object was removed.
pub async fn delete_discarded(tx: &mut TenantTx, file_id: FileId) -> Result<u64, DbError> {
    let sql = tenant_sql!("DELETE FROM files WHERE clinic_id = $1 AND file_id = $2 AND state = 'discarded'");
    tx.exec(sql, params![file_id]).await
}

/// A stored file.
pub async fn find(tx: &mut TenantTx, file_id: FileId) -> Result<Option<FileRow>, DbError> {
    tx.opt(
        tenant_sql!(
            "SELECT file_id, object, key_id, wrapped_key, size, sha256, mime, name FROM files
             WHERE clinic_id = $1 AND file_id = $2 AND state = 'stored'"
        ),
        params![file_id],
    )
    .await
}

/// So many uploads that came to nothing are looked up at once.
pub const MOST_ABANDONED: usize = 500;

/// Uploads that were begun before `before` and came to nothing, the first of them.
pub async fn abandoned(tx: &mut PlatformTx, before: UtcTime) -> Result<Vec<(ClinicId, FileId, String)>, DbError> {
    tx.all(
        platform_sql!(
            "SELECT clinic_id, file_id, object FROM files WHERE state <> 'stored' AND created_at < $1 ORDER BY created_at LIMIT 500"
        ),
        params![before],
    )
    .await
}

/// Uploads that are under way or came to nothing.
pub async fn count_unfinished(tx: &mut PlatformTx) -> Result<i64, DbError> {
    tx.one(platform_sql!("SELECT count(*) FROM files WHERE state <> 'stored'"), ()).await
}

/// Which of these objects have a row.
pub async fn known(tx: &mut PlatformTx, objects: &[String]) -> Result<Vec<String>, DbError> {
    let mut query = Query::platform(platform_sql!("SELECT object FROM files WHERE 1 = 1"));
    query.list(" AND object IN (", objects.iter(), ")");
    tx.all_q(&query).await
}

/// The stored objects behind the file with this id in this clinic, in order.
pub async fn stored_after(tx: &mut PlatformTx, after: (ClinicId, FileId)) -> Result<Vec<(ClinicId, FileId, String)>, DbError> {
    tx.all(
        platform_sql!(
            "SELECT clinic_id, file_id, object FROM files WHERE (clinic_id, file_id) > ($1, $2) AND state = 'stored'
             ORDER BY clinic_id, file_id LIMIT 1000"
        ),
        params![after.0, after.1],
    )
    .await
}

/// A file and the wrap of its key.
pub struct WrapRow {
    pub clinic_id: ClinicId,
    pub file_id: FileId,
    pub object: String,
    pub key_id: String,
    pub wrapped_key: String,
}
from_row!(WrapRow { clinic_id, file_id, object, key_id, wrapped_key });

/// Files whose keys another key than this one wraps, behind the given one.
pub async fn wrapped_by_others(tx: &mut PlatformTx, kid: &str, after: (ClinicId, FileId)) -> Result<Vec<WrapRow>, DbError> {
    tx.all(
        platform_sql!(
            "SELECT clinic_id, file_id, object, key_id, wrapped_key FROM files
             WHERE (clinic_id, file_id) > ($2, $3) AND state = 'stored' AND key_id <> $1 ORDER BY clinic_id, file_id LIMIT 200"
        ),
        params![kid, after.0, after.1],
    )
    .await
}

/// Replaces the wrap of a key, if it is still the one that was read.
pub async fn replace_wrap(tx: &mut PlatformTx, row: &WrapRow, by: &Wrapped) -> Result<u64, DbError> {
    tx.exec(
        platform_sql!("UPDATE files SET key_id = $3, wrapped_key = $4 WHERE clinic_id = $1 AND file_id = $2 AND wrapped_key = $5"),
        params![row.clinic_id, row.file_id, &by.kid, &by.text, &row.wrapped_key],
    )
    .await
}

/// The ids of the keys that files are wrapped by.
pub async fn kids_in_use(tx: &mut PlatformTx) -> Result<Vec<String>, DbError> {
    tx.all(platform_sql!("SELECT DISTINCT key_id FROM files WHERE state = 'stored'"), ()).await
}
