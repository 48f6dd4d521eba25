//! All SQL of the clinics' keys.

use clinichub_core::{ClinicId, UtcTime};
use clinichub_db::{DbError, PlatformTx, TenantTx, from_row, params, platform_sql, tenant_sql};
use clinichub_files::Wrapped;

/// The key of a clinic as its row has it.
pub struct KeyRow {
    pub clinic_id: ClinicId,
    pub key_id: String,
    pub wrapped_key: String,
    pub created_at: UtcTime,
}
from_row!(KeyRow { clinic_id, key_id, wrapped_key, created_at });

impl KeyRow {
    /// The key and what wraps it.
    pub fn wrapped(&self) -> Wrapped {
        Wrapped { kid: self.key_id.clone(), text: self.wrapped_key.clone() }
    }
}

/// The clinic's key, if it has one.
pub async fn find(tx: &mut TenantTx) -> Result<Option<KeyRow>, DbError> {
    tx.opt(tenant_sql!("SELECT clinic_id, key_id, wrapped_key, created_at FROM clinic_keys WHERE clinic_id = $1"), params![]).await
}

/// Gives the clinic a key, unless it has one.
pub async fn insert(tx: &mut TenantTx, key: &Wrapped) -> Result<u64, DbError> {
    let now = tx.now();
    tx.exec(
        tenant_sql!(
            "INSERT INTO clinic_keys (clinic_id, key_id, wrapped_key, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (clinic_id) DO NOTHING"
        ),
        params![&key.kid, &key.text, now],
    )
    .await
}

/// The next clinics whose keys another key than this one wraps.
pub async fn wrapped_by_others(tx: &mut PlatformTx, kid: &str, after: ClinicId) -> Result<Vec<KeyRow>, DbError> {
    tx.all(
        platform_sql!(
            "SELECT clinic_id, key_id, wrapped_key, created_at FROM clinic_keys WHERE key_id <> $1 AND clinic_id > $2
             ORDER BY clinic_id LIMIT 200"
        ),
        params![kid, after],
    )
    .await
}

/// Puts a new wrap in the place of the one that was read.
pub async fn replace_wrap(tx: &mut PlatformTx, row: &KeyRow, by: &Wrapped) -> Result<u64, DbError> {
    tx.exec(
        platform_sql!("UPDATE clinic_keys SET key_id = $3, wrapped_key = $4 WHERE clinic_id = $1 AND wrapped_key = $2"),
        params![row.clinic_id, &row.wrapped_key, &by.kid, &by.text],
    )
    .await
}

/// The ids of the keys that clinics' keys are wrapped by.
pub async fn kids_in_use(tx: &mut PlatformTx) -> Result<Vec<String>, DbError> {
    tx.all(platform_sql!("SELECT DISTINCT key_id FROM clinic_keys"), ()).await
}
