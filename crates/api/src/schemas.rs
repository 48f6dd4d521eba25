//! What a finished document still lacks to be true: that texts in requests hold no control characters, which answers carry an
//! `ETag`, which tags there are.

use std::collections::BTreeSet;

use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Object, Schema, SchemaFormat, SchemaType, Type};
use utoipa::openapi::tag::Tag;
use utoipa::openapi::{Components, KnownFormat, OpenApi, Ref, RefOr, Response};

use crate::openapi::text_header;

/// What `strict` lets through.
const CLEAN: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$";
/// The same with something in it that is not white space.
const CLEAN_NOT_BLANK: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$";

/// Completes the document, now that all its schemas are known.
pub(crate) fn complete(document: &mut OpenApi) {
    let mut components = document.components.take().unwrap_or_default();
    let mut tags = BTreeSet::new();
    let mut asked = BTreeSet::new();
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        tags.extend(operation.tags.iter().flatten().cloned());
        clean_request(operation, &mut asked);
        for (status, response) in &mut operation.responses.responses {
            if let (true, RefOr::T(response)) = (status.starts_with('2'), response)
                && is_versioned(response, &components)
            {
                response.headers.insert("ETag".to_owned(), text_header().into());
            }
        }
    }
    clean_components(&mut components, asked);
    document.components = Some(components);
    document.tags = Some(tags.into_iter().map(Tag::new).collect());
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}

/// Cleans what the request says in place, and adds to `asked` the components that it refers to.
fn clean_request(operation: &mut Operation, asked: &mut BTreeSet<String>) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        if let (ParameterIn::Query, Some(schema)) = (&parameter.parameter_in, &mut parameter.schema) {
            without_null(schema);
            clean(schema, asked);
        }
    }
    let Some(RefOr::T(body)) = &mut operation.request_body else { return };
    for content in body.content.values_mut() {
        if let RefOr::T(content) = content
            && let Some(schema) = &mut content.schema
        {
            clean(schema, asked);
        }
    }
}

/// A parameter that may be left out is not `null` when it is there.
fn without_null(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            if let SchemaType::Array(types) = &mut object.schema_type {
                types.retain(|kind| *kind != Type::Null);
            }
        }
        RefOr::T(Schema::OneOf(one)) => {
            let is_null = |item: &RefOr<Schema>| matches!(item, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null));
            one.items.retain(|item| !is_null(item));
            if let [only] = one.items.as_slice() {
                *schema = only.clone();
            }
        }
        _ => {}
    }
}

fn clean_components(components: &mut Components, mut asked: BTreeSet<String>) {
    let mut done = BTreeSet::new();
    while let Some(name) = asked.pop_first() {
        if done.insert(name.clone())
            && let Some(schema) = components.schemas.get_mut(&name)
        {
            clean(schema, &mut asked);
        }
    }
}

fn clean(schema: &mut RefOr<Schema>, asked: &mut BTreeSet<String>) {
    match schema {
        RefOr::Ref(reference) => asked.extend(component(reference)),
        RefOr::T(Schema::Object(object)) => clean_object(object, asked),
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                clean(items, asked);
            }
        }
        RefOr::T(Schema::OneOf(several)) => several.items.iter_mut().for_each(|item| clean(item, asked)),
        RefOr::T(Schema::AllOf(several)) => several.items.iter_mut().for_each(|item| clean(item, asked)),
        RefOr::T(Schema::AnyOf(several)) => several.items.iter_mut().for_each(|item| clean(item, asked)),
        RefOr::T(_) => {}
    }
}

fn clean_object(object: &mut Object, asked: &mut BTreeSet<String>) {
    object.properties.values_mut().for_each(|property| clean(property, asked));
    if let Some(AdditionalProperties::RefOr(values)) = object.additional_properties.as_deref_mut() {
        clean(values, asked);
    }
    let is_text = match &object.schema_type {
        SchemaType::Type(kind) => *kind == Type::String,
        SchemaType::Array(kinds) => kinds.contains(&Type::String),
        SchemaType::AnyValue => false,
    };
    let is_free = matches!(&object.format, None | Some(SchemaFormat::KnownFormat(KnownFormat::Password)));
    if !is_text || !is_free || object.enum_values.is_some() {
        return;
    }
    match object.pattern.as_deref() {
        Some(r"\S") => object.pattern = Some(CLEAN_NOT_BLANK.to_owned()),
        None if object.min_length == Some(1) => object.pattern = Some(CLEAN_NOT_BLANK.to_owned()),
        None => object.pattern = Some(CLEAN.to_owned()),
        Some(_) => {}
    }
}

fn component(reference: &Ref) -> Option<String> {
    reference.ref_location.strip_prefix("#/components/schemas/").map(str::to_owned)
}

/// Whether the body has a `version`, or the thing in it that was changed has.
fn is_versioned(response: &Response, components: &Components) -> bool {
    let Some(RefOr::T(content)) = response.content.get("application/json") else { return false };
    let Some(body) = content.schema.as_ref().and_then(|schema| resolved(schema, components)) else { return false };
    let has_version = |member: &RefOr<Schema>| resolved(member, components).is_some_and(|thing| thing.properties.contains_key("version"));
    let is_change = body.properties.contains_key("message");
    body.properties.contains_key("version") || (is_change && body.properties.values().any(has_version))
}

fn resolved<'d>(schema: &'d RefOr<Schema>, components: &'d Components) -> Option<&'d Object> {
    let schema = match schema {
        RefOr::Ref(reference) => components.schemas.get(&component(reference)?)?,
        schema @ RefOr::T(_) => schema,
    };
    if let RefOr::T(Schema::Object(object)) = schema { Some(object) } else { None }
}
