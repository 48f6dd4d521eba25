//! `clinichub serve`: from an empty folder or a filled one to a server that answers, and down again without losing anything.

mod connection;
mod gate;
pub mod keys;
mod listener;
pub mod metrics;
mod ops;
mod router;
mod signals;
pub mod tls;

pub use gate::Gate;
pub use listener::{Limits, Listener};
pub use ops::{Ops, routes};
pub use router::{mounted, router};
pub use signals::Signals;

#[cfg(test)]
mod tests;
