//! Statements: literals that are checked and translated while the program is compiled.
//!
//! A statement is written with PostgreSQL's `$N`. SQLite would bind `$2 … $1` by first appearance, so it gets `?N`, which is as
//! long, made by a constant function; no text is rewritten while the program runs.

/// A statement on the data of one clinic, made by [`tenant_sql!`](crate::tenant_sql). `$1` is the clinic.
#[derive(Debug, Clone, Copy)]
pub struct TenantSql(pub(crate) Text);

/// A statement across clinics, made by [`platform_sql!`](crate::platform_sql).
#[derive(Debug, Clone, Copy)]
pub struct PlatformSql(pub(crate) Text);

/// An `INSERT` of many rows of one clinic, made by [`bulk_sql!`](crate::bulk_sql).
#[derive(Debug, Clone, Copy)]
pub struct TenantBulk(pub(crate) Bulk);

/// An `INSERT` of many rows across clinics, made by [`platform_bulk_sql!`](crate::platform_bulk_sql).
#[derive(Debug, Clone, Copy)]
pub struct PlatformBulk(pub(crate) Bulk);

#[derive(Debug, Clone, Copy)]
pub(crate) struct Text {
    pub(crate) postgres: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) writes: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Bulk {
    pub(crate) head: &'static str,
    pub(crate) tail: &'static str,
}

impl TenantSql {
    /// What [`tenant_sql!`](crate::tenant_sql) expands to.
    #[doc(hidden)]
    pub const fn new(postgres: &'static str, sqlite: &'static str) -> Self {
        assert!(has(postgres.as_bytes(), b"clinic_id"), "a tenant's statement must name clinic_id");
        assert!(has_first_parameter(postgres.as_bytes()), "a tenant's statement must bind the clinic as $1");
        Self(Text { postgres, sqlite, writes: writes(postgres.as_bytes()) })
    }

    /// The text, with `$N`.
    pub const fn text(&self) -> &'static str {
        self.0.postgres
    }
}

impl PlatformSql {
    /// What [`platform_sql!`](crate::platform_sql) expands to.
    #[doc(hidden)]
    pub const fn new(postgres: &'static str, sqlite: &'static str) -> Self {
        Self(Text { postgres, sqlite, writes: writes(postgres.as_bytes()) })
    }

    /// The text, with `$N`.
    pub const fn text(&self) -> &'static str {
        self.0.postgres
    }
}

impl TenantBulk {
    /// What [`bulk_sql!`](crate::bulk_sql) expands to.
    #[doc(hidden)]
    pub const fn new(head: &'static str, tail: &'static str) -> Self {
        assert!(has(head.as_bytes(), b"(clinic_id,"), "a tenant's bulk insert must have clinic_id as its first column");
        Self(Bulk { head, tail })
    }
}

impl PlatformBulk {
    /// What [`platform_bulk_sql!`](crate::platform_bulk_sql) expands to.
    #[doc(hidden)]
    pub const fn new(head: &'static str, tail: &'static str) -> Self {
        Self(Bulk { head, tail })
    }
}

/// A statement on the data of one clinic. It must name `clinic_id` and bind the clinic as `$1`, which the transaction does by itself.
///
/// ```
/// let by_id = clinichub_db::tenant_sql!("SELECT first_name FROM patients WHERE clinic_id = $1 AND patient_id = $2");
/// ```
///
/// ```compile_fail
/// let of_all_clinics = clinichub_db::tenant_sql!("SELECT first_name FROM patients WHERE patient_id = $1");
/// ```
#[macro_export]
macro_rules! tenant_sql {
    ($text:literal $(,)?) => {{
        const POSITIONAL: [u8; $text.len()] = $crate::sql::positional($text);
        const STATEMENT: $crate::TenantSql = $crate::TenantSql::new($text, $crate::sql::text(&POSITIONAL));
        STATEMENT
    }};
}

/// A statement across clinics: few, and reviewed.
#[macro_export]
macro_rules! platform_sql {
    ($text:literal $(,)?) => {{
        const POSITIONAL: [u8; $text.len()] = $crate::sql::positional($text);
        const STATEMENT: $crate::PlatformSql = $crate::PlatformSql::new($text, $crate::sql::text(&POSITIONAL));
        STATEMENT
    }};
}

/// An insert of many rows: `bulk_sql!("INSERT INTO patient_tokens (clinic_id, token, patient_id) VALUES", " ON CONFLICT DO NOTHING")`.
/// The clinic is the first column and bound by the transaction; a row gives the values of the others.
#[macro_export]
macro_rules! bulk_sql {
    ($head:literal $(,)?) => {
        $crate::bulk_sql!($head, "")
    };
    ($head:literal, $tail:literal $(,)?) => {{
        const STATEMENT: $crate::TenantBulk = $crate::TenantBulk::new($head, $tail);
        STATEMENT
    }};
}

/// An insert of many rows across clinics; a row gives the values of all columns.
#[macro_export]
macro_rules! platform_bulk_sql {
    ($head:literal $(,)?) => {
        $crate::platform_bulk_sql!($head, "")
    };
    ($head:literal, $tail:literal $(,)?) => {{
        const STATEMENT: $crate::PlatformBulk = $crate::PlatformBulk::new($head, $tail);
        STATEMENT
    }};
}

/// `text` with `?N` for each `$N` outside of strings, quoted names and comments.
#[doc(hidden)]
pub const fn positional<const N: usize>(text: &str) -> [u8; N] {
    let bytes = text.as_bytes();
    let mut made = [0; N];
    let mut index = 0;
    while index < N {
        let end = skip(bytes, index);
        if end > index {
            while index < end {
                made[index] = bytes[index];
                index += 1;
            }
            continue;
        }
        made[index] = if is_parameter(bytes, index) { b'?' } else { bytes[index] };
        index += 1;
    }
    made
}

/// `text` with `?N` for each `$N`, for texts that are made while the program runs.
pub(crate) fn to_sqlite(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut index = 0;
    while index < bytes.len() {
        let end = skip(&bytes, index);
        if end > index {
            index = end;
            continue;
        }
        if is_parameter(&bytes, index) {
            bytes[index] = b'?';
        }
        index += 1;
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// The bytes as the text they are.
#[doc(hidden)]
pub const fn text(bytes: &'static [u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("a statement is UTF-8"),
    }
}

const fn is_parameter(bytes: &[u8], at: usize) -> bool {
    bytes[at] == b'$' && at + 1 < bytes.len() && bytes[at + 1].is_ascii_digit() && (at == 0 || !is_word(bytes[at - 1]))
}

/// Where the string, quoted name or comment that begins at `at` ends; `at` where none begins there.
pub(crate) const fn skip(bytes: &[u8], at: usize) -> usize {
    match bytes[at] {
        b'\'' => after(bytes, at + 1, b"'"),
        b'"' => after(bytes, at + 1, b"\""),
        b'-' if at + 1 < bytes.len() && bytes[at + 1] == b'-' => after(bytes, at + 2, b"\n"),
        b'/' if at + 1 < bytes.len() && bytes[at + 1] == b'*' => after(bytes, at + 2, b"*/"),
        _ => at,
    }
}

const fn after(bytes: &[u8], from: usize, end: &[u8]) -> usize {
    let mut at = from;
    while at < bytes.len() {
        if starts(bytes, at, end) {
            return at + end.len();
        }
        at += 1;
    }
    bytes.len()
}

const fn starts(bytes: &[u8], at: usize, part: &[u8]) -> bool {
    if at + part.len() > bytes.len() {
        return false;
    }
    let mut index = 0;
    while index < part.len() {
        if !bytes[at + index].eq_ignore_ascii_case(&part[index]) {
            return false;
        }
        index += 1;
    }
    true
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

const fn word_at(bytes: &[u8], at: usize, word: &[u8]) -> bool {
    let end = at + word.len();
    starts(bytes, at, word) && (at == 0 || !is_word(bytes[at - 1])) && (end >= bytes.len() || !is_word(bytes[end]))
}

const fn has(bytes: &[u8], part: &[u8]) -> bool {
    let mut at = 0;
    while at < bytes.len() {
        if starts(bytes, at, part) {
            return true;
        }
        at += 1;
    }
    false
}

const fn has_first_parameter(bytes: &[u8]) -> bool {
    let mut at = 0;
    while at < bytes.len() {
        let end = skip(bytes, at);
        if end > at {
            at = end;
            continue;
        }
        if starts(bytes, at, b"$1") && (at + 2 >= bytes.len() || !bytes[at + 2].is_ascii_digit()) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether the statement changes data: it begins with, or is a `WITH` that contains, INSERT, UPDATE or DELETE.
pub(crate) const fn writes(bytes: &[u8]) -> bool {
    let mut at = 0;
    while at < bytes.len() && (bytes[at].is_ascii_whitespace() || skip(bytes, at) > at) {
        let end = skip(bytes, at);
        at = if end > at { end } else { at + 1 };
    }
    if !word_at(bytes, at, b"WITH") {
        return changes(bytes, at);
    }
    while at < bytes.len() {
        let end = skip(bytes, at);
        if end > at {
            at = end;
            continue;
        }
        if changes(bytes, at) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether the statement locks the rows it reads.
pub(crate) const fn locks(bytes: &[u8]) -> bool {
    has(bytes, b" FOR UPDATE") || has(bytes, b" FOR NO KEY UPDATE") || has(bytes, b" FOR SHARE") || has(bytes, b" FOR KEY SHARE")
}

const fn changes(bytes: &[u8], at: usize) -> bool {
    word_at(bytes, at, b"INSERT") || word_at(bytes, at, b"UPDATE") || word_at(bytes, at, b"DELETE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_for_sqlite() {
        let statement = tenant_sql!("UPDATE t SET a = $2, b = $12 WHERE clinic_id = $1");
        assert_eq!(statement.0.sqlite, "UPDATE t SET a = ?2, b = ?12 WHERE clinic_id = ?1");
        assert_eq!(statement.text(), "UPDATE t SET a = $2, b = $12 WHERE clinic_id = $1");
        assert_eq!(to_sqlite(statement.text()), statement.0.sqlite);
    }

    #[test]
    fn strings_names_and_comments_stay() {
        let statement = platform_sql!("SELECT '$1', 'it''s $2', \"$3\" /* $4 */ -- $5\n, $6, x$7, '?' FROM t");
        assert_eq!(statement.0.sqlite, "SELECT '$1', 'it''s $2', \"$3\" /* $4 */ -- $5\n, ?6, x$7, '?' FROM t");
        assert_eq!(to_sqlite(statement.text()), statement.0.sqlite);
        assert_eq!(to_sqlite("SELECT 'Zoë', $1"), "SELECT 'Zoë', ?1");
    }

    #[test]
    fn writing_statements_are_known() {
        for text in ["INSERT INTO t", " update t", "/* x */ DELETE FROM t", "WITH a AS (SELECT 1) INSERT INTO t", "-- c\nUPDATE t"] {
            assert!(writes(text.as_bytes()), "{text}");
        }
        for text in
            ["SELECT updated_at FROM t", "WITH a AS (SELECT 'INSERT') SELECT created_at, is_update FROM a", "SELECT 1 FOR UPDATE", ""]
        {
            assert!(!writes(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn the_clinic_must_be_bound() {
        assert!(has_first_parameter(b"a = $1"));
        assert!(!has_first_parameter(b"a = $10 AND b = '$1'"));
    }
}
