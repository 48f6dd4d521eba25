//! How ClinicHub behaves, seen from outside and on both databases: one behaviour a file.

mod test_databases;
