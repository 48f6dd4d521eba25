//! Multi-row inserts: one statement for many rows, bounded by rows and parameters.

use std::fmt::Write as _;

use crate::sql::Bulk;
use crate::{DbError, Dialect, Params, Value};

/// Rows a statement.
const MOST_ROWS: usize = 1000;
/// Parameters a statement; SQLite takes 32,766.
const MOST_VALUES: usize = 30_000;
/// Statements of up to so many rows, and full ones, are worth keeping prepared.
const KEPT_ROWS: usize = 16;

pub(crate) struct Batch {
    pub(crate) text: String,
    pub(crate) values: Vec<Value>,
    pub(crate) keep: bool,
}

/// The statements that insert `rows`; with a clinic it is `$1`, the first column of each row.
pub(crate) fn batches(bulk: Bulk, dialect: Dialect, clinic: Option<i64>, rows: Vec<Params>) -> Result<Vec<Batch>, DbError> {
    let width = rows.first().map_or(0, Params::len);
    if rows.iter().any(|row| row.len() != width) || (width == 0 && !rows.is_empty()) {
        return Err(DbError::other("the rows of a bulk insert must have the same number of values"));
    }
    let most = MOST_ROWS.min((MOST_VALUES - 1) / width.max(1)).max(1);
    let mut batches = Vec::with_capacity(rows.len().div_ceil(most));
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        let count = rows.len().min(most);
        let text = text(bulk, dialect, clinic.is_some(), count, width);
        let mut values = Vec::with_capacity(count * width + 1);
        values.extend(clinic.map(Value::Int));
        rows.by_ref().take(count).for_each(|row| values.extend(row.into_values()));
        batches.push(Batch { text, values, keep: count == most || count <= KEPT_ROWS });
    }
    Ok(batches)
}

fn text(bulk: Bulk, dialect: Dialect, has_clinic: bool, rows: usize, width: usize) -> String {
    let mark = dialect.pick('?', '$');
    let mut text = String::with_capacity(bulk.head.len() + bulk.tail.len() + rows * (width * 7 + 8));
    text.push_str(bulk.head);
    let mut next = if has_clinic { 2 } else { 1 };
    for row in 0..rows {
        text.push_str(if row == 0 { " (" } else { ", (" });
        if has_clinic {
            let _ = write!(text, "{mark}1, ");
        }
        for column in 0..width {
            let comma = if column == 0 { "" } else { ", " };
            let _ = write!(text, "{comma}{mark}{next}");
            next += 1;
        }
        text.push(')');
    }
    text.push_str(bulk.tail);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bulk_sql, params};

    #[test]
    fn rows_share_the_clinic() -> Result<(), DbError> {
        let bulk = bulk_sql!("INSERT INTO t (clinic_id, a, b) VALUES", " ON CONFLICT DO NOTHING");
        let made = batches(bulk.0, Dialect::Postgres, Some(7), vec![params![1, "x"], params![2, "y"]])?;
        assert_eq!(made.len(), 1);
        assert_eq!(made[0].text, "INSERT INTO t (clinic_id, a, b) VALUES ($1, $2, $3), ($1, $4, $5) ON CONFLICT DO NOTHING");
        assert_eq!(made[0].values.len(), 5);
        Ok(())
    }

    #[test]
    fn statements_are_bounded() -> Result<(), DbError> {
        let bulk = bulk_sql!("INSERT INTO t (clinic_id, a) VALUES");
        let made = batches(bulk.0, Dialect::Sqlite, Some(7), (0..2500).map(|row| params![row]).collect())?;
        assert_eq!(made.iter().map(|batch| batch.values.len()).collect::<Vec<_>>(), [1001, 1001, 501]);
        let wide: Params = std::iter::repeat_n(Value::Null, 20_000).collect();
        assert_eq!(batches(bulk.0, Dialect::Sqlite, Some(7), vec![wide.clone(), wide])?.len(), 2);
        assert!(batches(bulk.0, Dialect::Sqlite, None, vec![params![1], params![1, 2]]).is_err());
        assert!(batches(bulk.0, Dialect::Sqlite, None, vec![])?.is_empty());
        Ok(())
    }
}
