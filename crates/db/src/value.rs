//! What goes into a statement: [`Value`], [`Params`] and their way into both engines.

use std::error::Error;

use bytes::{BufMut, BytesMut};
use clinichub_core::{Currency, Day, Permission, Role, UtcTime, for_each_id};
use jiff::civil;
use postgres_types::{IsNull, ToSql, Type, to_sql_checked};
use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio_postgres::types as postgres_types;

/// A parameter of a statement. Its `Debug` shows the kind only: values are people's data.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// An integer or an id.
    Int(i64),
    /// A floating-point number.
    Real(f64),
    /// A truth value; 0 or 1 on SQLite.
    Bool(bool),
    /// A text.
    Text(String),
    /// A text that is part of the program, as the values of an enum.
    Word(&'static str),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An instant; microseconds since 1970 on SQLite.
    Time(UtcTime),
    /// A calendar date; `2026-04-15` on SQLite.
    Date(civil::Date),
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Int(_) => "Int",
            Self::Real(_) => "Real",
            Self::Bool(_) => "Bool",
            Self::Text(_) | Self::Word(_) => "Text",
            Self::Bytes(_) => "Bytes",
            Self::Time(_) => "Time",
            Self::Date(_) => "Date",
        })
    }
}

macro_rules! value_from {
    ($($type:ty => |$value:ident| $made:expr),+ $(,)?) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $made
            }
        }
    )+};
}

value_from! {
    i64 => |value| Self::Int(value),
    i32 => |value| Self::Int(value.into()),
    u32 => |value| Self::Int(value.into()),
    i16 => |value| Self::Int(value.into()),
    u16 => |value| Self::Int(value.into()),
    u8 => |value| Self::Int(value.into()),
    i8 => |value| Self::Int(value.into()),
    f64 => |value| Self::Real(value),
    bool => |value| Self::Bool(value),
    String => |value| Self::Text(value),
    &str => |value| Self::Text(value.to_owned()),
    Vec<u8> => |value| Self::Bytes(value),
    &[u8] => |value| Self::Bytes(value.to_owned()),
    UtcTime => |value| Self::Time(value),
    civil::Date => |value| Self::Date(value),
    Day => |value| Self::Date(value.0),
    Role => |value| Self::Word(value.as_str()),
    Permission => |value| Self::Word(value.as_str()),
    Currency => |value| Self::Text(value.code().to_owned()),
}

macro_rules! value_from_ids {
    ($($id:ident),+) => {$(
        impl From<clinichub_core::$id> for Value {
            fn from(id: clinichub_core::$id) -> Self {
                Self::Int(id.0)
            }
        }
    )+};
}
for_each_id!(value_from_ids);

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Clone + Into<Value>> From<&T> for Value {
    fn from(value: &T) -> Self {
        value.clone().into()
    }
}

/// The parameters of a statement, made by [`params!`](crate::params). The first place is kept free for the clinic, so that
/// binding it moves nothing.
#[derive(Debug, Clone)]
pub struct Params(Vec<Value>);

impl Params {
    /// Parameters whose first place holds anything and is overwritten; what [`params!`](crate::params) expands to.
    #[doc(hidden)]
    pub fn reserved(values: Vec<Value>) -> Self {
        Self(values)
    }

    /// How many there are, the clinic not counted.
    pub fn len(&self) -> usize {
        self.0.len().saturating_sub(1)
    }

    /// Whether there are none, the clinic not counted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds one at the end.
    pub fn push(&mut self, value: impl Into<Value>) {
        self.0.push(value.into());
    }

    /// With the clinic in the first place: `$1` is the clinic.
    pub(crate) fn with_clinic(mut self, clinic: i64) -> Vec<Value> {
        match self.0.first_mut() {
            Some(first) => *first = Value::Int(clinic),
            None => self.0.push(Value::Int(clinic)),
        }
        self.0
    }

    /// Without the clinic: `$1` is the first parameter.
    pub(crate) fn plain(&self) -> &[Value] {
        self.0.get(1..).unwrap_or_default()
    }

    /// The values by themselves.
    pub(crate) fn into_values(mut self) -> Vec<Value> {
        if !self.0.is_empty() {
            self.0.remove(0);
        }
        self.0
    }
}

impl Default for Params {
    fn default() -> Self {
        Self(vec![Value::Null])
    }
}

impl From<()> for Params {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl FromIterator<Value> for Params {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Self {
        Self(std::iter::once(Value::Null).chain(values).collect())
    }
}

/// The parameters of a statement: `params![name, &email, patient_id]`, each `Into<Value>`. In a tenant's statement they are `$2`,
/// `$3`, … ($1 is the clinic), in a platform statement `$1`, `$2`, ….
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        $crate::Params::reserved(vec![$crate::Value::Null, $($crate::Value::from($value)),*])
    };
}

/// Makes an enum with `as_str` and `FromStr` a column type and a parameter: `text_column!(Status, Sex);`.
#[macro_export]
macro_rules! text_column {
    ($($type:ty),+ $(,)?) => {$(
        impl From<$type> for $crate::Value {
            fn from(value: $type) -> Self {
                Self::Word(value.as_str())
            }
        }

        impl $crate::Col for $type {
            fn from_cell(cell: $crate::Cell<'_>) -> Result<Self, $crate::BadCell> {
                cell.text()?.parse().map_err($crate::BadCell::new)
            }
        }
    )+};
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Int(value) => ToSqlOutput::Borrowed(ValueRef::Integer(*value)),
            Self::Real(value) => ToSqlOutput::Borrowed(ValueRef::Real(*value)),
            Self::Bool(value) => ToSqlOutput::Borrowed(ValueRef::Integer(i64::from(*value))),
            Self::Text(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
            Self::Word(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
            Self::Bytes(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value)),
            Self::Time(value) => ToSqlOutput::Borrowed(ValueRef::Integer(value.micros())),
            Self::Date(value) => ToSqlOutput::from(value.to_string()),
        })
    }
}

/// 2000-01-01T00:00:00Z, where PostgreSQL's instants begin, in microseconds since 1970.
pub(crate) const PG_EPOCH_MICROS: i64 = 946_684_800_000_000;
/// 2000-01-01, where PostgreSQL's dates begin.
pub(crate) const PG_EPOCH_DATE: civil::Date = civil::date(2000, 1, 1);

type Refusal = Box<dyn Error + Sync + Send>;

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Refusal> {
        match self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Int(value) => put_integer(*value, ty, out)?,
            Self::Real(value) if *ty == Type::FLOAT8 => out.put_f64(*value),
            Self::Bool(value) if *ty == Type::BOOL => out.put_u8(u8::from(*value)),
            Self::Text(value) if is_text(ty) => out.put_slice(value.as_bytes()),
            Self::Word(value) if is_text(ty) => out.put_slice(value.as_bytes()),
            Self::Bytes(value) if *ty == Type::BYTEA => out.put_slice(value),
            Self::Time(value) if *ty == Type::TIMESTAMPTZ => out.put_i64(value.micros().saturating_sub(PG_EPOCH_MICROS)),
            Self::Date(value) if *ty == Type::DATE => out.put_i32(days_since_2000(*value)?),
            other => return Err(format!("a parameter is {other:?} where the statement wants {ty}").into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn put_integer(value: i64, ty: &Type, out: &mut BytesMut) -> Result<(), Refusal> {
    match *ty {
        Type::INT8 => out.put_i64(value),
        Type::INT4 => out.put_i32(value.try_into()?),
        Type::INT2 => out.put_i16(value.try_into()?),
        _ => return Err(format!("a parameter is Int where the statement wants {ty}").into()),
    }
    Ok(())
}

fn is_text(ty: &Type) -> bool {
    matches!(*ty, Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN)
}

fn days_since_2000(date: civil::Date) -> Result<i32, Refusal> {
    Ok(date.since((jiff::Unit::Day, PG_EPOCH_DATE))?.get_days())
}
