//! All SQL of money.

mod cpt;
mod fee_schedule;
mod invoices;

pub use cpt::{delete_aside, insert_cpt, insert_cpts, insert_kept_cpts, list_cpt, list_cpt_ids, list_cpt_of, set_aside, sought};
pub use fee_schedule::{
    all_services, clear_default, find_billed_service, find_service, insert_default_service, insert_first_services, insert_service,
    list_services, list_services_by_id, update_service,
};
pub use invoices::{find_invoice, insert_invoice, lines_of, list_invoices, timeline, unpaid, update_payment};
