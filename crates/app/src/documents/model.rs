//! A document and the rules it obeys, without a database.

use clinichub_api::rules;
use clinichub_core::{AppError, DocumentId, FileId, Grant, Patch, PatientId, Role, UserId, UtcTime, text_enum};
use serde::{Deserialize, Serialize};

use super::api::DocumentUpdate;

/// The longest title.
pub const MOST_TITLE: usize = 200;
/// The longest note.
pub const MOST_NOTE: usize = 2000;

text_enum! {
    /// What a document is about.
    Category {
        /// A passport, a licence.
        Identification => "identification",
        /// A card or a letter of an insurer.
        Insurance => "insurance",
        /// Somebody is sent to us, or from us.
        Referral => "referral",
        /// What the patient signed.
        Consent => "consent",
        /// What others wrote to us.
        Letter => "letter",
        /// What others found.
        Report => "report",
        /// A photograph.
        Picture => "picture",
        /// Anything else.
        Other => "other",
    }
}

/// A document of a chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub document_id: DocumentId,
    pub patient_id: PatientId,
    pub file_id: FileId,
    pub thumbnail_file_id: Option<FileId>,
    pub title: String,
    pub category: Category,
    pub note: Option<String>,
    pub released_at: Option<UtcTime>,
    pub created_at: UtcTime,
    pub updated_at: UtcTime,
    pub created_by: Option<UserId>,
    pub version: i64,
    pub file_name: String,
    pub mime_type: String,
    pub file_size: i64,
    pub sha256: String,
}

/// What is said of a document when it is brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub title: String,
    pub category: Category,
    pub note: Option<String>,
}

impl Said {
    /// From the fields of a form; a document without a title is called as its file is.
    pub fn new(title: Option<String>, category: Option<String>, note: Option<String>, file_name: &str) -> Result<Self, AppError> {
        let category = category.map(|text| text.parse::<Category>()).transpose();
        let category = category.map_err(|message| AppError::field("category", format!("category: {message}")))?.unwrap_or(Category::Other);
        let title = title.unwrap_or_else(|| file_name.chars().take(MOST_TITLE).collect());
        let said = Self { title, category, note };
        said.check()?;
        Ok(said)
    }

    fn check(&self) -> Result<(), AppError> {
        let mut refused = Vec::new();
        rules::required_text(&mut refused, "title", &self.title, MOST_TITLE);
        rules::text(&mut refused, "note", self.note.as_deref(), MOST_NOTE);
        rules::verdict(refused)
    }
}

impl Document {
    /// Whether whoever asks may see it: the clinic's staff; a patient when it was released or is the patient's own.
    pub fn is_shown_to(&self, grant: &Grant) -> bool {
        let is_own = self.created_by.is_some() && self.created_by == grant.user_id();
        grant.reaches(self.patient_id) && (grant.role() != Some(Role::Patient) || self.released_at.is_some() || is_own)
    }

    /// The document after a partial update.
    pub fn updated(self, update: DocumentUpdate, now: UtcTime) -> Result<Self, AppError> {
        let said = Said {
            title: required("title", update.title, self.title.clone())?.trim().to_owned(),
            category: required("category", update.category, self.category)?,
            note: update.note.apply(self.note.clone()).map(|note| note.trim().to_owned()).filter(|note| !note.is_empty()),
        };
        said.check()?;
        let is_released = required("released", update.released, self.released_at.is_some())?;
        let released_at = if is_released { self.released_at.or(Some(now)) } else { None };
        let Said { title, category, note } = said;
        Ok(Self { title, category, note, released_at, updated_at: now, version: self.version + 1, ..self })
    }
}

fn required<T>(field: &str, patch: Patch<T>, before: T) -> Result<T, AppError> {
    match patch {
        Patch::Keep => Ok(before),
        Patch::Set(value) => Ok(value),
        Patch::Clear => Err(AppError::missing(field)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_called_as_its_file_unless_it_has_a_title() {
        let said = |title: Option<&str>| Said::new(title.map(Into::into), None, None, "scan.pdf").expect("fine");
        assert_eq!((said(None).title.as_str(), said(Some("Passport")).title.as_str()), ("scan.pdf", "Passport"));
        assert!(Said::new(None, Some("secret".into()), None, "scan.pdf").is_err());
        assert!(Said::new(Some("x".repeat(201)), None, None, "scan.pdf").is_err());
    }

    #[test]
    fn categories_are_what_serde_writes() {
        for category in Category::ALL {
            assert_eq!(serde_json::to_value(category).ok(), Some(category.as_str().into()));
            assert_eq!(category.as_str().parse(), Ok(*category));
        }
    }
}
