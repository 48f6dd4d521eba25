//! What the invented patients have, in the words a doctor writes. The codes are ICD-10-CM's, the handful that the cases need.

/// What a doctor finds in a visit.
pub struct Case {
    /// The reason of the appointment that it fits.
    pub reason: &'static str,
    pub subjective: &'static str,
    pub objective: &'static str,
    pub assessment: &'static str,
    pub plan: &'static str,
    /// ICD-10-CM codes and what they mean; the first is what the patient came for.
    pub diagnoses: &'static [(&'static str, &'static str)],
    /// What the patient is asked to come with: higher blood pressure, temperature.
    pub pressure: i64,
    pub fever: bool,
}

const fn case(reason: &'static str, notes: [&'static str; 4], diagnoses: &'static [(&'static str, &'static str)]) -> Case {
    let [subjective, objective, assessment, plan] = notes;
    Case { reason, subjective, objective, assessment, plan, diagnoses, pressure: 0, fever: false }
}

/// The cases; several fit some of the reasons.
pub const CASES: &[Case] = &[
    case(
        "General checkup",
        [
            "Feels well, no complaints. Sleeps seven hours, walks daily.",
            "Heart, lungs and abdomen without findings.",
            "Healthy adult.",
            "Blood count and lipids; back in a year.",
        ],
        &[("Z00.00", "General adult medical examination without abnormal findings")],
    ),
    case(
        "General checkup",
        [
            "No complaints, gained weight over the winter.",
            "Overweight, otherwise without findings.",
            "Overweight, no sign of complications.",
            "Advice on food and movement, weight in three months.",
        ],
        &[("Z00.01", "General adult medical examination with abnormal findings"), ("E66.3", "Overweight")],
    ),
    case(
        "Follow-up",
        [
            "Better than last time, takes the tablets regularly.",
            "Unremarkable today.",
            "Improving as expected.",
            "Go on as agreed, call if it gets worse.",
        ],
        &[("Z09", "Follow-up examination after completed treatment")],
    ),
    case(
        "Back pain",
        [
            "Low back pain for five days after lifting, no radiation, no numbness.",
            "Muscles tense beside the lumbar spine, straight leg raise negative.",
            "Low back pain, no red flags.",
            "Stay active, warmth, ibuprofen as needed; exercises if not better in two weeks.",
        ],
        &[("M54.50", "Low back pain, unspecified")],
    ),
    case(
        "Headaches",
        [
            "Throbbing headache on one side twice a month, with nausea, better in the dark.",
            "Neurological examination without findings.",
            "Migraine without aura.",
            "Headache diary, sumatriptan at onset; talk about prevention next time.",
        ],
        &[("G43.009", "Migraine without aura, not intractable, without status migrainosus")],
    ),
    case(
        "Headaches",
        [
            "Pressing headache in the evening, long days at the screen.",
            "Neck muscles tender, otherwise without findings.",
            "Tension-type headache.",
            "Breaks, stretching; paracetamol not more than ten days a month.",
        ],
        &[("G44.209", "Tension-type headache, unspecified, not intractable")],
    ),
    Case {
        fever: true,
        ..case(
            "Cough for two weeks",
            [
                "Cough, runny nose, first days with fever; no shortness of breath.",
                "Throat red, lungs clear.",
                "Acute upper respiratory infection, viral.",
                "Fluids and rest; back if fever returns or breathing gets hard.",
            ],
            &[("J06.9", "Acute upper respiratory infection, unspecified")],
        )
    },
    case(
        "Cough for two weeks",
        [
            "Dry cough at night and after running.",
            "Slight wheeze on both sides.",
            "Mild persistent asthma.",
            "Inhaled steroid twice a day, rescue inhaler; peak flow diary, back in four weeks.",
        ],
        &[("J45.30", "Mild persistent asthma, uncomplicated")],
    ),
    Case {
        pressure: 22,
        ..case(
            "Blood pressure control",
            [
                "Home readings around 150/95. Takes the tablets, salt not reduced.",
                "Pressure high on both arms, heart regular.",
                "Hypertension, not at its goal.",
                "Dose of lisinopril raised; home readings for two weeks, then again.",
            ],
            &[("I10", "Essential (primary) hypertension")],
        )
    },
    Case {
        pressure: 6,
        ..case(
            "Blood pressure control",
            [
                "Home readings mostly below 135/85, no dizziness.",
                "Pressure at its goal.",
                "Hypertension, well controlled.",
                "Go on; kidney function and potassium once a year.",
            ],
            &[("I10", "Essential (primary) hypertension")],
        )
    },
    case(
        "Knee pain after a fall",
        [
            "Fell on the stairs two days ago, can walk.",
            "Swelling below the kneecap, ligaments firm, no bony tenderness.",
            "Bruise of the knee.",
            "Cold, rest, bandage; X-ray if walking gets harder.",
        ],
        &[("S80.01XA", "Contusion of right knee, initial encounter")],
    ),
    case(
        "Vaccination",
        [
            "Comes for a vaccination, well today.",
            "No fever.",
            "Fit for the vaccination.",
            "Given in the left upper arm, tolerated well; next dose as in the plan.",
        ],
        &[("Z23", "Encounter for immunization")],
    ),
    case(
        "Results of the last examination",
        [
            "Comes to talk about the results.",
            "Fasting glucose 132 mg/dL, HbA1c 6.9 %.",
            "Type 2 diabetes, newly found.",
            "Explained; nutrition course, metformin with the evening meal, eyes and feet to be looked at.",
        ],
        &[("E11.9", "Type 2 diabetes mellitus without complications")],
    ),
    case(
        "Results of the last examination",
        [
            "Comes to talk about the results.",
            "LDL cholesterol 168 mg/dL, the rest without findings.",
            "High cholesterol.",
            "Mediterranean food, walk daily; again in three months, then decide about a statin.",
        ],
        &[("E78.00", "Pure hypercholesterolemia, unspecified")],
    ),
    case(
        "Tiredness",
        [
            "Tired for two months, sleeps badly, no weight loss.",
            "Pale; heart, lungs and thyroid without findings.",
            "Iron deficiency likely.",
            "Blood count, ferritin, TSH; iron every other day until the results are here.",
        ],
        &[("R53.83", "Other fatigue"), ("D50.9", "Iron deficiency anemia, unspecified")],
    ),
    Case {
        fever: true,
        ..case(
            "Ear ache",
            [
                "Ear ache on the right since last night.",
                "Eardrum red and bulging.",
                "Acute inflammation of the middle ear.",
                "Paracetamol for the pain; antibiotic only if not better in two days.",
            ],
            &[("H66.91", "Otitis media, unspecified, right ear")],
        )
    },
    case(
        "Skin rash",
        [
            "Itching rash in both elbows, dry skin since childhood.",
            "Red, scaly patches in the bends of the elbows.",
            "Atopic dermatitis.",
            "Moisturise twice a day, hydrocortisone for a week; avoid wool.",
        ],
        &[("L20.9", "Atopic dermatitis, unspecified")],
    ),
];

/// A disease of long standing: code, name, from which age, how many of a hundred have it, and what is taken for it (name, dose, how often).
pub type Chronic = (&'static str, &'static str, i64, usize, Option<(&'static str, &'static str, &'static str)>);

pub const CHRONIC: &[Chronic] = &[
    ("I10", "Essential (primary) hypertension", 45, 40, Some(("Lisinopril", "10 mg", "once a day"))),
    ("E11.9", "Type 2 diabetes mellitus without complications", 50, 18, Some(("Metformin", "500 mg", "twice a day"))),
    ("E78.00", "Pure hypercholesterolemia, unspecified", 45, 22, Some(("Atorvastatin", "20 mg", "once a day in the evening"))),
    ("J45.30", "Mild persistent asthma, uncomplicated", 6, 9, Some(("Budesonide inhaler", "200 µg", "twice a day"))),
    ("M17.9", "Osteoarthritis of knee, unspecified", 60, 25, None),
    ("E03.9", "Hypothyroidism, unspecified", 30, 8, Some(("Levothyroxine", "75 µg", "once a day before breakfast"))),
    ("K21.9", "Gastro-esophageal reflux disease without esophagitis", 30, 12, Some(("Omeprazole", "20 mg", "once a day"))),
    ("F41.1", "Generalized anxiety disorder", 18, 7, Some(("Sertraline", "50 mg", "once a day"))),
];

/// Allergies: substance, severity, reaction.
pub const ALLERGIES: &[(&str, &str, &str)] = &[
    ("Penicillin", "severe", "Hives"),
    ("Penicillin", "life_threatening", "Anaphylaxis"),
    ("Ibuprofen", "moderate", "Wheezing"),
    ("Sulfonamides", "moderate", "Rash"),
    ("Peanuts", "life_threatening", "Anaphylaxis"),
    ("Latex", "mild", "Itching"),
    ("Pollen", "mild", "Runny nose"),
    ("Shellfish", "severe", "Swelling of the lips"),
];

/// Immunizations: vaccine, CVX code, years until the next dose (0: none).
pub const VACCINES: &[(&str, &str, i64)] = &[
    ("Tetanus and diphtheria (Td)", "113", 10),
    ("Influenza", "150", 1),
    ("Hepatitis B", "43", 0),
    ("Measles, mumps, rubella (MMR)", "03", 0),
];

/// The cases that fit a reason.
pub fn fitting(reason: &str) -> Vec<&'static Case> {
    CASES.iter().filter(|case| case.reason == reason).collect()
}

/// The code set of the demonstration, in the form in which code sets are brought in.
pub fn code_file() -> String {
    let of_cases = CASES.iter().flat_map(|case| case.diagnoses.iter().copied());
    let of_chronic = CHRONIC.iter().map(|(code, name, ..)| (*code, *name));
    of_cases.chain(of_chronic).map(|(code, name)| format!("{code}\t{name}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::cast::REASONS;

    #[test]
    fn every_reason_has_a_case_and_every_code_its_form() {
        assert!(REASONS.iter().all(|reason| !fitting(reason).is_empty()));
        for line in code_file().lines() {
            let code = line.split('\t').next().expect("a code");
            assert_eq!(clinichub_app::codes::normal(code).as_deref(), Some(code));
        }
    }
}
