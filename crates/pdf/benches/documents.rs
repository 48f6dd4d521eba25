//! How long a document takes, in this process and after the first: `cargo bench -p clinichub-pdf`, with `--profile dev` for the
//! optimisation that the program is run with.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::time::{Duration, Instant};

use clinichub_pdf::{
    Date, Doctor, Fonts, Invoice, Item, Letterhead, Line, Paper, Patient, Payment, Prescription, Standing, invoice, prescription,
};

const RUNS: usize = 300;

fn main() {
    let fonts = Fonts::new(Vec::new());
    let cold = Instant::now();
    made(&prescription(&sample(0, 3), &fonts).expect("a document"));
    println!("first prescription, fonts and templates read: {:.1} ms", ms(cold.elapsed()));
    for items in [1, 3, 12] {
        report(&format!("prescription, {items} items"), |run| prescription(&sample(run, items), &fonts).expect("a document"));
    }
    report("invoice, 4 lines", |run| invoice(&bill(run), &fonts).expect("a document"));
}

fn report(what: &str, print: impl Fn(usize) -> Vec<u8>) {
    let mut times: Vec<Duration> = Vec::with_capacity(RUNS);
    let mut bytes = 0;
    for run in 0..RUNS {
        let start = Instant::now();
        let document = print(run);
        times.push(start.elapsed());
        made(&document);
        bytes = document.len();
    }
    times.sort_unstable();
    let at = |percent: usize| ms(times[RUNS * percent / 100]);
    println!("{what}: p50 {:.1} ms, p90 {:.1} ms, p99 {:.1} ms, {bytes} bytes", at(50), at(90), at(99));
}

fn made(document: &[u8]) {
    assert!(document.starts_with(b"%PDF"));
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn letterhead() -> Letterhead {
    Letterhead { clinic: "Harbor Family Practice".to_owned(), lines: vec!["12 Harbor Street".to_owned(), "+1 617 555 0100".to_owned()] }
}

/// Every run is about somebody else, so that nothing is remembered from the one before.
fn patient(run: usize) -> Patient {
    Patient {
        name: format!("Ana María Rivera {run}"),
        number: Some(format!("ABC01-P{run}")),
        born: Some(Date { year: 1990, month: 5, day: 10 }),
        address: Some("7 Long Wharf, Boston".to_owned()),
    }
}

fn sample(run: usize, items: usize) -> Prescription {
    let item = |number: usize| Item {
        title: format!("Amoxicillin {number} {run} mg capsule"),
        directions: "1 capsule, by mouth, three times daily, for 7 days".to_owned(),
        supply: "Quantity 21 · no refills".to_owned(),
        note: Some("With food".to_owned()),
    };
    Prescription {
        paper: Paper::A5,
        reference: format!("ABC01-R{run}"),
        standing: Standing::Finalized,
        issued: Date { year: 2026, month: 4, day: 14 },
        letterhead: letterhead(),
        patient: patient(run),
        doctor: Doctor {
            name: "Gregory House".to_owned(),
            specialty: Some("Internal medicine".to_owned()),
            registration_number: Some("MD-12345".to_owned()),
        },
        items: (0..items).map(item).collect(),
        note: Some("Come back if the fever lasts.".to_owned()),
        replaces: None,
        replaced_by: None,
        verify_url: Some(format!("https://clinic.example/verify/{run:022}")),
    }
}

fn bill(run: usize) -> Invoice {
    let line = |number: usize| Line {
        code: format!("9921{number}"),
        description: "Office visit, established patient".to_owned(),
        units: "1".to_owned(),
        unit_price: "125.00".to_owned(),
        amount: "125.00".to_owned(),
    };
    Invoice {
        paper: Paper::Letter,
        number: format!("ABC01-I{run}"),
        issued: Date { year: 2026, month: 4, day: 14 },
        letterhead: letterhead(),
        patient: patient(run),
        appointment: format!("ABC01-A{run}"),
        lines: (0..4).map(line).collect(),
        currency: "USD".to_owned(),
        total: "500.00".to_owned(),
        paid: Some(Payment { on: Date { year: 2026, month: 4, day: 15 }, method: Some("card".to_owned()), reference: None }),
    }
}
