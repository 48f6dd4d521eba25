//! Owns the clinics' keys, by which single fields are sealed in the database: who reads a copy of it, or looks into it beside the program,
//! learns nothing from them. A field that must be found again has a mark beside it, the same for equal texts of a clinic.
//!
//! What must never happen here: a text that another clinic's key opens, one that opens in another row than its own, a mark that says
//! something about a text to who lacks the key.

mod rotation;
mod store;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use clinichub_core::{AppError, ClinicId, Result};
use clinichub_db::TenantTx;
use clinichub_files::{FileError, KeyRing, TextKey, Wrapped};

pub use rotation::{find_unusable, kids_in_use, rewrap_all};

/// A kind of field that is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `patients.national_id_sealed`
    NationalId,
    /// `patients.insurance_number_sealed`
    InsuranceNumber,
    /// `chart_records.details_sealed`
    Note,
    /// `chart_records.name_sealed`
    NoteTitle,
    /// `idempotency_keys.answer`, where a token is in it
    Answer,
}

impl Field {
    fn as_str(self) -> &'static str {
        match self {
            Self::NationalId => "patients.national_id",
            Self::InsuranceNumber => "patients.insurance_number",
            Self::Note => "chart_records.details",
            Self::NoteTitle => "chart_records.name",
            Self::Answer => "idempotency_keys.answer",
        }
    }
}

/// The key of a clinic. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ClinicKey {
    clinic: ClinicId,
    key: Arc<TextKey>,
}

impl ClinicKey {
    /// Seals the field of this row.
    pub fn seal(&self, field: Field, row: i64, text: &str) -> Result<String> {
        self.key.seal(text, &self.place(field, row)).map_err(AppError::internal)
    }

    /// Opens the field of this row.
    pub fn open(&self, field: Field, row: i64, sealed: &str) -> Result<String> {
        self.key.open(sealed, &self.place(field, row)).map_err(AppError::internal)
    }

    /// What the field is found by; `text` as it is compared.
    pub fn mark(&self, field: Field, text: &str) -> String {
        self.key.mark(text, field.as_str())
    }

    fn place(&self, field: Field, row: i64) -> String {
        format!("clinichub field 1\n{}\n{}\n{row}", self.clinic, field.as_str())
    }
}

/// The keys of the clinics. Cheap to clone.
#[derive(Clone)]
pub struct FieldKeys(Arc<Shared>);

struct Shared {
    ring: KeyRing,
    known: RwLock<HashMap<ClinicId, ClinicKey>>,
}

impl FieldKeys {
    /// Keys that this ring wraps.
    pub fn new(ring: KeyRing) -> Self {
        Self(Arc::new(Shared { ring, known: RwLock::default() }))
    }

    /// The key of the transaction's clinic; none: nothing of it was ever sealed.
    pub async fn find(&self, tx: &mut TenantTx) -> Result<Option<ClinicKey>> {
        let clinic = tx.clinic_id();
        if let Some(key) = self.0.known.read().unwrap_or_else(PoisonError::into_inner).get(&clinic) {
            return Ok(Some(key.clone()));
        }
        let Some(row) = store::find(tx).await? else { return Ok(None) };
        let key = self.0.ring.texts(&row.wrapped(), &context_of(clinic)).map_err(unusable)?;
        let key = ClinicKey { clinic, key: Arc::new(key) };
        // What this transaction itself has made is not there for good yet.
        if row.created_at < tx.now() {
            self.0.known.write().unwrap_or_else(PoisonError::into_inner).insert(clinic, key.clone());
        }
        Ok(Some(key))
    }

    /// The key of the transaction's clinic, to open what is sealed.
    pub async fn get(&self, tx: &mut TenantTx) -> Result<ClinicKey> {
        let key = self.find(tx).await?;
        key.ok_or_else(|| AppError::internal(format!("clinic {} has sealed fields and no key", tx.clinic_id())))
    }

    /// The key of the transaction's clinic, made if it has none.
    pub async fn get_or_make(&self, tx: &mut TenantTx) -> Result<ClinicKey> {
        if let Some(key) = self.find(tx).await? {
            return Ok(key);
        }
        let (_, wrapped) = self.0.ring.new_texts(&context_of(tx.clinic_id())).map_err(unusable)?;
        store::insert(tx, &wrapped).await?;
        // Another transaction may have been first; its key counts.
        self.get(tx).await
    }

    fn rewrap(&self, clinic: ClinicId, wrapped: &Wrapped) -> Result<Wrapped, FileError> {
        self.0.ring.rewrap_texts(wrapped, &context_of(clinic))
    }
}

/// What a clinic's key is wrapped for.
fn context_of(clinic: ClinicId) -> String {
    format!("clinic {clinic}")
}

fn unusable(error: FileError) -> AppError {
    AppError::internal(error)
}
