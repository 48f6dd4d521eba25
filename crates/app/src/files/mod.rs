//! Owns stored contents: the table `files`, the sealed objects behind it, and the way in and out. What a file means (a document of a chart, a
//! laboratory's report) is for the slices that point at one.
//!
//! What must never happen here: a row that says stored without its object, an object without a row, contents that one clinic's row opens for
//! another. A file arrives in two phases: a `pending` row is committed, then the object is written, then the transaction of the slice that
//! wanted it makes the row `stored`. Whatever ends in between leaves a row that says what is to be removed.

mod intake;
mod name;
mod outgoing;
mod rotation;
mod settings;
mod store;
mod strays;
mod thumbnail;

use clinichub_core::{AppError, ClinicId};
use clinichub_files::FileError;
use clinichub_jobs::RunnerBuilder;
use jiff::SignedDuration;

pub use intake::{Received, Upload, before, keep_in, receive};
pub use outgoing::{DownloadQuery, StoredFile, answer, find_in};
pub use rotation::{Rotated, prune_keys, rotate_keys};
pub use settings::{FileSettings, open};
pub use strays::{Strays, find_strays, sweep, sweep_after_start};
pub use thumbnail::{MOST_BYTES as MOST_PICTURED, Made, Maker, has_small, small_of, small_picture, store_made, store_small};

use crate::App;

/// What a file is sealed for; it opens for nothing else.
fn context_of(clinic: ClinicId) -> String {
    format!("clinic {clinic}")
}

/// What a fault of the files means for whoever asked.
fn explained(error: FileError) -> AppError {
    match error {
        FileError::TooLarge(most) => AppError::TooLarge(usize::try_from(most).unwrap_or(usize::MAX)),
        FileError::Full => AppError::NoRoom,
        FileError::Store(source) => AppError::Unavailable(format!("the store of the files does not work: {source}")),
        damaged => AppError::internal(damaged),
    }
}

/// Adds this slice's schedules.
pub fn with_jobs(app: &App, builder: RunnerBuilder) -> RunnerBuilder {
    let app = app.clone();
    builder.every(SignedDuration::from_hours(1), "files.sweep", move |_| {
        let app = app.clone();
        async move { Ok(strays::sweep_abandoned(&app).await?) }
    })
}
