//! JSON as strict as it can be read: no duplicate names, no control characters, and errors that name the field in plain words.

use std::cell::RefCell;
use std::fmt;

use clinichub_core::{AppError, FieldError};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// Reads a JSON text into `T`.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, AppError> {
    std::str::from_utf8(bytes).map_err(|_| AppError::field("body", "The body is not UTF-8"))?;
    check(bytes)?;
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| explain(&error.path().to_string(), &error.inner().to_string()))?;
    deserializer.end().map_err(|_| AppError::field("body", "There is something after the end of the JSON"))?;
    Ok(value)
}

/// Makes a [`FieldError`] of what serde says.
pub fn explain(path: &str, message: &str) -> AppError {
    let message = message.split(" at line ").next().unwrap_or(message);
    let parent = if path == "." { "" } else { path };
    if let Some(field) = quoted(message, "missing field `") {
        let field = join(parent, field);
        return AppError::Invalid(vec![FieldError { message: format!("Missing required field: {field}"), field }]);
    }
    if let Some(field) = quoted(message, "unknown field `") {
        let field = if parent == field || parent.ends_with(&format!(".{field}")) { parent.to_owned() } else { join(parent, field) };
        return AppError::Invalid(vec![FieldError { message: format!("Unknown field: {field}"), field }]);
    }
    let field = if parent.is_empty() { "body" } else { parent };
    AppError::field(field, format!("{field}: {}", plain(message)))
}

fn quoted<'a>(message: &'a str, before: &str) -> Option<&'a str> {
    message.strip_prefix(before)?.split('`').next()
}

fn join(parent: &str, field: &str) -> String {
    if parent.is_empty() { field.to_owned() } else { format!("{parent}.{field}") }
}

/// What serde says, in words for people: `invalid type: integer `5`, expected a string` → `expected a string`.
fn plain(message: &str) -> String {
    if message.contains("invalid digit") || message.contains("number too large") || message.contains("cannot parse integer") {
        return "expected a whole number".to_owned();
    }
    if message.contains("provided string was not `true` or `false`") {
        return "expected true or false".to_owned();
    }
    if let Some(variants) = message.strip_prefix("unknown variant ").and_then(|rest| rest.split_once(", expected ")) {
        return format!("expected {}", variants.1.replace('`', ""));
    }
    let Some((before, expected)) = message.split_once(", expected ") else { return message.to_owned() };
    if !before.starts_with("invalid ") {
        return message.to_owned();
    }
    let expected = match expected {
        "i64" | "u64" | "i32" | "u32" | "u8" | "u16" | "i16" => "a whole number",
        "f64" => "a number",
        "struct" | "a map" => "an object",
        other if other.starts_with("struct ") => "an object",
        "a sequence" => "a list",
        other => other,
    };
    format!("expected {expected}")
}

/// Goes through the text once: it is JSON, no object has a name twice, no text has a control character but line breaks and tabs.
fn check(bytes: &[u8]) -> Result<(), AppError> {
    let path = RefCell::new(Vec::new());
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let checked = Check(&path).deserialize(&mut deserializer).and_then(|()| deserializer.end());
    checked.map_err(|error| {
        let field = path.borrow().concat();
        let field = if field.is_empty() { "body".to_owned() } else { field.trim_start_matches('.').to_owned() };
        let text = error.to_string();
        match error.classify() {
            serde_json::error::Category::Data => AppError::field(field, text.split(" at line ").next().unwrap_or_default()),
            _ => AppError::field("body", format!("The body is not valid JSON: {text}")),
        }
    })
}

struct Check<'p>(&'p RefCell<Vec<String>>);

impl Check<'_> {
    fn text<E: serde::de::Error>(&self, text: &str) -> Result<(), E> {
        let is_bad = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        if text.chars().any(is_bad) { Err(E::custom("Control characters are not allowed")) } else { Ok(()) }
    }
}

impl<'de> DeserializeSeed<'de> for Check<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Check<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.text(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut index = 0;
        loop {
            self.0.borrow_mut().push(format!("[{index}]"));
            if items.next_element_seed(Check(self.0))?.is_none() {
                self.0.borrow_mut().pop();
                return Ok(());
            }
            self.0.borrow_mut().pop();
            index += 1;
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut names = std::collections::HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            self.text::<A::Error>(&name)?;
            self.0.borrow_mut().push(format!(".{name}"));
            if !names.insert(name) {
                return Err(A::Error::custom("The field is there twice"));
            }
            members.next_value_seed(Check(self.0))?;
            self.0.borrow_mut().pop();
        }
        Ok(())
    }
}
