//! The program `clinichub` as an operator meets it: its commands, its files, its signals, on both databases.

mod away;
mod backup;
mod caller;
mod commands;
mod files;
mod hostile;
mod killed;
mod program;
mod schemathesis;
mod shutdown;
mod web;
