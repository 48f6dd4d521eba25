//! The web app: its packages, its build, its checks and its tests. Each is done only when what it is made from has changed.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{Outcome, call, step};
use crate::{machine, workspace};

/// What the built app is made from, in `web/`.
const SOURCES: [&str; 7] = ["src", "public", "scripts", "index.html", "package-lock.json", "tsconfig.json", "vite.config.ts"];

/// The browser of the tests, where Debian puts it.
const CHROMIUM: &str = "/usr/bin/chromium";

/// Installs the packages when the lock file has changed since the last time.
pub fn packages() -> Outcome {
    let stamp = Stamp::of(folder().join("node_modules/.installed"), &["package-lock.json"])?;
    if stamp.holds() {
        return Ok(());
    }
    step("packages of the web app", || {
        call(npm().args(["ci", "--no-audit", "--no-fund"]), "read what npm said above; does this machine reach the npm registry?")?;
        stamp.set()
    })
}

/// Builds the app into `web/dist`, from where the server embeds it.
pub fn build() -> Outcome {
    let stamp = Stamp::of(workspace::cache().join("web-built"), &SOURCES)?;
    if stamp.holds() && folder().join("dist/assets").exists() {
        return Ok(());
    }
    packages()?;
    step("web app", || {
        call(npm().args(["run", "--silent", "build"]), "read the message above; `cd web && npm run check` tells more")?;
        workspace::make_folder(&workspace::cache())?;
        stamp.set()
    })
}

/// Writes the API client anew, from openapi.json.
pub fn generate() -> Outcome {
    packages()?;
    call(npm().args(["run", "--silent", "gen"]), "read the message above; is openapi.json whole?")
}

/// Whether the API client is what openapi.json makes, the types fit and the style holds.
pub fn check() -> Outcome {
    packages()?;
    call(npm().args(["run", "--silent", "check"]), "mend what is named above; `npm run format` in web/ does the formatting")
}

/// What is pure, without a browser.
pub fn test() -> Outcome {
    packages()?;
    call(npm().args(["run", "--silent", "test"]), "run the failing one alone: cd web && npx vitest run <part of its name>")
}

/// The screens in a browser, against `program`.
pub fn browse(program: &Path, filter: &[String]) -> Outcome {
    browser()?;
    build()?;
    let mut tests = npm();
    tests.args(["run", "--silent", "e2e", "--"]).args(filter).env("CLINICHUB_BIN", program);
    call(&mut tests, "run the failing one alone: cargo xtask test --web <part of its file's name>")
}

/// What a script needs that drives the screens.
pub fn browser() -> Outcome {
    machine::need("Chromium", &["chromium"], || Path::new(CHROMIUM).exists())?;
    packages()
}

fn folder() -> PathBuf {
    workspace::root().join("web")
}

fn npm() -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(folder());
    npm
}

/// A file that says of which sources something was made.
struct Stamp {
    path: PathBuf,
    wanted: String,
}

impl Stamp {
    fn of(path: PathBuf, sources: &[&str]) -> Outcome<Self> {
        let mut hasher = DefaultHasher::new();
        for source in sources {
            digest(&folder().join(source), &mut hasher)?;
        }
        Ok(Self { path, wanted: format!("{:016x}", hasher.finish()) })
    }

    fn holds(&self) -> bool {
        std::fs::read_to_string(&self.path).is_ok_and(|found| found == self.wanted)
    }

    fn set(&self) -> Outcome {
        Ok(std::fs::write(&self.path, &self.wanted)?)
    }
}

/// Names and contents, in an order that doesn't depend on the file system.
fn digest(path: &Path, hasher: &mut DefaultHasher) -> Outcome {
    path.hash(hasher);
    if !path.is_dir() {
        std::fs::read(path)?.hash(hasher);
        return Ok(());
    }
    let mut entries: Vec<PathBuf> = std::fs::read_dir(path)?.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries.iter().try_for_each(|entry| digest(entry, hasher))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_holds_until_a_source_changes() {
        let folder = std::env::temp_dir().join(format!("clinichub-xtask-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("src")).expect("a folder");
        let (source, path) = (folder.join("src/a.ts"), folder.join("stamp"));
        let stamp = || {
            let mut hasher = DefaultHasher::new();
            digest(&folder.join("src"), &mut hasher).expect("readable");
            Stamp { path: path.clone(), wanted: format!("{:016x}", hasher.finish()) }
        };
        std::fs::write(&source, "one").expect("written");
        assert!(!stamp().holds());
        stamp().set().expect("written");
        assert!(stamp().holds());
        std::fs::write(&source, "two").expect("written");
        assert!(!stamp().holds());
        std::fs::remove_dir_all(folder).expect("removed");
    }
}
