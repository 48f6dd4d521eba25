//! Where settings come from, and how they are laid over each other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use config::{FileFormat, Map, Source, Value};

use super::{CONFIG_FILE, Config, SETTINGS, settings};
use crate::failure::{Context, Failure};

/// What the command line says: setting and value.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// The settings that were given.
    pub values: BTreeMap<&'static str, String>,
}

/// The environment's variables that begin with `CLINICHUB_`.
pub type Environment = BTreeMap<String, String>;

/// The environment of this process. An empty variable counts as none.
pub fn process_environment() -> Environment {
    std::env::vars().filter(|(name, value)| name.starts_with("CLINICHUB_") && !value.is_empty()).collect()
}

/// Lays flags over environment over file over defaults.
pub fn merge(flags: &Flags, environment: &Environment) -> Result<Config, Failure> {
    let from_environment = |key: &str| environment.get(&format!("CLINICHUB_{}", key.to_uppercase()));
    let mut builder = config::Config::builder();
    for setting in SETTINGS {
        if let Some(default) = setting.default {
            builder = builder.set_default(setting.key, default).map_err(wrong)?;
        }
    }
    let data_dir = flags.values.get("data_dir").or_else(|| from_environment("data_dir")).map(PathBuf::from);
    let mut secret_files = BTreeMap::new();
    if let Some((path, values)) = read_file(flags, from_environment("config"), data_dir.as_deref())? {
        for (key, value) in values {
            if let Some(secret) = key.strip_suffix("_file") {
                secret_files.insert(secret.to_owned(), beside(&path, &value.into_string().map_err(wrong)?));
            } else {
                builder = builder.set_override(&key, value).map_err(wrong)?;
            }
        }
    }
    for setting in SETTINGS {
        let file = from_environment(&format!("{}_file", setting.key)).map(PathBuf::from);
        if setting.secret
            && let Some(file) = file
        {
            secret_files.insert(setting.key.to_owned(), file);
        }
    }
    for (key, file) in secret_files {
        builder = builder.set_override(&key, read_secret(&key, &file)?).map_err(wrong)?;
    }
    for setting in SETTINGS {
        if let Some(value) = flags.values.get(setting.key).or_else(|| from_environment(setting.key)) {
            builder = builder.set_override(setting.key, value.as_str()).map_err(wrong)?;
        }
    }
    builder.build().and_then(config::Config::try_deserialize).map_err(wrong)
}

/// A configuration file and what it says.
type FileValues = (PathBuf, Map<String, Value>);

/// The configuration file's values, all of known names; `None` when there is no file and none was asked for.
fn read_file(flags: &Flags, named: Option<&String>, data_dir: Option<&Path>) -> Result<Option<FileValues>, Failure> {
    let named = flags.config.clone().or_else(|| named.map(PathBuf::from));
    let default_dir = settings::find("data_dir").and_then(|setting| setting.default).unwrap_or_default();
    let inside = data_dir.unwrap_or(Path::new(default_dir)).join(CONFIG_FILE);
    let path = match &named {
        Some(path) => path.clone(),
        None if inside.exists() => inside,
        None => return Ok(None),
    };
    let text = std::fs::read_to_string(&path).could_not(|| format!("read the configuration {}", path.display()))?;
    let values = config::File::from_str(&text, FileFormat::Toml)
        .collect()
        .map_err(|error| Failure::usage(format!("{}: {}", path.display(), error.to_string().trim().replace('\n', " "))))?;
    check_names(&path, &values, named.is_none())?;
    Ok(Some((path, values)))
}

fn check_names(path: &Path, values: &Map<String, Value>, is_inside: bool) -> Result<(), Failure> {
    let mut names: Vec<_> = values.keys().collect();
    names.sort();
    if let Some(unknown) = names.iter().find(|name| !settings::is_known(name)) {
        let hint = settings::nearest(unknown).map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
        return Err(Failure::usage(format!(
            "{}: there is no setting \"{unknown}\"{hint} (`clinichub config reference` lists all)",
            path.display()
        )));
    }
    if is_inside && values.contains_key("data_dir") {
        return Err(Failure::usage(format!("{}: data_dir can't be set in the file that lies in the data folder", path.display())));
    }
    Ok(())
}

fn beside(config_file: &Path, path: &str) -> PathBuf {
    config_file.parent().unwrap_or(Path::new(".")).join(path)
}

fn read_secret(key: &str, file: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file).could_not(|| format!("read {key}_file {}", file.display()))?;
    let secret = text.trim_end_matches(['\n', '\r']);
    if secret.is_empty() {
        return Err(Failure::usage(format!("{key}_file {} is empty", file.display())));
    }
    Ok(secret.to_owned())
}

/// The library's words for a wrong value name the key and what was expected; a secret's value would be in them, so those are cut.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn wrong(error: config::ConfigError) -> Failure {
    let text = error.to_string().replace('\n', " ");
    let secret = SETTINGS.iter().find(|setting| setting.secret && text.contains(setting.key));
    match secret {
        Some(setting) => Failure::usage(format!("the value of {} is not text", setting.key)),
        None => Failure::usage(format!("configuration: {text}")),
    }
}
