//! The way of the window's requests: how many each layer was handed, how many it handed on, and where they were lost.

use super::svg::{Svg, px};
use super::{Drawing, Home, layer as layer_name, mechanism};
use crate::lang::{Lang, thousands};
use crate::model::{CountedFrom, DropPoint, Incident, LedgerRow};
use crate::words::Layer;

const WIDTH: f64 = 880.0;
const GUTTER: f64 = 176.0;
const ROOM: f64 = WIDTH - GUTTER - 20.0;
const BAR: f64 = 22.0;
/// Px from a row's top to its bar, where its words stand.
const WORDS: f64 = 18.0;
const STEP: f64 = BAR + WORDS + 16.0;

/// A stage of the way.
enum Stage<'a> {
    /// A layer that counts requests.
    Counted(&'a LedgerRow),
    /// A layer whose failures alone are counted.
    Failing(&'a LedgerRow),
    /// Requests dropped at a layer, by their mechanism.
    Dropped(Layer, &'a str, u64),
}

impl Stage<'_> {
    fn order(&self) -> (Layer, u8) {
        match self {
            Stage::Counted(r) | Stage::Failing(r) => (r.layer, 0),
            Stage::Dropped(layer, ..) => (*layer, 1),
        }
    }
}

/// The stages, outermost first: requests are dropped at a layer after it was handed them.
fn stages(incident: &Incident) -> Vec<Stage<'_>> {
    let mut stages: Vec<Stage<'_>> = incident
        .ledger
        .iter()
        .map(|r| if r.counted_from == CountedFrom::FailureLines { Stage::Failing(r) } else { Stage::Counted(r) })
        .collect();
    stages.extend(drops(&incident.drop_points).into_iter().map(|(layer, mechanism, n)| Stage::Dropped(layer, mechanism, n)));
    stages.sort_by_key(Stage::order);
    stages
}

/// Drop points by layer and mechanism, however the requests ended.
pub fn drops(points: &[DropPoint]) -> Vec<(Layer, &str, u64)> {
    let mut sums: Vec<(Layer, &str, u64)> = Vec::new();
    for p in points {
        match sums.iter_mut().find(|s| s.0 == p.layer && s.1 == p.mechanism) {
            Some(s) => s.2 += p.requests,
            None => sums.push((p.layer, &p.mechanism, p.requests)),
        }
    }
    sums
}

/// Draws the way of the requests; nothing where no layer counts any.
pub fn render(incident: &Incident, lang: Lang, home: Home) -> Option<Drawing> {
    let stages = stages(incident);
    let most = incident.ledger.iter().map(|r| r.received).max().unwrap_or(0).max(incident.failed_requests);
    if most == 0 || incident.ledger.is_empty() {
        return None;
    }
    let mut svg = Svg::new(home, 'f', WIDTH);
    let title = lang.say("chart-flow-title");
    svg.text((12.0, 22.0), "bold", 500.0, &title);
    let wide = |n: u64| if n == 0 { 0.0 } else { (n as f64 / most as f64 * ROOM).max(2.0) };
    let hatch = svg.hatch();
    let mut said: Vec<String> = Vec::new();
    let mut top = 34.0;
    let bar_of = |i: usize| 34.0 + STEP * i as f64 + WORDS;
    // The streams lie behind the bars.
    for (i, stage) in stages.iter().enumerate() {
        let Stage::Counted(row) = stage else { continue };
        stream(&mut svg, &stages, i, row, &wide, &bar_of);
    }
    for stage in &stages {
        let bar = top + WORDS;
        let (name, text) = words(stage, incident, lang);
        svg.text((12.0, bar + 15.0), "bold", GUTTER - 20.0, &name);
        let class = if matches!(stage, Stage::Dropped(..)) { "bold" } else { "" };
        svg.text((GUTTER, bar - 5.0), class, ROOM, &text);
        match stage {
            Stage::Counted(r) => {
                svg.rect((GUTTER, bar), (wide(r.received), BAR), "requests");
                failed(&mut svg, &hatch, GUTTER + wide(r.received) - wide(r.failed), bar, wide(r.failed));
            }
            Stage::Failing(r) => failed(&mut svg, &hatch, GUTTER, bar, wide(r.failed)),
            // Solid: here they were lost; hatched failures elsewhere are the same requests, seen from there.
            Stage::Dropped(_, _, n) => svg.rect((GUTTER + lost_at(&stages, *n, &wide), bar), (wide(*n), BAR), "failed"),
        }
        said.push(format!("{name}: {text}."));
        top += STEP;
    }
    if incident.unexplained > 0 {
        let text = lang.with("chart-flow-unexplained", &[("n", &thousands(incident.unexplained))]);
        svg.text((GUTTER, top + 14.0), "dim", ROOM, &text);
        said.push(text);
        top += 24.0;
    }
    Some(svg.finish(home, top + 6.0, &title, &said.join(" ")))
}

fn failed(svg: &mut Svg, hatch: &str, x: f64, y: f64, width: f64) {
    if width > 0.0 {
        let (x, y, width, height) = (px(x), px(y), px(width), px(BAR));
        svg.put(format_args!("<rect fill=\"{hatch}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"));
    }
}

/// Dropped requests end at the right, where the outermost bar does: there the stream lost them.
fn lost_at(stages: &[Stage<'_>], n: u64, wide: &dyn Fn(u64) -> f64) -> f64 {
    let outermost = stages.iter().find_map(|s| if let Stage::Counted(r) = s { Some(r.received) } else { None });
    (wide(outermost.unwrap_or(n)) - wide(n)).max(0.0)
}

/// From a layer's bar to the next one's: what it handed on.
fn stream(
    svg: &mut Svg,
    stages: &[Stage<'_>],
    i: usize,
    row: &LedgerRow,
    wide: &dyn Fn(u64) -> f64,
    bar_of: &dyn Fn(usize) -> f64,
) {
    let next = stages.iter().enumerate().skip(i + 1).find_map(|(j, s)| match s {
        Stage::Counted(r) if Some(r.layer) == row.next => Some((j, r.received)),
        _ => None,
    });
    let Some((j, received)) = next else { return };
    let passed = wide(row.received.saturating_sub(row.not_passed_on));
    let (from, to, left) = (px(bar_of(i) + BAR), px(bar_of(j)), px(GUTTER));
    let (wide_from, wide_to) = (px(GUTTER + passed), px(GUTTER + wide(received)));
    svg.put(format_args!("<path class=\"passed\" d=\"M{left} {from}H{wide_from}L{wide_to} {to}H{left}Z\"/>"));
}

fn words(stage: &Stage<'_>, incident: &Incident, lang: Lang) -> (String, String) {
    match stage {
        Stage::Counted(r) => {
            let (received, failed, kept) = (thousands(r.received), thousands(r.failed), thousands(r.not_passed_on));
            let values = [("received", received.as_str()), ("failed", &failed), ("kept", &kept)];
            let key = if r.next.is_some() { "chart-flow-received" } else { "chart-flow-received-last" };
            (layer_name(lang, r.layer), lang.with(key, &values))
        }
        Stage::Failing(r) => (layer_name(lang, r.layer), lang.with("chart-flow-failing", &[("failed", &thousands(r.failed))])),
        Stage::Dropped(layer, id, n) => {
            let values = [("n", thousands(*n)), ("mechanism", mechanism(incident, id).to_owned())];
            let values: Vec<(&str, &str)> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
            (layer_name(lang, *layer), lang.with("chart-flow-dropped", &values))
        }
    }
}
