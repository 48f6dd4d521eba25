//! Owns charts: register, find, change, delete (softly), import.
