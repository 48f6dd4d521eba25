//! What can be done with the code set.

use std::collections::HashMap;

use clinichub_core::Result;
use clinichub_db::{PlatformTx, TenantTx};

use super::api::Icd10Code;
use super::model::{Search, dotted, key};
use super::store;
use crate::App;

type Access = clinichub_api::Access<App>;

/// The codes that a text finds; none where no code set is there.
pub async fn search(access: &Access, text: &str, limit: i64) -> Result<Vec<Icd10Code>> {
    let search = Search::of(text);
    if matches!(&search, Search::Words(words) if words.is_empty()) {
        return Ok(Vec::new());
    }
    let find = async |mut tx: PlatformTx, (search, limit): (Search, i64)| Ok(store::search(&mut tx, &search, limit).await?);
    access.app.db.platform_read(&access.grant, (search, limit), find).await
}

/// What these codes mean, by code with its dot, as far as the code set knows them.
pub async fn describe(tx: &mut TenantTx, codes: &[String]) -> Result<HashMap<String, String>> {
    let keys: Vec<String> = codes.iter().filter_map(|code| key(code)).collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let known = store::describe(&mut tx.platform(), &keys).await?;
    Ok(known.into_iter().map(|(key, description)| (dotted(&key), description)).collect())
}
