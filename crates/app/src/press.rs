//! Documents beside the event loop, a bounded number at a time, the fonts they are set in, and what their letterheads are made of.

use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use clinichub_core::{AppError, Day, Result};
use clinichub_pdf as pdf;
use jiff::civil;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};

use crate::clinics::Clinic;
use crate::patients::Patient;

/// Makes documents. Each takes a processor for milliseconds, so there are never more at once than processors.
pub struct Press {
    turns: Semaphore,
    fonts: Arc<pdf::Fonts>,
}

impl Press {
    /// With the fonts in these folders for letters that the embedded ones lack.
    pub fn new(font_dirs: Vec<PathBuf>) -> Self {
        let processors = std::thread::available_parallelism().map_or(2, NonZero::get);
        Self { turns: Semaphore::new(processors), fonts: Arc::new(pdf::Fonts::new(font_dirs)) }
    }

    /// The bytes of a document.
    pub async fn print(&self, document: impl FnOnce(&pdf::Fonts) -> Result<Vec<u8>, pdf::Error> + Send + 'static) -> Result<Vec<u8>> {
        let _turn = self.turns.acquire().await.map_err(AppError::internal)?;
        let fonts = self.fonts.clone();
        tokio::task::spawn_blocking(move || document(fonts.as_ref())).await.map_err(AppError::internal)?.map_err(AppError::internal)
    }

    /// The letters of a text that no font has, each once; `None` where all can be printed. Only the first text with a letter that the
    /// embedded fonts lack waits for the folders.
    pub async fn lacking(&self, text: &str) -> Option<String> {
        let beyond = pdf::not_embedded(text);
        if beyond.is_empty() {
            return None;
        }
        let lacking = if self.fonts.are_known() {
            self.fonts.lacking(&beyond)
        } else {
            let (fonts, letters) = (self.fonts.clone(), beyond.clone());
            // What was written stays written, whatever the fonts do to who reads them.
            tokio::task::spawn_blocking(move || fonts.lacking(&letters)).await.unwrap_or(beyond)
        };
        (!lacking.is_empty()).then_some(lacking)
    }

    /// The scripts that no font has, of those that the embedded ones lack; and how many were looked for.
    pub async fn scripts_lacking(&self) -> Result<(Vec<&'static str>, usize)> {
        let fonts = self.fonts.clone();
        tokio::task::spawn_blocking(move || fonts.scripts_lacking()).await.map_err(AppError::internal)
    }
}

/// The sheets that a document can be printed on; in a request their names are read in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", try_from = "String")]
pub enum Paper {
    A5,
    A4,
    Letter,
}

impl TryFrom<String> for Paper {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        match name.to_ascii_lowercase().as_str() {
            "a5" => Ok(Self::A5),
            "a4" => Ok(Self::A4),
            "letter" => Ok(Self::Letter),
            _ => Err("expected a5, a4 or letter"),
        }
    }
}

/// On which sheet.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct PaperQuery {
    /// What is usual where the clinic is, unless said otherwise.
    #[param(inline)]
    pub paper: Option<Paper>,
}

impl From<Paper> for pdf::Paper {
    fn from(paper: Paper) -> Self {
        match paper {
            Paper::A5 => Self::A5,
            Paper::A4 => Self::A4,
            Paper::Letter => Self::Letter,
        }
    }
}

impl Paper {
    /// Letter where the clinic's money is that of a country that uses it (CLDR, paperSize), else `metric`.
    pub fn usual_in(clinic: &Clinic, metric: Self) -> Self {
        match clinic.currency.code() {
            "USD" | "CAD" | "MXN" | "CLP" | "COP" | "CRC" | "DOP" | "GTQ" | "NIO" | "PAB" | "PHP" | "VES" => Self::Letter,
            _ => metric,
        }
    }
}

/// Who a document of this clinic is from.
pub fn letterhead(clinic: &Clinic) -> pdf::Letterhead {
    let place: Vec<_> = [&clinic.city, &clinic.state, &clinic.country].into_iter().flatten().cloned().collect();
    let place = (!place.is_empty()).then(|| place.join(", "));
    let lines = [clinic.address.clone(), place, clinic.phone.clone(), clinic.email.clone()];
    pdf::Letterhead { clinic: clinic.name.clone(), lines: lines.into_iter().flatten().collect() }
}

/// Whom a document is about.
pub fn patient(chart: &Patient) -> pdf::Patient {
    pdf::Patient {
        name: format!("{} {}", chart.first_name, chart.last_name),
        number: Some(chart.mrn.clone()),
        born: Some(day(chart.dob)),
        address: chart.address.clone(),
    }
}

/// A day as documents know it.
pub fn day(Day(day): Day) -> pdf::Date {
    let part = |number: i8| u8::try_from(number).unwrap_or(1);
    pdf::Date { year: civil::Date::year(day), month: part(day.month()), day: part(day.day()) }
}

/// The answer that shows a PDF in the browser and saves it under this name.
pub fn answer(name: &str, bytes: Vec<u8>) -> Response {
    let headers = [("content-type", "application/pdf".to_owned()), ("content-disposition", format!("inline; filename=\"{name}.pdf\""))];
    (headers, bytes).into_response()
}
