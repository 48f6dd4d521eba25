//! Forms with a file (`multipart/form-data`, RFC 7578), read part by part while they arrive; the file never stands in memory as a whole.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::BodyDataStream;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use clinichub_core::AppError;
use futures_util::{Stream, StreamExt};
use http::header;

use crate::upload::{MostBytes, broken};
use crate::{ApiError, MOST_BODY_BYTES};

/// How long the next piece of a form may take to arrive.
const PATIENCE: Duration = Duration::from_mins(1);
/// The most that a field which is no file may hold.
const MOST_TEXT: usize = 256 * 1024;
/// The most that may stand between two parts: the head of the next one.
const MOST_HEAD: usize = 64 * 1024;

/// A form with a file, on its way in. The route is mounted with [`ApiRoutes::at_file`](crate::ApiRoutes::at_file).
pub struct Form {
    parts: multer::Multipart<'static>,
    may_read: Arc<AtomicUsize>,
    most: usize,
}

/// A part of a form.
#[derive(Debug)]
pub enum Part {
    /// A field and what it says.
    Text(String, String),
    /// A file. It must be read to its end before the next part.
    File(FilePart),
}

/// A file in a form.
pub struct FilePart {
    /// The field.
    pub field: String,
    /// What the sender calls the file; anything may stand in it.
    pub file_name: String,
    /// What the sender says that it is.
    pub mime: Option<String>,
    contents: Box<multer::Field<'static>>,
    most: usize,
}

impl std::fmt::Debug for FilePart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FilePart({})", self.field)
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let boundary = multer::parse_boundary(content_type);
        let wrong = |_| AppError::UnsupportedMediaType("The body must be multipart/form-data".to_owned());
        let boundary = boundary.map_err(wrong)?;
        let most = request.extensions().get::<MostBytes>().map_or(MOST_BODY_BYTES, |most| most.0);
        let may_read = Arc::new(AtomicUsize::new(0));
        let pieces = Pieces { body: request.into_body().into_data_stream(), may_read: may_read.clone(), pause: false };
        Ok(Self { parts: multer::Multipart::new(pieces, boundary), may_read, most })
    }
}

impl Form {
    /// The next part; none at the end of the form.
    pub async fn next(&mut self) -> Result<Option<Part>, AppError> {
        self.may_read.store(MOST_HEAD, Ordering::Relaxed);
        let field = in_time(self.parts.next_field()).await?.map_err(|error| explained(&error, self.most))?;
        self.may_read.store(usize::MAX, Ordering::Relaxed);
        let Some(field) = field else { return Ok(None) };
        let name = field.name().unwrap_or_default().to_owned();
        match field.file_name().map(ToOwned::to_owned) {
            Some(file_name) => {
                let mime = field.content_type().map(ToString::to_string);
                Ok(Some(Part::File(FilePart { field: name, file_name, mime, contents: Box::new(field), most: self.most })))
            }
            None => self.text(name, field).await.map(Some),
        }
    }

    async fn text(&self, name: String, mut field: multer::Field<'static>) -> Result<Part, AppError> {
        let mut bytes = Vec::new();
        while let Some(piece) = in_time(field.chunk()).await?.map_err(|error| explained(&error, self.most))? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > MOST_TEXT {
                return Err(AppError::field(name.clone(), format!("{name}: at most {MOST_TEXT} bytes")));
            }
        }
        let text = String::from_utf8(bytes).map_err(|_| AppError::field(name.clone(), format!("{name}: expected text in UTF-8")))?;
        if text.contains(crate::strict::is_forbidden) {
            return Err(AppError::field(name.clone(), format!("{name}: control characters are not allowed")));
        }
        Ok(Part::Text(name, text))
    }
}

impl FilePart {
    /// The next piece of the file; none at its end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, AppError> {
        in_time(self.contents.chunk()).await?.map_err(|error| explained(&error, self.most))
    }
}

/// The fields of a form beside its file, each of which may be given once.
#[derive(Debug, Default)]
pub struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Notes a field, if it is one of `known` and was not there before.
    pub fn add(&mut self, known: &[&str], name: String, text: String) -> Result<(), AppError> {
        if !known.contains(&name.as_str()) {
            return Err(AppError::field(name.clone(), format!("Unknown field: {name}")));
        }
        match self.0.insert(name.clone(), text) {
            None => Ok(()),
            Some(_) => Err(AppError::field(name.clone(), format!("{name}: given twice"))),
        }
    }

    /// The fields as they came, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// What a field says; what is blank says nothing.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }
}

async fn in_time<T>(work: impl Future<Output = T>) -> Result<T, AppError> {
    tokio::time::timeout(PATIENCE, work).await.map_err(|_| AppError::field("body", "The body did not arrive in time"))
}

fn explained(error: &multer::Error, most: usize) -> AppError {
    match error {
        multer::Error::StreamReadFailed(source) if source.is::<HeadTooLong>() => {
            AppError::field("body", "The head of a part of the form is too long")
        }
        multer::Error::StreamReadFailed(source) => broken(source.as_ref(), most),
        multer::Error::IncompleteFieldData { .. } | multer::Error::IncompleteHeaders | multer::Error::IncompleteStream => {
            AppError::field("body", "The body could not be read to its end")
        }
        _ => AppError::field("body", "The body is no form: expected multipart/form-data"),
    }
}

/// More stood before a part than the head of one.
#[derive(Debug, thiserror::Error)]
#[error("the head of a part is too long")]
struct HeadTooLong;

/// The body, a piece at a time. The parser takes whatever is there before it hands anything out, so each piece is followed by a pause: what
/// has arrived waits in the connection, and the sender with it, not in memory.
struct Pieces {
    body: BodyDataStream,
    may_read: Arc<AtomicUsize>,
    pause: bool,
}

impl Stream for Pieces {
    type Item = Result<Bytes, Box<dyn std::error::Error + Send + Sync>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.pause) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.may_read.load(Ordering::Relaxed) == 0 {
            return Poll::Ready(Some(Err(HeadTooLong.into())));
        }
        let polled = self.body.poll_next_unpin(context);
        if let Poll::Ready(Some(Ok(piece))) = &polled {
            self.pause = true;
            let left = |may: usize| (may != usize::MAX).then(|| may.saturating_sub(piece.len().min(MOST_HEAD / 2)));
            let _known_by_then = self.may_read.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
        }
        polled.map(|piece| piece.map(|piece| piece.map_err(Into::into)))
    }
}
