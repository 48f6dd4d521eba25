//! How ClinicHub behaves, seen from outside and on both databases: one behaviour a file.

mod audit_chain;
mod house;
mod jobs;
mod statements;
mod test_databases;
