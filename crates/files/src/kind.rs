//! What a file is, by its first bytes. What it is called and what the sender says it is are compared with that, and whatever can run, or is
//! a page that can, is refused. Archives are looked into at their beginning only and never unpacked.

/// How much of a file's beginning is looked at.
pub const HEAD_BYTES: usize = 32 * 1024;

/// A kind of file that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Pdf,
    Jpeg,
    Png,
    Webp,
    Heic,
    Tiff,
    Gif,
    Text,
    Csv,
    Docx,
    Xlsx,
    Odt,
    Dicom,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Pdf,
        Self::Jpeg,
        Self::Png,
        Self::Webp,
        Self::Heic,
        Self::Tiff,
        Self::Gif,
        Self::Text,
        Self::Csv,
        Self::Docx,
        Self::Xlsx,
        Self::Odt,
        Self::Dicom,
    ];

    /// Its media type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Heic => "image/heic",
            Self::Tiff => "image/tiff",
            Self::Gif => "image/gif",
            Self::Text => "text/plain",
            Self::Csv => "text/csv",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Dicom => "application/dicom",
        }
    }

    /// In a word, as it stands in the database.
    pub fn as_str(self) -> &'static str {
        self.endings()[0]
    }

    /// The kind with this media type.
    pub fn of_mime(mime: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.mime() == mime)
    }

    /// How names of such files end, the usual one first.
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Png => &["png"],
            Self::Webp => &["webp"],
            Self::Heic => &["heic", "heif"],
            Self::Tiff => &["tiff", "tif"],
            Self::Gif => &["gif"],
            Self::Text => &["txt", "text", "log", "md"],
            Self::Csv => &["csv", "tsv"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Odt => &["odt"],
            Self::Dicom => &["dcm", "dicom", "ima"],
        }
    }

    /// Other media types that senders give for it.
    fn other_mimes(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["image/jpg", "image/pjpeg"],
            Self::Heic => &["image/heif"],
            Self::Tiff => &["image/tif"],
            // What a browser on Windows says of a CSV file.
            Self::Csv => &["application/vnd.ms-excel", "application/csv", "text/plain", "text/tab-separated-values"],
            Self::Text => &["text/markdown"],
            Self::Pdf => &["application/x-pdf"],
            _ => &[],
        }
    }

    /// Whether a browser shows it by itself and runs nothing that is in it.
    pub fn is_shown_by_browsers(self) -> bool {
        matches!(self, Self::Pdf | Self::Jpeg | Self::Png | Self::Webp | Self::Gif)
    }

    /// Whether it is a picture that can be made small.
    pub fn is_picture(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Webp | Self::Tiff | Self::Gif)
    }

    fn goes_by(self, mime: &str) -> bool {
        self.mime() == mime || self.other_mimes().contains(&mime)
    }
}

/// Endings of names that machines run, or show as a page that can run something.
const RUN: &[&str] = &[
    "exe", "dll", "com", "scr", "msi", "bat", "cmd", "ps1", "psm1", "vbs", "vbe", "js", "mjs", "jse", "wsf", "wsh", "hta", "jar", "sh",
    "bash", "py", "pl", "rb", "php", "html", "htm", "xhtml", "shtml", "svg", "svgz", "xml", "xsl", "docm", "xlsm", "pptm", "lnk", "url",
    "reg", "app", "apk", "dmg", "iso", "cpl", "inf", "pif", "chm", "desktop",
];

/// What a file is that begins with `head` ([`HEAD_BYTES`] of it, or all), is called `name` and said to be `claimed`; or a sentence that says
/// why it is refused.
pub fn kind_of(head: &[u8], name: &str, claimed: Option<&str>) -> Result<Kind, String> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    if RUN.contains(&ending.as_str()) {
        return Err(format!("Files that end in .{ending} are not accepted"));
    }
    let claimed = claimed.map(essence).filter(|mime| !mime.is_empty() && mime != "application/octet-stream");
    let kind = sniffed(head, &ending, claimed.as_deref())?;
    let named = Kind::ALL.iter().copied().find(|kind| kind.endings().contains(&ending.as_str()));
    if named.is_some_and(|named| named != kind) {
        return Err(format!("The file is {}, and its name ends in .{ending}", kind.mime()));
    }
    match claimed {
        Some(mime) if !kind.goes_by(&mime) => Err(format!("The file is {}, and not what it is said to be", kind.mime())),
        _ => Ok(kind),
    }
}

fn essence(mime: &str) -> String {
    mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn sniffed(head: &[u8], ending: &str, claimed: Option<&str>) -> Result<Kind, String> {
    if head.starts_with(b"PK\x03\x04") {
        return packed(head).ok_or_else(|| ACCEPTED.to_owned());
    }
    match infer::get(head).map(|found| found.mime_type()) {
        Some("application/pdf") => Ok(Kind::Pdf),
        Some("image/jpeg") => Ok(Kind::Jpeg),
        Some("image/png") => Ok(Kind::Png),
        Some("image/webp") => Ok(Kind::Webp),
        Some("image/heif") => Ok(Kind::Heic),
        Some("image/tiff") => Ok(Kind::Tiff),
        Some("image/gif") => Ok(Kind::Gif),
        Some("application/dicom") => Ok(Kind::Dicom),
        Some(_) => Err(ACCEPTED.to_owned()),
        None => text(head, ending, claimed),
    }
}

const ACCEPTED: &str = "Accepted are PDF, pictures (JPEG, PNG, WebP, HEIC, TIFF, GIF), text, CSV, DOCX, XLSX, ODT and DICOM files";

/// A document that is an archive, told by the first names in it. One with macros is refused as what can run.
fn packed(head: &[u8]) -> Option<Kind> {
    let names = names_in(head);
    let has = |beginning: &str| names.iter().any(|name| name.starts_with(beginning.as_bytes()));
    if names.iter().any(|name| name.ends_with(b"vbaProject.bin")) {
        return None;
    }
    if names.first() == Some(&&b"mimetype"[..]) {
        let content = &head[38.min(head.len())..];
        return content.starts_with(Kind::Odt.mime().as_bytes()).then_some(Kind::Odt);
    }
    let is_office = has("[Content_Types].xml") || has("_rels/") || has("docProps/");
    match (is_office, has("word/"), has("xl/")) {
        (true, true, false) => Some(Kind::Docx),
        (true, false, true) => Some(Kind::Xlsx),
        _ => None,
    }
}

/// The names of the members whose local headers (APPNOTE 4.3.7) stand in `head`.
fn names_in(head: &[u8]) -> Vec<&[u8]> {
    let headers = head.windows(4).enumerate().filter(|(_, four)| *four == b"PK\x03\x04").map(|(at, _)| at);
    let name = |at: usize| {
        let length = usize::from(u16::from_le_bytes([*head.get(at + 26)?, *head.get(at + 27)?]));
        head.get(at + 30..at + 30 + length)
    };
    headers.filter_map(name).collect()
}

/// Text in UTF-8, without what no text has, and no page.
fn text(head: &[u8], ending: &str, claimed: Option<&str>) -> Result<Kind, String> {
    let whole = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The head may end in the middle of a letter.
        Err(error) if error.error_len().is_none() && head.len() >= HEAD_BYTES => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return Err(ACCEPTED.to_owned()),
    };
    let begins = whole.trim_start_matches('\u{feff}').trim_start();
    let is_text = !begins.is_empty() && !whole.contains(|letter: char| letter.is_control() && !"\t\n\r\u{c}\u{b}\u{1b}".contains(letter));
    if !is_text || begins.starts_with('<') || begins.starts_with("#!") {
        return Err(ACCEPTED.to_owned());
    }
    let is_csv = Kind::Csv.endings().contains(&ending) || (!Kind::Text.endings().contains(&ending) && claimed == Some("text/csv"));
    Ok(if is_csv { Kind::Csv } else { Kind::Text })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, content: &[u8]) -> Vec<u8> {
        let mut header = b"PK\x03\x04".to_vec();
        header.resize(26, 0);
        header.extend(u16::try_from(name.len()).expect("short").to_le_bytes());
        header.extend([0, 0]);
        header.extend(name.as_bytes());
        header.extend(content);
        header
    }

    fn dicom() -> Vec<u8> {
        [&[0; 128][..], b"DICM\x02\0\0\0UL\x04\0"].concat()
    }

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    #[test]
    fn what_is_taken_is_known_by_its_beginning() {
        let docx = [member("[Content_Types].xml", b"x"), member("_rels/.rels", b"x"), member("word/document.xml", b"x")].concat();
        let xlsx = [member("[Content_Types].xml", b"x"), member("xl/workbook.xml", b"x")].concat();
        let odt = member("mimetype", b"application/vnd.oasis.opendocument.textPK");
        let cases: [(&[u8], &str, Kind); 14] = [
            (b"%PDF-1.7\n%x", "a.pdf", Kind::Pdf),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "a.JPG", Kind::Jpeg),
            (PNG, "a.png", Kind::Png),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "a.webp", Kind::Webp),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a.heic", Kind::Heic),
            (b"II*\0\x08\0\0\0\0\0", "a.tif", Kind::Tiff),
            (b"GIF89a\x01\0\x01\0", "a.gif", Kind::Gif),
            ("Größe: 1,80 m\n".as_bytes(), "a.txt", Kind::Text),
            (b"analyte,value\nGlucose,98\n", "a.csv", Kind::Csv),
            (b"analyte,value\nGlucose,98\n", "noending", Kind::Text),
            (&docx, "a.docx", Kind::Docx),
            (&xlsx, "a.xlsx", Kind::Xlsx),
            (&odt, "a.odt", Kind::Odt),
            (&dicom(), "1.2.840.10008", Kind::Dicom),
        ];
        for (head, name, kind) in cases {
            assert_eq!(kind_of(head, name, None), Ok(kind), "{name}");
            assert_eq!(kind_of(head, name, Some("application/octet-stream")), Ok(kind), "{name}");
            assert_eq!(kind_of(head, name, Some(&format!("{}; x=y", kind.mime()))), Ok(kind), "{name}");
        }
    }

    #[test]
    fn what_can_run_or_is_no_document_is_refused() {
        let zip = member("evil.exe", b"MZ");
        let macros = [member("[Content_Types].xml", b"x"), member("word/vbaProject.bin", b"x"), member("word/document.xml", b"x")].concat();
        let cases: [(&[u8], &str); 12] = [
            (b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff", "a.pdf"),
            (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0>\0", "a"),
            (b"#!/bin/sh\nrm -rf /\n", "a.txt"),
            (b"<!DOCTYPE html><script>", "a.txt"),
            (b"  <svg xmlns='x' onload='y'>", "a.txt"),
            (b"<?xml version='1.0'?><svg/>", "a.png"),
            (&zip, "a.pdf"),
            (&zip, "a.docx"),
            (&macros, "a.docx"),
            (b"fine text", "a.html"),
            (b"text with \0 in it", "a.txt"),
            (b"\xe9t\xe9", "a.txt"),
        ];
        for (head, name) in cases {
            assert!(kind_of(head, name, None).is_err(), "{name}: {:?}", String::from_utf8_lossy(head));
        }
        assert!(kind_of(b"", "a.txt", None).is_err());
    }

    #[test]
    fn name_and_claim_must_fit() {
        assert!(kind_of(PNG, "a.pdf", None).is_err());
        assert!(kind_of(PNG, "a.png", Some("application/pdf")).is_err());
        assert_eq!(kind_of(PNG, "a.png", Some("IMAGE/PNG")), Ok(Kind::Png));
        assert_eq!(kind_of(b"a,b\n1,2", "a.csv", Some("application/vnd.ms-excel")), Ok(Kind::Csv));
    }

    #[test]
    fn a_letter_that_the_head_cuts_is_no_fault() {
        let long = "é".repeat(HEAD_BYTES);
        let odd = format!("a{long}");
        assert_eq!(kind_of(&odd.as_bytes()[..HEAD_BYTES], "a.txt", None), Ok(Kind::Text));
    }
}
