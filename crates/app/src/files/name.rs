//! What a file may be called. Pure. The name is shown and offered when the file is kept; it never leads to a place in a store. What a machine
//! can't have in a name (Windows no `"`, `:`, `?`) the browser there replaces; here it stays as the sender has it.

/// The longest name, in bytes, that file systems take.
const MOST_BYTES: usize = 255;

/// The last part of what a sender calls a file, without what would deceive whoever reads it.
pub fn safe(name: &str) -> String {
    // What browsers write for these three in a form (HTML, "multipart/form-data"); where the form is read, `\"` has become `"`.
    let name = name.replace("%22", "\"").replace("%0D", "").replace("%0A", "");
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|letter| !letter.is_control() && !is_hidden(*letter)).collect();
    let kept = kept.trim_matches([' ', '.', '\u{200c}', '\u{200d}']);
    match shortened(kept) {
        name if name.is_empty() => "file".to_owned(),
        name => name,
    }
}

/// Letters that are not seen and turn the others around or break them: `exe.` and `fdp` must not look like a PDF. The two that join letters
/// and keep them apart (U+200C, U+200D) belong to the spelling of Persian and Hindi.
fn is_hidden(letter: char) -> bool {
    let turns = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}');
    turns || matches!(letter, '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}' | '\u{feff}' | '\u{ad}')
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
            ("a<b>:\"c|?*.txt", "a<b>:\"c|?*.txt"),
            ("say %22ah%22%0D%0A.pdf", "say \"ah\".pdf"),
            ("می\u{200c}خواهم ۱۲.pdf", "می\u{200c}خواهم ۱۲.pdf"),
            ("a\u{2067}fdp\u{2069}\u{200f}.exe", "afdp.exe"),
            ("50%.pdf", "50%.pdf"),
            ("..", "file"),
            ("", "file"),
            (" .hidden. ", "hidden"),
            ("run.exe\u{200d}", "run.exe"),
            ("\u{200c}", "file"),
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
