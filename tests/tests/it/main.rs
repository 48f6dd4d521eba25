//! How ClinicHub behaves, seen from outside and on both databases: one behaviour a file.

mod access;
mod appointments;
mod audit_chain;
mod audit_trail;
mod booking_race;
mod clinics;
mod doctors;
mod door;
mod front;
mod house;
mod jobs;
mod realtime;
mod requests;
mod seeds;
mod served;
mod sign_in;
mod staff;
mod statements;
mod test_databases;
