//! What comes out of a statement: rows read by position.

use clinichub_core::{Currency, Day, Permission, Role, UtcTime, for_each_id};
use jiff::{ToSpan, civil};
use rusqlite::types::ValueRef;
use tokio_postgres::types::{FromSql, Type};

use crate::DbError;
use crate::value::{PG_EPOCH_DATE, PG_EPOCH_MICROS};

/// One row of an answer.
#[derive(Clone, Copy)]
pub struct Row<'a>(Source<'a>);

#[derive(Clone, Copy)]
enum Source<'a> {
    Lite(&'a rusqlite::Row<'a>),
    Pg(&'a tokio_postgres::Row),
}

/// One value of a row, as the engine keeps it.
#[derive(Clone, Copy)]
pub struct Cell<'a>(Raw<'a>);

#[derive(Clone, Copy)]
enum Raw<'a> {
    Lite(ValueRef<'a>),
    Pg(Option<&'a [u8]>, &'a Type),
}

/// Why a value can't be read as what was asked for.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadCell(Box<dyn std::error::Error + Send + Sync>);

impl BadCell {
    /// The reason.
    pub fn new(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(reason.into())
    }
}

struct PgBytes<'a>(Option<&'a [u8]>);

impl<'a> FromSql<'a> for PgBytes<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(Some(raw)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl<'a> Row<'a> {
    pub(crate) fn lite(row: &'a rusqlite::Row<'a>) -> Self {
        Self(Source::Lite(row))
    }

    pub(crate) fn pg(row: &'a tokio_postgres::Row) -> Self {
        Self(Source::Pg(row))
    }

    /// The value of the column `index`, from 0.
    pub fn get<T: Col>(&self, index: usize) -> Result<T, DbError> {
        let bad = |error: BadCell| DbError::other(format!("column {index} ({}): {error}", self.name(index)));
        T::from_cell(self.cell(index)?).map_err(bad)
    }

    /// The name of the column `index`.
    pub fn name(&self, index: usize) -> &str {
        match self.0 {
            Source::Lite(row) => row.as_ref().column_name(index).unwrap_or("?"),
            Source::Pg(row) => row.columns().get(index).map_or("?", tokio_postgres::Column::name),
        }
    }

    /// How many columns the row has.
    pub fn width(&self) -> usize {
        match self.0 {
            Source::Lite(row) => row.as_ref().column_count(),
            Source::Pg(row) => row.len(),
        }
    }

    fn cell(&self, index: usize) -> Result<Cell<'a>, DbError> {
        let missing = || DbError::other(format!("the row has no column {index}"));
        match self.0 {
            Source::Lite(row) => row.get_ref(index).map(|value| Cell(Raw::Lite(value))).map_err(|_| missing()),
            Source::Pg(row) => {
                let column = row.columns().get(index).ok_or_else(missing)?;
                let PgBytes(bytes) = row.try_get(index).map_err(DbError::other)?;
                Ok(Cell(Raw::Pg(bytes, column.type_())))
            }
        }
    }
}

fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], BadCell> {
    bytes.try_into().map_err(BadCell::new)
}

impl<'a> Cell<'a> {
    /// Whether it is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self.0, Raw::Lite(ValueRef::Null) | Raw::Pg(None, _))
    }

    /// As a text.
    pub fn text(self) -> Result<&'a str, BadCell> {
        match self.0 {
            Raw::Lite(ValueRef::Text(bytes)) => std::str::from_utf8(bytes).map_err(BadCell::new),
            Raw::Pg(Some(bytes), &(Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN)) => {
                std::str::from_utf8(bytes).map_err(BadCell::new)
            }
            _ => Err(self.not("a text")),
        }
    }

    /// As an integer.
    pub fn integer(self) -> Result<i64, BadCell> {
        match self.0 {
            Raw::Lite(ValueRef::Integer(value)) => Ok(value),
            Raw::Pg(Some(bytes), &Type::INT8) => Ok(i64::from_be_bytes(fixed(bytes)?)),
            Raw::Pg(Some(bytes), &Type::INT4) => Ok(i32::from_be_bytes(fixed(bytes)?).into()),
            Raw::Pg(Some(bytes), &Type::INT2) => Ok(i16::from_be_bytes(fixed(bytes)?).into()),
            _ => Err(self.not("an integer")),
        }
    }

    fn real(self) -> Result<f64, BadCell> {
        match self.0 {
            Raw::Lite(ValueRef::Real(value)) => Ok(value),
            #[expect(clippy::cast_precision_loss, reason = "SQLite keeps whole numbers of a REAL expression as integers")]
            Raw::Lite(ValueRef::Integer(value)) => Ok(value as f64),
            Raw::Pg(Some(bytes), &Type::FLOAT8) => Ok(f64::from_be_bytes(fixed(bytes)?)),
            Raw::Pg(Some(bytes), &Type::FLOAT4) => Ok(f32::from_be_bytes(fixed(bytes)?).into()),
            _ => Err(self.not("a number")),
        }
    }

    fn truth(self) -> Result<bool, BadCell> {
        match self.0 {
            Raw::Lite(ValueRef::Integer(value)) => Ok(value != 0),
            Raw::Pg(Some([byte]), &Type::BOOL) => Ok(*byte != 0),
            _ => Err(self.not("a truth value")),
        }
    }

    fn bytes(self) -> Result<&'a [u8], BadCell> {
        match self.0 {
            Raw::Lite(ValueRef::Blob(bytes)) | Raw::Pg(Some(bytes), &Type::BYTEA) => Ok(bytes),
            _ => Err(self.not("bytes")),
        }
    }

    fn time(self) -> Result<UtcTime, BadCell> {
        match self.0 {
            Raw::Lite(ValueRef::Integer(micros)) => Ok(UtcTime::from_micros(micros)),
            Raw::Pg(Some(bytes), &Type::TIMESTAMPTZ) => {
                Ok(UtcTime::from_micros(i64::from_be_bytes(fixed(bytes)?).saturating_add(PG_EPOCH_MICROS)))
            }
            _ => Err(self.not("an instant")),
        }
    }

    fn date(self) -> Result<civil::Date, BadCell> {
        match self.0 {
            Raw::Lite(ValueRef::Text(bytes)) => std::str::from_utf8(bytes).map_err(BadCell::new)?.parse().map_err(BadCell::new),
            Raw::Pg(Some(bytes), &Type::DATE) => {
                let days = i32::from_be_bytes(fixed(bytes)?);
                PG_EPOCH_DATE.checked_add(days.days()).map_err(BadCell::new)
            }
            _ => Err(self.not("a date")),
        }
    }

    fn not(&self, wanted: &str) -> BadCell {
        let kind = match self.0 {
            Raw::Lite(value) => value.data_type().to_string(),
            Raw::Pg(None, _) => "Null".to_owned(),
            Raw::Pg(_, ty) => ty.to_string(),
        };
        BadCell::new(format!("{kind} is not {wanted}"))
    }
}

/// What a column can be read as.
pub trait Col: Sized + Send {
    /// Reads it.
    fn from_cell(cell: Cell<'_>) -> Result<Self, BadCell>;
}

macro_rules! col {
    ($($type:ty => |$cell:ident| $read:expr),+ $(,)?) => {$(
        impl Col for $type {
            fn from_cell($cell: Cell<'_>) -> Result<Self, BadCell> {
                $read
            }
        }
    )+};
}

col! {
    i64 => |cell| cell.integer(),
    i32 => |cell| cell.integer()?.try_into().map_err(BadCell::new),
    i16 => |cell| cell.integer()?.try_into().map_err(BadCell::new),
    u32 => |cell| cell.integer()?.try_into().map_err(BadCell::new),
    u16 => |cell| cell.integer()?.try_into().map_err(BadCell::new),
    u8 => |cell| cell.integer()?.try_into().map_err(BadCell::new),
    i8 => |cell| cell.integer()?.try_into().map_err(BadCell::new),
    f64 => |cell| cell.real(),
    bool => |cell| cell.truth(),
    String => |cell| cell.text().map(str::to_owned),
    Vec<u8> => |cell| cell.bytes().map(<[u8]>::to_vec),
    UtcTime => |cell| cell.time(),
    civil::Date => |cell| cell.date(),
    Day => |cell| cell.date().map(Day),
    Role => |cell| cell.text()?.parse().map_err(BadCell::new),
    Permission => |cell| cell.text()?.parse().map_err(BadCell::new),
    Currency => |cell| Currency::parse(cell.text()?).map_err(BadCell::new),
}

macro_rules! col_ids {
    ($($id:ident),+) => {$(
        impl Col for clinichub_core::$id {
            fn from_cell(cell: Cell<'_>) -> Result<Self, BadCell> {
                cell.integer().map(Self)
            }
        }
    )+};
}
for_each_id!(col_ids);

impl<T: Col> Col for Option<T> {
    fn from_cell(cell: Cell<'_>) -> Result<Self, BadCell> {
        if cell.is_null() { Ok(None) } else { T::from_cell(cell).map(Some) }
    }
}

/// What a row can be read as: a single column, a tuple of up to 12, or a struct with [`from_row!`](crate::from_row).
pub trait FromRow: Sized + Send {
    /// Reads it.
    fn from_row(row: &Row<'_>) -> Result<Self, DbError>;
}

impl<T: Col> FromRow for T {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        row.get(0)
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),+)),+ $(,)?) => {$(
        impl<$($name: Col),+> FromRow for ($($name,)+) {
            fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
                Ok(($(row.get::<$name>($index)?,)+))
            }
        }
    )+};
}

tuples! {
    (A 0),
    (A 0, B 1),
    (A 0, B 1, C 2),
    (A 0, B 1, C 2, D 3),
    (A 0, B 1, C 2, D 3, E 4),
    (A 0, B 1, C 2, D 3, E 4, F 5),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11),
}

/// Reads a struct from a row by position: the fields in the order of the SELECT list. Debug builds check that each column has
/// its field's name.
///
/// ```
/// struct Doctor { user_id: clinichub_core::UserId, specialization: Option<String> }
/// clinichub_db::from_row!(Doctor { user_id, specialization });
/// ```
#[macro_export]
macro_rules! from_row {
    ($type:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::FromRow for $type {
            fn from_row(row: &$crate::Row<'_>) -> Result<Self, $crate::DbError> {
                if cfg!(debug_assertions) {
                    $crate::check_names(row, stringify!($type), &[$(stringify!($field)),+])?;
                }
                let mut index = 0..;
                Ok(Self { $($field: row.get(index.next().unwrap_or(usize::MAX))?),+ })
            }
        }
    };
}

/// Fails where the columns of `row` are not called as `fields`.
#[doc(hidden)]
pub fn check_names(row: &Row<'_>, type_name: &str, fields: &[&str]) -> Result<(), DbError> {
    let names: Vec<_> = (0..row.width()).map(|index| row.name(index)).collect();
    let raw = |field: &&str| field.strip_prefix("r#").unwrap_or(field).to_owned();
    if names.iter().map(|name| (*name).to_owned()).eq(fields.iter().map(raw)) {
        return Ok(());
    }
    Err(DbError::other(format!("the columns {names:?} are not the fields of {type_name}: {fields:?}")))
}
