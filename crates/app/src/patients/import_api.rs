//! What goes over the wire when charts are brought in from a file, and the handler.

use clinichub_api::{Access, CsvFile, Params, Result, Versioned, Written};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::api::NewPatient;
use super::import::{self, Column, Mapping, Mode, PatientFile, Refused, Report};
use crate::App;

/// The largest file, in bytes.
pub const MOST_BYTES: usize = 64 * 1024 * 1024;
/// Rows that are shown as they would become charts.
const PREVIEWED: usize = 10;

/// What shall become of the file.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// What happens to the good rows of a file with bad ones: `all_or_nothing` takes none of them.
    #[param(inline)]
    pub mode: Mode,
    /// Only look what would become of the file; nothing is stored.
    pub dry_run: bool,
    /// Which field each column holds (none: the column is passed over). Columns that are not named here are known by the names of the
    /// fields and by what they are usually called, or are passed over.
    #[serde(deserialize_with = "mapping")]
    #[param(value_type = Option<String>, max_length = 4000, example = "Nombre:first_name,Apellidos:last_name,Notas:")]
    pub columns: Mapping,
}

/// Read with the other parameters, so that it is refused before the file comes.
fn mapping<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Mapping, D::Error> {
    let text = String::deserialize(deserializer)?;
    Mapping::parse(&text).map_err(|error| serde::de::Error::custom(error.to_string().trim_start_matches("columns: ")))
}

/// A column of the file.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportColumn {
    /// What the file calls it.
    #[schema(example = "Nombre")]
    pub column: String,
    /// The field that it holds; `null`: it is passed over.
    #[schema(example = "first_name")]
    pub field: Option<&'static str>,
    /// The first cell that is not empty, so that one sees what the column holds.
    #[schema(example = "Ana")]
    pub sample: Option<String>,
}

/// A row that can't be taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedRow {
    /// Its line in the file, from 1.
    #[schema(minimum = 0, example = 17)]
    pub line: u64,
    /// The field that it is about, where it is one.
    #[schema(example = "dob")]
    pub field: Option<String>,
    /// Why.
    #[schema(example = "Date of birth can't be in the future")]
    pub message: String,
}

/// What became of a file, or in a dry run what would.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportReport {
    /// What was done.
    #[schema(example = "Patients imported successfully")]
    pub message: &'static str,
    /// The columns, in their order.
    pub columns: Vec<ImportColumn>,
    /// The fields that must be there and that no column holds, in a dry run; no row can be taken while there are any.
    #[schema(example = json!([]))]
    pub missing: Vec<&'static str>,
    /// Rows in the file.
    #[schema(minimum = 0, example = 1200)]
    pub rows: usize,
    /// Rows that can be taken.
    #[schema(minimum = 0, example = 1180)]
    pub importable: usize,
    /// Charts made.
    #[schema(minimum = 0, example = 1180)]
    pub imported: usize,
    /// Rows that were in the clinic, or earlier in the file, already.
    #[schema(minimum = 0, example = 15)]
    pub skipped_existing: usize,
    /// How many refusals there are.
    #[schema(minimum = 0, example = 5)]
    pub refused_count: usize,
    /// The first 1,000 of them, by line.
    pub refused: Vec<RefusedRow>,
    /// In a dry run the first rows as they would become charts.
    pub preview: Vec<NewPatient>,
}

impl Versioned for ImportReport {}

impl ImportReport {
    fn of(columns: Vec<Column>, missing: Vec<&'static str>, preview: Vec<NewPatient>, report: Report, dry_run: bool) -> Self {
        let message = match (dry_run, report.created) {
            (true, _) => "Nothing was imported: this was a dry run",
            (false, 0) if report.refused_count == 0 => "Nothing was imported: every row is here already",
            (false, 0) => "Nothing was imported: correct the refused rows",
            (false, _) => "Patients imported successfully",
        };
        let columns = columns.into_iter().map(|Column { name, field, sample }| ImportColumn { column: name, field, sample });
        Self {
            message,
            columns: columns.collect(),
            missing,
            rows: report.rows,
            importable: report.good,
            imported: report.created,
            skipped_existing: report.known,
            refused_count: report.refused_count,
            refused: report.refused.into_iter().take(import::MOST_KEPT).map(Into::into).collect(),
            preview,
        }
    }
}

impl From<Refused> for RefusedRow {
    fn from(refused: Refused) -> Self {
        let field = Some(refused.column).filter(|column| !column.is_empty());
        Self { line: refused.line, field, message: refused.reason }
    }
}

/// Brings patients in from a CSV file in UTF-8 of at most 64 MiB, whose first line names the columns. A row that is in the clinic already
/// is passed over, so the same file can be brought in twice. What is refused is reported with its line. A dry run has no use for an
/// `Idempotency-Key`: it looks anew each time.
#[utoipa::path(
    post, path = "/api/patients/import", params(ImportQuery),
    request_body(content = String, content_type = "text/csv", description = "The file"),
    responses((status = 200, description = "What became of the file", body = ImportReport))
)]
pub async fn import_patients(access: Access<App>, Params(query): Params<ImportQuery>, file: CsvFile) -> Result<Written<ImportReport>> {
    let mapping = query.columns;
    let (read, grant) = file.read(&access.grant, move |arriving| PatientFile::read(arriving, &mapping)).await?;
    let mut read = read?;
    if !query.dry_run {
        read.require_columns()?;
    }
    let (columns, missing) = (std::mem::take(&mut read.columns), std::mem::take(&mut read.missing));
    let preview = if query.dry_run { read.preview(PREVIEWED) } else { Vec::new() };
    let report = import::bring_in(&access.app, &grant, read, query.mode, query.dry_run, |_, _| {}).await?;
    Ok(Written(ImportReport::of(columns, missing, preview, report, query.dry_run)))
}
