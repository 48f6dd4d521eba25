//! How ClinicHub behaves, seen from outside and on both databases: one behaviour a file.

mod audit_chain;
mod door;
mod house;
mod jobs;
mod seeds;
mod sign_in;
mod statements;
mod test_databases;
