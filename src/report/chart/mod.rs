//! Charts of an incident: its course over time, and the way of its requests. SVG made by hand from the model alone: a line, a band and a
//! few bars need no plotting library, and every text in them is escaped and measured here.

pub mod flow;
pub mod mermaid;
#[cfg(feature = "png")]
pub mod png;
mod scale;
mod svg;
pub mod theme;
pub mod timeline;

pub use scale::number;

use crate::lang::Lang;
use crate::model::Incident;
use crate::words::Layer;

/// Where a chart is going to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// A file of its own: it brings its colours and its ground.
    File,
    /// The page of a report, which has the colours; the number keeps the ids of several charts apart.
    Page(usize),
}

/// A chart as SVG, made here: the texts in it are escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing(String);

impl Drawing {
    /// The SVG.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Home {
    /// What ids begin with.
    fn prefix(self) -> String {
        match self {
            Home::File => "c".to_owned(),
            Home::Page(n) => format!("c{n}"),
        }
    }
}

/// The name of a layer beside its lane: short, since there is little room.
pub fn layer(lang: Lang, layer: Layer) -> String {
    lang.say(match layer {
        Layer::Client => "chart-layer-client",
        Layer::LoadBalancer => "chart-layer-load-balancer",
        Layer::WebServer => "chart-layer-web-server",
        Layer::AppQueue => "chart-layer-app-queue",
        Layer::AppServer => "chart-layer-app-server",
        Layer::App => "chart-layer-app",
        Layer::Dependency => "chart-layer-dependency",
        Layer::Host => "chart-layer-host",
        Layer::Orchestration => "chart-layer-orchestration",
        Layer::None => "chart-layer-none",
    })
}

/// What a mechanism is called: the verdict's in words, others by their id.
fn mechanism<'a>(incident: &'a Incident, id: &'a str) -> &'a str {
    if id == incident.dropped_at.mechanism {
        &incident.dropped_at.title
    } else if id == incident.root_cause.mechanism {
        &incident.root_cause.title
    } else {
        id
    }
}
