//! What a verdict that names no cause has to show: the errors of that time, which somebody has to read then.

use std::collections::BTreeSet;

use super::view::View;
use super::{QUOTES, UNEXPLAINED};
use crate::model::{Evidence, Instant};
use crate::parser::catalog::SignalId;
use crate::words::{Layer, Role};

/// Kinds of errors shown.
const KINDS: usize = 3;

/// Errors of the window that are more than usual, most first: those that tell of a failure, and those that no definition has a name for.
pub fn errors(view: &View<'_>) -> Vec<Evidence> {
    let nameless = nameless(view);
    let mut kinds: Vec<(u64, SignalId)> = Vec::new();
    for (id, info) in view.catalog.signals.iter() {
        if !matches!(info.role, Role::Failure | Role::UnloggedFailure) && !nameless.contains(info.name.as_str()) {
            continue;
        }
        let count = view.seen(&[id], view.window.start, view.horizon()).count;
        let more = count.saturating_sub(view.usual(&[id], view.horizon() - view.window.start));
        if more > 0 {
            kinds.push((more, id));
        }
    }
    kinds.sort_by_key(|(more, id)| (std::cmp::Reverse(*more), *id));
    kinds.into_iter().take(KINDS).map(|(_, id)| shown(id, view)).collect()
}

/// Signals of what the definitions take for errors of any kind.
fn nameless<'v>(view: &'v View<'_>) -> BTreeSet<&'v str> {
    let events = view.catalog.formats.iter().flat_map(|f| &f.definition.events);
    events.filter(|e| e.fallback).filter_map(|e| e.signal.as_deref()).collect()
}

fn shown(id: SignalId, view: &View<'_>) -> Evidence {
    let (from, until) = (view.window.start, view.horizon());
    let seen = view.seen(&[id], from, until);
    let signal = view.catalog.signals.info(id).name.clone();
    Evidence {
        mechanism: UNEXPLAINED.to_owned(),
        count: seen.count,
        first: seen.first.map(Instant),
        last: seen.last.map(Instant),
        weight: 0.0,
        says: view.lang.with("unexplained-error", &[("signal", &signal), ("n", &crate::lang::thousands(seen.count))]),
        sources: view.paths(&[id], from, until),
        examples: view.examples(&[id], from, until, QUOTES),
        signal,
    }
}

/// What would tell more: the logs that speak for the layers between the web server and the application, where they are not there.
pub fn missing(view: &View<'_>) -> Vec<String> {
    let asked = [(Layer::WebServer, "missing-web-server"), (Layer::AppServer, "missing-app-server")];
    asked.iter().filter(|(layer, _)| !view.has_voice(*layer)).map(|(_, key)| view.lang.say(key)).collect()
}
