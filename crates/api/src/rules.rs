//! Rules for texts that several slices share. Each adds to `refused` the field and a sentence for the person who typed it.

use clinichub_core::FieldError;

/// Notes that `field` is refused.
pub fn refuse(refused: &mut Vec<FieldError>, field: &str, message: impl Into<String>) {
    refused.push(FieldError { field: field.to_owned(), message: message.into() });
}

/// A text that must be there, of at most `most` characters.
pub fn required_text(refused: &mut Vec<FieldError>, field: &str, value: &str, most: usize) {
    if value.trim().is_empty() {
        refuse(refused, field, format!("Missing required field: {field}"));
    } else {
        text(refused, field, Some(value), most);
    }
}

/// A person's name: one line of at most 100 characters, of which one can be seen at least.
pub fn name(refused: &mut Vec<FieldError>, field: &str, value: &str) {
    if !value.chars().any(is_visible) {
        refuse(refused, field, format!("Missing required field: {field}"));
    } else if value.contains(['\n', '\r', '\t']) {
        refuse(refused, field, format!("{field}: one line"));
    } else {
        text(refused, field, Some(value), 100);
    }
}

/// Whether a character leaves a mark on paper.
fn is_visible(letter: char) -> bool {
    let is_hidden = matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    !letter.is_whitespace() && !letter.is_control() && !is_hidden
}

/// A text of at most `most` characters.
pub fn text(refused: &mut Vec<FieldError>, field: &str, value: Option<&str>, most: usize) {
    if value.is_some_and(|value| value.chars().count() > most) {
        refuse(refused, field, format!("{field}: at most {most} characters"));
    }
}

/// An e-mail address of at most 254 characters (RFC 5321).
pub fn email(refused: &mut Vec<FieldError>, field: &str, value: Option<&str>) {
    let Some(value) = value else { return };
    if value.len() > 254 || garde::rules::email::parse_email(value).is_err() {
        refuse(refused, field, format!("{field}: expected an e-mail address such as name@example.com"));
    }
}

/// A phone number in any format: 3 to 15 digits (ITU-T E.164), and the signs that people write between them.
pub fn phone(refused: &mut Vec<FieldError>, field: &str, value: Option<&str>) {
    let Some(value) = value else { return };
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let known = value.chars().all(|c| c.is_ascii_digit() || " +()-./".contains(c));
    if !known || !(3..=15).contains(&digits) || value.len() > 32 {
        refuse(refused, field, format!("{field}: expected a phone number of 3 to 15 digits"));
    }
}

/// A language tag (BCP 47), as `es` or `es-PR`.
pub fn language(refused: &mut Vec<FieldError>, field: &str, value: Option<&str>) {
    let Some(value) = value else { return };
    let mut parts = value.split('-');
    let first = parts.next().is_some_and(|part| (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic()));
    let rest = parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if !first || !rest || value.len() > 35 {
        refuse(refused, field, format!("{field}: expected a language tag such as es or es-PR"));
    }
}

/// `Ok` where nothing was refused.
pub fn verdict(refused: Vec<FieldError>) -> clinichub_core::Result<()> {
    if refused.is_empty() { Ok(()) } else { Err(clinichub_core::AppError::Invalid(refused)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fine(rule: fn(&mut Vec<FieldError>, &str, Option<&str>), value: &str) -> bool {
        let mut refused = Vec::new();
        rule(&mut refused, "field", Some(value));
        refused.is_empty()
    }

    #[test]
    fn phones_come_in_any_format() {
        for phone_number in ["7871234567", "(787) 123-4567", "+1 787.123.4567", "911"] {
            assert!(fine(phone, phone_number), "{phone_number}");
        }
        for phone_number in ["", "12", "call me", "1234567890123456", "787x"] {
            assert!(!fine(phone, phone_number), "{phone_number}");
        }
    }

    #[test]
    fn names_are_lines_that_can_be_seen() {
        let fine = |value| fine(|refused, field, value| name(refused, field, value.unwrap_or_default()), value);
        for value in ["Ann", " Zoë ", "O'Neil-Ruiz", "李", "\u{200f}דנה"] {
            assert!(fine(value), "{value:?}");
        }
        for value in ["", " ", "\u{200b}\u{feff}", "\u{a0}", "Ann\nMarie", "Ann\tMarie"] {
            assert!(!fine(value), "{value:?}");
        }
    }

    #[test]
    fn addresses_and_languages() {
        assert!(fine(email, "john.doe@email.com") && !fine(email, "john") && !fine(email, "a@b@c"));
        assert!(fine(language, "es") && fine(language, "pt-BR") && !fine(language, "spanish") && !fine(language, "e"));
    }
}
