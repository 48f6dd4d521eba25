//! Small pictures of large ones. A picture is somebody else's file: it is decoded within limits, on a thread where it may take its time, by a
//! job and never by a request.

use std::io::Cursor;

use clinichub_core::{AppError, Grant, Result};
use clinichub_files::{Kind, Stored};
use image::error::{LimitError, LimitErrorKind};
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits};

use super::intake::{Arriving, Pending};
use super::{StoredFile, context_of, explained};
use crate::App;

/// The longer side of a small picture, in pixels.
const SIDE: u32 = 320;
/// Larger files get none.
const MOST_BYTES: u64 = 32 << 20;
/// The longest side of a picture that is decoded, in pixels, and what that may take of memory.
const MOST_SIDE: u32 = 20_000;
const MOST_MEMORY: u64 = 256 << 20;

/// A small picture in the store, behind a row that waits for it.
#[derive(Debug)]
pub struct Small {
    pending: Pending,
    stored: Stored,
}

impl Small {
    /// Its row, and what that is told of the object.
    pub fn row(&self) -> (clinichub_core::FileId, Stored) {
        (self.pending.file_id, self.stored.clone())
    }

    /// The transaction that keeps it has been committed.
    pub fn kept(mut self) {
        self.pending.is_settled = true;
    }
}

/// The small picture of a stored one as a JPEG; `None` where the file is none, is too large, or can't be decoded.
pub async fn small_of(app: &App, grant: &Grant, file: &StoredFile) -> Result<Option<Vec<u8>>> {
    let is_picture = Kind::of_mime(&file.mime).is_some_and(Kind::is_picture) && file.size <= MOST_BYTES;
    let Some(clinic) = grant.clinic_id().filter(|_| is_picture) else { return Ok(None) };
    let reading = app.files.open(&file.object, &context_of(clinic), &file.key, file.size).map_err(explained)?;
    let contents = reading.read_all().await.map_err(explained)?;
    let made = tokio::task::spawn_blocking(move || shrunk(&contents)).await.map_err(AppError::internal)?;
    Ok(made.inspect_err(|error| tracing::info!(%error, file_id = %file.file_id, "a picture can't be made small")).ok())
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
    let mut small = Vec::new();
    // JPEG knows no transparency: what is clear becomes black there, and scans are what comes in.
    picture.thumbnail(SIDE, SIDE).to_rgb8().write_to(&mut Cursor::new(&mut small), image::ImageFormat::Jpeg)?;
    Ok(small)
}

/// Puts a small picture into the store.
pub async fn store_small(app: &App, grant: &Grant, small: &[u8]) -> Result<Small> {
    let mut arriving = Arriving::begin(app, grant, "thumbnail.jpg", Kind::Jpeg.mime()).await?;
    arriving.push(small).await?;
    let (pending, stored) = arriving.finish().await?;
    Ok(Small { pending, stored })
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
