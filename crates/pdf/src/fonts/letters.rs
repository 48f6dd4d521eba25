//! Which letters a text has drawn, sets of them, and the scripts that a person asks about by name.

use typst::text::{Coverage, is_default_ignorable};

/// A script's name and letters that whoever writes it can't do without; those that the embedded faces have are not here.
pub(super) const SCRIPTS: [(&str, &str); 16] = [
    ("Han", "王李语語"),
    ("Kana", "あア"),
    ("Hangul", "김한"),
    ("Thai", "กส"),
    ("Devanagari", "अक"),
    ("Bengali", "অক"),
    ("Gurmukhi", "ਅਕ"),
    ("Gujarati", "અક"),
    ("Odia", "ଅକ"),
    ("Tamil", "அக"),
    ("Telugu", "అక"),
    ("Kannada", "ಅಕ"),
    ("Malayalam", "അക"),
    ("Sinhala", "අක"),
    ("Khmer", "កខ"),
    ("Ethiopic", "ሀአ"),
];

/// Letters, a bit each.
#[derive(Debug, Default)]
pub(super) struct Letters(Vec<u64>);

impl Letters {
    /// Adds what a face has.
    pub(super) fn add(&mut self, coverage: &Coverage) {
        for letter in coverage.iter() {
            let (word, bit) = place(letter);
            if word >= self.0.len() {
                self.0.resize(word + 1, 0);
            }
            self.0[word] |= bit;
        }
    }

    /// Whether this letter is among them.
    pub(super) fn have(&self, letter: char) -> bool {
        let (word, bit) = place(letter.into());
        self.0.get(word).is_some_and(|bits| bits & bit != 0)
    }
}

fn place(letter: u32) -> (usize, u64) {
    ((letter / 64) as usize, 1 << (letter % 64))
}

/// What of a text a font must have, but for ASCII, which every document has anyway. The typesetter breaks a line at the separators.
pub(super) fn drawn(text: &str) -> impl Iterator<Item = char> + '_ {
    let is_drawn = |letter: &char| !letter.is_control() && !matches!(letter, '\u{2028}' | '\u{2029}') && !is_default_ignorable(*letter);
    text.chars().filter(|letter| !letter.is_ascii()).filter(is_drawn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_added() {
        let mut letters = Letters::default();
        letters.add(&Coverage::from_vec(vec!['é'.into(), '王'.into(), '😀'.into()]));
        assert!(['é', '王', '😀'].into_iter().all(|letter| letters.have(letter)));
        assert!(!['è', '玉', '😁', char::MAX].into_iter().any(|letter| letters.have(letter)));
    }

    #[test]
    fn what_is_not_drawn_needs_no_font() {
        assert_eq!(drawn("Zoë\u{200d}\u{fe0f}\u{2028}\u{85} 王\u{3000}").collect::<String>(), "ë王\u{3000}");
    }
}
