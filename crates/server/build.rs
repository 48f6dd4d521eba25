//! Makes sure that there is something to embed where the web app goes. It builds nothing: `cargo xtask` does, beforehand.

use std::path::Path;
use std::{env, fs, io};

const NOT_BUILT: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>ClinicHub</title>
<p>The screens of ClinicHub are not built yet. Stop this program and start it with <code>cargo xtask run</code>.
<p>The API works, and <a href=\"/docs\">its documentation</a> too.
";

fn main() -> io::Result<()> {
    let dist = Path::new("../../web/dist");
    let page = dist.join("index.html");
    if !page.exists() {
        fs::create_dir_all(dist)?;
        fs::write(&page, NOT_BUILT)?;
    }
    println!("cargo::rerun-if-changed=build.rs");
    // A development build reads the files when they are asked for.
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed={}", dist.display());
    }
    Ok(())
}
