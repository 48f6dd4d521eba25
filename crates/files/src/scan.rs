//! Asks a virus scanner about a file while it arrives: ClamAV's `INSTREAM` (clamd(8)). A scanner that can't be asked is an error, never a
//! yes.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

/// How long the scanner may take to connect, to take a piece, and to say what it found.
const PATIENCE: Duration = Duration::from_mins(1);
/// The longest answer that is read.
const MOST_ANSWER: u64 = 4096;

/// Where a scanner is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scanner {
    /// `tcp://host:port`
    Tcp(String),
    /// `unix:///run/clamav/clamd.ctl`
    Unix(PathBuf),
}

/// What the scanner says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It found nothing.
    Clean,
    /// It found something; what it calls it.
    Found(String),
}

/// The scanner could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The connection failed.
    #[error("the virus scanner can't be asked: {0}")]
    Io(#[from] std::io::Error),
    /// It took too long.
    #[error("the virus scanner does not answer")]
    Late,
    /// The file is larger than it takes (clamd's `StreamMaxLength`).
    #[error("the virus scanner takes no file of this size: raise clamd's StreamMaxLength")]
    TooLarge,
    /// It answered with something else than a verdict.
    #[error("the virus scanner says: {0}")]
    Odd(String),
}

impl FromStr for Scanner {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(address) = text.strip_prefix("tcp://") {
            let port = address.rsplit_once(':').and_then(|(host, port)| port.parse::<u16>().ok().filter(|_| !host.is_empty()));
            return port.map(|_| Self::Tcp(address.to_owned())).ok_or_else(|| "needs a host and a port".to_owned());
        }
        match text.strip_prefix("unix://") {
            Some(path) if path.starts_with('/') => Ok(Self::Unix(path.into())),
            _ => Err("must begin with tcp:// or unix:///".to_owned()),
        }
    }
}

impl fmt::Display for Scanner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "tcp://{address}"),
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
        }
    }
}

trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

impl Scanner {
    /// Begins to show it a file.
    pub async fn begin(&self) -> Result<Scan, ScanError> {
        in_time(async {
            let mut connection: Box<dyn Connection> = match self {
                Self::Tcp(address) => Box::new(TcpStream::connect(address).await?),
                Self::Unix(path) => Box::new(UnixStream::connect(path).await?),
            };
            connection.write_all(b"zINSTREAM\0").await?;
            Ok(Scan { connection })
        })
        .await
    }

    /// Whether it answers.
    pub async fn ping(&self) -> Result<(), ScanError> {
        match self.begin().await?.finish().await? {
            Verdict::Clean => Ok(()),
            Verdict::Found(what) => Err(ScanError::Odd(format!("{what} in an empty file"))),
        }
    }
}

/// A file that is being shown to the scanner.
pub struct Scan {
    connection: Box<dyn Connection>,
}

impl fmt::Debug for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scan")
    }
}

impl Scan {
    /// Shows more of it.
    pub async fn push(&mut self, contents: &[u8]) -> Result<(), ScanError> {
        for piece in contents.chunks(1 << 20).filter(|piece| !piece.is_empty()) {
            let length = u32::try_from(piece.len()).unwrap_or(u32::MAX).to_be_bytes();
            let sent = in_time(async {
                self.connection.write_all(&length).await?;
                Ok(self.connection.write_all(piece).await?)
            });
            if let Err(error) = sent.await {
                // A scanner that has seen enough says so and hangs up.
                return Err(self.last_words().await.unwrap_or(error));
            }
        }
        Ok(())
    }

    /// Says that this was all, and waits for the verdict.
    pub async fn finish(mut self) -> Result<Verdict, ScanError> {
        if let Err(error) = in_time(async { Ok(self.connection.write_all(&[0; 4]).await?) }).await {
            return Err(self.last_words().await.unwrap_or(error));
        }
        verdict(&self.answer().await?)
    }

    async fn last_words(&mut self) -> Option<ScanError> {
        let answer = self.answer().await.ok().filter(|answer| !answer.is_empty())?;
        verdict(&answer).err()
    }

    async fn answer(&mut self) -> Result<String, ScanError> {
        in_time(async {
            let mut answer = Vec::new();
            let read = (&mut self.connection).take(MOST_ANSWER).read_to_end(&mut answer).await;
            // What it said counts, also where it hung up on what it has not read.
            if answer.is_empty() {
                read?;
            }
            Ok(String::from_utf8_lossy(&answer).trim_matches(['\0', '\n', ' ']).to_owned())
        })
        .await
    }
}

fn verdict(answer: &str) -> Result<Verdict, ScanError> {
    let words = answer.strip_prefix("stream: ").unwrap_or(answer);
    match words.strip_suffix(" FOUND") {
        Some(what) => Ok(Verdict::Found(what.to_owned())),
        None if words == "OK" => Ok(Verdict::Clean),
        None if words.contains("size limit exceeded") => Err(ScanError::TooLarge),
        None => Err(ScanError::Odd(words.to_owned())),
    }
}

async fn in_time<T>(work: impl Future<Output = Result<T, ScanError>>) -> Result<T, ScanError> {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or(Err(ScanError::Late))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn an_address_is_written_in_one_of_two_ways() {
        assert_eq!("tcp://127.0.0.1:3310".parse(), Ok(Scanner::Tcp("127.0.0.1:3310".to_owned())));
        assert_eq!("unix:///run/clamd".parse(), Ok(Scanner::Unix("/run/clamd".into())));
        for wrong in ["", "127.0.0.1:3310", "tcp://127.0.0.1", "tcp://:3310", "unix://run/clamd"] {
            assert!(wrong.parse::<Scanner>().is_err(), "{wrong}");
        }
    }

    /// Speaks the protocol: whatever holds the word "virus" is one.
    async fn clamd() -> Scanner {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::task::JoinSet::spawn(Box::leak(Box::default()), async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut command = [0; 10];
                stream.read_exact(&mut command).await.unwrap();
                assert_eq!(&command, b"zINSTREAM\0");
                let mut seen = Vec::new();
                loop {
                    let length = stream.read_u32().await.unwrap();
                    if length == 0 {
                        break;
                    }
                    let mut piece = vec![0; length as usize];
                    stream.read_exact(&mut piece).await.unwrap();
                    seen.extend(piece);
                }
                let found = seen.windows(5).any(|five| five == b"virus");
                let answer: &[u8] = if found { b"stream: Eicar-Test FOUND\0" } else { b"stream: OK\0" };
                stream.write_all(answer).await.unwrap();
            }
        });
        Scanner::Tcp(address)
    }

    #[tokio::test]
    async fn the_scanner_decides() {
        let scanner = clamd().await;
        scanner.ping().await.unwrap();
        let mut scan = scanner.begin().await.unwrap();
        scan.push(b"a vi").await.unwrap();
        scan.push(b"rus in two pieces").await.unwrap();
        assert_eq!(scan.finish().await.unwrap(), Verdict::Found("Eicar-Test".to_owned()));
        let mut scan = scanner.begin().await.unwrap();
        scan.push(&vec![b'a'; 3 << 20]).await.unwrap();
        assert_eq!(scan.finish().await.unwrap(), Verdict::Clean);
    }

    #[tokio::test]
    async fn a_scanner_that_is_away_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scanner = Scanner::Tcp(listener.local_addr().unwrap().to_string());
        drop(listener);
        assert!(scanner.begin().await.is_err());
        assert!(matches!(verdict("INSTREAM size limit exceeded. ERROR"), Err(ScanError::TooLarge)));
        assert!(verdict("").is_err());
    }
}
