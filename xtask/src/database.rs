//! A PostgreSQL for the tests.

use clinichub_testpg::{Binaries, Server};

use crate::machine;
use crate::shell::{Failure, Outcome, ask};

const VARIABLE: &str = "CLINICHUB_TEST_POSTGRES_URL";

/// What the tests run against.
pub enum Database {
    /// What the test kit finds by itself: a named one, or one on the usual port.
    Found,
    /// Ours, for the length of the run.
    Own(Server),
}

impl Database {
    /// One that is named in the environment is used. Otherwise we start one of our own, because a server that doesn't wait for its disk
    /// makes and drops the tests' databases ten times faster than the one that may be running here; that one is the last resort before
    /// installing.
    pub fn find() -> Outcome<Self> {
        if std::env::var_os(VARIABLE).is_some_and(|url| !url.is_empty()) {
            return Ok(Self::Found);
        }
        if Binaries::find().is_none() {
            if lets_us_in() {
                return Ok(Self::Found);
            }
            machine::need("PostgreSQL", &["postgresql"], || Binaries::find().is_some())?;
        }
        let advice = format!("name a server whose databases you may create and drop: {VARIABLE}=postgres://user@host/postgres");
        Server::start().map(Self::Own).map_err(|error| Failure::new(error.to_string(), advice))
    }

    /// The variable that tells the tests, when they need telling.
    pub fn variable(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Found => None,
            Self::Own(server) => Some((VARIABLE, server.url())),
        }
    }
}

fn lets_us_in() -> bool {
    let statement = "SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user";
    let arguments = ["-h", "127.0.0.1", "-U", "postgres", "-d", "postgres", "-w", "-tAc", statement];
    ask("psql", &arguments).as_deref() == Some("t")
}
