//! The course of an incident: the layers as lanes on one time axis, outermost at the top.
//!
//! A lane shows requests behind and failures before them on one scale, below them a strip of the lines that tell of failures, and, where
//! the times of requests are measured, how long they took. What no source covers is dotted, what a source covers in silence is a line.

use std::fmt::Write;

use super::scale::{Time, number, step};
use super::svg::{Svg, fold, px, wide, xml};
use super::{Drawing, Home, layer as layer_name};
use crate::lang::{Lang, thousands};
use crate::model::lanes::{Counts, Lane, Lanes};
use crate::model::{Incident, Instant};
use crate::report::words;
use crate::words::Layer;

const WIDTH: f64 = 880.0;
/// Room for names at the left.
const GUTTER: f64 = 176.0;
const RIGHT: f64 = 20.0;
/// Where the band of marks begins and ends.
const MARKS: (f64, f64) = (54.0, 76.0);
/// Px between two marks' centres.
const MARK_ROOM: f64 = 19.0;
/// Links of the chain that get a mark.
const MOST_MARKS: usize = 9;
const REQUESTS_HEIGHT: f64 = 36.0;
const OUTERMOST_HEIGHT: f64 = 56.0;
const SIGNS_HEIGHT: f64 = 18.0;
const TIME_HEIGHT: f64 = 28.0;
const EMPTY_HEIGHT: f64 = 18.0;
const BETWEEN: f64 = 12.0;

/// A lane, or the place of a layer that has none of its own.
struct Row<'a> {
    layer: Layer,
    lane: Option<&'a Lane>,
    top: f64,
    height: f64,
}

/// Draws the course of an incident; nothing where it has none.
pub fn render(incident: &Incident, lang: Lang, home: Home) -> Option<Drawing> {
    let lanes = &incident.lanes;
    if !lanes.is_drawable() {
        return None;
    }
    let time = Time::new(lanes, GUTTER, WIDTH - GUTTER - RIGHT);
    let mut svg = Svg::new(home, 't', WIDTH);
    let rows = rows(incident);
    let bottom = rows.last().map_or(MARKS.1, |r| r.top + r.height) + 6.0;
    heading(&mut svg, lanes, lang);
    window(&mut svg, incident, &time, bottom, lang);
    axis(&mut svg, &time, bottom);
    let hatch = svg.hatch();
    for row in &rows {
        draw(&mut svg, row, lanes, &time, &hatch, lang);
    }
    marks(&mut svg, incident, &rows, &time);
    hovers(&mut svg, lanes, &time, bottom, lang);
    let below = legend(&mut svg, &rows, &hatch, bottom + 34.0, lang);
    let end = links(&mut svg, incident, below + 24.0, lang);
    let title = lang.say("chart-timeline-title");
    Some(svg.finish(home, end, &title, &description(incident, lang)))
}

/// The lanes, and places for layers of the chain that no source speaks for.
fn rows(incident: &Incident) -> Vec<Row<'_>> {
    let lanes = &incident.lanes;
    let mut layers: Vec<Layer> = lanes.layers.iter().map(|l| l.layer).chain(incident.chain.iter().map(|l| l.layer)).collect();
    layers.sort();
    layers.dedup();
    let outermost = lanes.outermost().map(|l| l.layer);
    let mut top = MARKS.1 + 10.0;
    let mut rows = Vec::new();
    for layer in layers {
        let lane = lanes.layers.iter().find(|l| l.layer == layer);
        let height = lane.map_or(EMPTY_HEIGHT, |l| {
            let requests = match l.requests.is_empty() {
                true => 0.0,
                false if outermost == Some(layer) => OUTERMOST_HEIGHT,
                false => REQUESTS_HEIGHT,
            };
            requests
                + if l.signs.is_empty() { 0.0 } else { SIGNS_HEIGHT + 4.0 }
                + if l.mean_s.is_empty() { 0.0 } else { TIME_HEIGHT + 4.0 }
        });
        // Two lines of names need their room.
        let height = height.max(if lane.is_some() { 30.0 } else { EMPTY_HEIGHT });
        rows.push(Row { layer, lane, top, height });
        top += height + BETWEEN;
    }
    rows
}

fn heading(svg: &mut Svg, lanes: &Lanes, lang: Lang) {
    let (from, to) = (words::utc(lanes.start), words::clock_time(lanes.end()));
    let from = from.trim_end_matches(" UTC");
    let values = [("from", from), ("to", to.as_str()), ("step", &step(lang, lanes.bucket_s))];
    svg.text((12.0, 22.0), "bold", 400.0, &lang.say("chart-timeline-title"));
    svg.text((WIDTH - RIGHT, 22.0), "dim end small", 440.0, &lang.with("chart-span", &values));
}

/// The stretch in which requests failed, behind everything.
fn window(svg: &mut Svg, incident: &Incident, time: &Time, bottom: f64, lang: Lang) {
    let (from, to) = (time.x(incident.window.start), time.x(incident.window.end));
    let (top, width) = (MARKS.0 - 8.0, (to - from).max(1.5));
    svg.rect((from, top), (width, bottom - top), "window");
    svg.line((from, top), (from, bottom), "edge");
    svg.line((from + width, top), (from + width, bottom), "edge");
    let label = lang.say("chart-window");
    let room = wide(&label);
    let middle = (from + width / 2.0).clamp(GUTTER + room / 2.0, WIDTH - RIGHT - room / 2.0);
    svg.text((middle, top - 3.0), "dim small middle", room + 20.0, &label);
}

fn axis(svg: &mut Svg, time: &Time, bottom: f64) {
    svg.line((GUTTER, bottom), (WIDTH - RIGHT, bottom), "axis");
    for (at, label) in time.ticks(7) {
        let x = time.x(at);
        svg.line((x, MARKS.1), (x, bottom + 4.0), "grid");
        let room = wide(&label) / 2.0;
        svg.text((x.min(WIDTH - room - 2.0), bottom + 17.0), "dim small middle", 2.0 * room + 8.0, &label);
    }
    svg.text((12.0, bottom + 17.0), "dim small", GUTTER - 20.0, "UTC");
}

fn draw(svg: &mut Svg, row: &Row<'_>, lanes: &Lanes, time: &Time, hatch: &str, lang: Lang) {
    svg.text((12.0, row.top + 12.0), "bold", GUTTER - 20.0, &layer_name(lang, row.layer));
    let Some(lane) = row.lane else {
        svg.text((12.0, row.top + 26.0), "dim small", GUTTER - 20.0, &lang.say("chart-no-source"));
        svg.line((GUTTER, row.top + row.height / 2.0), (WIDTH - RIGHT, row.top + row.height / 2.0), "gap");
        return;
    };
    let per_second = |most: u64| number(most as f64 / f64::from(lanes.bucket_s.max(1)));
    let mut notes: Vec<String> = Vec::new();
    let mut top = row.top;
    let outermost = lanes.outermost().is_some_and(|l| l.layer == lane.layer);
    if !lane.requests.is_empty() {
        let height = if outermost { OUTERMOST_HEIGHT } else { REQUESTS_HEIGHT };
        let most = lane.requests.iter().chain(&lane.failed).flatten().copied().max().unwrap_or(0).max(1);
        steps(svg, &lane.requests, most, time, lanes, (top, height), "requests", None);
        steps(svg, &lane.failed, most, time, lanes, (top, height), "failed", Some(hatch));
        base(svg, &lane.requests, time, lanes, top + height);
        notes.push(lang.with("chart-requests-up-to", &[("n", &per_second(most))]));
        top += height + 4.0;
    }
    if !lane.signs.is_empty() {
        let most = lane.signs.iter().flatten().copied().max().unwrap_or(0).max(1);
        steps(svg, &lane.signs, most, time, lanes, (top, SIGNS_HEIGHT), "signs", None);
        base(svg, &lane.signs, time, lanes, top + SIGNS_HEIGHT);
        notes.push(lang.with("chart-lines-up-to", &[("n", &per_second(most))]));
        top += SIGNS_HEIGHT + 4.0;
    }
    if !lane.mean_s.is_empty() {
        let most = times(svg, lane, time, lanes, (top, TIME_HEIGHT));
        notes.push(lang.with("chart-time-up-to", &[("s", &number(most))]));
    }
    for (i, note) in notes.iter().enumerate() {
        let y = row.top + 26.0 + 13.0 * i as f64;
        svg.text((12.0, y), "dim small", GUTTER - 20.0, note);
    }
}

/// Counts as a stepped area, one piece a stretch that is covered and has any.
#[allow(clippy::too_many_arguments, reason = "a place, a scale and a paint")]
fn steps(
    svg: &mut Svg,
    counts: &Counts,
    most: u64,
    time: &Time,
    lanes: &Lanes,
    (top, height): (f64, f64),
    class: &str,
    fill: Option<&str>,
) {
    let foot = top + height;
    let mut path = String::new();
    let mut open = false;
    for (b, count) in counts.iter().enumerate() {
        let n = count.unwrap_or(0);
        if n == 0 {
            if open {
                let _ = write!(path, "V{}Z", px(foot));
            }
            open = false;
            continue;
        }
        let (from, to) = (time.x(lanes.at(b)), time.x(lanes.at(b + 1)));
        // One line among thousands is still seen.
        let y = foot - (n as f64 / most as f64 * height).max(1.5);
        if !open {
            let _ = write!(path, "M{} {}", px(from), px(foot));
            open = true;
        }
        let _ = write!(path, "V{}H{}", px(y), px(to));
    }
    if open {
        let _ = write!(path, "V{}Z", px(foot));
    }
    if path.is_empty() {
        return;
    }
    match fill {
        Some(fill) => svg.put(format_args!("<path d=\"{path}\" fill=\"{fill}\"/>")),
        None => svg.put(format_args!("<path class=\"{class}\" d=\"{path}\"/>")),
    }
}

/// The foot of a lane: a line where a source covers it, dots where none does.
fn base(svg: &mut Svg, counts: &Counts, time: &Time, lanes: &Lanes, y: f64) {
    let mut from = 0;
    for b in 1..=counts.len() {
        if b == counts.len() || counts[b].is_some() != counts[from].is_some() {
            let class = if counts[from].is_some() { "axis" } else { "gap" };
            svg.line((time.x(lanes.at(from)), y), (time.x(lanes.at(b)), y), class);
            from = b;
        }
    }
}

/// How long requests took: the mean as a line, the longest as an area behind it; returns the longest of all.
fn times(svg: &mut Svg, lane: &Lane, time: &Time, lanes: &Lanes, (top, height): (f64, f64)) -> f64 {
    let most = lane.max_s.iter().flatten().fold(0.0f64, |m, v| m.max(*v)).max(1e-3);
    let foot = top + height;
    let y = |v: f64| foot - v / most * height;
    let (mut area, mut line) = (String::new(), String::new());
    let mut open = false;
    for (b, (mean, max)) in lane.mean_s.iter().zip(&lane.max_s).enumerate() {
        let (from, to) = (time.x(lanes.at(b)), time.x(lanes.at(b + 1)));
        match (mean, max) {
            (Some(mean), Some(max)) => {
                let _ = write!(area, "M{} {}V{}H{}V{}Z", px(from), px(foot), px(y(*max)), px(to), px(foot));
                let _ = write!(line, "{}{} {}H{}", if open { "L" } else { "M" }, px(from), px(y(*mean)), px(to));
                open = true;
            }
            _ => open = false,
        }
    }
    svg.put(format_args!("<path class=\"longest\" d=\"{area}\"/>"));
    svg.put(format_args!("<path class=\"mean\" d=\"{line}\"/>"));
    let counts: Counts = lane.mean_s.iter().map(|v| v.map(|_| 0)).collect();
    base(svg, &counts, time, lanes, foot);
    most
}

/// Numbers at the first sign of each link, and a lead to the lane of its layer.
fn marks(svg: &mut Svg, incident: &Incident, rows: &[Row<'_>], time: &Time) {
    let (top, bottom) = MARKS;
    let middle = f64::midpoint(top, bottom);
    let links = &incident.chain[..incident.chain.len().min(MOST_MARKS)];
    // In the order of time, each at its place or right of the one before; then all back from the right end.
    let mut places: Vec<f64> = Vec::new();
    for link in links {
        let at = time.x(link.at);
        places.push(places.last().map_or(at, |p| at.max(p + MARK_ROOM)));
    }
    let mut most = WIDTH - RIGHT;
    for p in places.iter_mut().rev() {
        *p = p.min(most);
        most = *p - MARK_ROOM;
    }
    for (i, (link, place)) in links.iter().zip(&places).enumerate() {
        let x = time.x(link.at);
        let Some(row) = rows.iter().find(|r| r.layer == link.layer) else { continue };
        let y = row.top + row.height / 2.0;
        let lead = format!("M{} {}L{} {}V{}", px(*place), px(middle), px(x), px(bottom + 4.0), px(y));
        svg.put(format_args!("<path class=\"lead\" fill=\"none\" d=\"{lead}\"/>"));
        svg.put(format_args!("<circle class=\"dot\" cx=\"{}\" cy=\"{}\" r=\"3.5\"/>", px(x), px(y)));
        number_at(svg, i + 1, *place, middle);
    }
}

fn number_at(svg: &mut Svg, n: usize, x: f64, y: f64) {
    svg.put(format_args!("<circle class=\"dot\" cx=\"{}\" cy=\"{}\" r=\"8.5\"/>", px(x), px(y)));
    svg.text((x, y + 4.0), "number", 30.0, &n.to_string());
}

/// What each bucket holds, for a pointer that rests on it.
fn hovers(svg: &mut Svg, lanes: &Lanes, time: &Time, bottom: f64, lang: Lang) {
    for b in 0..lanes.buckets {
        let mut said = vec![format!("{} UTC", words::clock_time(lanes.at(b)))];
        said.extend(lanes.layers.iter().flat_map(|l| bucket(l, b, lang)));
        let (from, to) = (time.x(lanes.at(b)), time.x(lanes.at(b + 1)));
        svg.put(format_args!(
            "<rect class=\"hover\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{}</title></rect>",
            px(from),
            px(MARKS.1),
            px(to - from),
            px(bottom - MARKS.1),
            said.iter().map(|s| xml(s)).collect::<Vec<_>>().join("\n")
        ));
    }
}

fn bucket(lane: &Lane, b: usize, lang: Lang) -> Vec<String> {
    let name = layer_name(lang, lane.layer);
    let mut said = Vec::new();
    if let Some(requests) = lane.requests.get(b) {
        said.push(match requests {
            Some(n) => {
                let failed = lane.failed.get(b).copied().flatten().unwrap_or(0);
                lang.with(
                    "chart-hover-requests",
                    &[("layer", &name), ("requests", &thousands(*n)), ("failed", &thousands(failed))],
                )
            }
            None => lang.with("chart-hover-none", &[("layer", &name)]),
        });
    }
    if let Some(Some(n)) = lane.signs.get(b) {
        said.push(lang.with("chart-hover-lines", &[("layer", &name), ("n", &thousands(*n))]));
    }
    if let (Some(Some(mean)), Some(Some(max))) = (lane.mean_s.get(b), lane.max_s.get(b)) {
        said.push(lang.with("chart-hover-time", &[("layer", &name), ("mean", &number(*mean)), ("max", &number(*max))]));
    }
    said
}

/// What the fills mean; only those that are there.
fn legend(svg: &mut Svg, rows: &[Row<'_>], hatch: &str, y: f64, lang: Lang) -> f64 {
    let lanes = || rows.iter().filter_map(|r| r.lane);
    let gaps = rows.iter().any(|r| r.lane.is_none()) || lanes().any(|l| l.requests.iter().chain(&l.signs).any(Option::is_none));
    let items = [
        ("requests", "chart-legend-requests", lanes().any(|l| !l.requests.is_empty())),
        ("failed", "chart-legend-failed", lanes().any(|l| !l.failed.is_empty())),
        ("signs", "chart-legend-lines", lanes().any(|l| !l.signs.is_empty())),
        ("mean", "chart-legend-time", lanes().any(|l| !l.mean_s.is_empty())),
        ("gap", "chart-legend-none", gaps),
    ];
    let (mut x, mut y) = (12.0, y);
    for (class, key, _) in items.iter().filter(|i| i.2) {
        let text = lang.say(key);
        let width = 26.0 + wide(&text);
        if x + width > WIDTH - RIGHT {
            x = 12.0;
            y += 18.0;
        }
        match *class {
            "failed" => svg.put(format_args!(
                "<rect fill=\"{hatch}\" x=\"{}\" y=\"{}\" width=\"16\" height=\"11\"/>",
                px(x),
                px(y - 10.0)
            )),
            "gap" => svg.line((x, y - 4.0), (x + 16.0, y - 4.0), "gap"),
            "mean" => {
                svg.rect((x, y - 10.0), (16.0, 11.0), "longest");
                svg.line((x, y - 3.0), (x + 16.0, y - 3.0), "mean");
            }
            class => svg.rect((x, y - 10.0), (16.0, 11.0), class),
        }
        svg.text((x + 21.0, y), "small", WIDTH, &text);
        x += width;
    }
    y
}

/// The links of the chain by their numbers; returns where the picture ends.
fn links(svg: &mut Svg, incident: &Incident, mut y: f64, lang: Lang) -> f64 {
    for (i, link) in incident.chain.iter().take(MOST_MARKS).enumerate() {
        number_at(svg, i + 1, 21.0, y - 4.0);
        let what = words::capital(lang, &link.what);
        let text = lang.with("terminal-step", &[("layer", &layer_name(lang, link.layer)), ("what", &what)]);
        svg.text((38.0, y), "dim", 70.0, &words::clock_time(link.at));
        for line in fold(&text, WIDTH - RIGHT - 100.0, 2) {
            svg.text((100.0, y), "", WIDTH - RIGHT - 100.0, &line);
            y += 17.0;
        }
        y += 5.0;
    }
    y
}

/// What the picture shows, in words.
fn description(incident: &Incident, lang: Lang) -> String {
    let lanes = &incident.lanes;
    let clock = |t: Instant| words::clock_time(t);
    let (from, to) = (clock(lanes.start), clock(lanes.end()));
    let (start, end) = (clock(incident.window.start), clock(incident.window.end));
    let mut said = vec![lang.with(
        "chart-timeline-desc",
        &[("from", &from), ("to", &to), ("step", &step(lang, lanes.bucket_s)), ("start", &start), ("end", &end)],
    )];
    for lane in &lanes.layers {
        let sum = |c: &Counts| thousands(c.iter().flatten().sum());
        let name = layer_name(lang, lane.layer);
        if !lane.requests.is_empty() {
            let values = [("layer", name.as_str()), ("requests", &sum(&lane.requests)), ("failed", &sum(&lane.failed))];
            said.push(format!("{}.", lang.with("chart-hover-requests", &values)));
        }
        if !lane.signs.is_empty() {
            said.push(format!("{}.", lang.with("chart-hover-lines", &[("layer", &name), ("n", &sum(&lane.signs))])));
        }
    }
    let links = incident.chain.iter().take(MOST_MARKS);
    said.extend(links.map(|l| format!("{} {}: {}.", clock(l.at), layer_name(lang, l.layer), l.what)));
    said.join(" ")
}
