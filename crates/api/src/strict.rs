//! JSON as strict as it can be read: no duplicate names, no control characters, and errors that name the field in plain words.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

use clinichub_core::{AppError, FieldError};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Reads a JSON text.
pub fn from_slice(bytes: &[u8]) -> Result<Value, AppError> {
    std::str::from_utf8(bytes).map_err(|_| AppError::field("body", "The body is not UTF-8"))?;
    check(bytes)?;
    serde_json::from_slice(bytes).map_err(|error| syntax(bytes, &error))
}

/// Reads JSON as a `T`.
pub(crate) fn read<T: DeserializeOwned>(value: &Value) -> Result<T, AppError> {
    serde_path_to_error::deserialize(value).map_err(|error| explain(&error.path().to_string(), &error.inner().to_string()))
}

/// Makes `15.0` a `15`: to JSON Schema it is a whole number, and some clients write all numbers so.
pub(crate) fn make_whole(value: &mut Value) {
    /// Up to here each whole number has a float of its own.
    const MOST: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) => {
            let whole = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() <= MOST);
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and in range")]
            if let Some(float) = whole {
                *value = Value::from(float as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(make_whole),
        Value::Object(members) => members.values_mut().for_each(make_whole),
        _ => {}
    }
}

/// What serde says first of a field that is there twice, as it is where it has two names.
pub(crate) const DUPLICATE: &str = "duplicate field `";

/// Makes a [`FieldError`] of what serde says.
pub fn explain(path: &str, message: &str) -> AppError {
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    let parent = if path == "." { "" } else { path };
    if let Some(field) = quoted(message, "missing field `") {
        let field = join(parent, field);
        return AppError::Invalid(vec![FieldError { message: format!("Missing required field: {field}"), field }]);
    }
    if let Some(field) = quoted(message, "unknown field `") {
        let field = if parent == field || parent.ends_with(&format!(".{field}")) { parent.to_owned() } else { join(parent, field) };
        return AppError::Invalid(vec![FieldError { message: format!("Unknown field: {field}"), field }]);
    }
    if let Some(field) = quoted(message, DUPLICATE) {
        let field = join(parent, field);
        return AppError::Invalid(vec![FieldError { message: format!("{field}: is there twice"), field }]);
    }
    let field = if parent.is_empty() { "body" } else { parent };
    if message.starts_with("invalid type: null,") && field != "body" {
        return AppError::Invalid(vec![FieldError { message: format!("Missing required field: {field}"), field: field.to_owned() }]);
    }
    // It may quote what was sent, which may be as long as the body.
    let words: String = plain(message).chars().take(200).collect();
    AppError::field(field, format!("{field}: {words}"))
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
    let Some((before, expected)) = message.rsplit_once(", expected ") else { return message.to_owned() };
    if !before.starts_with("invalid ") {
        return message.to_owned();
    }
    let expected = match expected {
        "i64" | "u64" | "i32" | "u32" | "u8" | "u16" | "i16" => "a whole number",
        "f64" => "a number",
        "a boolean" => "true or false",
        "struct" | "a map" => "an object",
        other if other.starts_with("struct ") => "an object",
        "a sequence" => "a list",
        other => other,
    };
    format!("expected {expected}")
}

/// How deep lists and objects may be nested.
const MOST_LEVELS: usize = 32;

/// Whether a text may not hold this character: controls but line feed, carriage return and tab.
pub(crate) fn is_forbidden(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\r' | '\t')
}

/// Goes through the text once: it is JSON, not nested too deeply, no object has a name twice, no text has a control character but line
/// breaks and tabs.
fn check(bytes: &[u8]) -> Result<(), AppError> {
    let finding = RefCell::new(None);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let checked = Check { path: &Path::Body, level: 0, finding: &finding }.deserialize(&mut deserializer);
    checked.and_then(|()| deserializer.end()).map_err(|error| finding.take().unwrap_or_else(|| syntax(bytes, &error)))
}

/// What is no JSON, with the field in which reading it stopped.
fn syntax(bytes: &[u8], error: &serde_json::Error) -> AppError {
    let again = serde_path_to_error::deserialize::<_, serde_json::Value>(&mut serde_json::Deserializer::from_slice(bytes));
    let path =
        again.err().map(|error| error.path().to_string()).filter(|path| path != "." && path != "?" && !path.chars().any(is_forbidden));
    let field = path.unwrap_or_else(|| "body".to_owned());
    AppError::field(field, format!("The body is not valid JSON: {error}"))
}

/// Where in the body something stands; made without allocating, because it is rarely asked for.
enum Path<'a> {
    Body,
    Name(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body => Ok(()),
            Self::Name(Self::Body, name) => f.write_str(name),
            Self::Name(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

struct Check<'a> {
    path: &'a Path<'a>,
    level: usize,
    finding: &'a RefCell<Option<AppError>>,
}

impl Check<'_> {
    fn refuse<E: serde::de::Error>(&self, path: &Path<'_>, words: &str) -> E {
        // A name may hold just what it is refused for, and be as long as the body: that is not sent back.
        let field: String = path.to_string().chars().filter(|character| !is_forbidden(*character)).take(200).collect();
        let field = if field.is_empty() { "body".to_owned() } else { field };
        *self.finding.borrow_mut() = Some(AppError::field(field.clone(), format!("{field}: {words}")));
        E::custom("refused")
    }

    fn text<E: serde::de::Error>(&self, path: &Path<'_>, text: &str) -> Result<(), E> {
        if text.chars().any(is_forbidden) { Err(self.refuse(path, "control characters are not allowed")) } else { Ok(()) }
    }

    fn deeper<E: serde::de::Error>(&self) -> Result<usize, E> {
        if self.level < MOST_LEVELS { Ok(self.level + 1) } else { Err(self.refuse(&Path::Body, "nested too deeply")) }
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
        self.text(self.path, text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let level = self.deeper()?;
        let mut index = 0;
        while items.next_element_seed(Check { path: &Path::Item(self.path, index), level, finding: self.finding })?.is_some() {
            index += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let level = self.deeper()?;
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            let path = Path::Name(self.path, &name);
            self.text(&path, &name)?;
            if names.contains(&name) {
                return Err(self.refuse(&path, "is there twice"));
            }
            members.next_value_seed(Check { path: &path, level, finding: self.finding })?;
            names.insert(name);
        }
        Ok(())
    }
}
