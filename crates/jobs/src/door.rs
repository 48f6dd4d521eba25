//! The one door through which the program itself gets a grant.

use clinichub_core::{ClinicId, Clock, Grant, Mint};

/// A grant for work that nobody asked for with a request: a job, a schedule, the sealing of the audit trail. `action` is what the
/// audit trail calls it.
#[expect(clippy::disallowed_methods, reason = "this is the door for background work")]
pub fn system_grant(clinic_id: Option<ClinicId>, action: &str, clock: &dyn Clock) -> Grant {
    Mint::system(clinic_id, action, clock.now())
}
