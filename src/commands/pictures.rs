//! Charts of a report as files beside it, what a terminal can show, and where the quoted files lie: what is asked of the machine before a
//! report is written.

#[cfg(feature = "png")]
use anyhow::Context;
use std::io::IsTerminal;
use std::path::Path;

use crate::cli::{Charts, Colour, Inputs};
use crate::lang::Lang;
use crate::model::{Incident, Report};
use crate::output::write_report;
use crate::report::chart::{self, Drawing, Home};
use crate::report::markdown::Pictures;
use crate::report::terminal::look::{Links, Look, percent_encoded};
use crate::source::{Place, discover};

/// Makes the charts that a Markdown report refers to; those that are files are written beside `output`.
///
/// # Errors
/// Files are wanted and there is no place for them, or they cannot be made or written.
pub fn for_markdown(report: &Report, wanted: Option<Charts>, output: Option<&Path>) -> anyhow::Result<Pictures> {
    let lang = report.lang;
    let kind = wanted.unwrap_or(if output.is_some_and(is_markdown) { Charts::Svg } else { Charts::None });
    match (kind, output) {
        (Charts::None, _) => Ok(Pictures::default()),
        (Charts::Mermaid, _) => Ok(Pictures(report.incidents.iter().map(|i| chart::mermaid::blocks(i, lang)).collect())),
        (Charts::Svg | Charts::Png, None) => {
            anyhow::bail!(
                "--charts svg and png are files beside the report: write it to one with -o report.md, or say --charts mermaid"
            )
        }
        (Charts::Svg | Charts::Png, Some(output)) => {
            let all = report.incidents.iter().enumerate();
            Ok(Pictures(all.map(|(n, i)| beside(i, n, kind, output, lang)).collect::<anyhow::Result<_>>()?))
        }
    }
}

/// A file that is named as no Markdown (a device, a pipe) gets no files beside it unasked.
fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("md") || e.eq_ignore_ascii_case("markdown"))
}

/// Writes the charts of one incident, and gives the Markdown that shows them.
fn beside(incident: &Incident, n: usize, kind: Charts, output: &Path, lang: Lang) -> anyhow::Result<String> {
    let charts = [
        ("timeline", "chart-timeline-title", chart::timeline::render(incident, lang, Home::File)),
        ("requests", "chart-flow-title", chart::flow::render(incident, lang, Home::File)),
    ];
    let mut shown = String::new();
    for (what, title, drawing) in charts {
        let Some(drawing) = drawing else { continue };
        let (extension, bytes) = match kind {
            Charts::Png => ("png", png(&drawing)?),
            _ => ("svg", drawing.as_str().as_bytes().to_vec()),
        };
        let mut name = output.file_stem().unwrap_or_default().to_owned();
        name.push(format!("-{}-{what}.{extension}", n + 1));
        let path = output.with_file_name(&name);
        write_report(&path, &bytes)?;
        let address = percent_encoded(name.as_encoded_bytes());
        shown.push_str(&format!("![{}]({address})\n\n", lang.say(title)));
    }
    Ok(shown)
}

#[cfg(feature = "png")]
fn png(drawing: &Drawing) -> anyhow::Result<Vec<u8>> {
    chart::png::render(drawing).context("--charts png")
}

#[cfg(not(feature = "png"))]
fn png(_: &Drawing) -> anyhow::Result<Vec<u8>> {
    anyhow::bail!("--charts png: this build cannot; build it with --features png, or say --charts svg")
}

/// What standard output can show, and what of it is wanted.
pub fn look(colour: Colour, inputs: &Inputs, to_file: bool) -> Look {
    let terminal = std::io::stdout().is_terminal() && !to_file;
    let dumb = std::env::var_os("TERM").is_some_and(|t| t == "dumb");
    let colour = match colour {
        Colour::Always => true,
        Colour::Never => false,
        // NO_COLOR, CLICOLOR_FORCE, TERM=dumb, pipes.
        Colour::Auto => !to_file && anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never,
    };
    let ascii = terminal && (dumb || !supports_unicode::on(supports_unicode::Stream::Stdout));
    let linked = terminal && !dumb && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout);
    Look { colour, ascii, links: if linked { links(inputs) } else { Links::default() } }
}

/// Where the inputs lie.
fn links(inputs: &Inputs) -> Links {
    let mut links = Links::default();
    for input in discover(&inputs.paths).inputs {
        if let Place::File(path) = &input.place
            && let Ok(path) = path.canonicalize()
        {
            links.enter(&input.name, &path);
        }
    }
    links
}
