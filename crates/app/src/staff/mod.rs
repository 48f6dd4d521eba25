//! Owns the people who work in a clinic and their roles.
