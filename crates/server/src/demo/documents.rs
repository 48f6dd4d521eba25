//! What patients brought on paper or signed: one or two documents of every eighth, some released to them.

use clinichub_app::documents::{Category, thumbnail_job};
use clinichub_app::{App, files};
use clinichub_core::{AppError, FileId, Grant, UserId, UtcTime};
use clinichub_db::{Params, TenantTx, params};
use clinichub_files::{Kind, Stored};
use futures_util::future::try_join_all;
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::cast::{CLINICS, ClinicCast};
use super::dice::Dice;
use super::paper::Sheet;
use super::store::{self, Charted};

/// Not the first patient, whom the examples of the documentation delete; the second is the one who signs in.
const FIRST: usize = 1;
/// Every so many patients have documents.
const EVERY: usize = 8;
/// How many files are written at once: each waits for the disk, and they can wait together.
const AT_ONCE: usize = 16;

/// A kind of document.
#[derive(Debug)]
struct Sort {
    title: &'static str,
    file_name: &'static str,
    category: Category,
    /// Who wrote it; the clinic itself where nobody is named.
    from: Option<&'static str>,
    lines: &'static [&'static str],
    is_released: bool,
}

/// Of two that follow each other one is released.
static SORTS: [Sort; 4] = [
    Sort {
        title: "Referral letter",
        file_name: "referral-letter.pdf",
        category: Category::Referral,
        from: Some("Practice of Dr. Miriam Vidal, general medicine"),
        lines: &[
            "Dear colleagues,",
            "please see this patient, whom I have known for some years.",
            "For three months there has been shortness of breath on stairs. The heart trace at rest",
            "is without findings, the blood pressure well controlled.",
            "I ask for an examination and for your advice on how to go on.",
            "With kind regards, Dr. M. Vidal",
        ],
        is_released: false,
    },
    Sort {
        title: "Insurance card",
        file_name: "insurance-card.pdf",
        category: Category::Insurance,
        from: Some("Islandwide Mutual Health Plan"),
        lines: &[
            "Member card, copy",
            "Group 5550, plan Family Plus",
            "Office visit: 20 % by the member. Laboratory: covered.",
            "Questions: +1 787 555 0142",
        ],
        is_released: true,
    },
    Sort {
        title: "Report of an earlier X-ray",
        file_name: "x-ray-report.pdf",
        category: Category::Report,
        from: Some("Old Town Radiology"),
        lines: &[
            "Chest, two views, standing.",
            "Heart of normal size. Lungs clear, no effusion. Bones without findings.",
            "Impression: nothing that needs to be followed.",
        ],
        is_released: false,
    },
    Sort {
        title: "Consent to treatment",
        file_name: "consent.pdf",
        category: Category::Consent,
        from: None,
        lines: &[
            "I agree to be examined and treated in this clinic.",
            "What is planned, what may go wrong and what else could be done was explained to me.",
            "I know that I can take this back at any time.",
            "Signed by hand on the original, which the clinic keeps.",
        ],
        is_released: true,
    },
];

/// A document of a patient.
#[derive(Debug, Clone)]
struct Document {
    of: Charted,
    sort: &'static Sort,
    at: UtcTime,
}

type Kept = Vec<(FileId, Stored, Document)>;

/// Writes them, unless there are some.
pub async fn write(app: &App, grant: &Grant, clinic: usize, desk: Option<UserId>) -> Result<(), AppError> {
    let patients = app.db.read(grant, (), async |mut tx: TenantTx, ()| Ok(store::patients_without_documents(&mut tx).await?)).await?;
    if patients.is_empty() {
        return Ok(());
    }
    let documents = chosen(&patients, CLINICS[clinic].seed, app.clock.now());
    let mut made = Vec::with_capacity(documents.len());
    for some in documents.chunks(AT_ONCE) {
        let written = |document: &Document| {
            let (name, contents) = (document.sort.file_name, document.sheet(&CLINICS[clinic]));
            async move { files::store_made(app, grant, name, Kind::Pdf, &contents).await }
        };
        made.extend(try_join_all(some.iter().map(written)).await?);
    }
    let rows = made.iter().map(files::Made::row).zip(documents);
    let kept: Kept = rows.map(|((file_id, stored), document)| (file_id, stored, document)).collect();
    app.db.write(grant, (kept, desk), async |mut tx: TenantTx, args: (Kept, Option<UserId>)| keep(&mut tx, args).await).await?;
    made.into_iter().for_each(files::Made::kept);
    Ok(())
}

async fn keep(tx: &mut TenantTx, (kept, desk): (Kept, Option<UserId>)) -> Result<(), AppError> {
    tx.unaudited("invented data");
    let mut rows = Vec::with_capacity(kept.len());
    for (file_id, stored, document) in kept {
        files::keep_in(tx, file_id, &stored).await?;
        rows.push(document.row(file_id, desk));
    }
    // As after an upload: jobs make the small pictures, when the program answers already.
    for document_id in store::insert_documents(tx, rows).await? {
        let job = thumbnail_job(document_id, tx.now());
        tx.enqueue(job).await?;
    }
    Ok(())
}

/// One or two documents of every eighth patient, the same ones each time; they came in the last hundred days.
fn chosen(patients: &[Charted], seed: u64, now: UtcTime) -> Vec<Document> {
    let mut dice = Dice::new(seed.wrapping_mul(43));
    let mut documents = Vec::new();
    for (number, patient) in patients.iter().skip(FIRST).step_by(EVERY).enumerate() {
        let first = dice.below(SORTS.len());
        for more in 0..2 - number % 2 {
            let at = now.plus(SignedDuration::from_mins(-dice.between(2 * 24 * 60, 100 * 24 * 60)));
            documents.push(Document { of: patient.clone(), sort: &SORTS[(first + more) % SORTS.len()], at });
        }
    }
    documents
}

impl Document {
    fn row(&self, file_id: FileId, desk: Option<UserId>) -> Params {
        let Sort { title, category, is_released, .. } = self.sort;
        params![self.of.patient_id, file_id, *title, *category, is_released.then_some(self.at), self.at, self.at, desk]
    }

    fn sheet(&self, clinic: &ClinicCast) -> Vec<u8> {
        let Charted { first_name, last_name, mrn, dob, .. } = &self.of;
        let mut sheet = Sheet::default();
        sheet.line(9, 56, 792, &format!("{} - invented, for demonstration", self.sort.from.unwrap_or(clinic.name)));
        sheet.line(20, 56, 752, self.sort.title);
        sheet.line(11, 56, 728, &format!("{first_name} {last_name}, born {}   Patient {mrn}", dob.0));
        sheet.line(11, 56, 710, &self.at.date_in(&TimeZone::UTC).to_string());
        for (words, y) in self.sort.lines.iter().zip((0..).map(|row| 670 - 20 * row)) {
            sheet.line(11, 56, y, words);
        }
        sheet.into_pdf()
    }
}

#[cfg(test)]
mod tests {
    use clinichub_core::{Day, PatientId};
    use jiff::civil::Date;

    use super::*;

    fn patients() -> Vec<Charted> {
        let one = |number: i64| Charted {
            patient_id: PatientId(number),
            first_name: "Lucía".to_owned(),
            last_name: "Núñez".to_owned(),
            mrn: format!("ABC01-P{number}"),
            dob: Day(Date::constant(1980, 4, 14)),
        };
        (1..=200).map(one).collect()
    }

    #[test]
    fn every_eighth_patient_has_one_or_two_and_the_second_one_both() {
        let now = UtcTime::parse("2026-04-14T12:00:00Z").expect("a time");
        let documents = chosen(&patients(), 1, now);
        assert_eq!(documents.len(), 38);
        let of_the_second: Vec<_> = documents.iter().filter(|one| one.of.patient_id == PatientId(2)).collect();
        assert_eq!(of_the_second.iter().filter(|one| one.sort.is_released).count(), 1);
        assert_eq!(of_the_second.len(), 2);
        assert!(documents.iter().all(|one| one.at < now && one.of.patient_id != PatientId(1)));
        assert_eq!(chosen(&[], 1, now).len(), 0);
    }

    #[test]
    fn a_sheet_names_its_patient() {
        let now = UtcTime::parse("2026-04-14T12:00:00Z").expect("a time");
        for document in chosen(&patients(), 1, now) {
            let pdf = String::from_utf8(document.sheet(&CLINICS[0])).expect("ASCII");
            assert!(pdf.contains(&document.of.mrn) && pdf.contains("Luc\\355a N\\372\\361ez, born 1980-04-14") && !pdf.contains('?'));
        }
    }
}
