//! The words that a chart is found by. Both sides of a search go through the same normalisation: case and accents are
//! dropped, a phone number is its digits in any format, a reference is found with and without its prefix.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::model::Patient;

/// Words of a query beyond this many are not looked at.
const MOST_TERMS: usize = 6;
/// Longer words are cut; nobody types that far.
const MOST_CHARS: usize = 64;

/// Lower case, without accents, and letters that don't decompose written as the field writes them (`ß` → `ss`, `ø` → `o`).
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase) {
        match letter {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            // The dot that lower-casing `İ` leaves behind.
            other if is_combining_mark(other) => {}
            other => folded.push(other),
        }
    }
    folded
}

/// The digits of a phone number.
pub fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

/// What a list sorted by name is ordered by: `last first`, folded.
pub fn name_key(first_name: &str, last_name: &str) -> String {
    let key: Vec<String> = words(last_name).chain(words(first_name)).collect();
    key.join(" ")
}

/// Every token of a chart, sorted, without doubles.
pub fn tokens(chart: &Patient) -> Vec<String> {
    let mut tokens: Vec<String> = words(&chart.first_name).chain(words(&chart.last_name)).collect();
    for reference in [Some(chart.mrn.as_str()), chart.external_reference.as_deref()].into_iter().flatten() {
        tokens.extend(reference_tokens(reference));
    }
    if let Some(email) = &chart.email {
        let email = fold(email);
        tokens.extend(words(&email));
        tokens.push(cut(email));
    }
    if let Some(phone) = &chart.phone {
        tokens.extend(phone_tokens(&digits(phone)));
    }
    tokens.retain(|token| !token.is_empty());
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

/// How many characters each of the sorted `tokens` has in common with the one before it. Of the tokens that begin with a prefix, just the
/// first one has fewer in common than the prefix is long.
pub fn shared(tokens: &[String]) -> Vec<i64> {
    let before = std::iter::once("").chain(tokens.iter().map(String::as_str));
    let common = |(a, b): (&str, &String)| a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    before.zip(tokens).map(|pair| i64::try_from(common(pair)).unwrap_or(i64::MAX)).collect()
}

/// Characters of a term, to be compared with [`shared`].
pub fn length(term: &str) -> i64 {
    i64::try_from(term.chars().count()).unwrap_or(i64::MAX)
}

/// The prefixes that a chart must have a token for, each, the longest (most selective) first; empty when there is nothing to look for.
pub fn terms(query: &str) -> Vec<String> {
    let query = query.trim();
    let is_phone = query.chars().all(|c| c.is_ascii_digit() || " ()+-./".contains(c));
    if is_phone && query.chars().any(|c| c.is_ascii_digit()) {
        return vec![last(&digits(query), 10).to_owned()];
    }
    let mut terms: Vec<String> = query
        .split_whitespace()
        .flat_map(|word| if word.contains('@') { vec![cut(fold(word))] } else { words(word).collect() })
        .take(MOST_TERMS)
        .collect();
    terms.sort_unstable_by_key(|term| std::cmp::Reverse(term.len()));
    terms.dedup();
    terms
}

/// The range of tokens that begin with `term`: from it, up to (and without) this.
pub fn after(term: &str) -> String {
    format!("{term}{}", char::MAX)
}

/// Whether the chart has a word beginning with each of `terms`.
pub fn is_found(chart: &Patient, terms: &[String]) -> bool {
    let tokens = tokens(chart);
    terms.iter().all(|term| tokens.iter().any(|token| token.starts_with(term.as_str())))
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let folded = fold(text);
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| cut(word.to_owned()))
        .collect::<Vec<_>>()
        .into_iter()
}

fn reference_tokens(reference: &str) -> Vec<String> {
    let mut tokens: Vec<String> = words(reference).collect();
    tokens.push(cut(tokens.concat()));
    if let Some(last_word) = words(reference).last() {
        let number = last_word.trim_start_matches(|c: char| !c.is_ascii_digit()).trim_start_matches('0');
        tokens.push(number.to_owned());
    }
    tokens
}

/// The whole number, without the country's code, and without the area's: people remember the end of a number.
fn phone_tokens(digits: &str) -> Vec<String> {
    [digits.len(), 10, 7].into_iter().filter(|length| *length <= digits.len()).map(|length| last(digits, length).to_owned()).collect()
}

fn last(digits: &str, length: usize) -> &str {
    &digits[digits.len().saturating_sub(length)..]
}

fn cut(word: String) -> String {
    if word.len() <= MOST_CHARS { word } else { word.chars().take(MOST_CHARS).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart() -> Patient {
        Patient {
            mrn: "ABC01-P0017".into(),
            first_name: "José María".into(),
            last_name: "Núñez-Søgaard".into(),
            email: Some("Jose.Nunez@example.com".into()),
            phone: Some("+1 (787) 123-4567".into()),
            external_reference: Some("OLD/4711".into()),
            ..Patient::example()
        }
    }

    /// Whether the chart has a token for every term of the query.
    fn finds(query: &str) -> bool {
        let terms = terms(query);
        let in_order = |token: &String, term: &String| token >= term && *token < after(term);
        let by_range = terms.iter().all(|term| tokens(&chart()).iter().any(|token| in_order(token, term)));
        assert_eq!(by_range, is_found(&chart(), &terms), "the database and the program agree on {query:?}");
        !terms.is_empty() && by_range
    }

    #[test]
    fn a_chart_is_found_by_what_people_type() {
        for query in [
            "jose",
            "MARÍA núñ",
            "nunez jose",
            "sogaard",
            "jose.nunez@example.com",
            "jose.nunez@",
            "787 123 4567",
            "(787) 123",
            "123-4567",
            "+1 787 1234567",
            "17",
            "p0017",
            "abc01-p0017",
            "4711",
            "old/4711",
        ] {
            assert!(finds(query), "{query:?} finds the chart");
        }
    }

    #[test]
    fn a_chart_is_not_found_by_something_else() {
        for query in ["josefa", "jose smith", "999", "", "   ", "@@", "--"] {
            assert!(!finds(query), "{query:?} does not find the chart");
        }
    }

    #[test]
    fn long_words_are_cut_on_both_sides() {
        let long = "x".repeat(500);
        assert!(terms(&long)[0].len() <= MOST_CHARS);
    }

    proptest::proptest! {
        #[test]
        fn one_token_of_a_chart_stands_for_all_that_begin_alike(words in proptest::collection::btree_set("[abé]{1,5}", 1..12), prefix in "[abé]{1,4}") {
            let tokens: Vec<String> = words.into_iter().collect();
            let alike: Vec<(&String, i64)> = tokens.iter().zip(shared(&tokens)).filter(|(token, _)| token.starts_with(&prefix)).collect();
            let counted = alike.iter().filter(|(_, shared)| *shared < length(&prefix)).count();
            proptest::prop_assert_eq!(counted, usize::from(!alike.is_empty()));
            proptest::prop_assert!(alike.first().is_none_or(|(_, shared)| *shared < length(&prefix)), "the first one, which a list is ordered by");
        }

        #[test]
        fn any_name_is_found_by_itself(first in "\\PC{1,20}", last in "\\PC{1,20}") {
            let chart = Patient { first_name: first.clone(), last_name: last, ..Patient::example() };
            let tokens = tokens(&chart);
            for term in words(&first).take(MOST_TERMS) {
                proptest::prop_assert!(tokens.iter().any(|token| *token >= term && *token < after(&term)));
            }
        }
    }
}
