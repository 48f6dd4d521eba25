//! Finds the statements in a crate's source, so that a test can prepare each of them on both engines.

use std::path::{Path, PathBuf};

use crate::sql::skip;
use crate::{Dialect, sql};

/// A statement of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The file.
    pub file: PathBuf,
    /// The line on which it begins.
    pub line: usize,
    /// The text, ready to be prepared: with `$N` for every parameter.
    pub text: String,
}

impl Found {
    /// Whether the statement is meant for `dialect`: one that locks rows or calls a `pg_` function is PostgreSQL's only (`dialect.rs` has
    /// what SQLite does instead).
    pub fn is_for(&self, dialect: Dialect) -> bool {
        dialect == Dialect::Postgres || !(sql::locks(self.text.as_bytes()) || self.text.contains(" pg_"))
    }
}

/// The statements of all `.rs` files under `dir`: `tenant_sql!`, `platform_sql!`, bulk inserts (with one row), and each part and tail
/// of a [`Query`](crate::Query) behind the head that stands before it in the file. Tests are left out.
pub fn in_directory(dir: &Path) -> std::io::Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut entries = std::fs::read_dir(dir)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() && path.file_name().is_none_or(|name| name != "tests") {
            found.extend(in_directory(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.extend(in_source(&path, &std::fs::read_to_string(&path)?));
        }
    }
    Ok(found)
}

const MACROS: [(&str, Kind); 4] = [
    ("tenant_sql!(", Kind::Statement),
    ("platform_sql!(", Kind::Statement),
    ("platform_bulk_sql!(", Kind::PlatformBulk),
    ("bulk_sql!(", Kind::TenantBulk),
];
const PARTS: [&str; 3] = [".part(", ".tail(", ".list("];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Statement,
    TenantBulk,
    PlatformBulk,
}

/// The statements of one file.
pub fn in_source(file: &Path, source: &str) -> Vec<Found> {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let mut found = Vec::new();
    let mut head: Option<String> = None;
    for (at, event) in events(source) {
        let line = source[..at].matches('\n').count() + 1;
        let mut add = |text: String| found.push(Found { file: file.to_owned(), line, text });
        match event {
            Event::Statement(text) => {
                add(text.clone());
                head = Some(text);
            }
            Event::Bulk(text) => add(text),
            Event::Part(text) => {
                if let Some(head) = &head {
                    let mut next = highest(head) + 1;
                    let mut whole = head.clone();
                    crate::query::number(&mut whole, &text, '$', &mut next);
                    add(whole);
                }
            }
        }
    }
    found
}

enum Event {
    Statement(String),
    Bulk(String),
    Part(String),
}

fn events(source: &str) -> Vec<(usize, Event)> {
    let mut events = Vec::new();
    let mut at = 0;
    while at < source.len() {
        let rest = &source.as_bytes()[at..];
        if let Some(end) = passed_over(source, at) {
            at = end;
            continue;
        }
        if let Some((name, kind)) = MACROS.iter().find(|(name, _)| rest.starts_with(name.as_bytes())) {
            let literals = literals(source, at + name.len());
            if let Some(event) = statement(*kind, &literals) {
                events.push((at, event));
            }
            at += name.len();
            // The literals are passed over as strings from here on.
        } else if let Some(name) = PARTS.iter().find(|name| rest.starts_with(name.as_bytes())) {
            let literals = literals(source, at + name.len());
            let is_list = *name == ".list(";
            let texts = if is_list { vec![[literals.concat_first(), literals.concat_rest()].join("?")] } else { literals.0 };
            // A literal that is a parameter's value does not begin with a blank, as parts do.
            events.extend(texts.into_iter().filter(|text| text.starts_with([' ', '\n'])).map(|text| (at, Event::Part(text))));
            at += name.len();
        } else {
            at += 1;
        }
    }
    events
}

/// The string literals of a call.
struct Literals(Vec<String>);

impl Literals {
    fn concat_first(&self) -> String {
        self.0.first().cloned().unwrap_or_default()
    }

    fn concat_rest(&self) -> String {
        if self.0.len() > 1 { self.0.last().cloned().unwrap_or_default() } else { String::new() }
    }
}

fn statement(kind: Kind, literals: &Literals) -> Option<Event> {
    let first = literals.0.first().filter(|text| !text.is_empty())?;
    if kind == Kind::Statement {
        return Some(Event::Statement(first.clone()));
    }
    let columns = first.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or(1, |(names, _)| names.split(',').count());
    let row: Vec<_> = (1..=columns).map(|column| format!("${column}")).collect();
    let tail = literals.0.get(1).map_or("", String::as_str);
    Some(Event::Bulk(format!("{first} ({}){tail}", row.join(", "))))
}

/// Where the comment, string or character that begins at `at` ends.
fn passed_over(source: &str, at: usize) -> Option<usize> {
    let rest = &source[at..];
    if rest.starts_with("//") {
        return Some(at + rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("'\"'") {
        return Some(at + 3);
    }
    let begins_word = at > 0 && (source.as_bytes()[at - 1].is_ascii_alphanumeric() || source.as_bytes()[at - 1] == b'_');
    if rest.starts_with('"') || (!begins_word && (rest.starts_with("r\"") || rest.starts_with("r#"))) {
        return literal(source, at).map(|(_, end)| end);
    }
    (!source.is_char_boundary(at + 1)).then(|| at + rest.chars().next().map_or(1, char::len_utf8))
}

/// The string literals from `at` to the parenthesis that closes the call.
fn literals(source: &str, mut at: usize) -> Literals {
    let mut found = Vec::new();
    let mut depth = 1;
    while at < source.len() && depth > 0 {
        if let Some((text, end)) = literal(source, at) {
            found.push(text);
            at = end;
            continue;
        }
        if let Some(end) = passed_over(source, at) {
            at = end;
            continue;
        }
        match source.as_bytes()[at] {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    Literals(found)
}

/// The string literal that begins at `at`, and where it ends.
fn literal(source: &str, at: usize) -> Option<(String, usize)> {
    let rest = &source[at..];
    if rest.starts_with('"') {
        return plain(rest).map(|(text, len)| (text, at + len));
    }
    let hashes = rest.strip_prefix('r')?.bytes().take_while(|byte| *byte == b'#').count();
    let body = rest[1 + hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = body.find(&close)?;
    Some((body[..end].to_owned(), at + 2 + hashes + end + close.len()))
}

/// A literal with escapes; `\` at a line's end takes the next line's indentation away.
fn plain(rest: &str) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((index, char)) = chars.next() {
        match char {
            '"' => return Some((text, index + 1)),
            '\\' => match chars.next()?.1 {
                '\n' => while chars.next_if(|(_, char)| char.is_whitespace()).is_some() {},
                'n' => text.push('\n'),
                't' => text.push('\t'),
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
    None
}

/// The highest `$N` of a statement.
fn highest(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut highest) = (0, 0);
    while at < bytes.len() {
        let end = skip(bytes, at);
        if end > at {
            at = end;
            continue;
        }
        if bytes[at] == b'$' {
            let digits: String = text[at + 1..].chars().take_while(char::is_ascii_digit).collect();
            highest = highest.max(digits.parse().unwrap_or(0));
        }
        at += 1;
    }
    highest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        in_source(Path::new("store.rs"), source).into_iter().map(|found| found.text).collect()
    }

    #[test]
    fn literals_of_all_kinds_are_found() {
        let source = "// tenant_sql!(\"no\")\nlet a = tenant_sql!(\n  \"SELECT \\\"a\\\" \\\n   FROM t\"\n);\n\
            let b = platform_sql!(r#\"SELECT \"b\" FROM t\"#);\nlet é = platform_sql!(r\"SELECT 'é'\");";
        assert_eq!(texts(source), ["SELECT \"a\" FROM t", "SELECT \"b\" FROM t", "SELECT 'é'"]);
        assert_eq!(in_source(Path::new("s.rs"), source)[1].line, 6);
    }

    #[test]
    fn bulk_inserts_get_one_row() {
        let source = r#"bulk_sql!("INSERT INTO t (clinic_id, a) VALUES", " ON CONFLICT DO NOTHING"); platform_bulk_sql!("INSERT INTO u (b) VALUES")"#;
        assert_eq!(texts(source), ["INSERT INTO t (clinic_id, a) VALUES ($1, $2) ON CONFLICT DO NOTHING", "INSERT INTO u (b) VALUES ($1)"]);
    }

    #[test]
    fn parts_stand_behind_their_head() {
        let source = r#"
            let mut q = Query::tenant(tenant_sql!("SELECT a FROM t WHERE clinic_id = $1"));
            q.part(" AND b = ?", params!["value"]);
            q.list(" AND c IN (", statuses, ")");
            q.tail(match sort { Sort::A => " ORDER BY a LIMIT ?", Sort::B => " ORDER BY b LIMIT ?" }, params![1]);
        "#;
        let head = "SELECT a FROM t WHERE clinic_id = $1";
        let wanted = ["", " AND b = $2", " AND c IN ($2)", " ORDER BY a LIMIT $2", " ORDER BY b LIMIT $2"];
        assert_eq!(texts(source), wanted.map(|part| format!("{head}{part}")));
    }

    #[test]
    fn the_crates_own_statements_are_found() -> std::io::Result<()> {
        let found = in_directory(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))?;
        assert!(found.iter().any(|found| found.text.starts_with("INSERT INTO outbox")));
        assert!(found.iter().any(|found| found.text.contains("INSERT INTO counters")));
        assert!(found.iter().any(|found| !found.is_for(Dialect::Sqlite)));
        Ok(())
    }
}
