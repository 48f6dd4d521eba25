//! All SQL of usage. Across clinics, for the operator: sums, never a row about a person.

use clinichub_core::{ClinicId, Day, PageRequest, UtcTime};
use clinichub_db::{DbError, PlatformTx, TenantTx, from_row, params, platform_bulk_sql, platform_sql, tenant_sql, text_column};

use super::api::UsageSort;
use super::model::{ClinicUse, Price, UsageKind, Use, Used};

text_column!(UsageKind);
from_row!(Used { month, kind, currency, units, minor });
from_row!(Price { kind, valid_from, minor, currency });
from_row!(ClinicUse { clinic_id, code, name, currency, units, minor });

/// What a unit costs on this day; none where the operator has set no price.
pub async fn find_price(tx: &mut TenantTx, kind: UsageKind, day: Day) -> Result<Option<Price>, DbError> {
    let sql = tenant_sql!(
        "SELECT p.kind, p.valid_from, p.unit_price_minor AS minor, p.currency FROM usage_prices p
         WHERE p.clinic_id = $1 AND p.kind = $2 AND p.valid_from <= $3 ORDER BY p.valid_from DESC LIMIT 1"
    );
    tx.opt(sql, params![kind, day]).await
}

/// Notes what was used, unless it is noted already.
pub async fn insert(tx: &mut TenantTx, price: &Price, used: Use, month: &str) -> Result<(), DbError> {
    let sql = tenant_sql!(
        "INSERT INTO usage_entries (clinic_id, kind, visit_id, source_id, units, unit_price_minor, currency, month, at)
         VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8)
         ON CONFLICT DO NOTHING"
    );
    let now = tx.now();
    tx.exec(sql, params![price.kind, used.visit(), used.source(), price.minor, price.currency, month, now]).await.map(drop)
}

/// What a clinic used from `from` until before `to`, by month, kind and currency.
pub async fn list_used(tx: &mut PlatformTx, clinic: ClinicId, from: UtcTime, to: UtcTime) -> Result<Vec<Used>, DbError> {
    let sql = platform_sql!(
        "SELECT e.month, e.kind, e.currency, CAST(sum(e.units) AS BIGINT) AS units,
                CAST(sum(e.units * e.unit_price_minor) AS BIGINT) AS minor
         FROM usage_entries e WHERE e.clinic_id = $1 AND e.at >= $2 AND e.at < $3
         GROUP BY e.month, e.kind, e.currency ORDER BY e.month, e.kind, e.currency"
    );
    tx.all(sql, params![clinic, from, to]).await
}

/// The prices of a clinic, the latest first.
pub async fn list_prices(tx: &mut PlatformTx, clinic: ClinicId) -> Result<Vec<Price>, DbError> {
    let sql = platform_sql!(
        "SELECT p.kind, p.valid_from, p.unit_price_minor AS minor, p.currency FROM usage_prices p
         WHERE p.clinic_id = $1 ORDER BY p.kind, p.valid_from DESC"
    );
    tx.all(sql, params![clinic]).await
}

/// Forgets the price of a kind that begins on this day.
pub async fn delete_price(tx: &mut PlatformTx, clinic: ClinicId, kind: UsageKind, valid_from: Day) -> Result<u64, DbError> {
    let sql = platform_sql!("DELETE FROM usage_prices WHERE clinic_id = $1 AND kind = $2 AND valid_from = $3");
    tx.exec(sql, params![clinic, kind, valid_from]).await
}

/// Stores prices; each takes the place of that of its kind and day, and of no other.
pub async fn upsert_prices(tx: &mut PlatformTx, clinic: ClinicId, prices: &[Price]) -> Result<(), DbError> {
    let (now, by) = (tx.now(), tx.grant().user_id());
    let row = |price: &Price| params![clinic, price.kind, price.valid_from, price.minor, price.currency, now, by];
    let insert = platform_bulk_sql!(
        "INSERT INTO usage_prices (clinic_id, kind, valid_from, unit_price_minor, currency, created_at, created_by) VALUES",
        " ON CONFLICT (clinic_id, kind, valid_from) DO UPDATE SET unit_price_minor = excluded.unit_price_minor,
             currency = excluded.currency, created_at = excluded.created_at, created_by = excluded.created_by"
    );
    tx.insert_many(insert, prices.iter().map(row).collect()).await.map(drop)
}

/// One page of the clinics that match with what each used, a row for each currency; and how many clinics match. There are few of them, so
/// no index has their order, and one statement has all four: the rows of a clinic must follow each other, too.
pub async fn list_clinics(
    tx: &mut PlatformTx,
    from: UtcTime,
    to: UtcTime,
    search: Option<&str>,
    page: &PageRequest<UsageSort>,
) -> Result<(Vec<ClinicUse>, i64), DbError> {
    let pattern = search.map(crate::like::containing).unwrap_or_default();
    let sql = platform_sql!(
        "SELECT c.clinic_id, c.code, c.name, e.currency, CAST(coalesce(sum(e.units), 0) AS BIGINT) AS units,
                CAST(coalesce(sum(e.units * e.unit_price_minor), 0) AS BIGINT) AS minor
         FROM (SELECT clinic_id, code, name FROM clinics
               WHERE $5 = '' OR lower(code) LIKE $5 ESCAPE '!' OR lower(name) LIKE $5 ESCAPE '!'
               ORDER BY CASE WHEN $6 = 'name' THEN lower(name) END, CASE WHEN $6 = 'name desc' THEN lower(name) END DESC,
                        CASE WHEN $6 = 'code desc' THEN code END DESC, code
               LIMIT $3 OFFSET $4) c
              LEFT JOIN usage_entries e ON e.clinic_id = c.clinic_id AND e.at >= $1 AND e.at < $2
         GROUP BY c.clinic_id, c.code, c.name, e.currency
         ORDER BY CASE WHEN $6 = 'name' THEN lower(c.name) END, CASE WHEN $6 = 'name desc' THEN lower(c.name) END DESC,
                  CASE WHEN $6 = 'code desc' THEN c.code END DESC, c.code, e.currency"
    );
    let order = page.sort.word(page.order);
    let rows = tx.all(sql, params![from, to, page.per_page, page.offset(), &pattern, order]).await?;
    let count =
        platform_sql!("SELECT count(*) FROM clinics WHERE $1 = '' OR lower(code) LIKE $1 ESCAPE '!' OR lower(name) LIKE $1 ESCAPE '!'");
    Ok((rows, tx.one(count, params![&pattern]).await?))
}

/// What all clinics used, per currency.
pub async fn list_totals(tx: &mut PlatformTx, from: UtcTime, to: UtcTime) -> Result<Vec<(clinichub_core::Currency, i64, i64)>, DbError> {
    let sql = platform_sql!(
        "SELECT e.currency, CAST(sum(e.units) AS BIGINT) AS units, CAST(sum(e.units * e.unit_price_minor) AS BIGINT) AS minor
         FROM usage_entries e WHERE e.at >= $1 AND e.at < $2 GROUP BY e.currency ORDER BY e.currency"
    );
    tx.all(sql, params![from, to]).await
}
