//! Patterns for `LIKE … ESCAPE '!'`.

/// The pattern of what contains `text`, in lower case; signs that mean something in a pattern mean themselves.
pub fn containing(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for letter in text.trim().to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    #[test]
    fn signs_mean_themselves() {
        assert_eq!(super::containing(" 50%_Off! "), "%50!%!_off!!%");
    }
}
