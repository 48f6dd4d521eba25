//! Owns fee schedule, procedures performed, invoices. Nothing is billed twice.
