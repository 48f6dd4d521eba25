//! Sheets of paper as PDFs of one page, in a font that every reader has.

use std::fmt::Write as _;

/// An A4 sheet that is being written on.
#[derive(Debug, Default)]
pub struct Sheet(String);

impl Sheet {
    /// Puts words down: their size, and where they begin from the left and from the bottom, in points. A letter that is not of Latin-1
    /// becomes a question mark.
    pub fn line(&mut self, size: u32, x: u32, y: u32, words: &str) {
        let _ = writeln!(self.0, "BT /F1 {size} Tf {x} {y} Td ({}) Tj ET", literal(words));
    }

    /// The file.
    pub fn into_pdf(self) -> Vec<u8> {
        let text = self.0;
        let mut pdf = String::from("%PDF-1.4\n");
        let mut places = Vec::new();
        for object in [
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>".to_owned(),
            format!("<</Length {}>>\nstream\n{text}\nendstream", text.len()),
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
        ] {
            places.push(pdf.len());
            let _ = writeln!(pdf, "{} 0 obj\n{object}\nendobj", places.len());
        }
        let table = pdf.len();
        let _ = writeln!(pdf, "xref\n0 {}\n0000000000 65535 f ", places.len() + 1);
        for place in &places {
            let _ = writeln!(pdf, "{place:010} 00000 n ");
        }
        let _ = write!(pdf, "trailer<</Size {}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n", places.len() + 1);
        pdf.into_bytes()
    }
}

/// The words as a string of PDF (ISO 32000-1, 7.3.4.2), in ASCII.
fn literal(words: &str) -> String {
    let mut escaped = String::with_capacity(words.len());
    for letter in words.chars() {
        match letter {
            '(' | ')' | '\\' => escaped.extend(['\\', letter]),
            ' '..='~' => escaped.push(letter),
            '\u{a0}'..='\u{ff}' => {
                let _ = write!(escaped, "\\{:03o}", u32::from(letter));
            }
            _ => escaped.push('?'),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_escaped() {
        assert_eq!(literal("Lucía (Núñez) \\ 李"), "Luc\\355a \\(N\\372\\361ez\\) \\\\ ?");
    }

    #[test]
    fn the_table_says_where_the_objects_are() {
        let mut sheet = Sheet::default();
        sheet.line(20, 56, 752, "Referral");
        let pdf = String::from_utf8(sheet.into_pdf()).expect("ASCII");
        let (_, table) = pdf.split_once("xref\n0 6\n0000000000 65535 f \n").expect("a table");
        for (number, entry) in (1..=5).zip(table.lines()) {
            let place: usize = entry[..10].parse().expect("a place");
            assert!(pdf[place..].starts_with(&format!("{number} 0 obj\n<<")), "{entry}");
        }
        let start = pdf.rfind("\nxref\n").expect("a table") + 1;
        assert!(pdf.starts_with("%PDF-1.4\n") && pdf.ends_with(&format!("startxref\n{start}\n%%EOF\n")));
    }
}
