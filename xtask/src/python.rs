//! The Python environment of the tests: schemathesis and a mail server, at pinned versions.

use std::path::PathBuf;
use std::process::Command;

use crate::shell::{Outcome, ask, call, step};
use crate::version::Version;
use crate::{machine, workspace};

const REQUIREMENTS: &str = "tests/requirements.txt";

/// What schemathesis wants.
const PYTHON: Version = Version(3, 10, 0);

/// The interpreter with everything in `tests/requirements.txt`; set up when that file changed.
pub fn environment() -> Outcome<PathBuf> {
    let folder = workspace::cache().join("venv");
    let (python, stamp) = (folder.join("bin/python"), folder.join("requirements.txt"));
    let wanted = workspace::read(REQUIREMENTS)?;
    if python.exists() && std::fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(python);
    }
    step("Python environment of the tests", || {
        machine::need("Python 3.10 or newer with venv", &["python3", "python3-venv"], is_usable)?;
        workspace::make_folder(&workspace::cache())?;
        let advice = "read what it said above; does this machine reach the Python package index?";
        call(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder), advice)?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", REQUIREMENTS]);
        call(pip.current_dir(workspace::root()), advice)?;
        // Written last: an environment that was interrupted is made anew.
        let _ = std::fs::write(&stamp, &wanted);
        Ok(())
    })?;
    Ok(python)
}

fn is_usable() -> bool {
    ask("python3", &["--version"]).as_deref().and_then(Version::find).is_some_and(|found| found >= PYTHON)
        && ask("python3", &["-c", "import venv, ensurepip"]).is_some()
}
