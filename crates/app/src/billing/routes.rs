//! The table of the slice: permission, route. Everybody who books sees the fee schedule.

use clinichub_api::{ApiRoutes, routes};
use clinichub_core::Permission;

use super::api::{cpt, fee_schedule, invoices};
use crate::App;

/// The slice's routes.
pub fn routes() -> ApiRoutes<App> {
    ApiRoutes::new()
        .at(Permission::AppointmentRead, routes!(fee_schedule::list_services))
        .at(Permission::FeeScheduleWrite, routes!(fee_schedule::create_service))
        .at(Permission::FeeScheduleWrite, routes!(fee_schedule::put_fee_schedule))
        .at(Permission::FeeScheduleWrite, routes!(fee_schedule::update_service))
        .at(Permission::InvoiceRead, routes!(cpt::list_cpt_records))
        .at(Permission::InvoiceRead, routes!(invoices::list_invoices))
        .at(Permission::InvoiceRead, routes!(invoices::export_invoices))
        .at(Permission::InvoiceWrite, routes!(invoices::create_invoice))
        .at(Permission::InvoiceRead, routes!(invoices::get_invoice))
        .at(Permission::InvoiceWrite, routes!(invoices::update_invoice))
        .at(Permission::InvoiceRead, routes!(invoices::get_invoice_pdf))
}
