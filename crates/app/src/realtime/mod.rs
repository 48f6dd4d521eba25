//! Owns events pushed to those who may see them, through the outbox.
