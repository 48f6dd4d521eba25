//! Statements with optional parts. Each part is a literal, so that every combination is made of text that was reviewed.

use std::fmt::Write as _;
use std::marker::PhantomData;

use crate::sql::{Text, skip};
use crate::{Dialect, Params, PlatformSql, TenantSql, Value};

/// Of one clinic: `$1` is the clinic.
#[derive(Debug, Clone, Copy)]
pub struct Tenant;

/// Across clinics.
#[derive(Debug, Clone, Copy)]
pub struct Platform;

/// A statement made of a head, optional parts and a tail. In parts each `?` is the next parameter, and `$1` the head's first: a tenant's clinic.
///
/// ```
/// use clinichub_db::{Query, params, tenant_sql};
/// let mut query = Query::tenant(tenant_sql!("SELECT appointment_id FROM appointments WHERE clinic_id = $1"));
/// query.part(" AND status = ?", params!["waiting"]);
/// query.tail(" ORDER BY scheduled_start, appointment_id LIMIT ? OFFSET ?", params![20, 0]);
/// ```
#[derive(Debug, Clone)]
pub struct Query<S = Tenant> {
    head: Text,
    /// How many parameters the head has.
    bound: usize,
    parts: Vec<Part>,
    tails: Vec<Part>,
    scope: PhantomData<S>,
}

#[derive(Debug, Clone)]
struct Part {
    text: &'static str,
    values: Vec<Value>,
    list: Option<&'static str>,
}

impl Query<Tenant> {
    /// Begins with a tenant's statement that has no parameter but the clinic, or those that [`Query::bind`] gives.
    pub fn tenant(head: TenantSql) -> Self {
        Self::new(head.0, 1)
    }

    /// The same parts (but for the tails) after another head: for the count beside the page.
    #[must_use]
    pub fn under(&self, head: TenantSql) -> Self {
        Self { head: head.0, tails: Vec::new(), ..self.clone() }
    }

    pub(crate) fn render(&self, dialect: Dialect, clinic: i64) -> (String, Vec<Value>) {
        self.make(dialect, Some(Value::Int(clinic)))
    }
}

impl Query<Platform> {
    /// Begins with a platform statement that has no parameter, or those that [`Query::bind`] gives.
    pub fn platform(head: PlatformSql) -> Self {
        Self::new(head.0, 0)
    }

    /// The same parts (but for the tails) after another head: for the count beside the page.
    #[must_use]
    pub fn under(&self, head: PlatformSql) -> Self {
        Self { head: head.0, tails: Vec::new(), ..self.clone() }
    }

    pub(crate) fn render_plain(&self, dialect: Dialect) -> (String, Vec<Value>) {
        self.make(dialect, None)
    }
}

impl<S> Query<S> {
    fn new(head: Text, bound: usize) -> Self {
        Self { head, bound, parts: Vec::new(), tails: Vec::new(), scope: PhantomData }
    }

    /// Gives the parameters that the head itself has. Call it before any part.
    pub fn bind(&mut self, params: impl Into<Params>) -> &mut Self {
        let values = params.into().into_values();
        self.bound += values.len();
        self.parts.push(Part { text: "", values, list: None });
        self
    }

    /// Adds a part; each `?` in it is the next of `params`.
    pub fn part(&mut self, text: &'static str, params: impl Into<Params>) -> &mut Self {
        self.parts.push(Part { text, values: params.into().into_values(), list: None });
        self
    }

    /// Adds `before`, a placeholder for each of `values`, and `after`: `(" AND status IN (", statuses, ")")`. No value means none
    /// matches. The number of placeholders is rounded up, so that few different statements are prepared.
    pub fn list<T: Into<Value>>(&mut self, before: &'static str, values: impl IntoIterator<Item = T>, after: &'static str) -> &mut Self {
        let mut values: Vec<Value> = values.into_iter().map(Into::into).collect();
        let last = values.last().cloned().unwrap_or(Value::Null);
        values.resize(values.len().max(1).next_power_of_two(), last);
        self.parts.push(Part { text: before, values, list: Some(after) });
        self
    }

    /// Adds what stands after all parts: the order and the limits.
    pub fn tail(&mut self, text: &'static str, params: impl Into<Params>) -> &mut Self {
        self.tails.push(Part { text, values: params.into().into_values(), list: None });
        self
    }

    pub(crate) fn writes(&self) -> bool {
        self.head.writes
    }

    fn make(&self, dialect: Dialect, clinic: Option<Value>) -> (String, Vec<Value>) {
        let (head, mark) = match dialect {
            Dialect::Sqlite => (self.head.sqlite, '?'),
            Dialect::Postgres => (self.head.postgres, '$'),
        };
        let all = || self.parts.iter().chain(&self.tails);
        let mut text = String::with_capacity(head.len() + all().map(|part| part.text.len() + 16).sum::<usize>());
        text.push_str(head);
        let mut values: Vec<Value> = clinic.into_iter().collect();
        let mut next = self.bound + 1;
        for part in all() {
            match part.list {
                None => number(&mut text, part.text, mark, &mut next),
                Some(after) => list(&mut text, part, after, mark, &mut next),
            }
            values.extend(part.values.iter().cloned());
        }
        (text, values)
    }
}

fn list(text: &mut String, part: &Part, after: &str, mark: char, next: &mut usize) {
    text.push_str(part.text);
    for index in 0..part.values.len() {
        let comma = if index == 0 { "" } else { ", " };
        let _ = write!(text, "{comma}{mark}{next}");
        *next += 1;
    }
    text.push_str(after);
}

/// Appends `part` with each `?` outside of strings and names replaced by the next parameter, and `$1` by the first.
pub(crate) fn number(text: &mut String, part: &str, mark: char, next: &mut usize) {
    let bytes = part.as_bytes();
    let (mut at, mut copied) = (0, 0);
    while at < bytes.len() {
        let end = skip(bytes, at);
        if end > at {
            at = end;
            continue;
        }
        if bytes[at] == b'?' {
            text.push_str(&part[copied..at]);
            let _ = write!(text, "{mark}{next}");
            *next += 1;
            copied = at + 1;
        } else if bytes[at..].starts_with(b"$1") {
            text.push_str(&part[copied..at]);
            let _ = write!(text, "{mark}1");
            copied = at + 2;
        }
        at += 1;
    }
    text.push_str(&part[copied..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{params, platform_sql, tenant_sql};

    #[test]
    fn parts_are_numbered_after_the_clinic() {
        let mut query = Query::tenant(tenant_sql!("SELECT a FROM t WHERE clinic_id = $1"));
        query.tail(" LIMIT ?", params![5]).part(" AND b = ? AND c <> '?'", params!["x"]).list(" AND d IN (", [1_i64, 2, 3], ")");
        let (text, values) = query.render(Dialect::Postgres, 7);
        assert_eq!(text, "SELECT a FROM t WHERE clinic_id = $1 AND b = $2 AND c <> '?' AND d IN ($3, $4, $5, $6) LIMIT $7");
        assert_eq!(values, [7, 0, 1, 2, 3, 3, 5].map(|value| if value == 0 { Value::from("x") } else { Value::Int(value) }));
        let (text, _) = query.under(tenant_sql!("SELECT count(*) FROM t WHERE clinic_id = $1")).render(Dialect::Sqlite, 7);
        assert_eq!(text, "SELECT count(*) FROM t WHERE clinic_id = ?1 AND b = ?2 AND c <> '?' AND d IN (?3, ?4, ?5, ?6)");
    }

    #[test]
    fn parts_can_name_the_clinic() {
        let mut query = Query::tenant(tenant_sql!("SELECT a FROM t WHERE clinic_id = $1"));
        query.part(" AND b IN (SELECT b FROM s WHERE clinic_id = $1 AND c = ?)", params!["x"]);
        let (text, _) = query.render(Dialect::Sqlite, 7);
        assert_eq!(text, "SELECT a FROM t WHERE clinic_id = ?1 AND b IN (SELECT b FROM s WHERE clinic_id = ?1 AND c = ?2)");
    }

    #[test]
    fn a_head_can_have_parameters() {
        let mut query = Query::platform(platform_sql!("SELECT a FROM t WHERE x = $1 AND y = $2"));
        query.bind(params![1, 2]).part(" AND z = ?", params![3]);
        let (text, values) = query.render_plain(Dialect::Postgres);
        assert_eq!((text.as_str(), values.len()), ("SELECT a FROM t WHERE x = $1 AND y = $2 AND z = $3", 3));
    }
}
