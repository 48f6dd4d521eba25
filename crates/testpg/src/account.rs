//! The account that the server runs under: PostgreSQL refuses to run as root, and containers often have nothing else.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::Error;

/// Who runs the server.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Account {
    /// Whoever runs the tests.
    Own,
    /// Another user, because the tests run as root.
    Other { uid: u32, gid: u32 },
}

impl Account {
    pub(crate) fn choose() -> Result<Self, Error> {
        if !is_root() {
            return Ok(Self::Own);
        }
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| find(&users, name))
            .ok_or_else(|| Error::new("PostgreSQL doesn't run as root, and there is no user `postgres` or `nobody` to run it under"))
    }

    /// Makes `command` run under this account.
    pub(crate) fn apply(self, command: &mut Command) {
        if let Self::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
    }

    pub(crate) fn own(self, folder: &Path) -> std::io::Result<()> {
        match self {
            Self::Own => Ok(()),
            Self::Other { uid, gid } => std::os::unix::fs::chown(folder, Some(uid), Some(gid)),
        }
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn find(users: &str, name: &str) -> Option<Account> {
    let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some(Account::Other { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_an_account_by_its_whole_name() {
        let users = "postgres2:x:7:7::/:/bin/sh\npostgres:x:113:121:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash\n";
        assert!(matches!(find(users, "postgres"), Some(Account::Other { uid: 113, gid: 121 })));
        assert!(find(users, "nobody").is_none());
    }
}
