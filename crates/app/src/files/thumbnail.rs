//! Small pictures of pictures and of the first pages of PDFs. What is looked into is somebody else's file: a job has it done by a process of its
//! own, which may take so much memory and time and no more, and whose end ends nothing else.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use clinichub_core::{AppError, Grant, Result};
use clinichub_files::{Kind, Stored};
use image::error::{LimitError, LimitErrorKind};
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits, RgbImage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use super::intake::{Arriving, Pending};
use super::{StoredFile, context_of, explained};
use crate::App;

/// The longer side of a small picture, in pixels.
const SIDE: u16 = 320;
/// Larger files get none.
pub const MOST_BYTES: u64 = 32 << 20;
/// The longest side of a picture that is decoded, in pixels, and what that may take of memory.
const MOST_SIDE: u32 = 20_000;
const MOST_MEMORY: u64 = 256 << 20;

/// What a small picture takes at most, in bytes.
const MOST_SMALL: u64 = 1 << 20;
/// How long making one may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// What the allocator of that process sets aside at a time, in KiB.
const ARENA_KIB: &str = "65536";

/// Who makes small pictures.
#[derive(Debug, Clone, Default)]
pub enum Maker {
    /// This process: for tests.
    #[default]
    Here,
    /// This program, called with `small-picture` and the media type: the file on its standard input, the picture on its standard output.
    Program(PathBuf),
}

/// What this program has made, in the store, behind a row that waits for it.
#[derive(Debug)]
pub struct Made {
    pending: Pending,
    stored: Stored,
}

impl Made {
    /// Its row, and what that is told of the object.
    pub fn row(&self) -> (clinichub_core::FileId, Stored) {
        (self.pending.file_id, self.stored.clone())
    }

    /// The transaction that keeps it has been committed.
    pub fn kept(mut self) {
        self.pending.is_settled = true;
    }
}

/// Whether there are small pictures of such files.
pub fn has_small(kind: Kind) -> bool {
    kind.is_picture() || kind == Kind::Pdf
}

/// The small picture of a stored file as a JPEG; `None` where it is no picture or PDF, is too large, or can't be read.
pub async fn small_of(app: &App, grant: &Grant, file: &StoredFile) -> Result<Option<Vec<u8>>> {
    let kind = Kind::of_mime(&file.mime).filter(|kind| has_small(*kind) && file.size <= MOST_BYTES);
    let Some((clinic, kind)) = grant.clinic_id().zip(kind) else { return Ok(None) };
    let reading = app.files.open(&file.object, &context_of(clinic), &file.key, file.size).map_err(explained)?;
    let contents = reading.read_all().await.map_err(explained)?;
    let made = match &app.settings.files.small_pictures {
        Maker::Here => tokio::task::spawn_blocking(move || small_picture(kind, contents)).await.map_err(AppError::internal)?,
        Maker::Program(program) => made_by(program, kind, &contents).await.map_err(AppError::internal)?,
    };
    if made.is_none() {
        tracing::info!(file_id = %file.file_id, "there can't be a small picture of this file");
    }
    Ok(made)
}

/// Makes a small picture, as a JPEG; `None` where the file can't be read.
pub fn small_picture(kind: Kind, contents: Vec<u8>) -> Option<Vec<u8>> {
    let small = if kind == Kind::Pdf {
        let page = clinichub_pdf::first_page(contents, SIDE)?;
        jpeg(&RgbImage::from_raw(page.width, page.height, page.rgb)?)
    } else {
        shrunk(&contents)
    };
    small.ok()
}

/// Has another process make it. An error: that could not be started.
async fn made_by(program: &Path, kind: Kind, contents: &[u8]) -> std::io::Result<Option<Vec<u8>>> {
    let mut command = Command::new(program);
    // The allocator would set a gigabyte aside, which is all that the process may have; now and then nothing was left for the picture.
    command.args(["small-picture", kind.mime()]).env_clear().env("MIMALLOC_ARENA_RESERVE", ARENA_KIB).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = command.spawn()?;
    let (stdin, stdout) = (process.stdin.take(), process.stdout.take());
    let give = async {
        if let Some(mut stdin) = stdin {
            // It may have seen enough: what it says then is in its answer.
            let _ = stdin.write_all(contents).await;
        }
    };
    let take = async {
        let mut small = Vec::new();
        if let Some(stdout) = stdout {
            stdout.take(MOST_SMALL).read_to_end(&mut small).await?;
        }
        let ended = process.wait().await?;
        Ok(Some(small).filter(|small| ended.success() && !small.is_empty()))
    };
    match tokio::time::timeout(PATIENCE, async { tokio::join!(give, take).1 }).await {
        Ok(made) => made,
        Err(_) => Ok(None),
    }
}

fn shrunk(contents: &[u8]) -> std::result::Result<Vec<u8>, ImageError> {
    let mut reader = ImageReader::new(Cursor::new(contents)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    if decoder.total_bytes() > MOST_MEMORY {
        return Err(ImageError::Limits(LimitError::from_kind(LimitErrorKind::InsufficientMemory)));
    }
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    // JPEG knows no transparency: what is clear becomes black there, and scans are what comes in.
    jpeg(&picture.thumbnail(SIDE.into(), SIDE.into()).to_rgb8())
}

fn jpeg(picture: &RgbImage) -> std::result::Result<Vec<u8>, ImageError> {
    let mut small = Vec::new();
    picture.write_to(&mut Cursor::new(&mut small), image::ImageFormat::Jpeg)?;
    Ok(small)
}

/// Puts a small picture into the store.
pub async fn store_small(app: &App, grant: &Grant, small: &[u8]) -> Result<Made> {
    store_made(app, grant, "thumbnail.jpg", Kind::Jpeg, small).await
}

/// Puts into the store what this program has made itself.
pub async fn store_made(app: &App, grant: &Grant, name: &str, kind: Kind, contents: &[u8]) -> Result<Made> {
    let mut arriving = Arriving::begin(app, grant, name, kind.mime()).await?;
    arriving.push(contents).await?;
    let (pending, stored) = arriving.finish().await?;
    Ok(Made { pending, stored })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_becomes_small_and_keeps_its_shape() {
        let mut large = Vec::new();
        image::RgbImage::new(1600, 800).write_to(&mut Cursor::new(&mut large), image::ImageFormat::Png).expect("a picture");
        let small = image::load_from_memory(&shrunk(&large).expect("made small")).expect("a picture");
        assert_eq!((small.width(), small.height()), (320, 160));
    }

    #[test]
    fn a_pdf_shows_its_first_page() {
        let contents = "0.9 0.1 0.1 rg 0 0 612 396 re f BT /F1 60 Tf 0 g 72 500 Td (Glucose 126) Tj ET";
        let pdf = format!(
            "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
             3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj\n\
             4 0 obj<</Length {}>>stream\n{contents}\nendstream endobj\n5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n\
             trailer<</Root 1 0 R>>\n%%EOF\n",
            contents.len()
        );
        let small = small_picture(Kind::Pdf, pdf.into_bytes()).expect("a page");
        let small = image::load_from_memory(&small).expect("a picture").to_rgb8();
        assert_eq!((small.width(), small.height()), (247, 320));
        let (above, below) = (small.get_pixel(120, 20).0, small.get_pixel(120, 300).0);
        assert!(above.iter().all(|part| *part > 240), "{above:?}");
        assert!(below[0] > 200 && below[1] < 60, "{below:?}");
        assert!(small.rows().take(150).flatten().any(|pixel| pixel.0[0] < 80), "the text, by a font that the file has not");
        for broken in [&b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF\n"[..], b"", b"no PDF"] {
            assert_eq!(small_picture(Kind::Pdf, broken.to_vec()), None);
        }
    }

    #[test]
    fn a_picture_that_claims_to_be_huge_is_not_decoded() {
        // The head of a PNG of 60,000 by 60,000 pixels: eleven gigabytes.
        let mut head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        head.extend(60_000_u32.to_be_bytes());
        head.extend(60_000_u32.to_be_bytes());
        head.extend([8, 2, 0, 0, 0]);
        head.extend([0; 4]);
        assert!(shrunk(&head).is_err());
        assert!(shrunk(b"no picture").is_err());
    }
}
