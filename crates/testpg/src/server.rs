//! Starting the server, and seeing to its end.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::account::Account;
use crate::{Binaries, DEBIAN_LINE, Error};

/// A shell that starts the server, reads its standard input until that ends, then stops the server and removes the folder.
/// The owner holds the other end of that pipe: however the owner ends, even killed, the pipe closes and everything is cleaned up.
/// Interrupts from the terminal reach the whole process group, so the shell must outlive them to tidy up.
const WATCHDOG: &str = r#"
trap : INT TERM HUP
"$0" "$@" >"$FOLDER/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT "$server" 2>/dev/null
wait "$server"
cd /
rm -rf "$FOLDER"
"#;

/// Nothing in a test's database is worth waiting for the disk.
const SETTINGS: [&str; 8] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
    "shared_buffers=128MB",
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "timezone=UTC",
];

/// What Debian gives a cluster on a machine without a language; elsewhere the C library may not have it.
const LOCALE: &str = if cfg!(target_os = "linux") { "--locale=C.UTF-8" } else { "--locale=C" };

const PATIENCE: Duration = Duration::from_secs(30);

/// A running server. It ends, and its folder goes, when this is dropped or the process ends in whatever way.
#[derive(Debug)]
pub struct Server {
    port: u16,
    watchdog: Child,
}

impl Server {
    /// Makes a fresh cluster and starts it on a free loopback port. Takes about a second.
    pub fn start() -> Result<Self, Error> {
        let binaries = Binaries::find().ok_or_else(|| Error::new(format!("PostgreSQL is not installed: {DEBIAN_LINE}")))?;
        let account = Account::choose()?;
        // Another program can take the port between our asking for a free one and the server's binding it: hence the second try.
        start_in_new_folder(&binaries, account).or_else(|_| start_in_new_folder(&binaries, account))
    }

    /// Where a superuser connects to the maintenance database.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

fn start_in_new_folder(binaries: &Binaries, account: Account) -> Result<Server, Error> {
    let folder = make_folder(account)?;
    let outcome = initialise(binaries, account, &folder).and_then(|()| launch(binaries, account, &folder));
    if outcome.is_err() {
        let _ = std::fs::remove_dir_all(&folder);
    }
    outcome
}

fn make_folder(account: Account) -> Result<PathBuf, Error> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("clinichub-postgres-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir(&folder)
        .and_then(|()| account.own(&folder))
        .map_err(|error| Error::new(format!("cannot make {}: {error}", folder.display())))?;
    Ok(folder)
}

fn initialise(binaries: &Binaries, account: Account, folder: &Path) -> Result<(), Error> {
    let mut command = Command::new(binaries.program("initdb"));
    command.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", LOCALE, "--no-sync", "--pgdata"]);
    command.arg(folder.join("data")).current_dir(folder);
    account.apply(&mut command);
    let output = command.output().map_err(|error| Error::new(format!("cannot run initdb: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Error::new(format!("initdb failed: {}", String::from_utf8_lossy(&output.stderr).trim())))
}

fn launch(binaries: &Binaries, account: Account, folder: &Path) -> Result<Server, Error> {
    let port = free_port()?;
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(WATCHDOG).arg(binaries.program("postgres")).arg("-D").arg(folder.join("data"));
    command.args(["-p", &port.to_string()]);
    command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
    command.env("FOLDER", folder).current_dir(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    account.apply(&mut command);
    let watchdog = command.spawn().map_err(|error| Error::new(format!("cannot start postgres: {error}")))?;
    let server = Server { port, watchdog };
    server.wait_until_ready(folder)?;
    Ok(server)
}

impl Server {
    fn wait_until_ready(&self, folder: &Path) -> Result<(), Error> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE && !log(folder).contains("FATAL:") {
            if is_ready(folder) && TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(Error::new(format!("postgres did not start: {}", log(folder).trim())))
    }
}

fn log(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("log")).unwrap_or_default()
}

/// The last line of the lock file says `ready` once the server takes connections.
fn is_ready(folder: &Path) -> bool {
    std::fs::read_to_string(folder.join("data/postmaster.pid"))
        .is_ok_and(|text| text.lines().last().is_some_and(|line| line.trim() == "ready"))
}

fn free_port() -> Result<u16, Error> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| Error::new(format!("no free port: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_answers_while_it_is_held_and_is_gone_afterwards() {
        let server = Server::start().expect("a server");
        let port = server.port;
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
        assert!(server.url().ends_with(&format!("127.0.0.1:{port}/postgres")));

        drop(server);

        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
        let left = format!("clinichub-postgres-{}-", std::process::id());
        let names = std::fs::read_dir(std::env::temp_dir()).expect("the temporary folder").flatten();
        assert_eq!(names.filter(|entry| entry.file_name().to_string_lossy().starts_with(&left)).count(), 0);
    }
}
