//! Invented patients.

use clinichub_app::patients::Sex;
use jiff::ToSpan;
use jiff::civil::Date;

use super::dice::Dice;

const FEMALE: &[&str] = &[
    "Adela", "Amira", "Bianca", "Camila", "Chiara", "Dalia", "Elena", "Esther", "Fatima", "Freya", "Gloria", "Hedda", "Imani", "Irene",
    "Jasmin", "Julia", "Karla", "Leonor", "Lucía", "Maeve", "Marisol", "Mila", "Nora", "Olga", "Paloma", "Renée", "Rosa", "Selma", "Sofía",
    "Talia", "Uma", "Valeria", "Wilma", "Ximena", "Yara", "Zoe",
];
const MALE: &[&str] = &[
    "Adrian", "Alonso", "Amir", "Bruno", "Caspar", "Dario", "Emil", "Enzo", "Fabian", "Felix", "Gael", "Hugo", "Ivan", "Jakob", "Joaquín",
    "Karim", "Leandro", "Luis", "Marco", "Mateo", "Nils", "Noel", "Omar", "Oscar", "Pablo", "Quentin", "Ramón", "René", "Samuel", "Sven",
    "Tomás", "Ulises", "Viktor", "Walid", "Yusuf", "Zeno",
];
const LAST: &[&str] = &[
    "Abbot", "Acosta", "Bergman", "Bravo", "Calder", "Castillo", "Dorn", "Durán", "Egan", "Escobar", "Falk", "Fuentes", "Garrick", "Gómez",
    "Hale", "Herrera", "Ibarra", "Ingram", "Jansen", "Juárez", "Keller", "Kirk", "Lamar", "Lozano", "Marsh", "Méndez", "Navarro", "Núñez",
    "Oakes", "Ortega", "Paredes", "Penn", "Quinn", "Quiroga", "Rhodes", "Rosario", "Salas", "Stone", "Tejada", "Thorne", "Ulloa", "Umber",
    "Vance", "Vega", "Wells", "Winter", "Yates", "Ybarra", "Zamora", "Zimmer",
];
const STREETS: &[&str] =
    &["Harbor Street", "Palm Avenue", "Mill Road", "Garden Lane", "Station Street", "Lake View", "Cedar Court", "High Street"];

/// A patient who does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invented {
    pub first_name: &'static str,
    pub last_name: &'static str,
    pub dob: Date,
    pub sex: Sex,
    pub email: Option<String>,
    pub phone: String,
    pub address: String,
    pub emergency_contact: Option<(String, String)>,
    pub language: Option<&'static str>,
}

impl Invented {
    /// The same under another name, forty years old and without an address to write to.
    #[must_use]
    pub fn named(self, first_name: &'static str, last_name: &'static str, today: Date) -> Self {
        Self { first_name, last_name, dob: today.saturating_sub(40.years()), email: None, ..self }
    }
}

/// So many patients; the same ones for the same dice, but as old today as ever.
pub fn invent(dice: &mut Dice, count: usize, today: Date) -> Vec<Invented> {
    (1..=count).map(|number| one(dice, number, today)).collect()
}

fn one(dice: &mut Dice, number: usize, today: Date) -> Invented {
    let (names, sex) = match dice.below(100) {
        0..=50 => (FEMALE, Sex::Female),
        51..=97 => (MALE, Sex::Male),
        98 => (FEMALE, Sex::Other),
        _ => (MALE, Sex::PreferNotToSay),
    };
    let (first_name, last_name) = (dice.pick(names), dice.pick(LAST));
    let other = (dice.pick(FEMALE), telephone(dice));
    Invented {
        first_name,
        last_name,
        dob: today.saturating_sub(dice.between(200, 88 * 365).days()),
        sex,
        email: dice.percent(85).then(|| format!("{}.{}.{number}@example.com", plain(first_name), plain(last_name))),
        phone: telephone(dice),
        address: format!("{} {}", dice.between(1, 240), dice.pick(STREETS)),
        emergency_contact: dice.percent(60).then(|| (format!("{} {last_name}", other.0), other.1)),
        language: dice.percent(30).then_some("es"),
    }
}

fn telephone(dice: &mut Dice) -> String {
    format!("787-555-{:04}", dice.between(100, 9_999))
}

fn plain(name: &str) -> String {
    let plain = |letter| match letter {
        'á' => 'a',
        'é' => 'e',
        'í' => 'i',
        'ó' => 'o',
        'ú' => 'u',
        'ñ' => 'n',
        other => other,
    };
    name.to_lowercase().chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_people_every_time_and_no_address_twice() {
        let today = Date::constant(2026, 4, 14);
        let people = invent(&mut Dice::new(1), 200, today);
        assert_eq!(people, invent(&mut Dice::new(1), 200, today));
        let mut emails: Vec<_> = people.iter().filter_map(|person| person.email.clone()).collect();
        let all = emails.len();
        emails.sort();
        emails.dedup();
        assert_eq!(emails.len(), all);
        assert!(emails.iter().all(|email| email.is_ascii() && email.ends_with("@example.com")));
        assert!(people.iter().all(|person| person.dob < today));
    }
}
