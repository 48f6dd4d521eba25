//! Owns appointments and their states. Nobody may be booked twice.
