//! Charts from a CSV file. Rows that can't be taken are reported with their line and the reason; a row that is in the
//! clinic already is passed over, so that the same file can be brought in twice.

use std::collections::HashSet;
use std::io::Read;

use clinichub_core::{AppError, Grant, Result, TrailEntry};
use clinichub_db::{Counter, TenantTx};
use sha2::{Digest, Sha256};

use super::api::NewPatient;
use super::model::Patient;
use super::{search, store};
use crate::{App, clinics};

/// Rows a transaction, where good rows are kept one by one.
const BATCH: usize = 1000;
/// A file with more rows than this is refused; memory stays bounded.
const MOST_ROWS: usize = 1_000_000;

/// What happens to the good rows of a file with bad ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nothing is brought in unless every row is good; one transaction.
    AllOrNothing,
    /// Good rows are brought in, a thousand a transaction.
    KeepGood,
}

/// What became of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows in the file.
    pub rows: usize,
    /// Charts made.
    pub created: usize,
    /// Rows that were in the clinic, or earlier in the file, already.
    pub known: usize,
    /// Rows that can't be taken.
    pub refused: Vec<Refused>,
}

/// A row that can't be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its line in the file, from 1.
    pub line: u64,
    /// The column, where it is one.
    pub column: String,
    /// Why.
    pub reason: String,
}

/// A good row and where it stood.
struct Row {
    line: u64,
    new: NewPatient,
}

/// Brings in the charts of `file`. `progress` hears how many rows of how many are done.
///
/// The first line names the columns, the field names of the API in any order; `first_name`, `last_name`, `dob` and `sex` must be there.
/// A row is in the clinic already when its `external_reference`, its `mrn`, or its name, date of birth and sex together are.
///
/// # Errors
/// `Invalid` when the columns are not right or the file is no UTF-8 CSV; in `AllOrNothing` nothing is stored when a row was refused.
pub async fn run(app: &App, grant: &Grant, file: impl Read, mode: Mode, dry_run: bool, progress: impl Fn(usize, usize)) -> Result<Report> {
    let mut report = Report::default();
    let rows = read(file, &mut report)?;
    let zone = app.db.read(grant, (), async |mut tx: TenantTx, (): ()| Ok(clinics::get_in(&mut tx).await?.zone())).await?;
    let today = grant.at().date_in(&zone);
    let known = app.db.read(grant, (), async |mut tx: TenantTx, (): ()| Ok(store::identities(&mut tx).await?)).await?;
    let good = sort_out(rows, Known::from(known), today, &mut report);
    let total = good.len();
    if dry_run || (mode == Mode::AllOrNothing && !report.refused.is_empty()) {
        return Ok(report);
    }
    let batch = if mode == Mode::AllOrNothing { total.max(1) } else { BATCH };
    for rows in good.chunks(batch) {
        store_rows(app, grant, rows, &mut report).await?;
        progress(report.created, total);
    }
    Ok(report)
}

async fn store_rows(app: &App, grant: &Grant, rows: &[Row], report: &mut Report) -> Result<()> {
    let first = app.db.take_numbers(grant, Counter::Patient, rows.len()).await?;
    let new: Vec<NewPatient> = rows.iter().map(|row| row.new.clone()).collect();
    let created = app
        .db
        .write(grant, (first, new), async |mut tx: TenantTx, (first, new): (i64, Vec<NewPatient>)| {
            let clinic = clinics::get_in(&mut tx).await?;
            let (by, now) = (tx.grant().user_id(), tx.now());
            let numbered = new.into_iter().zip(first..);
            let charts: Vec<Patient> =
                numbered.map(|(new, number)| Patient::register(new, format!("{}-P{number}", clinic.code), by, now)).collect();
            store::insert_many(&mut tx, &charts).await?;
            let details = serde_json::json!({ "charts": charts.len() }).to_string();
            tx.audit(TrailEntry { details: Some(details), ..TrailEntry::default() }).await?;
            Ok(charts.len())
        })
        .await?;
    report.created += created;
    Ok(())
}

fn read(file: impl Read, report: &mut Report) -> Result<Vec<Row>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(file);
    let headers = reader.headers().map_err(|error| AppError::field("file", format!("The file can't be read as CSV: {error}")))?.clone();
    let headers: csv::StringRecord =
        headers.iter().map(|header| header.trim_start_matches('\u{feff}').to_lowercase().replace([' ', '-'], "_")).collect();
    check_columns(&headers)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        report.rows += 1;
        if report.rows > MOST_ROWS {
            return Err(AppError::field("file", format!("The file has more than {MOST_ROWS} rows; split it")));
        }
        match record {
            Ok(record) => read_row(&headers, &record, &mut rows, report),
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                report.refused.push(Refused { line, column: String::new(), reason: error.to_string() });
            }
        }
    }
    Ok(rows)
}

fn read_row(headers: &csv::StringRecord, record: &csv::StringRecord, rows: &mut Vec<Row>, report: &mut Report) {
    let line = record.position().map_or(0, csv::Position::line);
    let mut refuse = |column: &str, reason: String| report.refused.push(Refused { line, column: column.to_owned(), reason });
    if record.len() != headers.len() {
        return refuse("", format!("The row has {} cells, the first line has {}", record.len(), headers.len()));
    }
    let cells = headers.iter().zip(record).filter(|(_, cell)| !cell.is_empty());
    let object: serde_json::Map<_, _> = cells.map(|(header, cell)| (header.to_owned(), cell.into())).collect();
    if let Some((column, _)) = object.iter().find(|(_, cell)| cell.as_str().is_some_and(|text| text.chars().any(char::is_control))) {
        return refuse(column, "Control characters are not allowed".to_owned());
    }
    match clinichub_api::from_json_object(object) {
        Ok(new) => rows.push(Row { line, new }),
        Err(AppError::Invalid(errors)) => errors.into_iter().take(1).for_each(|error| refuse(&error.field, error.message)),
        Err(other) => refuse("", other.to_string()),
    }
}

fn check_columns(headers: &csv::StringRecord) -> Result<()> {
    let unknown = headers.iter().find(|header| !NewPatient::FIELDS.contains(header));
    if let Some(header) = unknown {
        return Err(AppError::field("file", format!("Unknown column: {header}. Known ones are {}", NewPatient::FIELDS.join(", "))));
    }
    let missing = ["first_name", "last_name", "dob", "sex"].into_iter().find(|needed| !headers.iter().any(|header| header == *needed));
    missing.map_or(Ok(()), |column| Err(AppError::field("file", format!("Missing column: {column}"))))
}

/// Drops the rows that break a rule or are known already.
fn sort_out(rows: Vec<Row>, mut known: Known, today: jiff::civil::Date, report: &mut Report) -> Vec<Row> {
    let mut good = Vec::with_capacity(rows.len());
    for row in rows {
        let chart = Patient::register(row.new.clone(), "-".to_owned(), None, clinichub_core::UtcTime::from_micros(0));
        if let Err(AppError::Invalid(errors)) = chart.check(today) {
            let refused = errors.into_iter().map(|error| Refused { line: row.line, column: error.field, reason: error.message });
            report.refused.extend(refused);
            continue;
        }
        match known.meet(&chart, row.new.mrn.is_some()) {
            Meeting::New => good.push(row),
            Meeting::Known => report.known += 1,
            Meeting::EmailTaken => {
                let reason = "Email already exists".to_owned();
                report.refused.push(Refused { line: row.line, column: "email".into(), reason });
            }
        }
    }
    good
}

/// Half a SHA-256: what a chart is recognised by, in a size that a million of fit in memory.
type Fingerprint = [u8; 16];

/// What the charts of the clinic and of the rows before are recognised by.
struct Known {
    marks: HashSet<Fingerprint>,
    emails: HashSet<Fingerprint>,
}

enum Meeting {
    New,
    Known,
    EmailTaken,
}

impl Known {
    fn from(charts: Vec<store::Identity>) -> Self {
        let mut known = Self { marks: HashSet::new(), emails: HashSet::new() };
        for chart in charts {
            known.marks.insert(mark("mrn", &chart.mrn));
            known.marks.insert(mark("person", &format!("{}|{}|{}", chart.name_key, chart.dob, chart.sex.as_str())));
            known.marks.extend(chart.external_reference.map(|reference| mark("reference", &reference)));
            known.emails.extend(chart.email_key.map(|email| mark("email", &email)));
        }
        known
    }

    /// Whether the chart is new here; if so it is known from now on.
    fn meet(&mut self, chart: &Patient, has_mrn: bool) -> Meeting {
        let person = mark("person", &format!("{}|{}|{}", chart.name_key(), chart.dob, chart.sex.as_str()));
        let mut own: Vec<Fingerprint> = vec![person];
        own.extend(has_mrn.then(|| mark("mrn", &chart.mrn)));
        own.extend(chart.external_reference.as_deref().map(|reference| mark("reference", reference)));
        if own.iter().any(|mark| self.marks.contains(mark)) {
            return Meeting::Known;
        }
        if let Some(email) = chart.email_key().map(|email| mark("email", &email))
            && !self.emails.insert(email)
        {
            return Meeting::EmailTaken;
        }
        self.marks.extend(own);
        Meeting::New
    }
}

fn mark(kind: &str, text: &str) -> Fingerprint {
    let digest = Sha256::new().chain_update(kind).chain_update([0]).chain_update(search::fold(text)).finalize();
    let mut mark = [0; 16];
    mark.copy_from_slice(&digest[..16]);
    mark
}
