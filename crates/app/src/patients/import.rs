//! Charts from a CSV file. Rows that can't be taken are reported with their line and the reason; a row that is in the
//! clinic already is passed over, so that the same file can be brought in twice.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

use clinichub_core::{AppError, Grant, Result, TrailEntry};
use clinichub_db::{Counter, TenantTx};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::api::NewPatient;
use super::identifiers::{self, Identifiers};
use super::lines::UnixLines;
use super::model::Patient;
use super::{columns, events, search, store};
use crate::sealing::FieldKeys;
use crate::{App, clinics};

/// Rows a transaction, where good rows are kept one by one.
const BATCH: usize = 1000;
/// A file with more rows than this is refused; memory stays bounded.
const MOST_ROWS: usize = 1_000_000;
/// Refused rows that are kept with an `Idempotency-Key`.
pub const MOST_KEPT: usize = 1000;
/// Characters of a cell that is shown so that a column is recognised.
const MOST_SAMPLE: usize = 60;
/// What every chart has.
const REQUIRED: [&str; 4] = ["first_name", "last_name", "dob", "sex"];

/// What happens to the good rows of a file with bad ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Nothing is brought in unless every row is good; one transaction.
    #[default]
    AllOrNothing,
    /// Good rows are brought in; a thousand a transaction, or all in one where an `Idempotency-Key` stands for them.
    KeepGood,
}

/// What became of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Rows in the file.
    pub rows: usize,
    /// Rows that can be taken.
    pub good: usize,
    /// Charts made.
    pub created: usize,
    /// Rows that were in the clinic, or earlier in the file, already.
    pub known: usize,
    /// How many refusals there are.
    pub refused_count: usize,
    /// Rows that can't be taken, by line; the first [`MOST_KEPT`] where the report is kept for the same request again.
    pub refused: Vec<Refused>,
}

/// A row that can't be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// A column of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// What the file calls it.
    pub name: String,
    /// The field that it holds; none: it is passed over.
    pub field: Option<&'static str>,
    /// The first cell that is not empty.
    pub sample: Option<String>,
}

/// What the columns of a file are taken for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// Columns and the fields they hold (none: to be passed over), by their names in the file.
    given: Vec<(String, Option<&'static str>)>,
    /// Whether a column that nobody knows is an error, rather than passed over.
    is_strict: bool,
}

impl Mapping {
    /// Characters of a mapping as a text.
    pub const MOST: usize = 4000;

    /// From `Nombre:first_name,Notas:`; columns that are not named are known by their names, or passed over.
    pub fn parse(text: &str) -> Result<Self> {
        if text.chars().count() > Self::MOST {
            return Err(AppError::field("columns", format!("columns: at most {} characters", Self::MOST)));
        }
        let mut given = Vec::new();
        for pair in text.split(',').filter(|pair| !pair.trim().is_empty()) {
            let (column, field) = pair.rsplit_once(':').ok_or_else(|| AppError::field("columns", "columns: expected column:field, …"))?;
            let field = match field.trim() {
                "" => None,
                field => Some(NewPatient::FIELDS.iter().copied().find(|known| *known == field).ok_or_else(|| {
                    AppError::field("columns", format!("Unknown field: {field}. Known ones are {}", NewPatient::FIELDS.join(", ")))
                })?),
            };
            given.push((column.trim().to_owned(), field));
        }
        Ok(Self { given, is_strict: false })
    }

    fn resolve(&self, headers: &csv::StringRecord) -> Result<Vec<Column>> {
        let names: Vec<&str> = headers.iter().map(|header| header.trim_start_matches('\u{feff}').trim()).collect();
        let missing = self.given.iter().find(|(given, _)| !names.iter().any(|name| columns::key(name) == columns::key(given)));
        if let Some((column, _)) = missing {
            return Err(AppError::field("columns", format!("The file has no column {column}")));
        }
        let columns = names.into_iter().map(|name| self.column(name)).collect::<Result<Vec<_>>>()?;
        let twice = columns.iter().enumerate().find_map(|(place, column)| {
            let field = column.field?;
            columns[..place].iter().any(|before| before.field == Some(field)).then_some(field)
        });
        match twice {
            Some(field) => Err(AppError::field("columns", format!("More than one column holds {field}"))),
            None => Ok(columns),
        }
    }

    fn column(&self, name: &str) -> Result<Column> {
        let key = columns::key(name);
        let given = self.given.iter().find(|(given, _)| columns::key(given) == key).map(|(_, field)| *field);
        let field = given.unwrap_or_else(|| columns::field(&key));
        if field.is_none() && self.is_strict {
            return Err(AppError::field("file", format!("Unknown column: {name}. Known ones are {}", NewPatient::FIELDS.join(", "))));
        }
        Ok(Column { name: name.to_owned(), field, sample: None })
    }
}

/// A file that was read: its columns, and its rows as far as they are charts.
#[derive(Default)]
pub struct PatientFile {
    /// The columns, in their order.
    pub columns: Vec<Column>,
    /// The fields that must be there and that no column holds; no row can be taken while there are any.
    pub missing: Vec<&'static str>,
    rows: Vec<Row>,
    total: usize,
    refused: Vec<Refused>,
}

impl PatientFile {
    /// Reads a file; commas, semicolons or tabs separate its cells.
    ///
    /// # Errors
    /// `Invalid` when the columns are not right or the file is no UTF-8 CSV.
    pub fn read(file: impl Read, mapping: &Mapping) -> Result<Self> {
        let mut file = BufReader::with_capacity(64 * 1024, UnixLines::new(file));
        let unreadable = |error: &dyn std::fmt::Display| AppError::field("file", format!("The file can't be read as CSV: {error}"));
        let separator = columns::separator(file.fill_buf().map_err(|error| unreadable(&error))?);
        let mut reader = csv::ReaderBuilder::new().delimiter(separator).flexible(true).trim(csv::Trim::All).from_reader(file);
        let headers = reader.headers().map_err(|error| unreadable(&error))?.clone();
        let columns = mapping.resolve(&headers)?;
        let holds = |field: &&str| columns.iter().any(|column| column.field == Some(field));
        let missing = REQUIRED.into_iter().filter(|field| !holds(field)).collect();
        let mut read = Self { columns, missing, ..Self::default() };
        for record in reader.records() {
            read.total += 1;
            if read.total > MOST_ROWS {
                return Err(AppError::field("file", format!("The file has more than {MOST_ROWS} rows; split it")));
            }
            match record {
                Ok(record) => read.take(&record),
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    read.refused.push(Refused { line, column: String::new(), reason: error.to_string() });
                }
            }
        }
        Ok(read)
    }

    fn take(&mut self, record: &csv::StringRecord) {
        let line = record.position().map_or(0, csv::Position::line);
        let refused = &mut self.refused;
        let mut refuse = |column: &str, reason: String| refused.push(Refused { line, column: column.to_owned(), reason });
        if record.len() != self.columns.len() {
            return refuse("", format!("The row has {} cells, the first line has {}", record.len(), self.columns.len()));
        }
        let mut object = serde_json::Map::new();
        for (column, cell) in self.columns.iter_mut().zip(record).filter(|(_, cell)| !cell.is_empty()) {
            if column.sample.is_none() {
                column.sample = Some(cell.chars().filter(|letter| !letter.is_control()).take(MOST_SAMPLE).collect());
            }
            let Some(field) = column.field else { continue };
            if cell.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\t')) {
                return refuse(field, "Control characters are not allowed".to_owned());
            }
            object.insert(field.to_owned(), columns::value(field, cell).into());
        }
        if !self.missing.is_empty() {
            return;
        }
        match clinichub_api::from_json_object(object) {
            Ok(new) => self.rows.push(Row { line, new }),
            Err(AppError::Invalid(errors)) => errors.into_iter().take(1).for_each(|error| refuse(&error.field, error.message)),
            Err(other) => refuse("", other.to_string()),
        }
    }

    /// Refuses a file that lacks a column.
    pub fn require_columns(&self) -> Result<()> {
        self.missing.first().map_or(Ok(()), |field| Err(AppError::field("file", format!("Missing column: {field}"))))
    }

    /// The first rows that are charts.
    pub fn preview(&self, rows: usize) -> Vec<NewPatient> {
        self.rows.iter().take(rows).map(|row| row.new.clone()).collect()
    }
}

/// Reads the charts of `file` and brings them in. The first line names the columns, by the field names of the API or what they are usually
/// called, in any order; `first_name`, `last_name`, `dob` and `sex` must be there. `progress` hears how many rows of how many are done.
///
/// # Errors
/// `Invalid` when the columns are not right or the file is no UTF-8 CSV; in `AllOrNothing` nothing is stored when a row was refused.
pub async fn run(app: &App, grant: &Grant, file: impl Read, mode: Mode, dry_run: bool, progress: impl Fn(usize, usize)) -> Result<Report> {
    let file = PatientFile::read(file, &Mapping { is_strict: true, ..Mapping::default() })?;
    file.require_columns()?;
    bring_in(app, grant, file, mode, dry_run, progress).await
}

/// Brings in the charts of a file; a dry run looks what would become of it and stores nothing.
///
/// A row is in the clinic already when its `external_reference`, its `mrn`, or its name, date of birth and sex together are. The same file
/// with the same `Idempotency-Key` gets the report that it got the first time, when its rows were new.
pub async fn bring_in(
    app: &App,
    grant: &Grant,
    file: PatientFile,
    mode: Mode,
    dry_run: bool,
    progress: impl Fn(usize, usize),
) -> Result<Report> {
    let mut report = Report { rows: file.total, refused: file.refused, ..Report::default() };
    let (zone, known) = app
        .db
        .read(grant, (), async |mut tx: TenantTx, (): ()| Ok((clinics::zone_in(&mut tx).await?, store::identities(&mut tx).await?)))
        .await?;
    let today = grant.at().date_in(&zone);
    let mut good = sort_out(file.rows, Known::from(known), today, &mut report);
    report.refused.sort_by_key(|refused| refused.line);
    (report.refused_count, report.good) = (report.refused.len(), good.len());
    if dry_run {
        return Ok(report);
    }
    if mode == Mode::AllOrNothing && report.refused_count > 0 {
        good.clear();
    }
    if grant.origin().idempotency.is_some() {
        return store_once(app, grant, good, report).await;
    }
    let total = good.len();
    let batch = if mode == Mode::AllOrNothing { total.max(1) } else { BATCH };
    let mut good = good.into_iter();
    loop {
        let rows: Vec<Row> = good.by_ref().take(batch).collect();
        if rows.is_empty() {
            return Ok(report);
        }
        report.created += store_rows(app, grant, rows).await?;
        progress(report.created, total);
    }
}

/// New charts and the number of the first of them.
type Numbered = (i64, Arc<Vec<NewPatient>>);

async fn numbered(app: &App, grant: &Grant, rows: Vec<Row>) -> Result<Numbered> {
    let first = if rows.is_empty() { 0 } else { app.db.take_numbers(grant, Counter::Patient, rows.len()).await? };
    Ok((first, Arc::new(rows.into_iter().map(|row| row.new).collect())))
}

async fn store_rows(app: &App, grant: &Grant, rows: Vec<Row>) -> Result<usize> {
    let args = (numbered(app, grant, rows).await?, app.fields.clone());
    let store = async |mut tx: TenantTx, (charts, fields): (Numbered, FieldKeys)| store_in(&mut tx, &fields, charts).await;
    app.db.write(grant, args, store).await
}

/// Stores all rows in one transaction, and with them the report; nothing but that where there are none.
async fn store_once(app: &App, grant: &Grant, rows: Vec<Row>, mut report: Report) -> Result<Report> {
    report.refused.truncate(MOST_KEPT);
    let args = (numbered(app, grant, rows).await?, app.fields.clone(), report);
    let store = async |mut tx: TenantTx, (charts, fields, mut report): (Numbered, FieldKeys, Report)| {
        if !charts.1.is_empty() {
            report.created = store_in(&mut tx, &fields, charts).await?;
        }
        Ok(report)
    };
    app.db.create(grant, args, store).await
}

async fn store_in(tx: &mut TenantTx, fields: &FieldKeys, (first, new): Numbered) -> Result<usize> {
    let clinic = clinics::get_in(tx).await?;
    let (by, now) = (tx.grant().user_id(), tx.now());
    let identifiers: Vec<Identifiers> = new.iter().map(Identifiers::of).collect();
    let register = |(new, number): (&NewPatient, i64)| Patient::register(new.clone(), format!("{}-P{number}", clinic.code), by, now);
    let charts: Vec<Patient> = new.iter().zip(first..).map(register).collect();
    let ids = store::insert_many(tx, &charts).await?;
    let mut identified: Vec<_> = ids.into_iter().zip(identifiers).collect();
    identified.retain(|(_, identifiers)| *identifiers != Identifiers::default());
    identifiers::store_in(tx, fields, &identified).await?;
    let details = serde_json::json!({ "charts": charts.len() }).to_string();
    tx.audit(TrailEntry { details: Some(details), ..TrailEntry::default() }).await?;
    tx.emit(events::imported(clinic.clinic_id, charts.len())).await?;
    Ok(charts.len())
}

/// Drops the rows that break a rule or are known already.
fn sort_out(rows: Vec<Row>, mut known: Known, today: jiff::civil::Date, report: &mut Report) -> Vec<Row> {
    let mut good = Vec::with_capacity(rows.len());
    for row in rows {
        let chart = Patient::register(row.new.clone(), "-".to_owned(), None, clinichub_core::UtcTime::from_micros(0));
        if let Err(AppError::Invalid(errors)) = chart.check(&Identifiers::of(&row.new), today) {
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
