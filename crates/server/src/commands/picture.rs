//! `clinichub small-picture`: looks into a file that came from anywhere, in a process that may take so much and no more. It is started by the
//! server for each file, with nothing but the file: no configuration, no key, no database.

use std::io::{Read as _, Write as _};

use clinichub_app::files::{self, MOST_PICTURED};
use clinichub_files::Kind;
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::failure::{Context, Failure};

/// Bytes of memory, with the program itself.
const MEMORY: u64 = 1 << 30;
/// Seconds of a processor.
const SECONDS: u64 = 10;

/// Makes the small picture of standard input on standard output.
pub fn make(mime: &str) -> Result<(), Failure> {
    for (what, most) in [(Resource::As, MEMORY), (Resource::Cpu, SECONDS), (Resource::Fsize, 0), (Resource::Core, 0)] {
        setrlimit(what, Rlimit { current: Some(most), maximum: Some(most) }).could_not(|| "limit this process".to_owned())?;
    }
    let kind = Kind::of_mime(mime).filter(|kind| files::has_small(*kind));
    let kind = kind.ok_or_else(|| Failure::refused(format!("there are no small pictures of {mime}")))?;
    let mut contents = Vec::new();
    std::io::stdin().take(MOST_PICTURED).read_to_end(&mut contents).could_not(|| "read standard input".to_owned())?;
    let small = files::small_picture(kind, contents).ok_or_else(|| Failure::refused("this file can't be read".to_owned()))?;
    std::io::stdout().write_all(&small).could_not(|| "write to standard output".to_owned())
}
