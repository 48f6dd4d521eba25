//! The program `clinichub` as an operator meets it: its commands, its files, its signals, on both databases.

mod backup;
mod commands;
mod program;
mod shutdown;
mod web;
