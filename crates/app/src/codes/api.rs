//! What goes over the wire about codes, and the handler.

use clinichub_api::{Access, Params, Read, Result, Versioned};
use clinichub_core::AppError;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::service;
use crate::App;
use crate::cursor::limit;

/// A code of ICD-10-CM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Icd10Code {
    #[schema(example = "J06.9")]
    pub code: String,
    #[schema(example = "Acute upper respiratory infection, unspecified")]
    pub description: String,
    /// Whether it may stand on a bill; categories above it may not.
    pub billable: bool,
}

/// The codes that were found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Icd10Codes {
    pub codes: Vec<Icd10Code>,
}

impl Versioned for Icd10Codes {}

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Icd10Query {
    /// The beginning of a code, or words of the description in any order, each of which may be cut short.
    #[param(min_length = 1, max_length = 100, example = "acute resp")]
    pub q: String,
    /// Codes at most.
    #[param(minimum = 1, maximum = 50, default = 20)]
    pub limit: Option<i64>,
}

/// Finds codes of diagnoses as one types. Empty where the operator has brought in no code set: diagnoses are free text then.
#[utoipa::path(get, path = "/api/icd10", params(Icd10Query), responses((status = 200, description = "The codes", body = Icd10Codes)))]
pub async fn search_icd10(access: Access<App>, Params(query): Params<Icd10Query>) -> Result<Read<Icd10Codes>> {
    let limit = limit(query.limit, 20, 50)?;
    if query.q.trim().is_empty() {
        return Err(AppError::missing("q").into());
    }
    if query.q.chars().count() > 100 {
        return Err(AppError::field("q", "q: at most 100 characters").into());
    }
    Ok(Read(Icd10Codes { codes: service::search(&access, &query.q, limit).await? }))
}
