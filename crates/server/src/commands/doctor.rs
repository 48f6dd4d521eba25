//! `clinichub doctor`: what is wrong with this installation, and what to do about it. Changes nothing, unless asked to sweep.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clinichub_app::press::Press;
use clinichub_app::{audit, files, sealing};
use clinichub_core::{Entropy, OsEntropy, UtcTime};
use clinichub_db::{Db, platform_sql};
use jiff::SignedDuration;

use crate::boot;
use crate::config::{Config, shown};
use crate::data_dir::DataDir;
use crate::failure::{Failure, chain};
use crate::serve::tls;
use crate::terminal::say;

/// Less room than this on the disk of the data folder is a finding.
const LEAST_SPACE: u64 = 1 << 30;
/// A certificate that ends sooner is a finding.
const CERTIFICATE_DAYS: i64 = 14;
/// How far the clocks of this machine and of the database may be apart.
const DRIFT: SignedDuration = SignedDuration::from_secs(5);

/// What a check came to: what holds, or what is wrong and what to do.
type Finding = Result<String, (String, String)>;

fn wrong(what: impl Into<String>, advice: impl Into<String>) -> Finding {
    Err((what.into(), advice.into()))
}

/// Runs every check.
pub async fn run(config: &Config, sweep: bool) -> Result<(), Failure> {
    let now = boot::clock().now();
    let mut findings = vec![folder(&config.data_dir), space(&config.data_dir), keys(&config.data_dir)];
    findings.extend(secrets(config));
    findings.extend(certificate(config, now));
    findings.extend(mail(config).await);
    findings.extend(scanner(config).await);
    findings.push(fonts(config).await);
    findings.extend(database(config, now, sweep).await);
    let failed = findings.iter().filter(|finding| finding.is_err()).count();
    for finding in &findings {
        match finding {
            Ok(what) => say(format_args!("✓ {what}")),
            Err((what, advice)) => say(format_args!("✗ {what}\n    {advice}")),
        }
    }
    if failed == 0 { Ok(()) } else { Err(Failure::findings(format!("{failed} of {} checks failed", findings.len()))) }
}

fn folder(path: &Path) -> Finding {
    if !path.is_dir() {
        return wrong(format!("there is no data folder {}", shown(path)), "it is made by `clinichub serve`; or give the right --data-dir");
    }
    if rustix::fs::access(path, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_err() {
        return wrong(format!("the data folder {} is not writable", shown(path)), "give it to the user that ClinicHub runs as: chown");
    }
    match DataDir::open_to_others(path) {
        Some(mode) => wrong(format!("others can look into the data folder (mode {mode:04o})"), format!("chmod 700 {}", shown(path))),
        None => Ok(format!("the data folder {} is writable, and private", shown(path))),
    }
}

fn space(path: &Path) -> Finding {
    match rustix::fs::statvfs(path) {
        Err(error) => wrong(format!("the free space can't be read: {error}"), "see the first check"),
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let text = format!("{} MB are free on the disk of the data folder", free >> 20);
            if free < LEAST_SPACE { wrong(text, "make room: a full disk stops every booking") } else { Ok(text) }
        }
    }
}

fn keys(data_dir: &Path) -> Finding {
    let folder = data_dir.join("keys");
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let paths: Vec<PathBuf> = std::iter::once(folder.clone()).filter(|folder| folder.exists()).chain(entries).collect();
    match paths.iter().find(|path| DataDir::open_to_others(path).is_some()) {
        Some(path) => wrong(format!("others can read {}", shown(path)), format!("chmod go-rwx {}", shown(path))),
        None => Ok(format!("{} key file(s), private", paths.len().saturating_sub(1))),
    }
}

/// The files that the configuration takes secrets from.
fn secrets(config: &Config) -> Vec<Finding> {
    let inside = config.data_dir.join(crate::config::CONFIG_FILE);
    let files = std::iter::once(&inside).chain(&config.tls_key).filter(|path| path.exists());
    files
        .filter_map(|path| DataDir::open_to_others(path).map(|mode| (path, mode)))
        .filter(|(_, mode)| mode & 0o007 != 0)
        .map(|(path, mode)| wrong(format!("everybody can read {} (mode {mode:04o})", shown(path)), format!("chmod o-rwx {}", shown(path))))
        .collect()
}

fn certificate(config: &Config, now: UtcTime) -> Option<Finding> {
    let path = config.tls_cert.as_ref()?;
    Some(match tls::expires_at(path) {
        Err(failure) => wrong(failure.message, "give a certificate chain in PEM form as tls_cert"),
        Ok(end) => {
            let days = end.since(now).as_hours() / 24;
            let text = format!("the TLS certificate ends in {days} days");
            if days < CERTIFICATE_DAYS { wrong(text, "renew it; the running server takes it over by itself") } else { Ok(text) }
        }
    })
}

async fn mail(config: &Config) -> Option<Finding> {
    let smtp = config.smtp()?;
    let server = format!("{}:{}", smtp.host, smtp.port);
    let connected = tokio::time::timeout(Duration::from_secs(5), tokio::net::TcpStream::connect((smtp.host.as_str(), smtp.port))).await;
    Some(match connected {
        Ok(Ok(_)) => Ok(format!("the mail server {server} answers")),
        Ok(Err(error)) => wrong(format!("the mail server {server} can't be reached: {error}"), "check smtp_host and smtp_port"),
        Err(_) => wrong(format!("the mail server {server} does not answer"), "check smtp_host, smtp_port and the firewall"),
    })
}

async fn scanner(config: &Config) -> Option<Finding> {
    let scanner = config.scanner().ok().flatten()?;
    Some(match scanner.ping().await {
        Ok(()) => Ok(format!("the virus scanner {scanner} answers")),
        Err(error) => wrong(format!("{error} ({scanner})"), "no file is taken while it is away: start clamd, or check the setting scanner"),
    })
}

/// Which scripts documents can be printed in. Nothing is wrong where one is missing: not every clinic has its names.
async fn fonts(config: &Config) -> Finding {
    match Press::new(config.font_dirs()).scripts_lacking().await {
        Err(error) => wrong(Failure::from(error).message, "a font breaks the program: name folders without it as font_dirs"),
        Ok((lacking, of)) if lacking.is_empty() => Ok(format!("documents can be printed in all of {of} further scripts")),
        Ok((lacking, of)) => Ok(format!(
            "documents can be printed in {} of {of} further scripts; for {} install fonts (Debian: fonts-noto-core, fonts-noto-cjk), or put \
             some into a folder that font_dirs names",
            of - lacking.len(),
            lacking.join(", ")
        )),
    }
}

async fn database(config: &Config, now: UtcTime, sweep: bool) -> Vec<Finding> {
    let engine = boot::engine(config);
    // Opening would make an empty one, and a look changes nothing.
    if config.database_url.is_none() && !config.sqlite_file().exists() {
        return vec![wrong("there is no database yet", "it is made by `clinichub serve`; or give the right --data-dir")];
    }
    match boot::open_database(config).await {
        Err(failure) => vec![wrong(
            format!("{engine} can't be opened: {failure}"),
            "check database_url, that the server runs, and the rights of its user",
        )],
        Ok(db) => {
            let mut findings = vec![Ok(format!("{engine} answers")), migrations(&db).await];
            if findings[1].is_ok() {
                findings.extend([clock(&db, now).await, jobs(&db).await, audit(&db).await]);
                findings.extend(stored_files(config, &db, sweep).await);
            }
            db.close().await;
            findings
        }
    }
}

async fn migrations(db: &Db) -> Finding {
    match db.pending_migrations().await {
        Err(error) => wrong(chain(&error), "start the version of ClinicHub that last worked with this database, or a newer one"),
        Ok(pending) if pending.is_empty() => Ok("the schema is this version's".to_owned()),
        Ok(pending) => {
            wrong(format!("{} migration(s) are missing: {}", pending.len(), pending.join(", ")), "clinichub migrate (serve does it too)")
        }
    }
}

async fn clock(db: &Db, now: UtcTime) -> Finding {
    let newest = boot::look(db, async |mut tx, ()| {
        Ok(tx.opt::<Option<UtcTime>>(platform_sql!("SELECT at FROM audit_events ORDER BY event_id DESC LIMIT 1"), ()).await?.flatten())
    });
    match newest.await {
        Err(failure) => wrong(failure.message, "see the database's log"),
        Ok(Some(newest)) if newest.since(now) > DRIFT => {
            wrong(format!("the clock shows {now}, and the newest audit event is of {newest}"), "set the clock, and keep it right with NTP")
        }
        Ok(_) => Ok(format!("the clock shows {now}, after everything that is stored")),
    }
}

async fn jobs(db: &Db) -> Finding {
    match clinichub_jobs::status(db, &*boot::clock()).await {
        Err(error) => wrong(Failure::from(error).message, "see the database's log"),
        Ok(queue) if queue.dead > 0 => wrong(
            format!("{} job(s) were given up after several tries", queue.dead),
            "the column last_error of the table jobs says why (is the mail server away?)",
        ),
        Ok(queue) if queue.overdue > 0 => {
            wrong(format!("{} job(s) have waited for more than five minutes", queue.overdue), "is the server running?")
        }
        Ok(queue) => Ok(format!("the queue works: {} job(s) waiting, none given up", queue.ready)),
    }
}

/// Objects without a row, rows without an object, and keys that open nothing.
async fn stored_files(config: &Config, db: &Db, sweep: bool) -> Vec<Finding> {
    match compare_files(config, db, sweep).await {
        Ok(findings) => findings,
        Err(failure) => vec![wrong(failure.message, "check the settings that begin with s3_ or files_, and the rights of the folders")],
    }
}

async fn compare_files(config: &Config, db: &Db, sweep: bool) -> Result<Vec<Finding>, Failure> {
    let settings = config.files()?;
    // Opening would make the first key, and a look changes nothing.
    if settings.s3.is_none() && !config.data_dir.join("files").exists() {
        return Ok(vec![Ok("no file was ever stored".to_owned())]);
    }
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let store = files::open(&settings, &config.data_dir, &*boot::clock(), &entropy)?;
    let (clinics, unusable) = sealing::find_unusable(db, store.keys(), &boot::grant(None, "doctor")).await?;
    let strays = files::find_strays(db, &store, &boot::grant(None, "doctor")).await?;
    let mut findings = vec![match strays.objects.len() {
        0 => Ok(format!("{} stored file(s), none without a row", strays.seen)),
        count if sweep => {
            files::sweep(&store, &strays).await?;
            Ok(format!("{count} object(s) without a row were removed"))
        }
        count => wrong(
            format!("{count} object(s) are stored that no row knows: {}", some(&strays.objects)),
            "`clinichub doctor --sweep` removes them; after restoring an older backup make sure first that they are not missed",
        ),
    }];
    if strays.unfinished > 0 {
        findings.push(Ok(format!("{} upload(s) are under way, or were broken off and are removed by the server", strays.unfinished)));
    }
    findings.push(if unusable.is_empty() {
        Ok(format!("the keys of {clinics} clinic(s) can be opened"))
    } else {
        let clinics: Vec<String> = unusable.iter().map(|clinic| format!("clinic {clinic}")).collect();
        wrong(
            format!("what is sealed in the database can't be read: {}", some(&clinics)),
            "bring the folder keys back from the backup that belongs to this database",
        )
    });
    if !strays.rows.is_empty() {
        let rows: Vec<String> = strays.rows.iter().map(|(clinic, file)| format!("clinic {clinic} file {file}")).collect();
        findings.push(wrong(
            format!("{} stored file(s) are missing: {}", rows.len(), some(&rows)),
            "bring them back from a backup; whoever asks for them gets an error",
        ));
    }
    Ok(findings)
}

/// The first few.
fn some(names: &[String]) -> String {
    let shown = names.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > 5 { format!("{shown}, …") } else { shown }
}

async fn audit(db: &Db) -> Finding {
    match audit::verify_in(db, &*boot::clock()).await {
        Err(error) => wrong(Failure::from(error).message, "see the database's log"),
        Ok(report) if report.is_sound() => {
            let events: i64 = report.clinics.iter().map(|clinic| clinic.events).sum();
            Ok(format!("the audit trail is whole: {events} sealed events"))
        }
        Ok(report) => wrong(
            format!("the audit trail does not fit in {} place(s)", report.findings.len()),
            "`clinichub audit verify` lists them; compare with a backup, and find out who could write to the database",
        ),
    }
}
