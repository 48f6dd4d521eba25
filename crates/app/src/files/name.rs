//! What a file may be called. Pure. The name is shown and offered when the file is kept; it never leads to a place in a store.

/// The longest name, in bytes, that file systems take.
const MOST_BYTES: usize = 255;

/// The last part of what a sender calls a file, without what would deceive whoever reads it or stop whoever keeps it.
pub fn safe(name: &str) -> String {
    // What browsers write for these three in a form (HTML, "multipart/form-data").
    let name = name.replace("%22", "\"").replace("%0D", "").replace("%0A", "");
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|letter| !letter.is_control() && !is_hidden(*letter)).collect();
    let kept = kept.replace(['<', '>', ':', '"', '|', '?', '*'], "_");
    let kept = kept.trim_matches([' ', '.']);
    match shortened(kept) {
        name if name.is_empty() => "file".to_owned(),
        name => name,
    }
}

/// Letters that are not seen and turn the others around or join them: `exe.` and `fdp` must not look like a PDF.
fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}' | '\u{61c}')
}

/// As many letters as there is room for, with the ending.
fn shortened(name: &str) -> String {
    if name.len() <= MOST_BYTES {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending).filter(|ending| ending.len() <= 10).unwrap_or_default();
    let mut room = MOST_BYTES - ending.len() - 1;
    while !name.is_char_boundary(room) {
        room -= 1;
    }
    let beginning = name[..room].trim_end_matches([' ', '.']);
    if ending.is_empty() { beginning.to_owned() } else { format!("{beginning}.{ending}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_and_deceives_nobody() {
        for (name, kept) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\a\\lab.pdf", "lab.pdf"),
            ("a\0b\r\n.pdf", "ab.pdf"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("José's Blut\u{AD}bild.pdf", "José's Blutbild.pdf"),
            ("a<b>:\"c|?*.txt", "a_b___c___.txt"),
            ("say %22ah%22%0D%0A.pdf", "say _ah_.pdf"),
            ("50%.pdf", "50%.pdf"),
            ("..", "file"),
            ("", "file"),
            (" .hidden. ", "hidden"),
        ] {
            assert_eq!(safe(name), kept, "{name:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let short = safe(&format!("{}.pdf", "é".repeat(300)));
        assert!(short.len() <= MOST_BYTES && short.ends_with("é.pdf"), "{short}");
        assert!(safe(&"x".repeat(400)).len() <= MOST_BYTES);
    }
}
