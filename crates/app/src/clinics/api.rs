//! What goes over the wire about clinics, and the handlers.

/// What a list of clinics can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClinicSort {
    /// By code.
    #[default]
    Code,
    /// By name.
    Name,
    /// By when it was made.
    CreatedAt,
}
