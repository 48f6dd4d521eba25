//! The typesetter, with a world of its own: the templates and fonts of this crate, the data of one document and the faces that were found
//! for it, nothing else.

use std::sync::LazyLock;

use serde::Serialize;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook, FontInfo};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::Date;
use crate::fonts::{Borrowed, EMBEDDED, Fonts};

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
/// The names of the families beside the embedded one, in the order in which they are tried.
const FAMILIES: &str = "families.json";

/// Documents after which what was worked out for one and not used since is forgotten. It must outlive one run, so that the templates
/// are evaluated once; more would keep the data of people around for nothing.
const FORGET_AFTER: usize = 1;

/// What every document needs and none changes.
struct Shop {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    sources: Vec<Source>,
}

static SHOP: LazyLock<Shop> = LazyLock::new(|| {
    let sources = TEMPLATES.iter().filter_map(|(name, text)| Some(Source::new(file(name)?, (*text).to_owned())));
    Shop {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(EMBEDDED.iter())),
        sources: sources.collect(),
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
    faces: Option<Faces>,
}

/// Faces beside the embedded ones, and the book of all.
struct Faces {
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

impl From<Vec<(String, Font)>> for Faces {
    fn from(fonts: Vec<(String, Font)>) -> Self {
        let mut book = FontBook::clone(&SHOP.book);
        for (family, font) in &fonts {
            book.push(FontInfo { family: family.clone(), ..font.info().clone() });
        }
        Self { book: LazyHash::new(book), fonts: fonts.into_iter().map(|(_, font)| font).collect() }
    }
}

impl Job {
    /// A document of this template and data; `fonts` are asked for what the embedded faces lack.
    pub(crate) fn new(template: &'static str, data: &impl Serialize, issued: Date, fonts: &Fonts) -> Result<Self, Error> {
        let missing = || Error::Template(format!("{template} has no name"));
        let data = serde_json::to_string(data)?;
        // Every text of the document is in its data, letter by letter: JSON needs no escape for what is not ASCII.
        let borrowed = fonts.borrow_for(&data);
        let files = file(DATA).map(|id| (id, Bytes::from_string(data))).into_iter().collect();
        Self { template: file(template).ok_or_else(missing)?, files, issued, faces: None }.with_faces(borrowed)
    }

    /// With this QR code.
    pub(crate) fn with_code(mut self, svg: Option<String>) -> Self {
        self.files.extend(svg.and_then(|svg| Some((file(CODE)?, Bytes::from_string(svg)))));
        self
    }

    /// With these faces beside the embedded ones, in place of those before.
    fn with_faces(mut self, borrowed: Option<Borrowed>) -> Result<Self, Error> {
        let (families, fonts) = borrowed.map(|borrowed| (borrowed.families, borrowed.fonts)).unzip();
        let families = serde_json::to_string(&families.unwrap_or_default())?;
        if let Some(id) = file(FAMILIES) {
            self.files.retain(|(known, _)| *known != id);
            self.files.push((id, Bytes::from_string(families)));
        }
        self.faces = fonts.map(Faces::from);
        Ok(self)
    }

    /// The PDF: as PDF/A-2a, or without the promise where a letter is in none of the fonts, which an archive may not hold. A font of the
    /// machine that can't be used is no reason for no document.
    pub(crate) fn print(self) -> Result<Vec<u8>, Error> {
        match self.set() {
            Err(error) if self.faces.is_some() => {
                tracing::warn!(%error, "a document is made without the fonts of the machine");
                self.with_faces(None)?.set()
            }
            printed => printed,
        }
    }

    fn set(&self) -> Result<Vec<u8>, Error> {
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
        self.faces.as_ref().map_or(&SHOP.book, |faces| &faces.book)
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
        let borrowed = || self.faces.as_ref()?.fonts.get(index.checked_sub(EMBEDDED.len())?);
        EMBEDDED.get(index).or_else(borrowed).cloned()
    }

    /// The day on a document is in its data.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn not_here() -> FileError {
    FileError::AccessDenied
}
