//! Owns clinics and their settings. One clinic's row must never be changed from another.
