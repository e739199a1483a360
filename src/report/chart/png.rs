//! Charts as PNG, for places that take no SVG. Letters come from the fonts of this machine.

use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::Drawing;

/// Pixels a px: sharp on dense screens, and still small.
const SCALE: f32 = 2.0;

/// Why a picture was not made.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// Without letters the picture says nothing.
    #[error(
        "no font is installed on this machine: install one (Debian: fonts-dejavu-core, for Japanese and Korean fonts-noto-cjk), or write the charts as svg"
    )]
    NoFont,
    /// The renderer's word.
    #[error("the picture cannot be made: {0}")]
    Refused(String),
}

/// The fonts of this machine, looked up once.
fn fonts() -> Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let load = || {
        let mut fonts = fontdb::Database::new();
        fonts.load_system_fonts();
        // Where the system names no sans-serif font that is there, the first one that is.
        let known = ["DejaVu Sans", "Noto Sans", "Liberation Sans", "Arial", "Helvetica", "Noto Sans CJK JP"];
        let there = |name: &str| fonts.faces().any(|f| f.families.iter().any(|(n, _)| n == name));
        let first = fonts.faces().find_map(|f| f.families.first().map(|(n, _)| n.clone()));
        if let Some(name) = known.into_iter().find(|n| there(n)).map(str::to_owned).or(first) {
            fonts.set_sans_serif_family(name);
        }
        Arc::new(fonts)
    };
    FONTS.get_or_init(load).clone()
}

/// Draws one of our SVG charts.
///
/// # Errors
/// There is no font, or the renderer refuses.
pub fn render(drawing: &Drawing) -> Result<Vec<u8>, PngError> {
    let fonts = fonts();
    if fonts.is_empty() {
        return Err(PngError::NoFont);
    }
    let refused = |e: &dyn std::fmt::Display| PngError::Refused(e.to_string());
    let options = Options { fontdb: fonts, ..Options::default() };
    let tree = Tree::from_str(drawing.as_str(), &options).map_err(|e| refused(&e))?;
    let size = tree.size().to_int_size().scale_by(SCALE).ok_or_else(|| refused(&"it has no size"))?;
    let mut pixels = Pixmap::new(size.width(), size.height()).ok_or_else(|| refused(&"it is too large"))?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    pixels.encode_png().map_err(|e| refused(&e))
}
