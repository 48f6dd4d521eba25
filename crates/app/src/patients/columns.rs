//! What the columns and cells of a file are usually called. Pure.

use super::api::NewPatient;
use super::search;

/// Other names of fields, as programs and people call their columns in English and Spanish; without accents, words joined by `_`.
const OTHER_NAMES: [(&str, &[&str]); 14] = [
    ("first_name", &["first", "given_name", "firstname", "forename", "nombre", "nombres", "primer_nombre"]),
    ("last_name", &["last", "family_name", "lastname", "surname", "apellido", "apellidos"]),
    ("dob", &["date_of_birth", "birth_date", "birthdate", "birthday", "born", "fecha_de_nacimiento", "fecha_nacimiento", "nacimiento"]),
    ("sex", &["gender", "sexo", "genero"]),
    ("email", &["e_mail", "mail", "email_address", "correo", "correo_electronico"]),
    ("phone", &["telephone", "phone_number", "mobile", "cell", "tel", "telefono", "celular", "movil"]),
    ("address", &["street", "home_address", "direccion", "domicilio"]),
    ("emergency_contact_name", &["emergency_contact", "contacto_de_emergencia"]),
    ("emergency_contact_phone", &["emergency_phone", "telefono_de_emergencia"]),
    ("external_reference", &["external_id", "patient_id", "legacy_id", "reference", "referencia"]),
    ("mrn", &["medical_record_number", "record_number", "chart_number", "expediente", "numero_de_expediente"]),
    ("preferred_language", &["language", "idioma"]),
    ("national_id", &["national_identifier", "id_number", "identity_card", "ssn", "passport", "cedula", "dni", "curp", "pasaporte"]),
    ("insurance_number", &["insurance", "insurance_id", "policy_number", "member_id", "poliza", "numero_de_poliza", "numero_de_seguro"]),
];

/// What a column's name is compared by: without case, accents, and marks between words.
pub fn key(name: &str) -> String {
    let folded = search::fold(name);
    let words: Vec<&str> = folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("_")
}

/// The field that a column with this [`key`] holds, if that is known.
pub fn field(key: &str) -> Option<&'static str> {
    let own = NewPatient::FIELDS.iter().copied().find(|field| *field == key);
    own.or_else(|| OTHER_NAMES.iter().find(|(_, others)| others.contains(&key)).map(|(field, _)| *field))
}

/// The cell as the field has it: a sex in one letter or in Spanish.
pub fn value(field: &str, cell: &str) -> String {
    if field != "sex" {
        return cell.to_owned();
    }
    let sex = match key(cell).as_str() {
        "m" | "male" | "man" | "masculino" | "hombre" | "varon" => "male",
        "f" | "female" | "woman" | "femenino" | "mujer" => "female",
        "o" | "x" | "other" | "otro" => "other",
        "u" | "unknown" | "prefer_not_to_say" => "prefer_not_to_say",
        _ => cell,
    };
    sex.to_owned()
}

/// What separates the cells of a file that begins with this: what its first line has most of.
pub fn separator(beginning: &[u8]) -> u8 {
    let line = beginning.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |separator: u8| line.split(|byte| *byte == separator).count();
    // Of equal counts the last one counts: a comma where there is nothing at all.
    [b'\t', b';', b','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_their_usual_names() {
        for (name, known) in [
            ("first_name", Some("first_name")),
            ("First Name", Some("first_name")),
            ("E-Mail", Some("email")),
            ("Fecha de nacimiento", Some("dob")),
            ("TELÉFONO", Some("phone")),
            ("Notas", None),
            ("", None),
        ] {
            assert_eq!(field(&key(name)), known, "{name}");
        }
        assert!(OTHER_NAMES.iter().all(|(field, _)| NewPatient::FIELDS.contains(field)));
    }

    #[test]
    fn a_sex_is_understood_and_anything_else_left_to_be_refused() {
        for (cell, sex) in [("M", "male"), ("female", "female"), ("Mujer", "female"), ("Varón", "male"), ("9", "9")] {
            assert_eq!(value("sex", cell), sex);
        }
        assert_eq!(value("first_name", "M"), "M");
    }

    #[test]
    fn the_separator_is_what_the_first_line_has_most_of() {
        assert_eq!(separator(b"a,b;c,d\n1;2;3;4"), b',');
        assert_eq!(separator(b"a;b;c\n"), b';');
        assert_eq!(separator(b"a\tb"), b'\t');
        assert_eq!((separator(b"a"), separator(b"")), (b',', b','));
    }
}
