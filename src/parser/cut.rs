//! Cutting a line into fields: by a template of literals and fields (the way of nearly every line), a pattern, or as JSON.

mod blind;
mod cutter;
mod draft;
mod fields;
mod first;
mod known;
mod needed;
mod needle;
mod pattern;
mod quick;
mod step;
mod template;

pub use blind::{Bones, skeleton};
pub use cutter::{Cutter, Keys};
pub use fields::{Fields, Given};
pub use first::FirstBytes;
pub use pattern::Pattern;
pub use template::{Miss, Telling, Template};

/// Index of a field within its format.
pub type FieldId = u8;

/// Most fields that a format can have.
pub const MAX_FIELDS: usize = 64;
