//! Files that come as the body of a request. They are read while they arrive, by code that may block, and never stand in memory as a whole.

use std::io::{self, Read};

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::{Buf, Bytes};
use clinichub_core::{AppError, Grant};
use futures_util::StreamExt;
use http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::{ApiError, MOST_BODY_BYTES, finish_key};

/// Pieces of a file that may have arrived and not been read yet.
const AHEAD: usize = 16;

/// How long the body of a request may be, for the error that says so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MostBytes(pub(crate) usize);

/// A CSV file (RFC 4180) in UTF-8, on its way in. The route is mounted with [`ApiRoutes::at_upload`](crate::ApiRoutes::at_upload).
#[derive(Debug)]
pub struct CsvFile {
    body: Body,
    most: usize,
}

impl<S: Send + Sync> FromRequest<S> for CsvFile {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        if !is_csv(request.headers()) {
            return Err(AppError::UnsupportedMediaType("The body must be text/csv in UTF-8".to_owned()).into());
        }
        let most = request.extensions().get::<MostBytes>().map_or(MOST_BODY_BYTES, |most| most.0);
        Ok(Self { body: request.into_body(), most })
    }
}

impl CsvFile {
    /// Has `work` read the file, on a thread where it may block. What it made of a file that did not arrive to its end is thrown away.
    ///
    /// Gives what it made of it, and the grant of the same request for whatever is done with that: an `Idempotency-Key` is finished there.
    pub async fn read<T: Send + 'static>(
        self,
        grant: &Grant,
        work: impl FnOnce(Arriving) -> T + Send + 'static,
    ) -> Result<(T, Grant), AppError> {
        let (sender, receiver) = mpsc::channel(AHEAD);
        let reading = tokio::task::spawn_blocking(move || work(Arriving { receiver, rest: Bytes::new() }));
        let mut hash = grant.origin().unfinished_key.as_ref().map(|_| Sha256::new());
        let arrived = forward(self.body, self.most, sender, hash.as_mut()).await;
        let read = reading.await.map_err(AppError::internal)?;
        arrived?;
        Ok((read, finish_key(grant, &[&hash.unwrap_or_default().finalize()])))
    }
}

/// What is hashed is read to its end: files that begin alike are not the same.
async fn forward(body: Body, most: usize, sender: mpsc::Sender<Bytes>, mut hash: Option<&mut Sha256>) -> Result<(), AppError> {
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| broken(&error, most))?;
        if let Some(hash) = &mut hash {
            hash.update(&piece);
        }
        // Whoever reads may have seen enough.
        if sender.send(piece).await.is_err() && hash.is_none() {
            break;
        }
    }
    Ok(())
}

pub(crate) fn broken(error: &(dyn std::error::Error + 'static), most: usize) -> AppError {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    if causes.any(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>) {
        AppError::TooLarge(most)
    } else {
        AppError::field("body", "The body could not be read to its end")
    }
}

fn is_csv(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    let mut parts = content_type.split(';').map(str::trim);
    let is_csv = parts.next() == Some("text/csv");
    is_csv && parts.find_map(|part| part.strip_prefix("charset=")).is_none_or(|charset| charset.trim_matches('"') == "utf-8")
}

/// What has arrived of a file; reading it waits for more.
#[derive(Debug)]
pub struct Arriving {
    receiver: mpsc::Receiver<Bytes>,
    rest: Bytes,
}

impl Read for Arriving {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match self.receiver.blocking_recv() {
                Some(piece) => self.rest = piece,
                None => return Ok(0),
            }
        }
        let length = into.len().min(self.rest.len());
        self.rest.copy_to_slice(&mut into[..length]);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use clinichub_core::{Mint, Origin, UnfinishedKey, UtcTime};
    use futures_util::stream;

    use super::*;

    #[expect(clippy::disallowed_methods, reason = "a test makes its own grants")]
    fn grant(key: Option<&str>) -> Grant {
        let unfinished_key = key.map(|key| UnfinishedKey { key: key.to_owned(), head: "head".to_owned() });
        Mint::public(Origin { unfinished_key, ..Origin::default() }, UtcTime::from_micros(0))
    }

    fn file(pieces: Vec<io::Result<&'static str>>) -> CsvFile {
        let body = Body::from_stream(stream::iter(pieces.into_iter().map(|piece| piece.map(|text| Bytes::from_static(text.as_bytes())))));
        CsvFile { body, most: 1024 }
    }

    async fn text(file: CsvFile) -> Result<String, AppError> {
        let grant = grant(None);
        let read = file.read(&grant, |mut arriving| {
            let mut text = String::new();
            arriving.read_to_string(&mut text).map(|_| text).map_err(AppError::internal)
        });
        read.await?.0
    }

    #[tokio::test]
    async fn pieces_are_read_as_one_file() {
        assert_eq!(text(file(vec![Ok("a,"), Ok(""), Ok("b\n1,"), Ok("2")])).await.ok().as_deref(), Some("a,b\n1,2"));
        assert_eq!(text(file(Vec::new())).await.ok().as_deref(), Some(""));
    }

    #[tokio::test]
    async fn a_file_that_breaks_off_is_no_file() {
        let error = text(file(vec![Ok("a,b"), Err(io::ErrorKind::ConnectionReset.into())])).await.expect_err("it broke off");
        assert_eq!(error.status(), 400);
    }

    #[tokio::test]
    async fn whoever_has_seen_enough_need_not_read_on() {
        let many = stream::iter((0..100).map(|_| Ok::<_, io::Error>(Bytes::from_static(b"a,b\n"))));
        let never = CsvFile { body: Body::from_stream(many.chain(stream::pending())), most: 1024 };
        assert_eq!(never.read(&grant(None), |_| "enough").await.ok().map(|(read, _)| read), Some("enough"));
    }

    async fn key_of(pieces: Vec<io::Result<&'static str>>) -> Result<String, AppError> {
        let (_, grant) = file(pieces).read(&grant(Some("k")), |_| "enough").await?;
        Ok(grant.origin().idempotency.clone().expect("it is finished").1)
    }

    #[tokio::test]
    async fn a_key_is_for_the_file_to_its_end() {
        let many = |last: &'static str| (0..100).map(|_| Ok("a,b\n")).chain([Ok(last)]).collect::<Vec<_>>();
        let first = key_of(many("c")).await.expect("it arrived");
        assert_eq!(key_of(many("c")).await.ok().as_ref(), Some(&first));
        assert_ne!(key_of(many("d")).await.ok().as_ref(), Some(&first), "also of what nobody reads");
        assert_eq!(key_of(vec![Ok("ab"), Ok("c")]).await.ok(), key_of(vec![Ok("a"), Ok("bc")]).await.ok(), "however it comes");
        let cut = many("c").into_iter().chain([Err(io::ErrorKind::ConnectionReset.into())]).collect();
        assert_eq!(key_of(cut).await.map_err(|error| error.status()), Err(400));
    }

    #[test]
    fn a_csv_is_told_by_its_type() {
        let is = |text: &'static str| is_csv(&[(header::CONTENT_TYPE, http::HeaderValue::from_static(text))].into_iter().collect());
        assert!(is("text/csv") && is("text/csv; charset=UTF-8") && is("Text/CSV;header=present"));
        assert!(!is("application/json") && !is("text/csv; charset=windows-1252") && !is_csv(&HeaderMap::new()));
    }
}
