//! What goes over the wire about providers, and the handlers.

/// What a list of providers can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DoctorSort {
    /// By family name, then given name.
    #[default]
    LastName,
    /// By specialty.
    Specialization,
}
