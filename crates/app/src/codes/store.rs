//! All SQL of the code set. It belongs to no clinic: everybody's codes are the same.

use clinichub_db::{DbError, PlatformTx, Query, from_row, params, platform_bulk_sql, platform_sql};

use super::api::Icd10Code;
use super::model::{Code, Search, words};

/// A code as it is stored.
struct CodeRow {
    code: String,
    description: String,
    is_billable: bool,
}

from_row!(CodeRow { code, description, is_billable });

impl From<CodeRow> for Icd10Code {
    fn from(row: CodeRow) -> Self {
        Self { code: super::model::dotted(&row.code), description: row.description, billable: row.is_billable }
    }
}

/// The codes that a search finds: by code, or the shortest description first.
pub async fn search(tx: &mut PlatformTx, search: &Search, limit: i64) -> Result<Vec<Icd10Code>, DbError> {
    let mut query = Query::platform(platform_sql!("SELECT c.code, c.description, c.is_billable FROM icd10_codes c WHERE c.code <> ''"));
    match search {
        Search::Code(prefix) => {
            query.part(" AND c.code >= ? AND c.code < ?", params![prefix, after(prefix)]);
            query.tail(" ORDER BY c.code LIMIT ?", params![limit]);
        }
        Search::Words(terms) => {
            for term in terms {
                query
                    .part(" AND c.code IN (SELECT w.code FROM icd10_words w WHERE w.word >= ? AND w.word < ?)", params![term, after(term)]);
            }
            query.tail(" ORDER BY length(c.description), c.code LIMIT ?", params![limit]);
        }
    }
    let rows: Vec<CodeRow> = tx.all_q(&query).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// What begins with `term` is smaller than this.
fn after(term: &str) -> String {
    format!("{term}{}", char::MAX)
}

/// What these codes (without dots) mean, as far as they are known.
pub async fn describe(tx: &mut PlatformTx, keys: &[String]) -> Result<Vec<(String, String)>, DbError> {
    let mut query = Query::platform(platform_sql!("SELECT c.code, c.description FROM icd10_codes c WHERE c.code <> ''"));
    query.list(" AND c.code IN (", keys, ")");
    tx.all_q(&query).await
}

/// Stores codes, each once; those that are there get this description.
pub async fn put(tx: &mut PlatformTx, codes: &[Code]) -> Result<(), DbError> {
    let mut old = Query::platform(platform_sql!("DELETE FROM icd10_words WHERE word <> ''"));
    old.list(" AND code IN (", codes.iter().map(|code| &code.key), ")");
    tx.exec_q(&old).await?;
    let insert = platform_bulk_sql!(
        "INSERT INTO icd10_codes (code, description, is_billable) VALUES",
        " ON CONFLICT (code) DO UPDATE SET description = excluded.description, is_billable = excluded.is_billable"
    );
    let rows = codes.iter().map(|code| params![&code.key, &code.description, code.is_billable]);
    tx.insert_many(insert, rows.collect()).await?;
    let insert = platform_bulk_sql!("INSERT INTO icd10_words (word, code) VALUES");
    let rows = codes.iter().flat_map(|code| words(&code.description).into_iter().map(|word| params![word, &code.key]));
    tx.insert_many(insert, rows.collect()).await.map(drop)
}
