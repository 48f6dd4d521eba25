//! The server's certificate, read from files, and read again when they change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use clinichub_core::UtcTime;
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use x509_cert::der::Decode;

use crate::failure::{Context, Failure};

/// How often the files are looked at.
const WATCH_EVERY: Duration = Duration::from_mins(1);

/// A certificate and its key on disk.
#[derive(Debug)]
pub struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    current: RwLock<(Arc<CertifiedKey>, Option<SystemTime>)>,
}

impl Certificate {
    /// Reads both files and checks that they belong together.
    pub fn load(chain: &Path, key: &Path) -> Result<Arc<Self>, Failure> {
        let changed = changed_at(chain, key);
        let current = RwLock::new((read_pair(chain, key)?, changed));
        Ok(Arc::new(Self { chain: chain.to_owned(), key: key.to_owned(), current }))
    }

    /// What does the handshakes.
    pub fn acceptor(self: &Arc<Self>) -> TlsAcceptor {
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Self>::clone(self);
        let mut config = ServerConfig::builder().with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }

    /// Takes over renewed files until `stop`. Files that can't be used leave the old certificate in place.
    pub async fn watch(self: Arc<Self>, stop: CancellationToken) {
        while tokio::time::timeout(WATCH_EVERY, stop.cancelled()).await.is_err() {
            let changed = changed_at(&self.chain, &self.key);
            if changed == self.current.read().unwrap_or_else(PoisonError::into_inner).1 {
                continue;
            }
            match read_pair(&self.chain, &self.key) {
                Ok(pair) => {
                    *self.current.write().unwrap_or_else(PoisonError::into_inner) = (pair, changed);
                    tracing::info!("the renewed TLS certificate is in use");
                }
                Err(failure) => tracing::error!(%failure, "the changed TLS certificate can't be used; the old one stays"),
            }
        }
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).0))
    }
}

fn changed_at(chain: &Path, key: &Path) -> Option<SystemTime> {
    let modified = |path: &Path| std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
    modified(chain).max(modified(key))
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let chain = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .could_not(|| format!("read the certificate {}", path.display()))?;
    if chain.is_empty() {
        return Err(Failure::usage(format!("{} holds no certificate in PEM form", path.display())));
    }
    Ok(chain)
}

fn read_pair(chain: &Path, key: &Path) -> Result<Arc<CertifiedKey>, Failure> {
    let certificates = read_chain(chain)?;
    let private = PrivateKeyDer::from_pem_file(key).could_not(|| format!("read the private key {}", key.display()))?;
    let provider = rustls::crypto::ring::default_provider();
    let pair = CertifiedKey::from_der(certificates, private, &provider)
        .map_err(|error| Failure::usage(format!("{} and {} can't be used together: {error}", chain.display(), key.display())))?;
    Ok(Arc::new(pair))
}

/// When the first certificate of the chain ends.
pub fn expires_at(chain: &Path) -> Result<UtcTime, Failure> {
    let certificates = read_chain(chain)?;
    let certificate = x509_cert::Certificate::from_der(&certificates[0]).could_not(|| format!("understand {}", chain.display()))?;
    let seconds = certificate.tbs_certificate.validity.not_after.to_unix_duration().as_secs();
    Ok(UtcTime::from_micros(i64::try_from(seconds).unwrap_or(i64::MAX / 1_000_000).saturating_mul(1_000_000)))
}
