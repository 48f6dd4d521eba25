//! The part of a body's schema that Rust's types don't say: what must be an object, where `null` may stand, how long a text or a list
//! and how large a number may be. Checked here for every body, so that what the document says holds.
//!
//! Patterns and formats are not read: those are rules, and a rule has a sentence of its own. But an e-mail address is never blank, which
//! the slices would take for none.

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use clinichub_core::FieldError;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Array, KnownFormat, Object, Schema, SchemaFormat, SchemaType, Type};

/// A schema with all that it refers to.
pub(crate) struct Shape {
    root: RefOr<Schema>,
    named: BTreeMap<String, RefOr<Schema>>,
}

impl Shape {
    /// The shape of `T`, made once.
    pub(crate) fn of<T: ToSchema + 'static>() -> Arc<Self> {
        static KNOWN: LazyLock<RwLock<HashMap<TypeId, Arc<Shape>>>> = LazyLock::new(RwLock::default);
        let id = TypeId::of::<T>();
        if let Some(known) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return known.clone();
        }
        let mut named = Vec::new();
        T::schemas(&mut named);
        let shape = Arc::new(Self { root: T::schema(), named: named.into_iter().collect() });
        KNOWN.write().unwrap_or_else(PoisonError::into_inner).entry(id).or_insert(shape).clone()
    }

    /// Whether the body is an object. serde takes a list of its values, too.
    pub(crate) fn is_object(&self) -> bool {
        matches!(self.resolved(&self.root), Some(Schema::Object(object)) if allows(&object.schema_type, &Type::Object))
    }

    /// The names that an object of this shape must have.
    pub(crate) fn required(&self) -> &[String] {
        if let Some(Schema::Object(object)) = self.resolved(&self.root) { &object.required } else { &[] }
    }

    /// Everything in `value` that the shape does not allow.
    pub(crate) fn refusals(&self, value: &Value) -> Vec<FieldError> {
        let mut refused = Vec::new();
        self.check(&self.root, value, "", &mut refused);
        refused
    }

    fn resolved<'s>(&'s self, schema: &'s RefOr<Schema>) -> Option<&'s Schema> {
        match schema {
            RefOr::T(schema) => Some(schema),
            RefOr::Ref(reference) => self.resolved(self.named.get(reference.ref_location.rsplit('/').next()?)?),
        }
    }

    fn check(&self, schema: &RefOr<Schema>, value: &Value, path: &str, refused: &mut Vec<FieldError>) {
        match self.resolved(schema) {
            Some(Schema::Object(object)) => self.check_object(object, value, path, refused),
            Some(Schema::Array(array)) => self.check_array(array, value, path, refused),
            Some(Schema::OneOf(several)) => self.check_any(&several.items, value, path, refused),
            Some(Schema::AnyOf(several)) => self.check_any(&several.items, value, path, refused),
            Some(Schema::AllOf(several)) => several.items.iter().for_each(|schema| self.check(schema, value, path, refused)),
            _ => {}
        }
    }

    /// One of several must allow it; if none does, what the first says.
    fn check_any(&self, several: &[RefOr<Schema>], value: &Value, path: &str, refused: &mut Vec<FieldError>) {
        let for_it = several.iter().filter(|schema| value.is_null() || !self.is_null(schema));
        let refusals = for_it.map(|schema| {
            let mut refused = Vec::new();
            self.check(schema, value, path, &mut refused);
            refused
        });
        let refusals: Vec<_> = refusals.collect();
        if !refusals.iter().any(Vec::is_empty) {
            refused.extend(refusals.into_iter().next().unwrap_or_default());
        }
    }

    fn is_null(&self, schema: &RefOr<Schema>) -> bool {
        matches!(self.resolved(schema), Some(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
    }

    fn check_object(&self, object: &Object, value: &Value, path: &str, refused: &mut Vec<FieldError>) {
        let kind = &object.schema_type;
        match value {
            Value::Null if !allows(kind, &Type::Null) => refuse(refused, path, "null is not allowed"),
            Value::Array(_) if !allows(kind, &Type::Array) => refuse(refused, path, "expected an object"),
            Value::Object(members) => {
                for (name, value) in members {
                    if let Some(schema) = object.properties.get(name) {
                        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                        self.check(schema, value, &path, refused);
                    }
                }
            }
            Value::String(text) if allows(kind, &Type::String) => check_length(object, text, path, refused),
            Value::Number(number) if !allows(kind, &Type::String) => check_range(object, number, path, refused),
            _ => {}
        }
    }

    fn check_array(&self, array: &Array, value: &Value, path: &str, refused: &mut Vec<FieldError>) {
        match value {
            Value::Null if !allows(&array.schema_type, &Type::Null) => refuse(refused, path, "null is not allowed"),
            Value::Array(items) => {
                let (least, most) = (array.min_items.unwrap_or(0), array.max_items.unwrap_or(usize::MAX));
                if !(least..=most).contains(&items.len()) {
                    return refuse(refused, path, &format!("expected {}", between(least, array.max_items, "entries")));
                }
                let utoipa::openapi::schema::ArrayItems::RefOrSchema(schema) = &array.items else { return };
                for (index, item) in items.iter().enumerate() {
                    self.check(schema, item, &format!("{path}[{index}]"), refused);
                }
            }
            _ => {}
        }
    }
}

fn allows(kind: &SchemaType, wanted: &Type) -> bool {
    match kind {
        SchemaType::Type(one) => one == wanted,
        SchemaType::Array(several) => several.contains(wanted),
        SchemaType::AnyValue => true,
    }
}

fn check_length(object: &Object, text: &str, path: &str, refused: &mut Vec<FieldError>) {
    let (least, length) = (object.min_length.unwrap_or(0), text.chars().count());
    let is_address = matches!(&object.format, Some(SchemaFormat::KnownFormat(KnownFormat::Email)));
    if is_address && text.trim().is_empty() {
        refuse(refused, path, "expected an e-mail address such as name@example.com");
    } else if length == 0 && least == 1 {
        refused.push(FieldError { field: path.to_owned(), message: format!("Missing required field: {path}") });
    } else if length < least {
        refuse(refused, path, &format!("at least {least} characters"));
    } else if let Some(most) = object.max_length.filter(|most| length > *most) {
        refuse(refused, path, &format!("at most {most} characters"));
    }
}

fn check_range(object: &Object, number: &serde_json::Number, path: &str, refused: &mut Vec<FieldError>) {
    let bound = |bound: &Option<utoipa::Number>| bound.as_ref().map(as_float);
    let (least, most) = (bound(&object.minimum), bound(&object.maximum));
    let Some(value) = number.as_f64() else { return };
    if least.is_some_and(|least| value < least) || most.is_some_and(|most| value > most) {
        let words = match (least, most) {
            (Some(least), Some(most)) => format!("expected a number from {least} to {most}"),
            (Some(1.0), None) => "expected a positive whole number".to_owned(),
            (Some(least), None) => format!("expected a number of at least {least}"),
            (None, most) => format!("expected a number of at most {}", most.unwrap_or_default()),
        };
        refuse(refused, path, &words);
    }
}

fn as_float(number: &utoipa::Number) -> f64 {
    match number {
        #[expect(clippy::cast_precision_loss, reason = "limits are small")]
        utoipa::Number::Int(number) => *number as f64,
        #[expect(clippy::cast_precision_loss, reason = "limits are small")]
        utoipa::Number::UInt(number) => *number as f64,
        utoipa::Number::Float(number) => *number,
    }
}

fn between(least: usize, most: Option<usize>, what: &str) -> String {
    most.map_or_else(|| format!("at least {least} {what}"), |most| format!("{least} to {most} {what}"))
}

fn refuse(refused: &mut Vec<FieldError>, path: &str, words: &str) {
    let field = if path.is_empty() { "body" } else { path };
    refused.push(FieldError { field: field.to_owned(), message: format!("{field}: {words}") });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(ToSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Line {
        #[schema(minimum = 1, maximum = 999)]
        units: i64,
        #[schema(min_length = 1, max_length = 3)]
        code: String,
    }

    #[derive(ToSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Bill {
        #[schema(max_items = 2)]
        lines: Vec<Line>,
        first: Option<Line>,
        #[schema(value_type = Option<String>, nullable = false, min_length = 8)]
        word: Option<String>,
    }

    fn refused(value: &Value) -> Vec<String> {
        Shape::of::<Bill>().refusals(value).into_iter().map(|error| error.message).collect()
    }

    #[test]
    fn what_the_document_allows_is_fine() {
        let line = json!({ "units": 1, "code": "ab" });
        assert_eq!(refused(&json!({ "lines": [line, line], "first": line, "word": "long enough" })), [""; 0]);
        assert_eq!(refused(&json!({ "lines": [], "first": null, "other": null })), [""; 0]);
        assert!(Shape::of::<Bill>().is_object() && !Shape::of::<Vec<Line>>().is_object());
    }

    #[test]
    fn what_it_does_not_allow_is_named_by_its_path() {
        let line = |units: i64, code: &str| json!({ "units": units, "code": code });
        for (value, words) in [
            (json!([]), "body: expected an object"),
            (json!({ "lines": null }), "lines: null is not allowed"),
            (json!({ "word": null }), "word: null is not allowed"),
            (json!({ "word": "short" }), "word: at least 8 characters"),
            (json!({ "lines": [["a", 1]] }), "lines[0]: expected an object"),
            (json!({ "lines": [line(1, "a"), line(0, "a")] }), "lines[1].units: expected a number from 1 to 999"),
            (json!({ "lines": [line(1, "abcd")] }), "lines[0].code: at most 3 characters"),
            (json!({ "first": line(1, "") }), "Missing required field: first.code"),
            (json!({ "lines": [line(1, "a"), line(1, "a"), line(1, "a")] }), "lines: expected 0 to 2 entries"),
        ] {
            assert_eq!(refused(&value), [words], "{value}");
        }
    }
}
