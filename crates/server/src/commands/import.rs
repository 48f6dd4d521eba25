//! `clinichub import patients` and `clinichub import icd10`

use std::fs::File;
use std::io::{BufReader, IsTerminal, Write};
use std::path::Path;

use clinichub_app::codes;
use clinichub_app::patients::import::{self, Mode, Refused, Report};
use indicatif::{ProgressBar, ProgressStyle};

use super::people::find_clinic;
use crate::boot::{self, Opened};
use crate::cli::{ImportMode, ImportPatients};
use crate::config::{Config, shown};
use crate::failure::{Context, Failure};
use crate::terminal::{note, say};

/// Refused rows that are shown when no report was asked for.
const SHOWN: usize = 10;

/// Brings patients in from a CSV file.
pub async fn patients(config: &Config, args: &ImportPatients) -> Result<(), Failure> {
    let file = File::open(&args.file).could_not(|| format!("open {}", shown(&args.file)))?;
    let opened = Opened::existing(config).await?;
    let clinic = find_clinic(&opened.app, &args.clinic).await?;
    let grant = boot::grant(Some(clinic), "import_patients");
    let mode = match args.mode {
        ImportMode::All => Mode::AllOrNothing,
        ImportMode::Good => Mode::KeepGood,
    };
    let bar = progress_bar("{bar:40} {pos}/{len} patients, {per_sec}, {eta} left");
    let progress = |done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    };
    let report = import::run(&opened.app, &grant, BufReader::new(file), mode, args.dry_run, progress).await;
    bar.finish_and_clear();
    opened.close().await;
    conclude(&report?, args)
}

/// Brings in the code set of diagnoses, for all clinics.
pub async fn icd10(config: &Config, path: &Path) -> Result<(), Failure> {
    let file = File::open(path).could_not(|| format!("open {}", shown(path)))?;
    let size = file.metadata().could_not(|| format!("look at {}", shown(path)))?.len();
    let opened = Opened::existing(config).await?;
    let bar = progress_bar("{bar:40} {bytes}/{total_bytes}, {eta} left");
    bar.set_length(size);
    let report =
        codes::import::run(&opened.app, &boot::grant(None, "import_icd10"), BufReader::new(file), |read| bar.set_position(read)).await;
    bar.finish_and_clear();
    opened.close().await;
    let report = report?;
    say(format_args!(
        "{} codes were brought in; {} lines held none. Codes that the file does not name stay as they are.",
        report.codes, report.passed_over
    ));
    Ok(())
}

fn progress_bar(template: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(template);
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn conclude(report: &Report, args: &ImportPatients) -> Result<(), Failure> {
    let (created, done) = if args.dry_run { (report.good, "would be created") } else { (report.created, "created") };
    say(format_args!("{} rows: {created} {done}, {} were there already, {} refused", report.rows, report.known, report.refused.len()));
    match &args.report {
        Some(path) => write_report(path, &report.refused)?,
        None => show(&report.refused),
    }
    if report.refused.is_empty() {
        return Ok(());
    }
    let kept = match args.mode {
        ImportMode::All => "nothing was kept; correct the rows, or use --mode good",
        ImportMode::Good => "the others were kept; correct the rows and import the file again",
    };
    Err(Failure::findings(format!("{} rows were refused: {kept}", report.refused.len())))
}

fn show(refused: &[Refused]) {
    for row in refused.iter().take(SHOWN) {
        note(format_args!("  line {}: {}{}", row.line, column(row), row.reason));
    }
    if refused.len() > SHOWN {
        note(format_args!("  and {} more; --report FILE lists all", refused.len() - SHOWN));
    }
}

fn column(row: &Refused) -> String {
    if row.column.is_empty() { String::new() } else { format!("{}: ", row.column) }
}

fn write_report(path: &Path, refused: &[Refused]) -> Result<(), Failure> {
    let doing = || format!("write {}", shown(path));
    let mut out = std::io::BufWriter::new(File::create(path).could_not(doing)?);
    writeln!(out, "line,column,reason").could_not(doing)?;
    for row in refused {
        writeln!(out, "{},{},{}", row.line, cell(&row.column), cell(&row.reason)).could_not(doing)?;
    }
    out.flush().could_not(doing)
}

/// A cell of a CSV file (RFC 4180), which no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_stays_one_cell_and_no_formula() {
        assert_eq!(cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
    }
}
