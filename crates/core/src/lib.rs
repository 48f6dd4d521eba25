//! What every other crate speaks: ids, time, money, roles, permissions, paging, the one error, and the [`Grant`] that
//! says who is asking. No IO lives here: time and randomness come in as parameters.

mod access;
mod clock;
mod entropy;
mod error;
mod grant;
mod ids;
mod money;
mod page;
mod patch;
mod text_enum;
mod time;

pub use access::{Permission, Role};
pub use clock::{Clock, MockClock, SystemClock};
pub use entropy::{Entropy, OsEntropy};
pub use error::{AppError, FieldError, TakenTime, TimeConflict};
pub use grant::{Actor, Grant, Mint, Origin, Principal, Trail, TrailEntry, UnfinishedKey};
pub use ids::*;
pub use money::{Currency, Money};
pub use page::{Order, Page, PageRequest, Pagination};
pub use patch::Patch;
pub use time::{Day, DayOrInstant, UtcTime};

/// The result of everything that can fail.
pub type Result<T, E = AppError> = std::result::Result<T, E>;
