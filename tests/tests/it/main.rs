//! How ClinicHub behaves, seen from outside and on both databases: one behaviour a file.

mod jobs;
mod test_databases;
