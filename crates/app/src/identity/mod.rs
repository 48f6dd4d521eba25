//! Owns sign-in, sessions, tokens and passwords. A token or password must never reach a log or an answer it does not belong to.
