//! The code set from a file, line by line: the order file that the National Center for Health Statistics publishes each year, or a list of
//! codes and descriptions. The same file can be brought in twice, and next year's over this year's.

use std::collections::HashMap;
use std::io::BufRead;

use clinichub_core::{AppError, Grant, Result, TrailEntry};
use clinichub_db::PlatformTx;

use super::model::Code;
use super::store;
use crate::App;

/// Codes a transaction.
const BATCH: usize = 1000;

/// What became of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Codes that were brought in.
    pub codes: usize,
    /// Lines that hold none; headings and blank lines are among them.
    pub passed_over: usize,
}

/// Brings in the codes of `file`. `progress` hears how many bytes were read.
///
/// # Errors
/// `Invalid` when the file can't be read as text or holds no code at all.
pub async fn run(app: &App, grant: &Grant, file: impl BufRead, progress: impl Fn(u64)) -> Result<Report> {
    let mut report = Report::default();
    let mut batch: HashMap<String, Code> = HashMap::with_capacity(BATCH);
    let mut read = 0;
    for line in file.lines() {
        let line = line.map_err(|error| AppError::field("file", format!("The file can't be read as text: {error}")))?;
        read += line.len() as u64 + 1;
        match Code::of_line(line.trim_start_matches('\u{feff}')) {
            Some(code) => drop(batch.insert(code.key.clone(), code)),
            None => report.passed_over += 1,
        }
        if batch.len() >= BATCH {
            report.codes += put(app, grant, &mut batch).await?;
            progress(read);
        }
    }
    report.codes += put(app, grant, &mut batch).await?;
    if report.codes == 0 {
        return Err(AppError::field(
            "file",
            "The file holds no ICD-10-CM code; the order file or lines of code, tab, description are read",
        ));
    }
    Ok(report)
}

async fn put(app: &App, grant: &Grant, batch: &mut HashMap<String, Code>) -> Result<usize> {
    let codes: Vec<Code> = batch.drain().map(|(_, code)| code).collect();
    if codes.is_empty() {
        return Ok(0);
    }
    let count = codes.len();
    app.db
        .platform_write(grant, codes, async |mut tx: PlatformTx, codes: Vec<Code>| {
            store::put(&mut tx, &codes).await?;
            let details = serde_json::json!({ "codes": codes.len() }).to_string();
            tx.audit(None, TrailEntry { details: Some(details), ..TrailEntry::default() }).await?;
            Ok(())
        })
        .await?;
    Ok(count)
}
