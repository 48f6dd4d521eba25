//! What laboratories sent about the last patients of the first clinic: sheets as files, values as data, some signed and some not.

use clinichub_app::{App, files};
use clinichub_core::{AppError, FileId, Grant, LabReportId, UserId};
use clinichub_db::{TenantTx, params};
use clinichub_files::{Kind, Stored};
use jiff::SignedDuration;

use super::paper::Sheet;
use super::store::{self, SeenVisit};

/// What is measured, its unit, from where to where it is expected, and the values, the last one last.
type Analyte = (&'static str, &'static str, f64, f64, [f64; 4]);

/// What a laboratory measures together.
struct Panel {
    title: &'static str,
    analytes: &'static [Analyte],
    is_signed: bool,
    is_released: bool,
}

const PANELS: [Panel; 4] = [
    Panel {
        title: "Blood count",
        analytes: &[
            ("Hemoglobin", "g/dL", 12.0, 16.0, [12.9, 12.1, 10.8, 9.8]),
            ("Leukocytes", "10*9/L", 4.0, 10.0, [6.8, 7.4, 6.9, 7.1]),
            ("Platelets", "10*9/L", 150.0, 400.0, [251.0, 240.0, 236.0, 231.0]),
        ],
        is_signed: false,
        is_released: false,
    },
    Panel {
        title: "Metabolic panel",
        analytes: &[
            ("Glucose", "mg/dL", 70.0, 99.0, [98.0, 104.0, 117.0, 126.0]),
            ("Creatinine", "mg/dL", 0.6, 1.2, [0.9, 0.9, 1.0, 1.0]),
            ("Potassium", "mmol/L", 3.5, 5.1, [4.2, 4.4, 4.1, 4.3]),
        ],
        is_signed: false,
        is_released: false,
    },
    Panel {
        title: "Lipids",
        analytes: &[
            ("Cholesterol", "mg/dL", 0.0, 200.0, [231.0, 226.0, 214.0, 208.0]),
            ("HDL cholesterol", "mg/dL", 40.0, 100.0, [44.0, 46.0, 47.0, 51.0]),
            ("Triglycerides", "mg/dL", 0.0, 150.0, [162.0, 149.0, 141.0, 138.0]),
        ],
        is_signed: true,
        is_released: false,
    },
    Panel { title: "Thyroid", analytes: &[("TSH", "mIU/L", 0.4, 4.0, [2.1, 2.4, 1.9, 2.2])], is_signed: true, is_released: true },
];

/// Writes them, unless there are some.
pub async fn write(app: &App, grant: &Grant, technician: Option<UserId>, doctor: Option<UserId>) -> Result<(), AppError> {
    let seen = app.db.read(grant, (), async |mut tx: TenantTx, ()| Ok(store::last_visits_without_reports(&mut tx).await?)).await?;
    for (visit, panel) in seen.into_iter().zip(0..PANELS.len()) {
        let sheet = sheet(&PANELS[panel], &visit);
        let file = files::store_made(app, grant, "laboratory.pdf", Kind::Pdf, &sheet).await?;
        let (file_id, stored) = file.row();
        let args = (visit, panel, file_id, stored, technician, doctor);
        app.db.write(grant, args, async |mut tx: TenantTx, args: Args| keep(&mut tx, args).await).await?;
        file.kept();
    }
    Ok(())
}

type Args = (SeenVisit, usize, FileId, Stored, Option<UserId>, Option<UserId>);

async fn keep(tx: &mut TenantTx, (visit, panel, file_id, stored, technician, doctor): Args) -> Result<(), AppError> {
    tx.unaudited("invented data");
    files::keep_in(tx, file_id, &stored).await?;
    let Panel { title, analytes, is_signed, is_released } = &PANELS[panel];
    let at = visit.ended_at;
    let severity = i64::from(analytes.iter().any(|(_, _, low, high, values)| flag(*low, *high, values[3]) != "normal"));
    let signed = at.plus(SignedDuration::from_mins(20));
    let report = params![
        visit.visit_id,
        visit.patient_id,
        file_id,
        *title,
        severity,
        is_released.then_some(signed),
        is_signed.then_some(signed),
        doctor.filter(|_| *is_signed),
        at,
        at,
        technician,
    ];
    let report = store::insert_lab_report(tx, report).await?;
    store::insert_lab_results(tx, rows(analytes, report, &visit, title)).await?;
    Ok(())
}

/// The values of the report, which the patient sees when the report is released, and earlier ones that came without one.
fn rows(analytes: &[Analyte], report: LabReportId, visit: &SeenVisit, title: &'static str) -> Vec<clinichub_db::Params> {
    let mut rows = Vec::new();
    for (analyte, unit, low, high, values) in analytes {
        for (age, value) in (0_i64..).zip(values.iter().rev()) {
            let at = visit.ended_at.plus(SignedDuration::from_hours(-24 * 91 * age));
            let is_last = age == 0;
            rows.push(params![
                is_last.then_some(report),
                visit.patient_id,
                title,
                *analyte,
                analyte.to_lowercase(),
                *value,
                *unit,
                *low,
                *high,
                flag(*low, *high, *value),
                at,
                (!is_last).then_some(at),
                at,
            ]);
        }
    }
    rows
}

fn flag(low: f64, high: f64, value: f64) -> &'static str {
    if value < low {
        "low"
    } else if value > high {
        "high"
    } else {
        "normal"
    }
}

/// The sheet that it came on.
fn sheet(panel: &Panel, visit: &SeenVisit) -> Vec<u8> {
    let mut sheet = Sheet::default();
    sheet.line(9, 56, 792, "Island Laboratory - invented, for demonstration");
    sheet.line(20, 56, 752, panel.title);
    sheet.line(11, 56, 728, &format!("Patient {}   Visit {}", visit.mrn, visit.reference));
    for (x, words) in [(56, "Analyte"), (220, "Result"), (330, "Expected")] {
        sheet.line(11, x, 690, words);
    }
    for ((analyte, unit, low, high, values), y) in panel.analytes.iter().zip((0..).map(|row| 664 - 22 * row)) {
        sheet.line(11, 56, y, analyte);
        let mark = if flag(*low, *high, values[3]) == "normal" { "" } else { " *" };
        sheet.line(11, 220, y, &format!("{} {unit}{mark}", values[3]));
        sheet.line(11, 330, y, &format!("{low} - {high}"));
    }
    sheet.into_pdf()
}
