//! The fee schedule over the wire.

use clinichub_api::{
    Access, Body, Created, Id, List, PagingQuery, Read, Result, SortField, Versioned, Written, list_body, rules, written_body,
};
use clinichub_core::{AppError, Currency, Money, Order, Patch, ServiceId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::billing::model::{NewService, ServiceRow};
use crate::billing::service;

/// A service to add to the fee schedule.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "code": "99213", "description": "Office visit, established patient", "price": "125.00", "duration_minutes": 30 }))]
pub struct ServiceBody {
    /// What is billed: a CPT code or the clinic's own; one of a clinic's services at most has it.
    #[schema(min_length = 1, max_length = 32, pattern = "^[A-Za-z0-9._-]+$")]
    pub code: String,
    /// The clinic's own words.
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub description: String,
    /// A decimal in the clinic's currency.
    #[schema(max_length = 12, pattern = "^[0-9]{1,9}(\\.[0-9]{1,2})?$", example = "125.00")]
    pub price: String,
    #[schema(minimum = 5, maximum = 1440)]
    pub duration_minutes: Option<i64>,
    /// Whether it is billed where an appointment names no service; the one that was before no longer is.
    #[serde(default)]
    pub is_default: bool,
}

/// What changes: an absent field stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
#[schema(example = json!({ "price": "130.00" }))]
pub struct ServiceUpdate {
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 32, pattern = "^[A-Za-z0-9._-]+$")]
    pub code: Option<String>,
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 200, pattern = "\\S")]
    pub description: Option<String>,
    #[schema(value_type = Option<String>, nullable = false, max_length = 12, pattern = "^[0-9]{1,9}(\\.[0-9]{1,2})?$", example = "130.00")]
    pub price: Option<String>,
    #[schema(value_type = Option<i64>, minimum = 5, maximum = 1440)]
    pub duration_minutes: Patch<i64>,
    #[schema(value_type = Option<bool>, nullable = false)]
    pub is_active: Option<bool>,
    #[schema(value_type = Option<bool>, nullable = false)]
    pub is_default: Option<bool>,
}

/// A whole fee schedule, or a part of one.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct FeeScheduleBody {
    /// A service whose code is there is changed, another is added.
    #[garde(length(min = 1, max = 500))]
    #[schema(min_items = 1, max_items = 500)]
    pub services: Vec<ServiceBody>,
}

/// A service of the fee schedule.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Service {
    pub service_id: ServiceId,
    #[schema(example = "99213")]
    pub code: String,
    #[schema(example = "Office visit, established patient")]
    pub description: String,
    #[schema(example = "125.00")]
    pub price: String,
    pub currency: Currency,
    pub duration_minutes: Option<i64>,
    pub is_active: bool,
    pub is_default: bool,
    pub version: i64,
}

/// Which services a list shows.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ServiceQuery {
    /// Those that are offered, or those that no longer are.
    pub is_active: Option<bool>,
}

/// The same, with what is searched for.
#[derive(Debug, Clone, Default)]
pub struct ServiceFilter {
    pub is_active: Option<bool>,
    pub search: Option<String>,
}

/// How the fee schedule can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum ServiceSort {
    Code,
    Description,
    Price,
}

impl SortField for ServiceSort {
    const ALL: &'static [(&'static str, Self)] = &[("code", Self::Code), ("description", Self::Description), ("price", Self::Price)];
}

impl ServiceSort {
    /// The order in SQL. A clinic has some hundred services: only that by code is an index's.
    pub fn order_by(self, order: Order) -> &'static str {
        match (self, order) {
            (Self::Code, Order::Asc) => " ORDER BY code LIMIT ? OFFSET ?",
            (Self::Code, Order::Desc) => " ORDER BY code DESC LIMIT ? OFFSET ?",
            (Self::Description, Order::Asc) => " ORDER BY lower(description), code LIMIT ? OFFSET ?",
            (Self::Description, Order::Desc) => " ORDER BY lower(description) DESC, code DESC LIMIT ? OFFSET ?",
            (Self::Price, Order::Asc) => " ORDER BY price_minor, code LIMIT ? OFFSET ?",
            (Self::Price, Order::Desc) => " ORDER BY price_minor DESC, code DESC LIMIT ? OFFSET ?",
        }
    }
}

impl ServiceBody {
    /// The service in the clinic's currency; every refused field is named.
    pub fn into_new(self, currency: Currency) -> Result<NewService, AppError> {
        let mut refused = Vec::new();
        check_code(&mut refused, &self.code);
        rules::required_text(&mut refused, "description", &self.description, 200);
        check_duration(&mut refused, self.duration_minutes);
        let price = price(&mut refused, &self.price, currency);
        rules::verdict(refused)?;
        let description = self.description.trim().to_owned();
        Ok(NewService { code: self.code, description, price, duration_minutes: self.duration_minutes, is_default: self.is_default })
    }
}

impl ServiceUpdate {
    /// The service after the update.
    pub fn apply(self, before: ServiceRow) -> Result<ServiceRow, AppError> {
        let body = ServiceBody {
            code: self.code.unwrap_or_else(|| before.code.clone()),
            description: self.description.unwrap_or_else(|| before.description.clone()),
            price: self.price.unwrap_or_else(|| before.price().to_string()),
            duration_minutes: self.duration_minutes.apply(before.duration_minutes),
            is_default: self.is_default.unwrap_or(before.is_default),
        };
        let is_active = self.is_active.unwrap_or(before.is_active);
        if (before.is_default && !body.is_default) || (body.is_default && !is_active) {
            return Err(AppError::field("is_default", "A clinic needs a default service; make another one the default instead"));
        }
        let new = body.into_new(before.currency)?;
        Ok(ServiceRow { is_active, is_default: new.is_default, ..before.replaced(new) })
    }
}

fn check_code(refused: &mut Vec<clinichub_core::FieldError>, code: &str) {
    rules::required_text(refused, "code", code, 32);
    if !code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) {
        rules::refuse(refused, "code", "code: letters, digits, dots and dashes only");
    }
}

fn check_duration(refused: &mut Vec<clinichub_core::FieldError>, minutes: Option<i64>) {
    if minutes.is_some_and(|minutes| !(5..=1440).contains(&minutes)) {
        rules::refuse(refused, "duration_minutes", "duration_minutes: expected a number from 5 to 1440");
    }
}

fn price(refused: &mut Vec<clinichub_core::FieldError>, text: &str, currency: Currency) -> Money {
    match Money::parse(text, currency) {
        Ok(price) if price.minor >= 0 => return price,
        Ok(_) => rules::refuse(refused, "price", "price: can't be negative"),
        Err(message) => rules::refuse(refused, "price", format!("price: {message}")),
    }
    Money::new(0, currency)
}

impl From<ServiceRow> for Service {
    fn from(row: ServiceRow) -> Self {
        Self {
            service_id: row.service_id,
            price: row.price().to_string(),
            code: row.code,
            description: row.description,
            currency: row.currency,
            duration_minutes: row.duration_minutes,
            is_active: row.is_active,
            is_default: row.is_default,
            version: row.version,
        }
    }
}

impl Versioned for Service {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

list_body!(
    /// A page of the fee schedule.
    Services, services: Service
);

written_body!(
    /// What a change of a service answers.
    ServiceWritten, service: Service
);

written_body!(
    /// What a change of the fee schedule answers.
    FeeScheduleWritten, services: Vec<Service>
);

/// Lists the clinic's services and prices.
#[utoipa::path(get, path = "/api/fee-schedule", params(PagingQuery, ServiceQuery, ("sort" = inline(Option<ServiceSort>), Query, description = "The field the list is ordered by")),
    responses((status = 200, description = "A page of services", body = Services)))]
pub async fn list_services(access: Access<App>, list: List<ServiceQuery>) -> Result<Read<Services>> {
    let page = list.paging.request(ServiceSort::Code, Order::Asc)?;
    let filter = ServiceFilter { is_active: list.filter.is_active, search: list.paging.search };
    Ok(Read(service::list_services(&access, filter, page).await?.into()))
}

/// Adds a service.
#[utoipa::path(post, path = "/api/fee-schedule", request_body = ServiceBody, responses((status = 201, description = "Added", body = ServiceWritten)))]
pub async fn create_service(access: Access<App>, Body(body): Body<ServiceBody>) -> Result<Created<ServiceWritten>> {
    let made = service::create_service(&access, body).await?;
    Ok(Created(ServiceWritten::new("Service created successfully", made)))
}

/// Brings in a whole fee schedule, or a part of one; all or nothing.
#[utoipa::path(put, path = "/api/fee-schedule", request_body = FeeScheduleBody, responses((status = 200, description = "Changed", body = FeeScheduleWritten)))]
pub async fn put_fee_schedule(access: Access<App>, Body(body): Body<FeeScheduleBody>) -> Result<Written<FeeScheduleWritten>> {
    let services = service::put_services(&access, body.services).await?;
    let services: Vec<Service> = services.into_iter().map(Service::from).collect();
    Ok(Written(FeeScheduleWritten::new("Fee schedule updated successfully", services)))
}

/// Changes a service; what was billed before keeps its price.
#[utoipa::path(method(put, patch), path = "/api/fee-schedule/{service_id}", params(("service_id" = ServiceId, Path)), request_body = ServiceUpdate,
    responses((status = 200, description = "Changed", body = ServiceWritten)))]
pub async fn update_service(
    access: Access<App>,
    Id(id): Id<ServiceId>,
    Body(update): Body<ServiceUpdate>,
) -> Result<Written<ServiceWritten>> {
    let changed = service::update_service(&access, id, update).await?;
    Ok(Written(ServiceWritten::new("Service updated successfully", changed)))
}
