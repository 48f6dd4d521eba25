//! That documents are archival and tagged where their letters allow, and go on over pages; nothing here may depend on how they look.

use crate::*;

/// The embedded faces and nothing else.
fn plain() -> Fonts {
    Fonts::new(Vec::new())
}

fn sample(items: usize) -> Prescription {
    let item = |number: usize| Item {
        title: format!("Amoxicillin {number} 500 mg capsule"),
        directions: "1 capsule by mouth, three times daily, for 7 days".to_owned(),
        supply: "Quantity 21 · no refills".to_owned(),
        note: (number == 1).then(|| "Take with food #strong[never markup] *not bold*".to_owned()),
    };
    Prescription {
        paper: Paper::A5,
        reference: "ABC01-R12".to_owned(),
        standing: Standing::Finalized,
        issued: Date { year: 2026, month: 4, day: 14 },
        letterhead: Letterhead {
            clinic: "Harbor Family Practice".to_owned(),
            lines: vec!["12 Harbor Street".to_owned(), "Boston, MA".to_owned(), "+1 617 555 0100".to_owned()],
        },
        patient: Patient {
            name: "عبد الرحمن الأنصاري".to_owned(),
            number: Some("ABC01-P17".to_owned()),
            born: Some(Date { year: 1990, month: 5, day: 10 }),
            address: Some("7 Long Wharf, Boston".to_owned()),
        },
        doctor: Doctor {
            name: "Dr. Gregory House".to_owned(),
            specialty: Some("Internal medicine".to_owned()),
            registration_number: Some("MD-12345".to_owned()),
        },
        items: (1..=items).map(item).collect(),
        note: Some("Come back if the fever lasts longer than three days.".to_owned()),
        replaces: None,
        replaced_by: None,
        verify_url: Some("https://clinic.example/verify/3q2-7wAAAAAAAAAAAAAAAAAAAAA".to_owned()),
    }
}

fn bill() -> Invoice {
    let Prescription { letterhead, patient, issued, .. } = sample(0);
    Invoice {
        paper: Paper::Letter,
        number: "ABC01-I7".to_owned(),
        issued,
        letterhead,
        patient,
        appointment: "ABC01-A1234".to_owned(),
        lines: vec![Line {
            code: "99213".to_owned(),
            description: "Office visit, established patient".to_owned(),
            units: "1".to_owned(),
            unit_price: "125.00".to_owned(),
            amount: "125.00".to_owned(),
        }],
        currency: "USD".to_owned(),
        total: "125.00".to_owned(),
        paid: Some(Payment { on: issued, method: Some("card".to_owned()), reference: None }),
    }
}

fn has(pdf: &[u8], mark: &str) -> bool {
    pdf.windows(mark.len()).any(|window| window == mark.as_bytes())
}

/// Objects may be packed, but the page tree's count and the metadata are not.
fn pages(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf);
    let count = text.split("/Count ").nth(1).expect("a page tree");
    count.chars().take_while(char::is_ascii_digit).collect::<String>().parse().expect("a number")
}

#[test]
fn a_prescription_is_archival_and_tagged() {
    let pdf = prescription(&sample(3), &plain()).expect("a document");
    assert!(pdf.starts_with(b"%PDF-1.7"));
    assert!(has(&pdf, "<pdfaid:part>2</pdfaid:part>") && has(&pdf, "<pdfaid:conformance>A</pdfaid:conformance>"));
    assert!(has(&pdf, "/StructTreeRoot") && has(&pdf, "/Marked true"));
    assert_eq!(pages(&pdf), 1);
}

#[test]
fn the_same_data_gives_the_same_bytes() {
    assert_eq!(prescription(&sample(2), &plain()).expect("a document"), prescription(&sample(2), &plain()).expect("a document"));
}

#[test]
fn many_items_go_on_on_another_page() {
    assert_eq!(pages(&prescription(&sample(14), &plain()).expect("a document")), 2);
}

#[test]
fn a_letter_that_no_font_has_costs_the_promise_and_not_the_document() {
    let mut data = sample(1);
    data.patient.name = "王小明".to_owned();
    let pdf = prescription(&data, &plain()).expect("a document");
    assert!(!has(&pdf, "pdfaid:part") && has(&pdf, "/StructTreeRoot"));
}

#[test]
fn a_font_of_the_machine_keeps_the_promise() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("mono.ttf"), dejavu::sans_mono::regular()).expect("written");
    let mut data = sample(1);
    data.patient.name = "Ana \u{2336}\u{2337}".to_owned();
    data.items[0].note = Some("\u{2336} at night".to_owned());
    let print = |folders| prescription(&data, &Fonts::new(folders)).expect("a document");
    let pdf = print(vec![folder.path().to_owned()]);
    assert!(has(&pdf, "<pdfaid:part>2</pdfaid:part>") && has(&pdf, "<pdfaid:conformance>A</pdfaid:conformance>"));
    assert_eq!(pdf, print(vec![folder.path().to_owned()]));
    assert!(!has(&print(Vec::new()), "pdfaid:part"));
}

#[test]
fn a_font_of_the_machine_changes_no_document_that_needs_none() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("sans.ttf"), dejavu::sans::regular()).expect("written");
    let fonts = Fonts::new(vec![folder.path().to_owned()]);
    assert_eq!(prescription(&sample(2), &fonts).expect("a document"), prescription(&sample(2), &plain()).expect("a document"));
    assert!(!fonts.are_known());
}

/// Where this machine has the fonts of Noto; the embedded ones can't stand for them.
#[test]
fn names_of_other_scripts_are_printed_in_fonts_of_noto() {
    for (name, file) in [
        ("王小明", "opentype/noto/NotoSansCJK-Regular.ttc"),
        ("สมชาย", "truetype/noto/NotoSansThai-Regular.ttf"),
        ("आरती", "truetype/noto/NotoSansDevanagari-Regular.ttf"),
    ] {
        let font = std::path::Path::new("/usr/share/fonts").join(file);
        if !font.exists() {
            continue;
        }
        let folder = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink(&font, folder.path().join(font.file_name().expect("a name"))).expect("a link");
        let fonts = Fonts::new(vec![folder.path().to_owned()]);
        let mut data = sample(1);
        data.patient.name = name.to_owned();
        assert_eq!(fonts.lacking(name), "");
        assert!(has(&prescription(&data, &fonts).expect("a document"), "<pdfaid:part>2</pdfaid:part>"), "{name}");
        let bill = Invoice { patient: data.patient, ..bill() };
        assert!(has(&invoice(&bill, &fonts).expect("a document"), "<pdfaid:part>2</pdfaid:part>"), "{name}");
    }
}

#[test]
fn every_paper_and_standing_can_be_set() {
    for paper in [Paper::A5, Paper::A4, Paper::Letter] {
        for standing in [Standing::Draft, Standing::Finalized, Standing::Superseded] {
            let data = Prescription { paper, standing, replaced_by: Some("ABC01-R13".to_owned()), verify_url: None, ..sample(1) };
            assert!(prescription(&data, &plain()).is_ok(), "{paper:?} {standing:?}");
        }
    }
}

#[test]
fn an_invoice_is_archival() {
    let pdf = invoice(&bill(), &plain()).expect("a document");
    assert!(has(&pdf, "<pdfaid:part>2</pdfaid:part>") && pages(&pdf) == 1);
    assert!(invoice(&Invoice { paid: None, ..bill() }, &plain()).is_ok());
}
