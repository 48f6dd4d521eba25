//! An installation of its own for each test, and the program in it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use clinichub_testkit::postgres::TestDatabase;
use serde_json::Value;

use crate::caller::Caller;

/// How long something that must happen may take on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_mins(1);

/// A data folder and, with PostgreSQL, a database.
pub struct Installation {
    folder: tempfile::TempDir,
    database: Option<TestDatabase>,
    /// Where PostgreSQL is reached, if not where it is.
    detour: Option<String>,
    settings: Vec<(&'static str, String)>,
}

impl Installation {
    /// Nothing in it, on SQLite.
    pub fn sqlite() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), database: None, detour: None, settings: Vec::new() }
    }

    /// Nothing in it, on PostgreSQL.
    pub async fn postgres() -> Self {
        Self { database: Some(TestDatabase::create().await), ..Self::sqlite() }
    }

    /// Another empty one with the same kind of database.
    pub async fn another(&self) -> Self {
        if self.database.is_some() { Self::postgres().await } else { Self::sqlite() }
    }

    /// The same, with PostgreSQL reached at another address.
    pub fn reaching_postgres_at(self, address: &str) -> Self {
        Self { detour: Some(address.to_owned()), ..self }
    }

    /// The same, configured like this.
    pub fn with(mut self, settings: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        self.settings.extend(settings);
        self
    }

    /// Host and port of PostgreSQL.
    pub fn postgres_address(&self) -> String {
        let url = self.database.as_ref().expect("an installation on PostgreSQL").url();
        let address = address_in(&url);
        if address.contains(':') { address.to_owned() } else { format!("{address}:5432") }
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A path beside the data folder.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clinichub"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CLINICHUB_")) {
            command.env_remove(name);
        }
        command.env("CLINICHUB_DATA_DIR", self.data()).env("CLINICHUB_BCRYPT_COST", "10").args(arguments);
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        if let Some(database) = &self.database {
            let url = database.url();
            let url = self.detour.as_ref().map_or(url.clone(), |detour| url.replacen(address_in(&url), detour, 1));
            command.env("CLINICHUB_DATABASE_URL", url);
        }
        command
    }

    /// The file of the embedded database.
    pub fn sqlite_file(&self) -> PathBuf {
        self.data().join("clinichub.db")
    }

    /// The one number that a statement answers with, behind the program's back.
    pub fn number(&self, statement: &str) -> i64 {
        if let Some(database) = &self.database {
            return database.number(statement);
        }
        let asked = rusqlite::Connection::open(self.sqlite_file()).and_then(|db| db.query_row(statement, [], |row| row.get(0)));
        asked.unwrap_or_else(|error| panic!("{statement}: {error}"))
    }

    /// Runs a command to its end, with this on its standard input.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Ended {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
        drop(child.stdin.take().expect("an input").write_all(input.as_bytes()));
        Ended::from(child.wait_with_output().expect("ended"))
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, "")
    }

    /// Starts the demonstration for the first time, and waits for the small pictures of its documents, which are made beside the requests.
    pub fn demonstrate(&self) -> Server {
        let server = self.serve(&["--demo"]);
        let left = "SELECT count(*) FROM documents WHERE thumbnail_file_id IS NULL";
        until("the documents have their small pictures", || self.number(left) == 0);
        server
    }

    /// Starts a server and waits until it is ready.
    pub fn serve(&self, arguments: &[&str]) -> Server {
        let all = [&["serve", "--listen", "127.0.0.1:0", "--log", "warn"], arguments].concat();
        Self::started(self.command(&all))
    }

    /// The same, where no file can grow beyond so many KiB, as if the disk were full there.
    pub fn serve_cramped(&self, kib: u64, arguments: &[&str]) -> Server {
        let all = [&["serve", "--listen", "127.0.0.1:0", "--log", "warn"], arguments].concat();
        let plain = self.command(&all);
        let mut command = Command::new("bash");
        command
            .args(["-c", &format!("trap '' XFSZ; ulimit -f {kib}; exec \"$@\""), "bash"])
            .arg(plain.get_program())
            .args(plain.get_args());
        for (name, value) in plain.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Self::started(command)
    }

    fn started(mut command: Command) -> Server {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("started");
        let mut out = BufReader::new(child.stdout.take().expect("an output"));
        let mut line = String::new();
        out.read_line(&mut line).expect("read");
        let address = line.trim().rsplit_once("http://").unwrap_or_else(|| panic!("no address in {line:?}")).1.to_owned();
        Server { child, address, out }
    }
}

/// What became of a command.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        Self { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Ended {
    /// It did what it was asked for.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// It said this.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.out.contains(text), "{self:?}");
        self
    }

    /// It ended with this code, and said this.
    #[track_caller]
    pub fn failed(self, code: i32, says: &str) -> Self {
        assert!(self.code == code && (self.err.contains(says) || self.out.contains(says)), "{self:?}");
        self
    }
}

/// A running server; killed when it is dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: String,
    out: BufReader<std::process::ChildStdout>,
}

impl Server {
    /// Sends a signal (`TERM`, `KILL`) and waits for the end; the exit code.
    pub fn signal(mut self, name: &str) -> Option<i32> {
        let sent = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status().expect("kill");
        assert!(sent.success());
        self.child.wait().expect("ended").code()
    }

    /// What it takes of memory in KiB: `VmRSS` now, `VmHWM` at the highest.
    pub fn memory_kib(&self, what: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("read");
        let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':'));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).expect("a size")
    }

    /// Ends it, whatever it is doing.
    pub fn stop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// The next line it says that contains `part`.
    pub fn hear(&mut self, part: &str) -> String {
        let mut line = String::new();
        while self.out.read_line(&mut line).expect("read") > 0 {
            if line.contains(part) {
                return line;
            }
            line.clear();
        }
        panic!("it ended without saying {part}");
    }

    /// Somebody who asks it, with this token.
    pub fn caller(&self, token: &str) -> Caller {
        Caller::new(&self.address, token)
    }

    /// Sends a request; status and body.
    pub fn ask(&self, method: &str, path: &str, token: &str, body: &str) -> (u16, Value) {
        let reply = self.caller(token).send(method, path, &[], body).expect("answered");
        (reply.status, reply.body)
    }

    /// An access token.
    pub fn sign_in(&self, email: &str, password: &str) -> String {
        let body = serde_json::json!({ "email": email, "password": password }).to_string();
        let (status, answer) = self.ask("POST", "/api/login", "", &body);
        assert_eq!(status, 200, "{answer}");
        answer["access_token"].as_str().expect("a token").to_owned()
    }

    /// How many rows a list of the demonstration's first clinic has.
    pub fn count(&self, list: &str) -> i64 {
        let token = self.sign_in("admin@clinichub.com", "admin123");
        let (status, answer) = self.ask("GET", &format!("{list}?per_page=1"), &token, "");
        assert_eq!(status, 200, "{answer}");
        answer["pagination"]["total"].as_i64().expect("a total")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Waits until `is_so`; `what` says what for.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "waited too long until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// `host:port` of `postgres://user@host:port/database`.
fn address_in(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    authority.rsplit_once('@').map_or(authority, |(_, address)| address)
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}
