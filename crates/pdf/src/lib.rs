//! Documents: data in, PDF bytes out; and the first page of what came from elsewhere as a picture.
//!
//! Knows no clinic, no database and no clock: what a document says is in the struct it is made from, what it looks like in
//! `templates/`. The same data and the same fonts give the same bytes. What must never happen here: a file of the machine read, but for
//! fonts in the folders that [`Fonts`] is given, and those not before a document has a letter that the embedded faces lack; the network
//! asked; a text of a person taken for markup.
//!
//! Making a document takes the processor for a few milliseconds; call it where blocking is allowed.

mod fonts;
mod parts;
mod press;
mod preview;
mod qr;

pub use fonts::{Fonts, not_embedded};
pub use parts::{Date, Doctor, Invoice, Item, Letterhead, Line, Paper, Patient, Payment, Prescription, Standing};
pub use press::Error;
pub use preview::{Picture, first_page};

use press::Job;

/// A prescription.
pub fn prescription(data: &Prescription, fonts: &Fonts) -> Result<Vec<u8>, Error> {
    let code = data.verify_url.as_deref().map(qr::svg).transpose()?;
    Job::new("prescription.typ", data, data.issued, fonts)?.with_code(code).print()
}

/// An invoice.
pub fn invoice(data: &Invoice, fonts: &Fonts) -> Result<Vec<u8>, Error> {
    Job::new("invoice.typ", data, data.issued, fonts)?.print()
}

#[cfg(test)]
mod tests;
