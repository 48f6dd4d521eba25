//! What goes over the wire about the staff, and the handlers.

/// What a list of the staff can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StaffSort {
    /// By family name, then given name.
    #[default]
    LastName,
    /// By role.
    Role,
    /// By when they were added.
    CreatedAt,
}
