//! Comparing drugs by their names, as they are written by hand: case, strength and form do not count.

use unicode_normalization::UnicodeNormalization as _;

/// Words that say how much or in what form, not what.
const NOT_NAMES: &str = "mg mcg ug g ml l iu units unit meq mmol tablet tablets tab tabs capsule capsules cap caps solution suspension \
    syrup drops drop cream ointment gel spray patch patches inhaler injection ampoule ampoules vial vials film coated oral extended \
    release er xr sr cr ec";

/// Salts: behind a name they say in what form it is given. In front they are what is given: sodium chloride isn't potassium chloride.
const SALTS: &str = "hcl hydrochloride sodium potassium";

/// Families in which who is allergic to one member is warned of the others. The first word is the family's name. These are the classes
/// with known cross-reactivity that a family practice meets most; the list warns, its silence promises nothing.
const FAMILIES: [&str; 6] = [
    "penicillin penicillins amoxicillin ampicillin benzylpenicillin phenoxymethylpenicillin dicloxacillin flucloxacillin oxacillin nafcillin \
     piperacillin augmentin amoxil",
    "cephalosporin cephalosporins cephalexin cefalexin cefadroxil cefazolin cefuroxime cefaclor cefixime ceftriaxone cefdinir cefpodoxime \
     keflex",
    "sulfonamide sulfonamides sulfa sulfamethoxazole sulfadiazine sulfasalazine bactrim septra cotrimoxazole",
    "nsaid nsaids aspirin ibuprofen naproxen diclofenac ketorolac indomethacin meloxicam piroxicam ketoprofen etoricoxib celecoxib advil \
     motrin aleve",
    "macrolide macrolides erythromycin clarithromycin azithromycin",
    "opioid opioids codeine morphine hydrocodone oxycodone hydromorphone oxymorphone",
];

/// What a drug is compared by: its name's words in lower case, without strength and form. A name made of nothing else stays as it is.
pub fn key(name: &str) -> String {
    let folded: String = name.nfkc().flat_map(char::to_lowercase).map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let words: Vec<&str> = folded.split_whitespace().collect();
    let is_one_of = |list: &str, word: &str| list.split_whitespace().any(|one| one == word);
    let is_name = |word: &&str| !word.starts_with(|c: char| c.is_ascii_digit()) && !is_one_of(NOT_NAMES, word);
    let mut named: Vec<&str> = words.iter().copied().filter(is_name).collect();
    let first = named.first().copied();
    named.retain(|word| Some(*word) == first || !is_one_of(SALTS, word));
    if named.is_empty() { words.join(" ") } else { named.join(" ") }
}

/// Whether two keys are of the same drug: all words of the shorter name stand in the longer one.
pub fn same(one: &str, other: &str) -> bool {
    let words = |key: &str| key.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let (one, other) = (words(one), words(other));
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    !short.is_empty() && short.iter().all(|word| long.contains(word))
}

/// Whether an allergy to `substance` speaks against `drug` (both keys): the same, or members of one family.
pub fn related(substance: &str, drug: &str) -> bool {
    same(substance, drug) || FAMILIES.iter().any(|family| belongs(substance, family) && belongs(drug, family))
}

fn belongs(key: &str, family: &str) -> bool {
    key.split_whitespace().any(|word| family.split_whitespace().any(|member| member == word))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Metformin", "metformin")]
    #[case("METFORMIN 500mg Tablet", "metformin")]
    #[case("Amoxicillin/Clavulanate 875-125 mg", "amoxicillin clavulanate")]
    #[case("Ibuprofen  (film-coated)", "ibuprofen")]
    #[case("Cream", "cream")]
    #[case("Diclofenac sodium 50 mg", "diclofenac")]
    #[case("Potassium chloride 20 mEq", "potassium chloride")]
    #[case("Sodium chloride 0.9%", "sodium chloride")]
    #[case("Paracétamol", "paracétamol")]
    fn strength_and_form_are_no_name(#[case] written: &str, #[case] expected: &str) {
        assert_eq!(key(written), expected);
    }

    #[test]
    fn a_combination_holds_its_parts() {
        assert!(same(&key("Amoxicillin 500 mg"), &key("amoxicillin clavulanate")));
        assert!(!same(&key("Amoxicillin"), &key("Ampicillin")) && !same("", "ibuprofen"));
    }

    #[test]
    fn an_allergy_reaches_the_family() {
        assert!(related(&key("Penicillin"), &key("Amoxicillin 500 mg")));
        assert!(related(&key("NSAIDs"), &key("Ibuprofen")) && related(&key("Sulfa drugs"), &key("Bactrim")));
        assert!(!related(&key("Penicillin"), &key("Azithromycin")) && !related(&key("Peanuts"), &key("Ibuprofen")));
    }
}
