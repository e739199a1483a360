//! Colours of the charts: told apart by the colour-blind (blue, vermilion, grey; failures are hatched besides), in light, dark and print.

/// The style sheet of the charts; paper is light whatever the screen is.
pub const CSS: &str = include_str!("chart.css");
