//! How ClinicHub behaves, seen from outside and on both databases: one behaviour a file.

#![allow(clippy::match_same_arms, reason = "a table of cases reads best with a line a case")]

mod access;
mod appointments;
mod audit_chain;
mod audit_trail;
mod booking_race;
mod bulk;
mod chart;
mod clinics;
mod doctors;
mod door;
mod front;
mod house;
mod jobs;
mod plans;
mod prescriptions;
mod query_count;
mod realtime;
mod requests;
mod seeds;
mod served;
mod sign_in;
mod staff;
mod statements;
mod test_databases;
mod usage;
mod visits;
