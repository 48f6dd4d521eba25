//! The form of the codes and the lines of the files they come in, without a database.

use std::collections::BTreeSet;

/// What a code of another form is answered with.
pub const WRONG: &str = "code: expected an ICD-10-CM code such as J06.9";

/// The code as it is written, with its dot and in capitals; `None` where it has not the form of one: a letter, a digit, a letter or digit,
/// and up to four more (ICD-10-CM Official Guidelines I.A.2).
pub fn normal(code: &str) -> Option<String> {
    key(code).map(|key| dotted(&key))
}

/// The code without its dot, as it is stored.
pub fn key(code: &str) -> Option<String> {
    let code = code.trim().to_ascii_uppercase();
    let key = match code.split_once('.') {
        Some((category, rest)) if category.len() == 3 && !rest.is_empty() => format!("{category}{rest}"),
        Some(_) => return None,
        None => code,
    };
    let bytes = key.as_bytes();
    let fits = (3..=7).contains(&bytes.len())
        && bytes[0].is_ascii_uppercase()
        && bytes[1].is_ascii_digit()
        && bytes[2..].iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    fits.then_some(key)
}

/// With the dot behind the category.
pub fn dotted(key: &str) -> String {
    match key.split_at_checked(3) {
        Some((category, rest)) if !rest.is_empty() => format!("{category}.{rest}"),
        _ => key.to_owned(),
    }
}

/// What somebody looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// Codes that begin so, without the dot.
    Code(String),
    /// Descriptions with a word beginning with each of these.
    Words(Vec<String>),
}

impl Search {
    /// What `text` looks for: the beginning of a code is a letter and a digit, with or without more.
    pub fn of(text: &str) -> Self {
        let plain: String = text.trim().chars().filter(|letter| *letter != '.').collect();
        let mut letters = plain.chars();
        let is_code = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic())
            && letters.next().is_some_and(|letter| letter.is_ascii_digit())
            && plain.len() <= 7
            && plain.chars().all(|letter| letter.is_ascii_alphanumeric());
        if is_code { Self::Code(plain.to_ascii_uppercase()) } else { Self::Words(words(text).into_iter().collect()) }
    }
}

/// The words of a description, in lower case, each once.
pub fn words(text: &str) -> BTreeSet<String> {
    text.to_lowercase().split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// A code of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Without its dot.
    pub key: String,
    /// What it means.
    pub description: String,
    /// Whether it may stand on a bill; categories above it may not.
    pub is_billable: bool,
}

impl Code {
    /// The code of a line: of the order file (`00001 A00     0 short description … long description`), or a code, a tab or blanks, and its
    /// description. `None` for what is neither.
    pub fn of_line(line: &str) -> Option<Self> {
        Self::of_order_line(line).or_else(|| Self::of_plain_line(line))
    }

    /// Columns 1–5 number, 7–13 code, 15 whether it is billable, 17–76 short and from 78 long description (the order file's readme).
    fn of_order_line(line: &str) -> Option<Self> {
        let number = line.get(..5)?;
        if !number.bytes().all(|byte| byte.is_ascii_digit()) || line.as_bytes().get(5) != Some(&b' ') {
            return None;
        }
        let is_billable = match line.get(14..15)? {
            "1" => true,
            "0" => false,
            _ => return None,
        };
        let long = line.get(77..).map(str::trim).filter(|text| !text.is_empty());
        let description = long.or_else(|| line.get(16..).map(str::trim))?;
        Self::made(line.get(6..13)?, description, is_billable)
    }

    fn of_plain_line(line: &str) -> Option<Self> {
        let (code, description) = line.trim().split_once(['\t', ' '])?;
        Self::made(code, description, true)
    }

    fn made(code: &str, description: &str, is_billable: bool) -> Option<Self> {
        let description = description.trim().to_owned();
        Some(Self { key: key(code)?, is_billable, description }).filter(|code| !code.description.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_a_form() {
        for (text, normal_form) in [("j069", "J06.9"), ("J06.9", "J06.9"), (" a00 ", "A00"), ("S72.001A", "S72.001A"), ("C4A.0", "C4A.0")] {
            assert_eq!(normal(text).as_deref(), Some(normal_form), "{text}");
        }
        for text in ["", "J", "J0", "106.9", "J06.", "J0.69", "J06.9.1", "J06.90000", "JX6", "flu"] {
            assert_eq!(normal(text), None, "{text}");
        }
    }

    #[test]
    fn lines_of_both_files_are_read() {
        let order = format!("{:<76} {}", "00002 A000    1 Cholera due to Vibrio cholerae 01, biovar cholerae", "Cholera, long");
        let code = Code::of_line(&order).expect("a code");
        assert_eq!((code.key.as_str(), code.description.as_str(), code.is_billable), ("A000", "Cholera, long", true));
        let category = format!("{:<76} {}", "00001 A00     0 Cholera", "Cholera");
        assert!(Code::of_line(&category).is_some_and(|code| !code.is_billable && code.key == "A00"));
        let plain = Code::of_line("J06.9\tAcute upper respiratory infection, unspecified").expect("a code");
        assert_eq!(plain.key, "J069");
        assert_eq!(Code::of_line("J069    Acute upper respiratory infection, unspecified").map(|code| code.key).as_deref(), Some("J069"));
        for line in ["", "code\tdescription", "J06.9", "00001 A00     x Cholera"] {
            assert_eq!(Code::of_line(line), None, "{line}");
        }
    }

    #[test]
    fn a_search_is_for_codes_or_words() {
        assert_eq!(Search::of("j06."), Search::Code("J06".to_owned()));
        assert_eq!(Search::of("upper resp"), Search::Words(vec!["resp".to_owned(), "upper".to_owned()]));
        assert_eq!(Search::of("flu"), Search::Words(vec!["flu".to_owned()]));
    }
}
