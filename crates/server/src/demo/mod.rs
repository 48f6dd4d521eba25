//! `serve --demo`: two invented clinics with their staff, patients, three months of past and one of coming appointments, and what was
//! found and charged in them. The same every time but for today's date. Nobody in it is real: addresses end in example.com, telephone
//! numbers are 555.

mod cases;
mod cast;
mod clinical;
mod days;
mod dice;
mod documents;
mod fill;
mod history;
mod labs;
mod paper;
mod people;
mod store;

pub use cast::ACCOUNTS;
pub use fill::{PASSWORD, fill};

use crate::data_dir::DataDir;
use crate::failure::{Context, Failure};

/// The file that says that a data folder holds the demonstration.
const MARK: &str = "demonstration";

/// A folder with the demonstration's well-known passwords is served as the demonstration only.
pub fn check_mark(data: &DataDir, demo: bool) -> Result<(), Failure> {
    if !demo && data.path().join(MARK).exists() {
        return Err(Failure::refused(format!(
            "{} holds the demonstration, whose passwords everybody knows: add --demo, or give another --data-dir",
            crate::config::shown(data.path())
        )));
    }
    Ok(())
}

fn mark(data: &DataDir) -> Result<(), Failure> {
    let path = data.path().join(MARK);
    std::fs::write(&path, "Invented people, well-known passwords.\n").could_not(|| format!("write {}", path.display()))
}
