//! Owns the audit trail and its chain. An event must never be lost or altered.
