//! The first page of somebody else's PDF, small, as a picture.
//!
//! The renderer has no unsafe code and reads nothing but the file. It may still panic, take long or take much memory on a file that was made
//! for that: call it where that hurts nobody.

use std::sync::Arc;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_interpret::font::{FontData, FontQuery, StandardFont};
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{RenderCache, RenderSettings};

/// A picture without transparency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Red, green and blue of each pixel, line by line.
    pub rgb: Vec<u8>,
}

/// The first page of a PDF on white, its longer side `side` pixels long. `None`: it is no PDF, is encrypted, or has no page.
pub fn first_page(pdf: Vec<u8>, side: u16) -> Option<Picture> {
    let pdf = Pdf::new(pdf).ok()?;
    let page = pdf.pages().iter().next()?;
    let (width, height) = page.render_dimensions();
    let longer = width.max(height);
    if !longer.is_finite() || longer <= 0.0 {
        return None;
    }
    let scale = f32::from(side) / longer;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and `side`")]
    let pixels = |length: f32| ((length * scale).round() as u16).clamp(1, side);
    let settings =
        RenderSettings { x_scale: scale, y_scale: scale, width: Some(pixels(width)), height: Some(pixels(height)), bg_color: WHITE };
    let reading = InterpreterSettings {
        font_resolver: Arc::new(|query| Some((font(query), 0))),
        cmap_resolver: Arc::new(|_| None),
        warning_sink: Arc::new(|_| ()),
        render_annotations: true,
    };
    let drawn = hayro::render(page, &RenderCache::new(), &reading, &settings);
    let rgb = drawn.data_as_u8_slice().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    Some(Picture { width: u32::from(drawn.width()), height: u32::from(drawn.height()), rgb })
}

/// For a font that the file names and doesn't hold.
fn font(query: &FontQuery) -> FontData {
    let (is_bold, is_oblique) = match query {
        FontQuery::Standard(StandardFont::HelveticaBold | StandardFont::CourierBold | StandardFont::TimesBold) => (true, false),
        FontQuery::Standard(StandardFont::HelveticaOblique | StandardFont::CourierOblique | StandardFont::TimesItalic) => (false, true),
        FontQuery::Standard(_) => (false, false),
        FontQuery::Fallback(font) => (font.is_bold, font.is_italic),
    };
    let face: &'static [u8] = match (is_bold, is_oblique) {
        (true, _) => dejavu::sans_condensed::bold(),
        (_, true) => dejavu::sans_condensed::oblique(),
        _ => dejavu::sans_condensed::regular(),
    };
    Arc::new(face)
}
