//! What a password must be. The rules are NIST SP 800-63B's: length and what attackers try first, no recipe of character classes.

use std::collections::HashSet;
use std::sync::LazyLock;

use clinichub_core::AppError;

use super::model::Account;

/// The least number of characters.
pub const MIN_CHARS: usize = 8;
/// bcrypt reads no further than this many bytes; more would be accepted and ignored.
pub const MAX_BYTES: usize = 72;
/// The password of the demonstration's accounts, allowed in demo mode only.
pub const DEMO_PASSWORD: &str = "admin123";

/// The words that passwords are made of most often, lower case, without the digits and signs that people put behind them.
static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| include_str!("common_passwords.txt").split_whitespace().collect());

/// Whose password it is, so that it isn't made of what anyone knows about them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Whose<'a> {
    /// Their e-mail address.
    pub email: Option<&'a str>,
    /// Their user name.
    pub username: Option<&'a str>,
    /// Their first name.
    pub first_name: &'a str,
    /// Their last name.
    pub last_name: &'a str,
}

impl<'a> Whose<'a> {
    /// Of somebody who has an account.
    pub fn of(account: &'a Account) -> Self {
        Self {
            email: account.email.as_deref(),
            username: account.username.as_deref(),
            first_name: &account.first_name,
            last_name: &account.last_name,
        }
    }
}

/// Refuses a password that is too short, too long or too easy to guess, naming the field `password`.
pub fn check_rules(password: &str, whose: Whose<'_>, demo: bool) -> Result<(), AppError> {
    if demo && password == DEMO_PASSWORD {
        return Ok(());
    }
    match fault(password, whose) {
        None => Ok(()),
        Some(message) => Err(AppError::field("password", message)),
    }
}

fn fault(password: &str, whose: Whose<'_>) -> Option<String> {
    if password.chars().count() < MIN_CHARS {
        return Some(format!("The password must have at least {MIN_CHARS} characters"));
    }
    if password.len() > MAX_BYTES {
        return Some(format!("The password must have at most {MAX_BYTES} bytes"));
    }
    if is_common(password) {
        return Some("This password is too easy to guess".to_owned());
    }
    contains_own(password, whose).then(|| "The password must not contain your name, user name or e-mail address".to_owned())
}

fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let plain = without_substitutes(&lower);
    let is_word = |text: &str| text.is_empty() || COMMON.contains(text) || is_repeated_word(text);
    is_word(core(&lower)) || is_word(core(&plain)) || is_run(&lower) || has_few_characters(&lower)
}

/// Without the digits and signs around it: `123admin!2024` is `admin`.
fn core(text: &str) -> &str {
    text.trim_matches(|letter: char| !letter.is_alphabetic())
}

/// `p@ssw0rd` is `password`.
fn without_substitutes(text: &str) -> String {
    let plain = |letter| match letter {
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    text.chars().map(plain).collect()
}

/// `adminadmin` and `test-test`.
fn is_repeated_word(text: &str) -> bool {
    let letters: Vec<char> = text.chars().filter(|letter| letter.is_alphabetic()).collect();
    (2..=4).any(|times| {
        let length = letters.len() / times;
        length > 2 && length * times == letters.len() && letters.chunks(length).all(|chunk| chunk == &letters[..length]) && {
            let word: String = letters[..length].iter().collect();
            COMMON.contains(word.as_str())
        }
    })
}

/// `abcdefgh`, `87654321`: each character follows the one before.
fn is_run(text: &str) -> bool {
    let codes: Vec<i64> = text.chars().map(|letter| i64::from(u32::from(letter))).collect();
    let steps: HashSet<i64> = codes.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.len() == 1 && steps.iter().all(|step| (-1..=1).contains(step))
}

fn has_few_characters(text: &str) -> bool {
    text.chars().collect::<HashSet<_>>().len() < 4
}

fn contains_own(password: &str, whose: Whose<'_>) -> bool {
    let lower = password.to_lowercase();
    let mailbox = whose.email.and_then(|email| email.split('@').next());
    [mailbox, whose.email, whose.username, Some(whose.first_name), Some(whose.last_name)]
        .into_iter()
        .flatten()
        .map(str::to_lowercase)
        .any(|own| own.chars().count() >= 4 && lower.contains(&own))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNE: Whose<'_> =
        Whose { email: Some("anne.mueller@example.org"), username: Some("amueller"), first_name: "Anne", last_name: "Müller" };

    fn refused(password: &str) -> bool {
        check_rules(password, ANNE, false).is_err()
    }

    #[test]
    fn what_attackers_try_first_is_refused() {
        for password in [
            "admin123",
            "Password1!",
            "p@ssw0rd",
            "12345678",
            "abcdefgh",
            "aaaaaaaa",
            "adminadmin",
            "qwertyui",
            "Sunshine2024",
            "Clinic2026!",
            "19851985",
        ] {
            assert!(refused(password), "{password}");
        }
    }

    #[test]
    fn what_everyone_knows_about_the_person_is_refused() {
        for password in ["mycat-amueller", "xx-Müller-xx9", "anne.mueller@ex", "uhanne-77-zk"] {
            assert!(refused(password), "{password}");
        }
    }

    #[test]
    fn an_address_with_a_short_mailbox_is_refused_whole() {
        let whose = Whose { email: Some("Al@example.org"), ..Whose::default() };
        assert!(check_rules("al@example.org1", whose, false).is_err());
        assert!(check_rules("violet kettle al", whose, false).is_ok());
    }

    #[test]
    fn length_counts_characters_below_and_bytes_above() {
        assert!(refused("sh0rt!x"));
        assert!(!refused("blau-kran"));
        assert!(!refused(&"xk3-".repeat(18)));
        assert!(refused(&format!("{}y", "xk3-".repeat(18))));
        assert!(refused(&"ä9üß".repeat(11)), "72 bytes, not 72 characters");
    }

    #[test]
    fn good_ones_pass() {
        for password in ["correct-horse-battery", "Tr4m-nach-Wien", "violet kettle 9", "x7!kQp2v"] {
            assert!(!refused(password), "{password}");
        }
    }

    #[test]
    fn the_demo_password_is_for_the_demo() {
        assert!(check_rules(DEMO_PASSWORD, ANNE, true).is_ok());
        assert!(check_rules("password", ANNE, true).is_err());
    }
}
