//! What can be done with usage. Counting happens inside the transaction of what is counted; reports go across clinics.

use std::collections::HashSet;

use clinichub_api::check_unversioned;
use clinichub_core::{AppError, ClinicId, Currency, Day, FieldError, Money, Page, PageRequest, Result, TrailEntry, UtcTime};
use clinichub_db::{PlatformTx, TenantTx};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::api::{NewPrice, UsagePrice, UsageSort};
use super::model::{ClinicUse, Price, UsageKind, Use, Used, month};
use super::store;
use crate::App;
use crate::clinics::{self, Period};

type Access = clinichub_api::Access<App>;

/// What the operator sees of a period: it, a page of the clinics, and the sums of all.
pub struct Overview {
    pub from: UtcTime,
    pub to: UtcTime,
    pub clinics: Page<ClinicUse>,
    pub totals: Vec<(Currency, i64, i64)>,
}

/// Counts a use at the price of today, once, however often this is called for it. What the operator has no price for is not metered,
/// but for visits.
pub async fn record(tx: &mut TenantTx, used: Use) -> Result<()> {
    let clinic = clinics::get_in(tx).await?;
    let (kind, today) = (used.kind(), tx.now().date_in(&clinic.zone()));
    let free = || Price { kind, valid_from: Day(today), minor: 0, currency: clinic.currency };
    let price = store::find_price(tx, kind, Day(today)).await?.or_else(|| used.always_counts().then(free));
    match price {
        Some(price) => Ok(store::insert(tx, &price, used, &month(today)).await?),
        None => Ok(()),
    }
}

/// What a clinic used from `from` until before `to`.
pub async fn used_in(tx: &mut PlatformTx, clinic: ClinicId, from: UtcTime, to: UtcTime) -> Result<Vec<Used>> {
    Ok(store::list_used(tx, clinic, from, to).await?)
}

/// What a clinic used in a period, for its admin and the operator.
pub async fn used(access: &Access, clinic: ClinicId, period: Period) -> Result<Vec<Used>> {
    clinics::require_books(&access.grant, clinic)?;
    access
        .app
        .db
        .platform_read(&access.grant, (clinic, period), async |mut tx: PlatformTx, (clinic, period): (ClinicId, Period)| {
            let clinic = clinics::get_any(&mut tx, clinic).await?;
            let (from, to) = period.in_clinic(&clinic, tx.now())?;
            used_in(&mut tx, clinic.clinic_id, from, to).await
        })
        .await
}

/// The prices of a clinic, for its admin and the operator.
pub async fn prices(access: &Access, clinic: ClinicId) -> Result<Vec<Price>> {
    clinics::require_books(&access.grant, clinic)?;
    access
        .app
        .db
        .platform_read(&access.grant, clinic, async |mut tx: PlatformTx, clinic: ClinicId| {
            clinics::get_any(&mut tx, clinic).await?;
            Ok(store::list_prices(&mut tx, clinic).await?)
        })
        .await
}

/// Sets prices from today or a later day on. Each takes the place of that of its kind and day; those of other days stay. What was counted
/// keeps its price.
pub async fn set_prices(access: &Access, clinic: ClinicId, new: Vec<NewPrice>) -> Result<Vec<Price>> {
    access
        .app
        .db
        .platform_write(&access.grant, (clinic, new), async |mut tx: PlatformTx, (clinic, new): (ClinicId, Vec<NewPrice>)| {
            let clinic = clinics::get_any(&mut tx, clinic).await?;
            let today = Day(tx.now().date_in(&clinic.zone()));
            let prices = checked(new, clinic.currency, today)?;
            check_unversioned(tx.grant())?;
            let before = store::list_prices(&mut tx, clinic.clinic_id).await?;
            let replaced =
                before.into_iter().filter(|old| prices.iter().any(|new| (new.kind, new.valid_from) == (old.kind, old.valid_from)));
            let details = json!({ "set": shown(prices.iter().cloned()), "replaced": shown(replaced) });
            store::upsert_prices(&mut tx, clinic.clinic_id, &prices).await?;
            tx.audit(Some(clinic.clinic_id), about(clinic.clinic_id, &details)).await?;
            Ok(store::list_prices(&mut tx, clinic.clinic_id).await?)
        })
        .await
}

type Planned = (ClinicId, UsageKind, Day);

/// Takes back a price that has not begun. One that has stays: what was counted at it can be looked up.
pub async fn delete_price(access: &Access, clinic: ClinicId, kind: UsageKind, valid_from: Day) -> Result<Vec<Price>> {
    access
        .app
        .db
        .platform_write(&access.grant, (clinic, kind, valid_from), async |mut tx: PlatformTx, (clinic, kind, valid_from): Planned| {
            let clinic = clinics::get_any(&mut tx, clinic).await?;
            check_unversioned(tx.grant())?;
            let known = store::list_prices(&mut tx, clinic.clinic_id).await?;
            let price = known.into_iter().find(|price| price.kind == kind && price.valid_from == valid_from);
            let price = price.ok_or(AppError::NotFound("Price"))?;
            if price.valid_from <= Day(tx.now().date_in(&clinic.zone())) {
                return Err(AppError::conflict("A price that has begun can't be taken back; set another one from today on"));
            }
            if store::delete_price(&mut tx, clinic.clinic_id, kind, valid_from).await? == 0 {
                return Err(AppError::NotFound("Price"));
            }
            let details = json!({ "removed": shown([price]) });
            tx.audit(Some(clinic.clinic_id), about(clinic.clinic_id, &details)).await?;
            Ok(store::list_prices(&mut tx, clinic.clinic_id).await?)
        })
        .await
}

/// What the trail says of a change: what a price was that another one took the place of stands nowhere else.
fn about(clinic: ClinicId, details: &Value) -> TrailEntry {
    TrailEntry { resource: Some(("clinic", clinic.0)), details: Some(details.to_string()), ..TrailEntry::default() }
}

fn shown(prices: impl IntoIterator<Item = Price>) -> Vec<UsagePrice> {
    prices.into_iter().map(Into::into).collect()
}

fn checked(new: Vec<NewPrice>, usual: Currency, today: Day) -> Result<Vec<Price>> {
    let (mut refused, mut prices, mut known) = (Vec::new(), Vec::new(), HashSet::new());
    for (index, new) in new.into_iter().enumerate() {
        let mut refuse = |field: &str, message: String| refused.push(FieldError { field: format!("prices[{index}].{field}"), message });
        if new.valid_from < today {
            refuse("valid_from", "valid_from: must not lie in the past".to_owned());
        }
        if !known.insert((new.kind, new.valid_from)) {
            refuse("valid_from", "valid_from: this kind has a price from this day on already".to_owned());
        }
        let currency = new.currency.unwrap_or(usual);
        match Money::parse(&new.unit_price, currency) {
            Ok(price) if price.minor >= 0 => {
                prices.push(Price { kind: new.kind, valid_from: new.valid_from, minor: price.minor, currency });
            }
            Ok(_) => refuse("unit_price", "unit_price: can't be negative".to_owned()),
            Err(message) => refuse("unit_price", format!("unit_price: {message}")),
        }
    }
    if refused.is_empty() { Ok(prices) } else { Err(AppError::Invalid(refused)) }
}

type OverviewArgs = (UtcTime, UtcTime, Option<String>, PageRequest<UsageSort>);

/// What all clinics used; days are UTC's, as the clinics' own differ.
pub async fn overview(access: &Access, period: Period, search: Option<String>, page: PageRequest<UsageSort>) -> Result<Overview> {
    let (from, to) = period.in_zone(&TimeZone::UTC, access.grant.at())?;
    access
        .app
        .db
        .platform_read(&access.grant, (from, to, search, page), async |mut tx: PlatformTx, (from, to, search, page): OverviewArgs| {
            let (rows, total) = store::list_clinics(&mut tx, from, to, search.as_deref(), &page).await?;
            let totals = store::list_totals(&mut tx, from, to).await?;
            Ok(Overview { from, to, clinics: Page::new(rows, total, &page), totals })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(prices: Vec<NewPrice>) -> Vec<String> {
        match checked(prices, Currency::USD, Day(jiff::civil::date(2026, 4, 14))) {
            Ok(_) => Vec::new(),
            Err(AppError::Invalid(errors)) => errors.into_iter().map(|error| error.field).collect(),
            Err(error) => panic!("{error}"),
        }
    }

    fn price(unit_price: &str, valid_from: &str) -> NewPrice {
        let valid_from = valid_from.parse().expect("a day");
        NewPrice { kind: UsageKind::VisitCompletion, unit_price: unit_price.to_owned(), currency: None, valid_from }
    }

    #[test]
    fn the_past_keeps_its_price() {
        assert!(refused(vec![price("1.50", "2026-04-14"), price("2", "2026-07-01")]).is_empty());
        assert_eq!(refused(vec![price("1.50", "2026-04-13")]), ["prices[0].valid_from"]);
        assert_eq!(refused(vec![price("1.50", "2026-05-01"), price("-1", "2026-05-01")]), ["prices[1].valid_from", "prices[1].unit_price"]);
    }
}
