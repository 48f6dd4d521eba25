//! Every setting there is, once: the table from which the configuration is read, checked and documented.

/// A setting.
pub struct Setting {
    /// Its name in `clinichub.toml`; in capitals after `CLINICHUB_` it is the environment variable.
    pub key: &'static str,
    /// The flag of `clinichub serve` that sets it.
    pub flag: Option<&'static str>,
    /// What holds when nobody says anything, as text.
    pub default: Option<&'static str>,
    /// Whether it must not be seen: `<key>_file` names a file that holds it, and there is no flag.
    pub secret: bool,
    /// What it is for, in a sentence or two.
    pub help: &'static str,
}

const fn setting(key: &'static str, flag: Option<&'static str>, default: Option<&'static str>, help: &'static str) -> Setting {
    Setting { key, flag, default, secret: false, help }
}

const fn secret(key: &'static str, help: &'static str) -> Setting {
    Setting { key, flag: None, default: None, secret: true, help }
}

/// The settings, in the order of the reference.
pub const SETTINGS: &[Setting] = &[
    setting(
        "data_dir",
        Some("--data-dir"),
        Some("clinichub-data"),
        "The folder of the database, keys and files. Made with mode 0700 when it is missing.",
    ),
    setting(
        "listen",
        Some("--listen"),
        Some("127.0.0.1:8080"),
        "The address and port to listen on. An address that others can reach wants TLS (`tls_cert`, `tls_key`) or `behind_proxy`. Port 0 takes a free one.",
    ),
    setting(
        "public_url",
        None,
        None,
        "Where people reach this installation (`https://clinic.example`); links in mails begin with it. Default: made from `listen`.",
    ),
    setting("tls_cert", Some("--tls-cert"), None, "The certificate chain as a PEM file. Read again when it changes, without a restart."),
    setting("tls_key", Some("--tls-key"), None, "The private key of the certificate as a PEM file."),
    setting(
        "behind_proxy",
        Some("--behind-proxy"),
        Some("false"),
        "A proxy in front does TLS: plain HTTP is served on any address, and `X-Forwarded-For` and `X-Forwarded-Proto` are believed. Nobody but the proxy may be able to reach the port.",
    ),
    secret(
        "database_url",
        "`postgres://user:password@host:5432/database?sslmode=verify-full` for PostgreSQL, several hosts with commas. Default: the SQLite file `clinichub.db` in the data folder.",
    ),
    setting(
        "database_connections",
        None,
        Some("8"),
        "How many connections to PostgreSQL a node holds at most; four for each processor of the database are enough.",
    ),
    secret(
        "redis_url",
        "`redis://:password@host:6379`: a Redis or Valkey in which all nodes count sign-ins together. Default: each node counts by itself.",
    ),
    secret(
        "jwt_key",
        "The key that signs access tokens, at least 32 bytes. Default: one is made at the first start, in `keys/` in the data folder. Several nodes need the same one.",
    ),
    setting("bcrypt_cost", None, Some("12"), "What a password check costs, 10 to 15; each step doubles it."),
    setting("smtp_host", None, None, "The mail server. Default: mails are put into the folder `mail/` of the data folder."),
    setting("smtp_port", None, Some("587"), "Its port; 465 means TLS from the start, any other STARTTLS."),
    setting("smtp_tls", None, Some("true"), "Whether the connection to the mail server must be encrypted."),
    setting("smtp_ca", None, None, "A PEM file with the authority that signed the mail server's certificate, where it is one of your own."),
    setting("smtp_username", None, None, "The user name at the mail server."),
    secret("smtp_password", "The password at the mail server."),
    setting("smtp_from", None, None, "The address that mails come from. Required with `smtp_host`."),
    setting(
        "max_upload",
        None,
        Some("2147483648"),
        "The largest file that is taken, in bytes. Files stream through: it is bounded by the disk, not by the memory.",
    ),
    setting(
        "scanner",
        None,
        None,
        "`tcp://127.0.0.1:3310` or `unix:///run/clamav/clamd.ctl`: a ClamAV daemon that is asked about every file while it arrives. When it can't be asked, files are refused. Default: files are taken unscanned.",
    ),
    setting("s3_bucket", None, None, "A bucket of an S3-compatible store for files. Default: the folder `files/` of the data folder."),
    setting("s3_endpoint", None, None, "Where that store is (`https://s3.example`). Default: Amazon's, in `s3_region`."),
    setting("s3_region", None, Some("us-east-1"), "Its region."),
    secret("s3_access_key", "The id of the key to that store. Required with `s3_bucket`."),
    secret("s3_secret_key", "The key to that store. Required with `s3_bucket`."),
    secret(
        "files_key",
        "The key that wraps the files' keys, 32 bytes in base64 (`openssl rand -base64 32`). Default: one is made at the first start, in `keys/` in the data folder. Several nodes need the same one. Whoever loses it loses every file.",
    ),
    secret("files_key_previous", "The `files_key` that was before, until `clinichub key rotate --files` has been run."),
    setting(
        "font_dirs",
        None,
        None,
        "Folders of fonts (`.ttf`, `.otf`, `.ttc`, `.otc`) for letters of documents that the built-in ones lack, a list in the file or with colons between; the earlier goes before the later. They are looked through when the first such letter is met. Default: `fonts/` in the data folder, `/usr/share/fonts`, `/usr/local/share/fonts`, as far as they are there. Who may put a font there decides what documents look like.",
    ),
    secret(
        "metrics_token",
        "Who asks for `/metrics` must send it as a Bearer token. Default: only loopback and private addresses get an answer.",
    ),
    setting("log_format", Some("--log-format"), Some("auto"), "`json`, `text`, or `auto`: text on a terminal, JSON elsewhere."),
    setting("log", Some("--log"), Some("info"), "What is logged: `error`, `warn`, `info`, `debug`, or by part: `info,clinichub_db=debug`."),
    setting("max_connections", None, Some("4096"), "How many network connections are served at once; more wait."),
    setting("shutdown_seconds", None, Some("25"), "How long a stopping server waits for requests in flight."),
];

/// The setting of this name.
pub fn find(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

/// Whether a configuration file may hold this name: a setting, or the file of a secret.
pub fn is_known(key: &str) -> bool {
    find(key).is_some() || key.strip_suffix("_file").and_then(find).is_some_and(|setting| setting.secret)
}

/// The known name that looks most like this one, if any does.
pub fn nearest(key: &str) -> Option<&'static str> {
    let near = SETTINGS.iter().map(|setting| (distance(key, setting.key), setting.key)).min()?;
    (near.0 <= 1 + key.len() / 4).then_some(near.1)
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// The reference as Markdown: what `clinichub config reference` prints and `docs/CONFIGURATION.md` holds.
pub fn reference() -> String {
    let mut text = String::from(HEAD);
    for setting in SETTINGS {
        let env = format!("`CLINICHUB_{}`", setting.key.to_uppercase());
        let flag = setting.flag.map_or_else(|| "–".to_owned(), |flag| format!("`{flag}`"));
        let default = setting.default.map_or_else(|| "–".to_owned(), |default| format!("`{default}`"));
        let also = if setting.secret { format!(" Or `{}_file`: a file that holds it.", setting.key) } else { String::new() };
        text.extend(["| `", setting.key, "` | ", &env, " | ", &flag, " | ", &default, " | ", setting.help, &also, " |\n"]);
    }
    text.push_str(TAIL);
    text
}

const HEAD: &str = "# Configuration

This page is printed by `clinichub config reference`; don't edit it by hand.

Nothing has to be configured: `clinichub serve` works in an empty folder. What is said in several places is taken from the
first of: a flag, the environment, the file, the default. The file is `clinichub.toml` in the data folder, or the one that `--config`
(`CLINICHUB_CONFIG`) names. A name in the file that is not in this table is an error.

Secrets are never flags, since every user of the machine sees those. They come from the environment or, better, from a file that only
ClinicHub can read.

| in the file | in the environment | flag | default | what it does |
|---|---|---|---|---|
";

const TAIL: &str = "
An example:

```toml
listen = \"0.0.0.0:8443\"
public_url = \"https://clinic.example:8443\"
tls_cert = \"/etc/clinichub/tls/fullchain.pem\"
tls_key = \"/etc/clinichub/tls/privkey.pem\"
database_url_file = \"/etc/clinichub/database_url\"
smtp_host = \"mail.example\"
smtp_username = \"clinichub\"
smtp_password_file = \"/etc/clinichub/smtp_password\"
smtp_from = \"ClinicHub <no-reply@clinic.example>\"
```

## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| 1 | the work could not be done; the last line says why |
| 2 | the command line or the configuration is wrong |
| 3 | refused: it would overwrite something, or a server is running |
| 4 | the database can't be reached |
| 5 | a check found something (`doctor`, `audit verify`, refused rows of `import`) |
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_the_setting() {
        assert_eq!(nearest("lisen"), Some("listen"));
        assert_eq!(nearest("smtp_hots"), Some("smtp_host"));
        assert_eq!(nearest("something_else_entirely"), None);
    }

    #[test]
    fn no_secret_has_a_flag() {
        assert!(SETTINGS.iter().all(|setting| !(setting.secret && setting.flag.is_some())));
    }
}
