//! That the folders are looked through once there is a reason, that nothing in them can stop a document, and what is taken from them.

use std::os::unix::fs::symlink;

use super::*;

/// Letters of the face with a fixed width that the embedded ones lack.
const BEYOND: &str = "\u{2336}\u{2337}";

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).expect("written");
    }
    folder
}

fn fonts(folder: &tempfile::TempDir) -> Fonts {
    Fonts::new(vec![folder.path().to_owned()])
}

/// The same font, but its first range of letters with numbers of 32 bits ends with `last`.
fn with_a_range_to(last: u32, font: &[u8]) -> Vec<u8> {
    let face = ttf_parser::Face::parse(font, 0).expect("a font");
    let table = face.raw_face().table(ttf_parser::Tag::from_bytes(b"cmap")).expect("a table");
    let start = font.windows(table.len()).position(|bytes| bytes == table).expect("in the font");
    let wide = table.windows(4).position(|bytes| bytes == [0, 12, 0, 0]).expect("a table of format 12");
    let mut damaged = font.to_vec();
    damaged[start + wide + 20..start + wide + 24].copy_from_slice(&last.to_be_bytes());
    damaged
}

#[test]
fn a_letter_of_the_embedded_faces_opens_no_folder() {
    let fonts = Fonts::new(vec!["/nowhere".into()]);
    assert_eq!(fonts.lacking("Zoë Łukasz Ελένη Борис עברית العربية €"), "");
    assert!(fonts.borrow_for("Zoë").is_none() && !fonts.are_known());
    assert_eq!(not_embedded("王 Wang 小王"), "小王");
}

#[test]
fn a_face_of_the_folder_has_what_the_embedded_ones_lack() {
    let folder = folder(&[("b.TTF", dejavu::sans_mono::bold()), ("r.ttf", dejavu::sans_mono::regular())]);
    let fonts = fonts(&folder);
    assert_eq!(fonts.lacking(&format!("Ana {BEYOND} 王")), "王");
    assert!(fonts.are_known());
    let borrowed = fonts.borrow_for(BEYOND).expect("faces");
    let weights: Vec<_> = borrowed.fonts.iter().map(|(family, font)| (family.as_str(), font.info().variant.weight.to_number())).collect();
    assert_eq!((weights, borrowed.families.len()), (vec![("machine 1", 400), ("machine 1", 700)], 1));
}

#[test]
fn a_sans_serif_comes_before_others_and_a_leaning_face_not_at_all() {
    let folder = folder(&[
        ("a.ttf", dejavu::sans_mono::regular()),
        ("b.ttf", dejavu::serif::regular()),
        ("c.ttf", dejavu::sans_mono::oblique()),
        ("d.ttf", dejavu::sans::regular()),
    ]);
    let faces: Vec<Face> = folders::files(&[folder.path().to_owned()]).into_iter().flat_map(face::of_file).collect();
    assert_eq!(faces.len(), 3);
    let (regular, bold) = face::best(&faces, &BTreeSet::from(['ë'])).expect("a face");
    assert_eq!((regular.info.family.as_str(), bold.is_none()), ("DejaVu Sans", true));
    assert!(face::best(&faces, &BTreeSet::from(['王'])).is_none() && face::best(&faces, &BTreeSet::new()).is_none());
}

#[test]
fn a_damaged_file_is_left_out_and_the_next_one_taken() {
    let good = dejavu::sans_mono::regular();
    let endless = with_a_range_to(u32::MAX - 1, good);
    let broken =
        [("a.ttf", &b"not a font"[..]), ("b.otf", &good[..999]), ("c.ttc", &b"ttcf"[..]), ("d.ttf", &b""[..]), ("e.ttf", &endless[..])];
    let folder = folder(&broken);
    assert_eq!(fonts(&folder).lacking(BEYOND), BEYOND);
    std::fs::write(folder.path().join("f.ttf"), good).expect("written");
    assert_eq!(fonts(&folder).lacking(BEYOND), "");
}

#[test]
fn an_empty_folder_and_a_missing_one_have_no_fonts() {
    let empty = folder(&[("readme.txt", dejavu::sans_mono::regular())]);
    assert_eq!(fonts(&empty).lacking(BEYOND), BEYOND);
    let wrong = Fonts::new(vec![empty.path().join("gone"), empty.path().join("readme.txt")]);
    assert_eq!(wrong.lacking(BEYOND), BEYOND);
}

#[test]
fn links_that_lead_round_have_an_end() {
    let folder = folder(&[("r.ttf", dejavu::sans_mono::regular())]);
    let inside = folder.path().join("inside");
    std::fs::create_dir(&inside).expect("made");
    symlink(folder.path(), inside.join("up")).expect("a link");
    symlink(&inside, inside.join("here")).expect("a link");
    symlink("itself.ttf", inside.join("itself.ttf")).expect("a link");
    symlink(folder.path().join("r.ttf"), inside.join("again.ttf")).expect("a link");
    let found = folders::files(&[folder.path().to_owned(), inside.clone()]);
    assert_eq!(found, [inside.join("again.ttf"), folder.path().join("r.ttf")]);
}

#[test]
fn a_folder_far_down_is_not_entered() {
    let folder = folder(&[]);
    let deep = folder.path().join("1/2/3/4/5/6/7/8/9");
    std::fs::create_dir_all(&deep).expect("made");
    for place in [deep.as_path(), deep.parent().expect("a folder")] {
        std::fs::write(place.join("r.ttf"), b"").expect("written");
    }
    assert_eq!(folders::files(&[folder.path().to_owned()]), [deep.with_file_name("r.ttf")]);
}

#[test]
fn a_font_that_is_gone_leaves_the_document_without_it() {
    let folder = folder(&[("r.ttf", dejavu::sans_mono::regular())]);
    let fonts = fonts(&folder);
    assert_eq!(fonts.lacking(BEYOND), "");
    std::fs::remove_file(folder.path().join("r.ttf")).expect("removed");
    assert!(fonts.borrow_for(BEYOND).is_none());
}

#[test]
fn what_was_used_is_kept_once() {
    let folder = folder(&[("r.ttf", dejavu::sans_mono::regular())]);
    let fonts = fonts(&folder);
    for _ in 0..3 {
        assert!(fonts.borrow_for(BEYOND).is_some());
    }
    let kept: Vec<usize> = fonts.kept.lock().expect("no panic").iter().map(|(_, bytes)| bytes.len()).collect();
    assert_eq!(kept, [dejavu::sans_mono::regular().len()]);
}

#[test]
fn a_script_without_a_font_is_named() {
    let (lacking, of) = Fonts::new(Vec::new()).scripts_lacking();
    assert_eq!((lacking.len(), lacking.first()), (of, Some(&"Han")));
}
