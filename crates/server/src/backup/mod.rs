//! One file that holds an installation: database, keys, files. It is a tar archive, so that it can be looked into with any
//! tool, and ends with a manifest that names each member with its SHA-256; a file that was cut short has none.

mod container;
mod postgres;
mod sqlite;
mod staging;

use std::path::{Path, PathBuf};

use clinichub_core::UtcTime;
use clinichub_db::Db;
use clinichub_db::migrations::MIGRATIONS;

use crate::config::{Config, shown};
use crate::data_dir::{DataDir, Sharing};
use crate::failure::{Context, Failure};
pub use container::{Archive, Manifest, Member, Table, Writer};
pub use postgres::was_restored;
pub use staging::{Staging, finish_interrupted};

/// The folders of the data folder that a backup holds beside the database.
const FOLDERS: [&str; 2] = ["keys", "files"];

/// What became of a backup or a restore.
#[derive(Debug, Clone)]
pub struct Summary {
    /// What the archive says about itself.
    pub manifest: Manifest,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Writes everything into `target`. A running server may go on working: the database is taken as of one instant.
pub async fn create(db: &Db, data: &DataDir, target: &Path, now: UtcTime) -> Result<Summary, Failure> {
    // Beside the target, where there must be room anyway; the data folder may be nearly full.
    let scratch = Scratch::beside(target)?;
    let mut writer = Writer::create(target, now)?;
    let mut manifest = match db.pg_pool() {
        Some(pool) => postgres::dump(pool, &mut writer, scratch.path(), now).await?,
        None => sqlite::dump(db, &mut writer, scratch.path(), now).await?,
    };
    for folder in FOLDERS {
        add_folder(&mut writer, data.path(), Path::new(folder))?;
    }
    let bytes = writer.finish(&mut manifest)?;
    Ok(Summary { manifest, bytes })
}

fn add_folder(writer: &mut Writer, base: &Path, folder: &Path) -> Result<(), Failure> {
    let doing = || format!("read {}", shown(&base.join(folder)));
    let entries = match std::fs::read_dir(base.join(folder)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.could_not(doing)?,
    };
    let mut names: Vec<_> = entries.map(|entry| entry.map(|entry| entry.file_name())).collect::<Result<_, _>>().could_not(doing)?;
    names.sort();
    for name in names {
        let path = folder.join(&name);
        let kind = std::fs::symlink_metadata(base.join(&path)).could_not(doing)?.file_type();
        if kind.is_dir() {
            add_folder(writer, base, &path)?;
        } else if kind.is_file() && !is_unfinished(&path) {
            let name = path.to_str().ok_or_else(|| Failure::failed(format!("{} is not a name in UTF-8", shown(&path))))?;
            writer.add(name, &base.join(&path))?;
        }
    }
    Ok(())
}

/// An upload that is under way has no row yet that points at it, and may be gone the next moment.
fn is_unfinished(path: &Path) -> bool {
    path.starts_with("files") && path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.contains('#'))
}

/// Brings back what a backup holds, wholly or not at all.
pub async fn restore(config: &Config, data: &DataDir, file: &Path, force: bool) -> Result<Summary, Failure> {
    let _lock = data.lock(Sharing::Alone)?;
    let mut archive = Archive::open(file)?;
    let bytes = std::fs::metadata(file).could_not(|| format!("look at {}", shown(file)))?.len();
    check_fits(&archive.manifest, config)?;
    if !force && let Some(what) = already_there(config, data) {
        return Err(Failure::refused(format!("{what} is there already and would be overwritten; add --force if that is what you want")));
    }
    let staging = Staging::begin(data)?;
    for name in archive.names() {
        if FOLDERS.iter().any(|folder| name.starts_with(&format!("{folder}/"))) {
            archive.extract(&name, &staging.place(&name)?)?;
        }
    }
    if config.database_url.is_some() {
        postgres::restore(config, &mut archive, &staging, force).await?;
    } else {
        sqlite::restore(&mut archive, &staging)?;
        staging.commit()?;
    }
    staging.put_in_place(data)?;
    Ok(Summary { manifest: archive.manifest, bytes })
}

fn check_fits(manifest: &Manifest, config: &Config) -> Result<(), Failure> {
    let wanted = if config.database_url.is_some() { "postgres" } else { "sqlite" };
    if manifest.database != wanted {
        return Err(Failure::usage(format!(
            "the backup is of a {} database and this installation is configured for {wanted}: database_url must be set for PostgreSQL and only then",
            manifest.database
        )));
    }
    let newest = MIGRATIONS.iter().map(clinichub_db::migrations::Migration::number).max().unwrap_or(0);
    if manifest.migration > newest {
        return Err(Failure::failed(format!("the backup was written by a newer ClinicHub ({}); update this one first", manifest.program)));
    }
    Ok(())
}

/// What a restore would overwrite in the data folder.
fn already_there(config: &Config, data: &DataDir) -> Option<String> {
    let database = config.database_url.is_none().then(|| config.sqlite_file()).filter(|file| file.exists());
    let folders = FOLDERS.iter().map(|folder| data.path().join(folder));
    let filled = folders.filter(|folder| std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()));
    database.into_iter().chain(filled).next().map(|path| shown(&path))
}

/// A folder for files on their way, gone when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn beside(target: &Path) -> Result<Self, Failure> {
        use std::os::unix::fs::DirBuilderExt;
        let mut name = target.as_os_str().to_owned();
        name.push(format!(".scratch-{}", std::process::id()));
        let path = PathBuf::from(name);
        std::fs::DirBuilder::new().mode(0o700).create(&path).could_not(|| format!("write beside {}", shown(target)))?;
        Ok(Self(path))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
