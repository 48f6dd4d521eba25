//! Parameters in the query string, read as strictly as a body.

use std::cell::RefCell;
use std::collections::HashSet;

use axum::extract::FromRequestParts;
use clinichub_core::{AppError, Order, PageRequest};
use http::request::Parts;
use serde::de::{DeserializeOwned, Error as _, IntoDeserializer, value::MapDeserializer};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use crate::{ApiError, strict};

/// The most values of one parameter.
const MOST_VALUES: usize = 100;

/// The names that every list takes.
const PAGING: [&str; 6] = ["page", "per_page", "limit", "sort", "order", "search"];

/// Named parameters. One that `T` has no field for is a 400, so that a misspelt one is noticed.
#[derive(Debug, Clone, Copy)]
pub struct Params<T>(pub T);

/// The parameters of a list: which page, and the list's own filters `F`.
#[derive(Debug, Clone)]
pub struct List<F> {
    /// Which page, in what order, searching for what.
    pub paging: Paging,
    /// The list's own filters.
    pub filter: F,
}

/// Which page, in what order, searching for what.
#[derive(Debug, Clone, Default)]
pub struct Paging {
    page: i64,
    per_page: i64,
    sort: Option<String>,
    order: Option<Order>,
    /// What is searched for; not blank.
    pub search: Option<String>,
}

/// `page`, `per_page`, `order` and `search`, for the document. A list that can be sorted adds its `sort`.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PagingQuery {
    /// From 1.
    #[param(minimum = 1, maximum = 1_000_000, default = 1)]
    page: Option<i64>,
    /// Rows a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    per_page: Option<i64>,
    /// The same as `per_page`.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// The field the list is ordered by.
    #[param(ignore)]
    sort: Option<String>,
    /// Its direction.
    #[param(inline)]
    order: Option<OrderName>,
    /// What to look for.
    #[param(max_length = 200)]
    search: Option<String>,
}

/// The same for a list that can't be searched.
pub struct PageQuery;

impl IntoParams for PageQuery {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut all = PagingQuery::into_params(place);
        all.retain(|parameter| parameter.name != "search");
        all
    }
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OrderName {
    Asc,
    Desc,
}

/// The fields that a list can be ordered by.
pub trait SortField: Copy + 'static {
    /// Each name and what it stands for.
    const ALL: &'static [(&'static str, Self)];
}

impl Paging {
    /// The page that is asked for; an unknown sort field is an error that names the known ones.
    pub fn request<S: SortField>(&self, default: S, order: Order) -> Result<PageRequest<S>, AppError> {
        let sort = self.sort.as_deref().map_or(Ok(default), |name| {
            let known = S::ALL.iter().find(|(known, _)| *known == name).map(|(_, sort)| *sort);
            known.ok_or_else(|| {
                let names: Vec<_> = S::ALL.iter().map(|(name, _)| *name).collect();
                AppError::field("sort", format!("sort: expected one of {}", names.join(", ")))
            })
        })?;
        let order = self.order.unwrap_or(if self.sort.is_some() { Order::Asc } else { order });
        Ok(PageRequest { page: self.page, per_page: self.per_page, sort, order })
    }

    /// Refuses a search in a list that can't be searched; it is never ignored.
    pub fn unsearched(&self) -> Result<(), AppError> {
        match &self.search {
            Some(_) => Err(AppError::field("search", "search: this list can't be searched")),
            None => Ok(()),
        }
    }

    /// Whether an order was asked for.
    pub fn is_sorted(&self) -> bool {
        self.sort.is_some()
    }
}

impl TryFrom<PagingQuery> for Paging {
    type Error = AppError;

    fn try_from(query: PagingQuery) -> Result<Self, AppError> {
        let within = |name: &str, value: Option<i64>, default: i64, most: i64| match value {
            Some(value) if !(1..=most).contains(&value) => {
                Err(AppError::field(name, format!("{name}: expected a number from 1 to {most}")))
            }
            value => Ok(value.unwrap_or(default)),
        };
        let limit = within("limit", query.limit, 20, 100)?;
        let search = query.search.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        if search.as_ref().is_some_and(|text| text.chars().count() > 200) {
            return Err(AppError::field("search", "search: at most 200 characters"));
        }
        Ok(Self {
            page: within("page", query.page, 1, 1_000_000)?,
            per_page: within("per_page", query.per_page, limit, 100)?,
            sort: query.sort,
            order: query.order.map(|order| if matches!(order, OrderName::Asc) { Order::Asc } else { Order::Desc }),
            search,
        })
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self(read(pairs(parts)?)?))
    }
}

impl<S: Send + Sync, F: DeserializeOwned> FromRequestParts<S> for List<F> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let (paging, filter): (Vec<_>, Vec<_>) = pairs(parts)?.into_iter().partition(|(name, _)| PAGING.contains(&name.as_str()));
        let paging: PagingQuery = read(paging)?;
        Ok(Self { paging: paging.try_into()?, filter: read(filter)? })
    }
}

/// The names and values, decoded. What is there twice, is no text or has a control character is refused.
fn pairs(parts: &Parts) -> Result<Vec<(String, String)>, AppError> {
    let mut names = HashSet::new();
    let mut pairs = Vec::new();
    for part in parts.uri.query().unwrap_or_default().split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = decoded(name).filter(|name| !name.chars().any(strict::is_forbidden));
        let name = name.ok_or_else(|| AppError::field("query", "The query string is not valid"))?;
        let refuse = |words: &str| AppError::field(&*name, format!("{name}: {words}"));
        let value = decoded(value).ok_or_else(|| refuse("not UTF-8"))?;
        if value.chars().any(strict::is_forbidden) {
            return Err(refuse("control characters are not allowed"));
        }
        if !names.insert(name.clone()) {
            return Err(refuse("is there twice"));
        }
        pairs.push((name, value));
    }
    Ok(pairs)
}

/// `application/x-www-form-urlencoded`; `None` where an escape is broken or the bytes are no UTF-8, which libraries pass over.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn read<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, AppError> {
    let last = RefCell::new(String::new());
    let pairs = pairs.into_iter().map(|(name, value)| {
        last.borrow_mut().clone_from(&name);
        (name.clone(), Word { name, value })
    });
    let deserializer = MapDeserializer::<_, serde::de::value::Error>::new(pairs);
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let message = error.inner().to_string();
        if message.starts_with(strict::DUPLICATE) {
            // serde knows the field by one of its names; the client is told the one that is too many.
            let name = last.borrow().clone();
            return AppError::field(name.clone(), format!("{name}: is there twice"));
        }
        strict::explain(&error.path().to_string(), &message)
    })
}

/// Values with commas between them (`2,5`), at most a hundred: for `#[serde(deserialize_with = "comma_separated")]`.
pub fn comma_separated<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.split(',').count() > MOST_VALUES {
        return Err(D::Error::custom(format_args!("at most {MOST_VALUES} values")));
    }
    let value = |part: &str| T::deserialize(Word { name: String::new(), value: part.trim().to_owned() }).map_err(D::Error::custom);
    text.split(',').map(value).collect()
}

/// The text of a parameter, read as whatever is asked for.
struct Word {
    name: String,
    value: String,
}

impl IntoDeserializer<'_> for Word {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! whole_numbers {
    ($($method:ident $visit:ident),+ $(,)?) => {$(
        fn $method<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            let digits = self.value.strip_prefix('-').unwrap_or(&self.value);
            let parsed = self.value.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()));
            visitor.$visit(parsed.ok_or_else(|| serde::de::Error::custom("expected a whole number"))?)
        }
    )+};
}

impl<'de> serde::Deserializer<'de> for Word {
    type Error = serde::de::value::Error;

    whole_numbers! {
        deserialize_i32 visit_i32, deserialize_i64 visit_i64, deserialize_u32 visit_u32, deserialize_u64 visit_u64,
    }

    fn deserialize_bool<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        let parsed = self.value.parse().map_err(|_| serde::de::Error::custom("expected true or false"))?;
        visitor.visit_bool(parsed)
    }

    fn deserialize_any<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_string(self.value)
    }

    fn deserialize_option<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: serde::de::Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: serde::de::Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_enum(self.value.into_deserializer())
    }

    /// Passes over what the type has no field for, so serde asks; nothing is passed over here.
    fn deserialize_ignored_any<V: serde::de::Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(serde::de::Error::custom(format_args!("unknown field `{}`", self.name)))
    }

    serde::forward_to_deserialize_any! {
        i8 i16 u8 u16 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
    }
}

#[cfg(test)]
mod tests {
    use clinichub_core::UserId;

    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Asked {
        #[serde(deserialize_with = "comma_separated")]
        ids: Vec<UserId>,
    }

    fn ids(text: &str) -> Result<Vec<i64>, String> {
        let asked: Asked = read(vec![("ids".to_owned(), text.to_owned())]).map_err(|error| error.to_string())?;
        Ok(asked.ids.into_iter().map(|id| id.0).collect())
    }

    #[test]
    fn values_stand_between_commas() {
        assert_eq!(ids("7"), Ok(vec![7]));
        assert_eq!(ids("7,2, 5"), Ok(vec![7, 2, 5]));
        assert_eq!(read::<Asked>(Vec::new()).map(|asked| asked.ids.len()).ok(), Some(0));
    }

    #[test]
    fn a_wrong_value_among_them_is_refused() {
        for text in ["", ",", "7,", "7,x", "7;2", "0", "7,-1"] {
            assert!(ids(text).is_err_and(|error| error.starts_with("ids: expected a")), "{text}: {:?}", ids(text));
        }
        assert_eq!(ids(&["1"; 100].join(",")).map(|ids| ids.len()), Ok(100));
        assert_eq!(ids(&["1"; 101].join(",")), Err("ids: at most 100 values".to_owned()));
    }
}
