//! What goes over the wire about usage, and the handlers.

use axum::response::{IntoResponse, Response};
use clinichub_api::{Access, Body, Id, List, PagingQuery, Params, Read, Result, SortField, Versioned, Written, written_body};
use clinichub_core::{AppError, ClinicId, Currency, Day, DayOrInstant, Money, Order, Pagination, UtcTime};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{ClinicUse, Price, UsageKind, Used, totals};
use super::service::{self, Overview};
use crate::App;
use crate::clinics::{Period, UsagePeriod};

/// The units of a kind that were used in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UsageEntry {
    /// The clinic's own month.
    #[schema(example = "2026-04")]
    pub month: String,
    pub kind: UsageKind,
    #[schema(minimum = 0)]
    pub units: i64,
    pub currency: Currency,
    /// What they come to, each unit at the price of its day.
    #[schema(example = "120.00")]
    pub amount: String,
}

/// A sum of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UsageTotal {
    pub currency: Currency,
    #[schema(minimum = 0)]
    pub units: i64,
    #[schema(example = "120.00")]
    pub amount: String,
}

/// What a unit costs from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UsagePrice {
    pub kind: UsageKind,
    #[schema(example = "1.50")]
    pub unit_price: String,
    pub currency: Currency,
    pub valid_from: Day,
}

/// A price to set.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NewPrice {
    pub kind: UsageKind,
    /// A decimal in `currency`.
    #[schema(pattern = "^[0-9]{1,9}(\\.[0-9]{1,2})?$", example = "1.50")]
    pub unit_price: String,
    /// The clinic's, unless another is named.
    pub currency: Option<Currency>,
    /// Today in the clinic, or a day to come.
    pub valid_from: Day,
}

/// Prices from today or a later day on.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "prices": [{ "kind": "visit_completion", "unit_price": "1.50", "valid_from": "2030-01-01" }] }))]
pub struct NewPrices {
    /// Each takes the place of that of its kind which begins on the same day. Prices of other days, later ones too, stay.
    #[garde(length(max = 100))]
    #[schema(max_items = 100)]
    pub prices: Vec<NewPrice>,
}

/// Which planned price is meant.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PlannedPrice {
    /// What it is for.
    #[param(inline)]
    pub kind: UsageKind,
    /// The day on which it would begin.
    #[param(value_type = String, format = Date, pattern = "^[1-9]", example = "2030-01-01")]
    pub valid_from: Day,
}

/// A clinic's prices, the latest of each kind first: those that held, the one that holds and those that are planned.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsagePrices {
    pub prices: Vec<UsagePrice>,
}

/// What a clinic used in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClinicUsage {
    pub clinic_id: ClinicId,
    #[schema(example = "ABC01")]
    pub code: String,
    pub name: String,
    #[schema(minimum = 0)]
    pub units: i64,
    /// One for each currency; none where nothing was used.
    pub totals: Vec<UsageTotal>,
}

/// What the clinics of the installation used in a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageOverview {
    pub from: UtcTime,
    pub to: UtcTime,
    /// The clinics of this page.
    pub clinics: Vec<ClinicUsage>,
    /// Of all clinics.
    pub totals: Vec<UsageTotal>,
    pub pagination: Pagination,
}

written_body!(
    /// What a change of prices answers.
    UsagePricesWritten, prices: Vec<UsagePrice>
);

impl Versioned for UsagePrices {}
impl Versioned for UsageOverview {}

impl From<Used> for UsageEntry {
    fn from(used: Used) -> Self {
        let amount = used.amount().to_string();
        Self { month: used.month, kind: used.kind, units: used.units, currency: used.currency, amount }
    }
}

impl From<Price> for UsagePrice {
    fn from(price: Price) -> Self {
        let unit_price = Money::new(price.minor, price.currency).to_string();
        Self { kind: price.kind, unit_price, currency: price.currency, valid_from: price.valid_from }
    }
}

impl UsageTotal {
    /// The sums of what was used, one for each currency.
    pub fn of(used: &[Used]) -> Vec<Self> {
        totals(used.iter().map(|used| (used.currency, used.units, used.minor))).into_iter().map(Self::from).collect()
    }
}

impl From<(Currency, i64, i64)> for UsageTotal {
    fn from((currency, units, minor): (Currency, i64, i64)) -> Self {
        Self { currency, units, amount: Money::new(minor, currency).to_string() }
    }
}

impl From<Overview> for UsageOverview {
    fn from(overview: Overview) -> Self {
        let pagination = overview.clinics.pagination();
        Self {
            from: overview.from,
            to: overview.to,
            clinics: by_clinic(overview.clinics.items),
            totals: overview.totals.into_iter().map(Into::into).collect(),
            pagination,
        }
    }
}

/// The rows of one clinic, which follow each other, as one.
fn by_clinic(rows: Vec<ClinicUse>) -> Vec<ClinicUsage> {
    let mut clinics: Vec<ClinicUsage> = Vec::new();
    for row in rows {
        if clinics.last().is_none_or(|last| last.clinic_id != row.clinic_id) {
            clinics.push(ClinicUsage { clinic_id: row.clinic_id, code: row.code, name: row.name, units: 0, totals: Vec::new() });
        }
        if let (Some(clinic), Some(currency)) = (clinics.last_mut(), row.currency) {
            clinic.units += row.units;
            clinic.totals.push((currency, row.units, row.minor).into());
        }
    }
    clinics
}

/// Exports what a clinic used as CSV: a line for each month, kind and currency.
#[utoipa::path(get, path = "/api/clinics/{clinic_id}/usage.csv", params(("clinic_id" = ClinicId, Path), UsagePeriod),
    responses((status = 200, description = "The table", body = String, content_type = "text/csv")))]
pub async fn export_clinic_usage(access: Access<App>, Id(clinic): Id<ClinicId>, Params(period): Params<UsagePeriod>) -> Result<Response> {
    let used = service::used(&access, clinic, period.into()).await?;
    let headers = [("content-type", "text/csv; charset=utf-8"), ("content-disposition", "attachment; filename=\"usage.csv\"")];
    Ok((headers, csv(&used)?).into_response())
}

fn csv(used: &[Used]) -> Result<Vec<u8>, AppError> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record(["month", "kind", "units", "currency", "amount"]).map_err(AppError::internal)?;
    for one in used {
        let row = [one.month.clone(), one.kind.to_string(), one.units.to_string(), one.currency.to_string(), one.amount().to_string()];
        writer.write_record(row).map_err(AppError::internal)?;
    }
    writer.into_inner().map_err(|error| AppError::internal(error.to_string()))
}

/// Lists what the operator charges a clinic: its admin the own one, the operator any.
#[utoipa::path(get, path = "/api/clinics/{clinic_id}/usage-prices", params(("clinic_id" = ClinicId, Path)),
    responses((status = 200, description = "The prices", body = UsagePrices)))]
pub async fn list_usage_prices(access: Access<App>, Id(clinic): Id<ClinicId>) -> Result<Read<UsagePrices>> {
    let prices = service::prices(&access, clinic).await?;
    Ok(Read(UsagePrices { prices: prices.into_iter().map(Into::into).collect() }))
}

/// Sets what a clinic is charged from today or a later day on. What was counted keeps its price; planned prices of other days stay.
#[utoipa::path(put, path = "/api/clinics/{clinic_id}/usage-prices", params(("clinic_id" = ClinicId, Path)), request_body = NewPrices,
    responses((status = 200, description = "Changed", body = UsagePricesWritten)))]
pub async fn set_usage_prices(
    access: Access<App>,
    Id(clinic): Id<ClinicId>,
    Body(body): Body<NewPrices>,
) -> Result<Written<UsagePricesWritten>> {
    let prices = service::set_prices(&access, clinic, body.prices).await?;
    let prices: Vec<UsagePrice> = prices.into_iter().map(Into::into).collect();
    Ok(Written(UsagePricesWritten::new("Usage prices updated successfully", prices)))
}

/// Takes back a price that has not begun; the one before it goes on. One that has begun stays (409).
#[utoipa::path(delete, path = "/api/clinics/{clinic_id}/usage-prices", params(("clinic_id" = ClinicId, Path), PlannedPrice),
    responses((status = 200, description = "Taken back", body = UsagePricesWritten)))]
pub async fn delete_usage_price(
    access: Access<App>,
    Id(clinic): Id<ClinicId>,
    Params(planned): Params<PlannedPrice>,
) -> Result<Written<UsagePricesWritten>> {
    let prices = service::delete_price(&access, clinic, planned.kind, planned.valid_from).await?;
    let prices: Vec<UsagePrice> = prices.into_iter().map(Into::into).collect();
    Ok(Written(UsagePricesWritten::new("Planned usage price removed successfully", prices)))
}

/// The period to look at.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OverviewPeriod {
    /// The first day (in UTC) or instant; the first of this month.
    #[param(value_type = Option<String>, example = "2026-04-01")]
    pub from: Option<DayOrInstant>,
    /// The last day, or the instant before which the period ends; now.
    #[param(value_type = Option<String>, example = "2026-04-30")]
    pub to: Option<DayOrInstant>,
}

/// What the clinics of the overview are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum UsageSort {
    Code,
    Name,
}

impl SortField for UsageSort {
    const ALL: &'static [(&'static str, Self)] = &[("code", Self::Code), ("name", Self::Name)];
}

impl UsageSort {
    /// What the statement calls this order.
    pub fn word(self, order: Order) -> &'static str {
        match (self, order) {
            (Self::Code, Order::Asc) => "code",
            (Self::Code, Order::Desc) => "code desc",
            (Self::Name, Order::Asc) => "name",
            (Self::Name, Order::Desc) => "name desc",
        }
    }
}

/// Shows what every clinic used in a period, and what it comes to. `search` takes a part of a code or name; the sums are those of all.
#[utoipa::path(get, path = "/api/usage", params(PagingQuery, OverviewPeriod, ("sort" = inline(Option<UsageSort>), Query, description = "The field the list is ordered by")),
    responses((status = 200, description = "A page of the clinics and the sums of all", body = UsageOverview)))]
pub async fn get_usage_overview(access: Access<App>, list: List<OverviewPeriod>) -> Result<Read<UsageOverview>> {
    let page = list.paging.request(UsageSort::Code, Order::Asc)?;
    let period = Period { from: list.filter.from, to: list.filter.to };
    Ok(Read(service::overview(&access, period, list.paging.search, page).await?.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clinic_is_listed_once_with_or_without_use() {
        let row = |id: i64, currency: Option<Currency>, units: i64| ClinicUse {
            clinic_id: ClinicId(id),
            code: format!("C{id}"),
            name: "Clinic".to_owned(),
            currency,
            units,
            minor: units * 150,
        };
        let eur = Currency::parse("EUR").ok();
        let clinics = by_clinic(vec![row(1, eur, 2), row(1, Some(Currency::USD), 1), row(2, None, 0)]);
        assert_eq!(
            clinics.iter().map(|clinic| (clinic.clinic_id.0, clinic.units, clinic.totals.len())).collect::<Vec<_>>(),
            [(1, 3, 2), (2, 0, 0)]
        );
        assert_eq!(clinics[0].totals[1].amount, "1.50");
    }

    #[test]
    fn the_table_has_a_line_for_each_month() {
        let used =
            Used { month: "2026-04".to_owned(), kind: UsageKind::VisitCompletion, currency: Currency::USD, units: 80, minor: 12_000 };
        let text = String::from_utf8(csv(&[used]).expect("a table")).expect("text");
        assert_eq!(text, "month,kind,units,currency,amount\n2026-04,visit_completion,80,USD,120.00\n");
    }
}
