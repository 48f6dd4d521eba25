//! Owns messages that leave the house: mail.
