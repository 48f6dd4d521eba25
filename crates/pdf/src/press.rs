//! The typesetter, with a world of its own: the templates and fonts of this crate, the data of one document, nothing else.

use std::sync::LazyLock;

use serde::Serialize;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::Date;

/// Why a document could not be made. Holds what the typesetter said, never what the document says.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The data does not become JSON.
    #[error("the data can't be written: {0}")]
    Data(#[from] serde_json::Error),
    /// The address is too long for a QR code.
    #[error("no QR code: {0}")]
    Code(String),
    /// A fault of a template.
    #[error("the template is wrong: {0}")]
    Template(String),
    /// The typesetter can't write the file.
    #[error("the file can't be written: {0}")]
    Export(String),
}

/// The templates, read once.
const TEMPLATES: [(&str, &str); 3] = [
    ("common.typ", include_str!("../templates/common.typ")),
    ("invoice.typ", include_str!("../templates/invoice.typ")),
    ("prescription.typ", include_str!("../templates/prescription.typ")),
];

/// What a template reads its data from.
const DATA: &str = "data.json";
/// The QR code, where there is one.
const CODE: &str = "code.svg";

/// Documents after which what was worked out for one and not used since is forgotten. It must outlive one run, so that the templates
/// are evaluated once; more would keep the data of people around for nothing.
const FORGET_AFTER: usize = 1;

/// What every document needs and none changes.
struct Shop {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    sources: Vec<Source>,
}

static SHOP: LazyLock<Shop> = LazyLock::new(|| {
    let faces = [dejavu::sans_condensed::regular(), dejavu::sans_condensed::bold(), dejavu::sans_condensed::oblique()];
    let fonts: Vec<Font> = faces.into_iter().flat_map(|face| Font::iter(Bytes::new(face))).collect();
    let sources = TEMPLATES.iter().filter_map(|(name, text)| Some(Source::new(file(name)?, (*text).to_owned())));
    Shop {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        sources: sources.collect(),
        fonts,
    }
});

fn file(name: &str) -> Option<FileId> {
    let path = VirtualPath::new(name).ok()?;
    Some(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// One document to be made.
pub(crate) struct Job {
    template: FileId,
    files: Vec<(FileId, Bytes)>,
    issued: Date,
}

impl Job {
    /// A document of this template and data.
    pub(crate) fn new(template: &'static str, data: &impl Serialize, issued: Date) -> Result<Self, Error> {
        let missing = || Error::Template(format!("{template} has no name"));
        let data = Bytes::new(serde_json::to_vec(data)?);
        Ok(Self { template: file(template).ok_or_else(missing)?, files: file(DATA).map(|id| (id, data)).into_iter().collect(), issued })
    }

    /// With this QR code.
    pub(crate) fn with_code(mut self, svg: Option<String>) -> Self {
        self.files.extend(svg.and_then(|svg| Some((file(CODE)?, Bytes::from_string(svg)))));
        self
    }

    /// The PDF: as PDF/A-2a, or without the promise where a letter is in none of the fonts, which an archive may not hold.
    pub(crate) fn print(&self) -> Result<Vec<u8>, Error> {
        let set = typst::compile::<PagedDocument>(self).output.map_err(|errors| Error::Template(said(&errors)));
        let printed = set.and_then(|document| {
            let archival = PdfStandards::new(&[PdfStandard::A_2a]).map_err(|error| Error::Export(error.message().to_string()))?;
            self.export(&document, archival).or_else(|_| self.export(&document, PdfStandards::default()))
        });
        typst::comemo::evict(FORGET_AFTER);
        printed
    }

    fn export(&self, document: &PagedDocument, standards: PdfStandards) -> Result<Vec<u8>, Error> {
        let Date { year, month, day } = self.issued;
        let midnight = Datetime::from_ymd_hms(year.into(), month, day, 0, 0, 0);
        let options = PdfOptions {
            creator: Smart::Custom(Some("ClinicHub".to_owned())),
            timestamp: midnight.map(Timestamp::new_utc),
            standards,
            ..PdfOptions::default()
        };
        typst_pdf::pdf(document, &options).map_err(|errors| Error::Export(said(&errors)))
    }
}

/// The messages without the hints: these may quote the document.
fn said(errors: &[SourceDiagnostic]) -> String {
    errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; ")
}

impl World for Job {
    fn library(&self) -> &LazyHash<Library> {
        &SHOP.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &SHOP.book
    }

    fn main(&self) -> FileId {
        self.template
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        SHOP.sources.iter().find(|source| source.id() == id).cloned().ok_or_else(not_here)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.iter().find(|(known, _)| *known == id).map(|(_, bytes)| bytes.clone()).ok_or_else(not_here)
    }

    fn font(&self, index: usize) -> Option<Font> {
        SHOP.fonts.get(index).cloned()
    }

    /// The day on a document is in its data.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn not_here() -> FileError {
    FileError::AccessDenied
}
