//! From a URL to a pool: TLS, timeouts, and the options of a session.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{DbError, SecretUrl};

/// How long to wait for a connection, new or from the pool.
const PATIENCE: Duration = Duration::from_secs(3);
/// A statement may take 15 seconds, and a transaction may be idle as long, so that no lock outlives a request for long. Reading a page out of
/// order costs little more than in order, as on any disk without a moving head; the server's default would rather read a whole table than
/// look a thousand charts up. No statement is long enough to be worth compiling. A prepared statement is planned once, not for each set of
/// values: planning was a third of what the server did for a chart, and SQLite plans as blindly. What the URL says in `options` comes after and
/// counts.
const SESSION: &str = "-c statement_timeout=15000 -c idle_in_transaction_session_timeout=15000 -c random_page_cost=1.1 -c jit=off \
                       -c plan_cache_mode=force_generic_plan";

/// How to reach the server.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
}

pub(super) fn way(url: &SecretUrl) -> Result<Way, DbError> {
    let (url, extras) = split(url.expose());
    let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| DbError::other(super::errors::chain(&error)))?;
    let options = config.get_options().map_or_else(|| SESSION.to_owned(), |own| format!("{SESSION} {own}"));
    config.options(options).connect_timeout(PATIENCE).tcp_user_timeout(Duration::from_secs(15)).keepalives_idle(Duration::from_secs(30));
    if config.get_application_name().is_none() {
        config.application_name("clinichub");
    }
    let verified = extras.verify || config.get_ssl_mode() == SslMode::Require;
    if verified {
        config.ssl_mode(SslMode::Require);
    }
    let tls = MakeRustlsConnect::new(tls(verified, extras.roots.as_deref())?);
    Ok(Way { config, tls })
}

pub(super) fn pool(way: &Way, size: usize) -> Result<Pool, DbError> {
    let Way { config, tls } = way.clone();
    let manager = Manager::from_config(config, tls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    let pool = Pool::builder(manager).max_size(size.max(1)).wait_timeout(Some(PATIENCE)).create_timeout(Some(PATIENCE));
    pool.recycle_timeout(Some(PATIENCE)).runtime(Runtime::Tokio1).build().map_err(DbError::other)
}

/// What libpq knows in a URL and the client does not.
#[derive(Debug, Default, PartialEq, Eq)]
struct Extras {
    roots: Option<String>,
    verify: bool,
}

/// Takes `sslrootcert` and the modes `verify-ca` and `verify-full` out of the URL. Both verify the name too.
fn split(url: &str) -> (String, Extras) {
    let Some((base, query)) = url.split_once('?') else { return (url.to_owned(), Extras::default()) };
    let mut extras = Extras::default();
    let mut kept = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslrootcert", path)) => extras.roots = Some(decode(path)),
            Some(("sslmode", "verify-ca" | "verify-full")) => extras.verify = true,
            _ => kept.push(pair),
        }
    }
    let mark = if kept.is_empty() { "" } else { "?" };
    (format!("{base}{mark}{}", kept.join("&")), extras)
}

/// Percent-decoding.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match hex {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `sslmode=require` verifies the server against the roots. `prefer` (the default) encrypts where the server can, as libpq does without
/// looking at its certificate: whoever can replace it could also have said that there is no TLS.
fn tls(verified: bool, roots: Option<&str>) -> Result<ClientConfig, DbError> {
    let provider = Arc::new(ring::default_provider());
    let algorithms = provider.signature_verification_algorithms;
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(DbError::other)?;
    if verified {
        return Ok(builder.with_root_certificates(read_roots(roots)?).with_no_client_auth());
    }
    let verifier = Arc::new(AnyServer(algorithms));
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

fn read_roots(path: Option<&str>) -> Result<RootCertStore, DbError> {
    let Some(path) = path else {
        return Ok(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() });
    };
    let wrong = |error: &dyn std::fmt::Display| DbError::other(format!("sslrootcert {path}: {error}"));
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| wrong(&error))? {
        store.add(certificate.map_err(|error| wrong(&error))?).map_err(|error| wrong(&error))?;
    }
    if store.is_empty() {
        return Err(wrong(&"it holds no certificate"));
    }
    Ok(store)
}

/// Accepts any certificate, for `sslmode=prefer`.
#[derive(Debug)]
struct AnyServer(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_of_libpq_are_understood() {
        let (url, extras) = split("postgres://u@h/d?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem&connect_timeout=5");
        assert_eq!(url, "postgres://u@h/d?connect_timeout=5");
        assert_eq!(extras, Extras { roots: Some("/etc/ca.pem".to_owned()), verify: true });
        assert_eq!(split("postgres://u@h/d?sslmode=disable").0, "postgres://u@h/d?sslmode=disable");
        assert_eq!(split("postgres://u@h/d").1, Extras::default());
    }

    #[test]
    fn several_hosts_are_accepted() {
        let url = SecretUrl::from("postgres://u:p@a:5432,b:5433/d?target_session_attrs=read-write&sslmode=disable");
        assert!(way(&url).and_then(|way| pool(&way, 2)).is_ok());
        assert!(!format!("{url:?}").contains("u:p"));
        assert!(way(&SecretUrl::from("postgres://u@h/d?nonsense=1")).is_err());
        assert!(way(&SecretUrl::from("postgres://u@h/d?sslmode=verify-full&sslrootcert=/nowhere")).is_err());
    }
}
