//! The grammar of the Unified Code for Units of Measure (<https://ucum.org/ucum>, case sensitive, `c/s`), with the atoms that medicine
//! uses. It says whether a text is a unit of a dose, not what it measures.

use clinichub_api::rules;
use clinichub_core::FieldError;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

/// The longest unit, in bytes.
const MOST: usize = 40;
/// How deep parentheses may stand in each other. Nobody writes more than one pair.
const DEEPEST: usize = 4;

/// What multiplies a metric atom.
const PREFIXES: &str = "da Ki Mi Gi Ti y z a f p n u m c d h k M G T P E Z Y";

/// Atoms that take a prefix (`isMetric="yes"` in ucum-essence.xml). The Gauss (`G`) is left out on purpose: who writes `G` or `MG` on a
/// prescription means grams.
const METRIC: &str = "m s g rad K C cd mol sr Hz N Pa J W A V F Ohm S Cel lm lx Bq Gy Sv l L bar u Ci dyn erg st cal \
    m[H2O] m[Hg] eq osm g% kat U [iU] [IU] B";

/// Atoms that stand alone.
const PLAIN: &str = "10* 10^ % [ppth] [ppm] [ppb] deg ' '' min h d wk mo a [degF] [Cal] [in_i] [ft_i] [lb_av] [oz_av] [dr_av] [gr] \
    [gal_us] [qt_us] [pt_us] [foz_us] [fdr_us] [min_us] [cup_us] [tbs_us] [tsp_us] [drp] [diop] [Ch] [MET] [pH] [HPF] [LPF] [CFU] [PFU] \
    [arb'U] [USP'U] [tb'U] [hp'_X] [hp'_C] [hp_X] [hp_C]";

/// Valid units that nobody means: megagrams, megalitres, the atomic mass unit. Each with what was meant.
const MISREAD: &[(&str, &str)] = &[("Mg", "mg"), ("ML", "mL"), ("Ml", "mL"), ("u", "{unit}")];

/// How UCUM writes a unit, and what people write for it in English and Spanish, in lower case.
const MISTAKES: &[(&str, &str)] = &[
    ("ug", "mcg \u{b5}g \u{3bc}g"),
    ("mg", "mg mgs"),
    ("g", "g gm gr gram grams gramo gramos"),
    ("kg", "kg kgs"),
    ("mL", "ml mls cc"),
    ("[IU]", "iu ui"),
    ("{unit}", "unit units unidad unidades"),
    ("meq", "meq"),
    ("mmol", "mmol"),
    ("min", "mins minute minutes"),
    ("h", "hr hrs hour hours hora horas"),
    ("d", "day days dia día dias días"),
    ("wk", "week weeks semana semanas"),
    ("[tsp_us]", "tsp teaspoon teaspoons"),
    ("[tbs_us]", "tbsp tablespoon tablespoons"),
    ("[drp]", "gtt drop drops gota gotas"),
    ("{tablet}", "tab tabs tablet tablets tableta tabletas pastilla pastillas comprimido comprimidos"),
    ("{capsule}", "cap caps capsule capsules cápsula cápsulas"),
    ("{puff}", "puff puffs"),
    ("{spray}", "spray sprays"),
    ("{patch}", "patch patches parche parches"),
    ("{application}", "application applications"),
    ("{suppository}", "suppository suppositories supositorio supositorios"),
    ("{dose}", "dose doses dosis"),
];

/// How the document describes a unit. It leaves out what only few write (parentheses, rare atoms), so that whatever it allows is taken.
pub enum DoseUnit {}

/// Nothing, up to three units with an annotation behind them, or an annotation by itself. Never longer than [`MOST`].
const PATTERN: &str = r"^(UNIT([./]UNIT){0,2}(/?\{[0-9A-Za-z_-]{1,8}\})?|\{[0-9A-Za-z_-]{1,38}\})?$";
/// What stands in it for a unit, at most nine characters.
const PATTERN_UNIT: &str = r"((da|[npumcdk])?(g|l|L|m|s|mol|eq|osm|U|\[IU\]|\[iU\]|kat|Bq|Ci|Gy|J|W|V|A|Pa|Hz|cal|m\[Hg\])|%|h|min|d|wk|mo|a|deg|10[*^][1-9]|\[(drp|gr|ppm|diop|tsp_us|tbs_us|foz_us|oz_av|lb_av|CFU|PFU|arb'U|USP'U|hp'_X|degF)\])[2-4]?";

impl utoipa::PartialSchema for DoseUnit {
    fn schema() -> RefOr<Schema> {
        let said = "A unit of UCUM, case sensitive; what is counted stands in braces. Others than these are taken, too";
        let text = ObjectBuilder::new().schema_type(Type::String).description(Some(said));
        let pattern = PATTERN.replace("UNIT", PATTERN_UNIT);
        Schema::Object(text.pattern(Some(pattern)).examples(["mg", "mL", "{tablet}", "ug/kg/min"]).build()).into()
    }
}

impl ToSchema for DoseUnit {}

/// A unit that a dose is counted in. One that is no unit of UCUM is refused, with the right one where the mistake is a usual one.
pub fn unit(refused: &mut Vec<FieldError>, field: &str, unit: Option<&str>) {
    let Some(unit) = unit.filter(|unit| !is_unit_of_a_dose(unit)) else { return };
    let message = match corrected(unit) {
        Some(right) => format!("dose_unit: in UCUM it is written {right}"),
        None => "dose_unit: expected a unit of UCUM such as mg, mL or {tablet}".to_owned(),
    };
    rules::refuse(refused, field, message);
}

/// Whether it is a unit, begins with no number, which would be read as one of the dose, and isn't one that is always a slip.
fn is_unit_of_a_dose(unit: &str) -> bool {
    let is_number = unit.starts_with(|first: char| first.is_ascii_digit()) && !unit.starts_with("10*") && !unit.starts_with("10^");
    !is_number && is_valid(unit) && parts(unit).all(|part| MISREAD.iter().all(|(wrong, _)| *wrong != part))
}

/// Whether a text is a unit by the grammar of UCUM: `main-term = ["/"] term`.
pub fn is_valid(unit: &str) -> bool {
    if unit.len() > MOST || !unit.bytes().all(|byte| byte.is_ascii_graphic()) {
        return false;
    }
    let term = unit.strip_prefix('/').unwrap_or(unit);
    after_term(term, 0) == Some("")
}

/// `term = component { ("." | "/") component }`; what stands behind it, or `None` where there is none.
fn after_term(text: &str, depth: usize) -> Option<&str> {
    let mut rest = after_component(text, depth)?;
    while let Some(next) = rest.strip_prefix(['.', '/']) {
        rest = after_component(next, depth)?;
    }
    Some(rest)
}

/// `component = "(" term ")" | annotation | simple-unit [exponent] [annotation] | factor`.
fn after_component(text: &str, depth: usize) -> Option<&str> {
    if let Some(inner) = text.strip_prefix('(') {
        return if depth < DEEPEST { after_term(inner, depth + 1)?.strip_prefix(')') } else { None };
    }
    if text.starts_with('{') {
        return after_annotation(text);
    }
    let (word, rest) = text.split_at(end_of_word(text));
    let is_component = is_factor(word) || is_simple_unit(word) || is_simple_unit(without_exponent(word));
    if !is_component {
        return None;
    }
    if rest.starts_with('{') && !is_factor(word) { after_annotation(rest) } else { Some(rest) }
}

/// `annotation = "{" one or more of the printable characters but braces "}"`.
fn after_annotation(text: &str) -> Option<&str> {
    let (inside, rest) = text.strip_prefix('{')?.split_once('}')?;
    (!inside.is_empty() && !inside.contains('{')).then_some(rest)
}

/// Where an atom ends with its prefix and exponent: before a sign of the grammar, unless that stands in square brackets.
fn end_of_word(text: &str) -> usize {
    let mut is_bracketed = false;
    let ends = |(_, byte): &(usize, u8)| {
        match byte {
            b'[' => is_bracketed = true,
            b']' => is_bracketed = false,
            _ => {}
        }
        !is_bracketed && matches!(byte, b'.' | b'/' | b'(' | b')' | b'{' | b'}')
    };
    text.bytes().enumerate().find(ends).map_or(text.len(), |(at, _)| at)
}

/// A whole number, not zero and without zeros in front.
fn is_factor(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) && !word.starts_with('0')
}

/// `[prefix] metric-atom | atom`.
fn is_simple_unit(word: &str) -> bool {
    let is_one_of = |list: &str, word: &str| list.split_whitespace().any(|one| one == word);
    let is_prefixed = |prefix: &str| word.strip_prefix(prefix).is_some_and(|atom| is_one_of(METRIC, atom));
    is_one_of(METRIC, word) || is_one_of(PLAIN, word) || PREFIXES.split_whitespace().any(is_prefixed)
}

/// Without the digits at its end and the sign in front of them; as it is where there are none.
fn without_exponent(word: &str) -> &str {
    let base = word.trim_end_matches(|last: char| last.is_ascii_digit());
    if base.len() == word.len() { word } else { base.strip_suffix(['+', '-']).unwrap_or(base) }
}

/// The texts between the signs of the grammar.
fn parts(unit: &str) -> impl Iterator<Item = &str> {
    unit.split(['.', '/', '(', ')'])
}

/// The unit that was meant, where each part is right or a usual mistake.
fn corrected(unit: &str) -> Option<String> {
    let mut right = String::with_capacity(MOST);
    for part in unit.split_inclusive(['.', '/']) {
        let word = part.trim_end_matches(['.', '/']);
        right.push_str(meant(word.trim()));
        right.push_str(&part[word.len()..]);
    }
    (right != unit && is_unit_of_a_dose(&right)).then_some(right)
}

/// A part as UCUM writes it; as it is where nobody knows.
fn meant(word: &str) -> &str {
    if let Some((_, right)) = MISREAD.iter().find(|(wrong, _)| *wrong == word) {
        return right;
    }
    if is_valid(word) {
        return word;
    }
    let folded = word.to_lowercase();
    let known = MISTAKES.iter().find(|(_, written)| written.split_whitespace().any(|one| one == folded));
    known.map_or(word, |(right, _)| *right)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn these_are_units() {
        let all = "mg mL ml ug g ug/kg/min mmol/L 10*3/uL 10^6 {tablet} mg/{dose} mg/(24.h) [IU]/kg k[IU] m[iU]/mL mm[Hg] cm[H2O] \
            kg.m/s2 m-2 s+1 /min [drp] [tsp_us] meq mosm/kg mCi MBq U/h % g{creatinine} mL{a.b/c} [arb'U] [hp'_X] mA.min dag \
            Cel [degF] '' ((mg)) 10*-2 g% d cd";
        for unit in all.split_whitespace() {
            assert!(is_valid(unit), "{unit}");
        }
    }

    #[test]
    fn these_are_none() {
        assert!(!is_valid("") && !is_valid("m g") && !is_valid(" mg"));
        let all = "/ mgg mg//kg mg/ .mg //min {open open} {} {a{b}} (mg mg) () (mg)2 tablet mcg cc IU MG G mmin k% µg mg{a}{b} \
            mg{a}2 2{tablet} 0 0.mg mg- 2- [drp [nothing] Da";
        for unit in all.split_whitespace() {
            assert!(!is_valid(unit), "{unit}");
        }
    }

    #[test]
    fn a_long_or_deep_text_is_refused_at_once() {
        for deep in ["(".repeat(200), format!("{}mg{}", "(".repeat(100), ")".repeat(100)), format!("{}mg{}", "(".repeat(5), ")".repeat(5))]
        {
            assert!(!is_valid(&deep));
        }
        assert!(is_valid("{123456789 123456789 123456789 12345678}".replace(' ', "-").as_str()) && !is_valid(&"g.".repeat(30)));
    }

    #[rstest]
    #[case("mcg", "ug")]
    #[case("mcg/kg/min", "ug/kg/min")]
    #[case("\u{b5}g", "ug")]
    #[case("IU", "[IU]")]
    #[case("IU/kg", "[IU]/kg")]
    #[case("tablet", "{tablet}")]
    #[case("Tablets", "{tablet}")]
    #[case("cc", "mL")]
    #[case("MG", "mg")]
    #[case("Mg", "mg")]
    #[case("ML/hr", "mL/h")]
    #[case("u", "{unit}")]
    #[case("Gotas", "[drp]")]
    #[case("mEq", "meq")]
    fn a_usual_mistake_is_put_right(#[case] wrong: &str, #[case] right: &str) {
        let mut refused = Vec::new();
        unit(&mut refused, "items[0].dose_unit", Some(wrong));
        assert_eq!(refused.pop().map(|error| error.message), Some(format!("dose_unit: in UCUM it is written {right}")));
    }

    #[test]
    fn another_mistake_is_refused_with_examples() {
        for wrong in ["1", "10.mL", "something", "mg//kg"] {
            let mut refused = Vec::new();
            unit(&mut refused, "dose_unit", Some(wrong));
            let message = refused.pop().map(|error| error.message);
            assert_eq!(message.as_deref(), Some("dose_unit: expected a unit of UCUM such as mg, mL or {tablet}"), "{wrong}");
        }
    }

    #[test]
    fn what_is_put_right_is_a_unit() {
        let all = MISREAD.iter().map(|(_, right)| right).chain(MISTAKES.iter().map(|(right, _)| right));
        assert_eq!(all.filter(|right| !is_unit_of_a_dose(right)).count(), 0);
        assert!(MISTAKES.iter().all(|(_, written)| *written == written.to_lowercase()));
    }

    #[test]
    fn what_the_web_app_offers_is_a_unit() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/src/ui/clinical/prescription.ts");
        let code = std::fs::read_to_string(path).expect("the web app's code");
        let (_, list) = code.split_once("DOSE_UNITS = [").expect("the list");
        let (list, _) = list.split_once("];").expect("its end");
        let offered: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
        assert!(offered.len() > 5 && offered.iter().all(|unit| is_unit_of_a_dose(unit)), "{offered:?}");
    }
}
