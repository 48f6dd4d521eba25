//! The two clinics, who works there, and what they charge. The order of the staff is the order of their ids.

use clinichub_core::Role;

/// A clinic.
pub struct ClinicCast {
    pub code: &'static str,
    pub name: &'static str,
    pub time_zone: &'static str,
    pub phone: &'static str,
    pub email: &'static str,
    pub address: &'static str,
    pub city: &'static str,
    pub state: &'static str,
    /// Chooses its patients and days.
    pub seed: u64,
}

/// The clinics.
pub const CLINICS: [ClinicCast; 2] = [
    ClinicCast {
        code: "ABC01",
        name: "Harbor Family Clinic",
        time_zone: "America/Puerto_Rico",
        phone: "+1 787 555 0100",
        email: "desk@harbor.example.com",
        address: "12 Harbor Street",
        city: "San Juan",
        state: "PR",
        seed: 1,
    },
    ClinicCast {
        code: "XYZ02",
        name: "Hillside Imaging and Therapy",
        time_zone: "America/New_York",
        phone: "+1 212 555 0100",
        email: "desk@hillside.example.com",
        address: "400 Hillside Avenue",
        city: "New York",
        state: "NY",
        seed: 2,
    },
];

/// Somebody who works in one of the clinics, or in both.
pub struct StaffCast {
    pub first_name: &'static str,
    pub last_name: &'static str,
    pub username: &'static str,
    pub email: &'static str,
    pub role: Role,
    /// Indices into [`CLINICS`].
    pub clinics: &'static [usize],
    pub specialization: Option<&'static str>,
}

const fn staff(
    name: (&'static str, &'static str),
    username: &'static str,
    email: &'static str,
    role: Role,
    clinics: &'static [usize],
    specialization: Option<&'static str>,
) -> StaffCast {
    StaffCast { first_name: name.0, last_name: name.1, username, email, role, clinics, specialization }
}

/// The staff. The first is user 1 and the second, a doctor, user 2: examples in the documentation use these numbers.
pub const STAFF: &[StaffCast] = &[
    staff(("Alicia", "Admin"), "admin", "admin@clinichub.com", Role::Admin, &[0], None),
    staff(("Daniel", "Doctor"), "doctor", "doctor@clinichub.com", Role::Doctor, &[0], Some("Family medicine")),
    staff(("Nadia", "Nurse"), "nurse", "nurse@clinichub.com", Role::Nurse, &[0], None),
    staff(("Rafael", "Receptionist"), "receptionist", "receptionist@clinichub.com", Role::Receptionist, &[0], None),
    staff(("Teresa", "Technician"), "technician", "technician@clinichub.com", Role::Technician, &[0], None),
    staff(("Xavier", "Admin"), "xyzadmin", "admin@xyz02.clinichub.com", Role::Admin, &[1], None),
    // Works in both clinics; can't be booked in one while busy in the other.
    staff(("Beatriz", "Bothwell"), "bothwell", "bothwell@clinichub.com", Role::Doctor, &[0, 1], Some("Radiology")),
    staff(("Carmen", "Castell"), "castell", "castell@clinichub.com", Role::Doctor, &[0], Some("Pediatrics")),
    staff(("Elias", "Ender"), "ender", "ender@clinichub.com", Role::Nurse, &[0], None),
    staff(("Fiona", "Frost"), "frost", "frost@clinichub.com", Role::Receptionist, &[0], None),
    staff(("Gustavo", "Gale"), "gale", "gale@xyz02.clinichub.com", Role::Doctor, &[1], Some("Cardiology")),
    staff(("Hanna", "Holm"), "holm", "holm@xyz02.clinichub.com", Role::Doctor, &[1], Some("Physiotherapy")),
    staff(("Ines", "Iver"), "iver", "iver@xyz02.clinichub.com", Role::Nurse, &[1], None),
    staff(("Jonas", "Jarl"), "jarl", "jarl@xyz02.clinichub.com", Role::Receptionist, &[1], None),
    staff(("Karin", "Kold"), "kold", "kold@xyz02.clinichub.com", Role::Technician, &[1], None),
];

/// The account of a patient, whose chart is the second of the first clinic.
pub const PORTAL: (&str, &str) = ("patient", "patient@clinichub.com");

/// The account of whoever runs the installation.
pub const OPERATOR: (&str, &str) = ("operator", "operator@clinichub.com");

/// What the banner shows: who to sign in as.
pub const ACCOUNTS: &[&str] = &[
    "admin@clinichub.com",
    "doctor@clinichub.com",
    "nurse@clinichub.com",
    "receptionist@clinichub.com",
    "technician@clinichub.com",
    "patient@clinichub.com",
    "admin@xyz02.clinichub.com",
    "operator@clinichub.com",
];

/// A service: code, the clinic's own words, price in cents, minutes.
pub type Service = (&'static str, &'static str, i64, i64);

/// What both clinics charge; the first is what an appointment without a service is billed as.
pub const SERVICES: &[Service] = &[
    ("99213", "Office visit, established patient", 9_500, 30),
    ("99203", "Office visit, new patient", 14_000, 45),
    ("99396", "Yearly check-up", 18_500, 45),
    ("76700", "Ultrasound of the abdomen", 22_000, 30),
    ("93000", "Heart trace with reading", 6_000, 20),
    ("97110", "Exercises with a therapist", 5_500, 30),
    ("90471", "Vaccination", 3_500, 15),
    ("NOSHOW", "Missed appointment", 2_500, 30),
];

/// What is prescribed.
pub struct Drug {
    pub name: &'static str,
    pub strength: &'static str,
    pub form: &'static str,
    /// A code of how often.
    pub frequency: &'static str,
    pub days: i64,
    pub quantity: &'static str,
    /// In cents.
    pub cost: i64,
}

const fn drug(
    of: (&'static str, &'static str, &'static str),
    frequency: &'static str,
    days: i64,
    quantity: &'static str,
    cost: i64,
) -> Drug {
    Drug { name: of.0, strength: of.1, form: of.2, frequency, days, quantity, cost }
}

/// What the doctors prescribe.
pub const DRUGS: &[Drug] = &[
    drug(("Amoxicillin", "500 mg", "capsule"), "TID", 7, "21", 1_250),
    drug(("Metformin", "500 mg", "tablet"), "BID", 90, "180", 1_800),
    drug(("Lisinopril", "10 mg", "tablet"), "QD", 90, "90", 1_400),
    drug(("Ibuprofen", "400 mg", "tablet"), "Q8H", 5, "15", 700),
    drug(("Atorvastatin", "20 mg", "tablet"), "QHS", 90, "90", 2_200),
    drug(("Omeprazole", "20 mg", "capsule"), "QAM", 28, "28", 1_600),
    drug(("Cetirizine", "10 mg", "tablet"), "QD", 30, "30", 900),
];

/// How many of [`SERVICES`] are chosen for appointments; the last is a fee.
pub const BOOKABLE: usize = SERVICES.len() - 1;

/// Who sees patients at weekends too: whoever tries the demonstration on a Sunday finds a day at work, and not an empty board.
const ALL_WEEK: [&str; 2] = ["doctor", "gale"];

/// The weekdays (1 = Monday) of a doctor in a clinic. Who works in two clinics shares the week.
pub fn weekdays(doctor: &StaffCast, clinic: usize) -> std::ops::RangeInclusive<i8> {
    match (doctor.clinics.len(), clinic) {
        (2, 0) => 1..=3,
        (2, _) => 4..=5,
        _ if ALL_WEEK.contains(&doctor.username) => 1..=7,
        _ => 1..=5,
    }
}

/// When they work: morning and afternoon, in minutes since midnight.
pub const HOURS: [(i64, i64); 2] = [(8 * 60, 12 * 60), (13 * 60, 17 * 60)];

/// Minutes an appointment takes.
pub const SLOT: i64 = 30;

/// Why people come.
pub const REASONS: &[&str] = &[
    "General checkup",
    "Follow-up",
    "Back pain",
    "Headaches",
    "Cough for two weeks",
    "Blood pressure control",
    "Knee pain after a fall",
    "Vaccination",
    "Results of the last examination",
    "Tiredness",
    "Ear ache",
    "Skin rash",
];
