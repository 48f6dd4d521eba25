//! A QR code as an SVG of one path, a unit square a module.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

use crate::Error;

/// The quiet zone around a code, in modules (ISO/IEC 18004, 9.1).
const QUIET: usize = 4;

/// The code of `text`; level M still reads with 15 % of it worn off.
pub(crate) fn svg(text: &str) -> Result<String, Error> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|error| Error::Code(error.to_string()))?;
    let (width, side) = (code.width(), code.width() + 2 * QUIET);
    let mut path = String::new();
    for (row, modules) in code.to_colors().chunks(width).enumerate() {
        for (start, length) in dark_runs(modules) {
            let _ = write!(path, "M{} {}h{length}v1h-{length}z", start + QUIET, row + QUIET);
        }
    }
    Ok(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/><path d="{path}"/></svg>"##
    ))
}

/// Where the dark runs of a row begin, and how long each is.
fn dark_runs(modules: &[Color]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (column, module) in modules.iter().enumerate() {
        match runs.last_mut() {
            _ if *module == Color::Light => {}
            Some((start, length)) if *start + *length == column => *length += 1,
            _ => runs.push((column, 1)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_one_run() {
        use Color::{Dark, Light};
        assert_eq!(dark_runs(&[Light, Dark, Dark, Light, Dark]), [(1, 2), (4, 1)]);
    }

    #[test]
    fn the_code_has_its_quiet_zone() {
        let svg = svg("https://clinic.example/verify/0").expect("a code");
        assert!(svg.contains(r#"viewBox="0 0 37 37""#), "version 3 has 29 modules: {svg}");
        assert!(svg.contains("M4 4h7v1h-7z"), "the finder pattern in the corner");
    }
}
