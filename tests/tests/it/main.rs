//! How ClinicHub behaves, seen from outside and on both databases: one behaviour a file.

#![allow(clippy::match_same_arms, reason = "a table of cases reads best with a line a case")]

mod access;
mod appointment_lists;
mod appointments;
mod audit_chain;
mod audit_trail;
mod bad_input;
mod beginnings;
mod billed;
mod booking_race;
mod bulk;
mod chart;
mod clinics;
mod day;
mod doctors;
mod documents;
mod door;
mod duplicates;
mod front;
mod house;
mod imported;
mod invitations;
mod jobs;
mod labs;
mod mail;
mod money;
mod overview;
mod plans;
mod prescriptions;
mod query_count;
mod realtime;
mod repeated;
mod requests;
mod sealing;
mod seeds;
mod served;
mod shared_limits;
mod sign_in;
mod staff;
mod statements;
mod test_databases;
mod upgrade;
mod usage;
mod visit_changes;
mod visits;
