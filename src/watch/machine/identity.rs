//! Which of the incidents that a look saw is which of those that are known.
//!
//! The same one: their windows overlap, and either they were dropped at the same place in the same way, or one covers at
//! least half of the other. A window may grow and shift by late data; two windows of one look are two incidents, but for one case: an
//! incident that was told as one and comes apart later stays one, or its parts would be told again.

use super::{Facts, IncidentId, Known, Phase};

/// Who is who.
#[derive(Debug, Default)]
pub struct Pairing {
    /// Pairs of known and sighting.
    pairs: Vec<(usize, usize)>,
    /// Known ones that turned out to be part of another known one: (part, whole).
    absorbed: Vec<(usize, usize)>,
    /// Sightings that nobody knew.
    pub fresh: Vec<usize>,
}

impl Pairing {
    /// The sightings of a known one.
    pub fn seen_as(&self, known: usize) -> Vec<usize> {
        self.pairs.iter().filter(|(k, _)| *k == known).map(|(_, s)| *s).collect()
    }

    /// The known one that this one is part of.
    pub fn absorbed_by(&self, known: usize) -> Option<usize> {
        self.absorbed.iter().find(|(part, _)| *part == known).map(|(_, whole)| *whole)
    }

    /// Several sightings as one incident: the largest speaks for all.
    pub fn together(seen_as: &[usize], seen: &[Facts]) -> Option<Facts> {
        let all = || seen_as.iter().map(|&s| &seen[s]);
        let largest = all().max_by_key(|f| f.failed)?;
        Some(Facts {
            span: all().fold(largest.span, |hull, f| hull.hull(f.span)),
            requests: all().map(|f| f.requests).sum(),
            failed: all().map(|f| f.failed).sum(),
            ..largest.clone()
        })
    }
}

/// Whether a sighting can be a known incident: 0 if not, else how well it fits.
fn fit(known: &Known, seen: &Facts) -> i64 {
    let (a, b) = (known.facts.span, seen.span);
    let overlap = a.overlap(b);
    let alike = known.facts.layer == seen.layer && known.facts.mechanism == seen.mechanism;
    if overlap > 0 && (alike || covers_half(overlap, a.length().min(b.length()))) { overlap } else { 0 }
}

fn covers_half(overlap: i64, of: i64) -> bool {
    overlap * 2 >= of
}

/// Pairs what was seen with what is known.
pub fn pair(known: &[Known], seen: &[Facts], least_failures: u64) -> Pairing {
    let mut candidates: Vec<(bool, i64, usize, usize)> = Vec::new();
    for (k, old) in known.iter().enumerate() {
        for (s, new) in seen.iter().enumerate() {
            let fits = fit(old, new);
            if fits > 0 {
                // One that was told comes first, so that what it grew together with is not told beside it.
                let told = old.told_at.is_some() && covers_half(fits, old.facts.span.length().min(new.span.length()));
                candidates.push((told, fits, k, s));
            }
        }
    }
    candidates.sort_by_key(|&(told, fits, k, s)| (!told, -fits, known[k].facts.span.start, k, s));
    let mut out = Pairing::default();
    let mut of_known = vec![false; known.len()];
    let mut of_seen = vec![None; seen.len()];
    for &(_, _, k, s) in &candidates {
        if !of_known[k] && of_seen[s].is_none() {
            of_known[k] = true;
            of_seen[s] = Some(k);
            out.pairs.push((k, s));
        }
    }
    for &(_, fits, k, s) in &candidates {
        let old = &known[k];
        match of_seen[s] {
            // A part of what was told as one.
            None if old.told_at.is_some() && covers_half(fits, seen[s].span.length()) && same_drop(old, &seen[s]) => {
                of_seen[s] = Some(k);
                out.pairs.push((k, s));
            }
            // What was two has grown together.
            Some(whole) if !of_known[k] && whole != k && covers_half(fits, old.facts.span.length()) => {
                of_known[k] = true;
                out.absorbed.push((k, whole));
            }
            _ => {}
        }
    }
    out.fresh = (0..seen.len()).filter(|&s| of_seen[s].is_none() && seen[s].failed >= least_failures).collect();
    out
}

fn same_drop(known: &Known, seen: &Facts) -> bool {
    known.facts.layer == seen.layer && known.facts.mechanism == seen.mechanism
}

/// What is known of an incident from its first sighting.
pub fn first_seen(facts: &Facts, now: i64, taken: impl Fn(&IncidentId) -> bool) -> Known {
    let id = (0..).map(|n| name(facts, n)).find(|id| !taken(id)).expect("there are more names than incidents");
    Known {
        id,
        facts: facts.clone(),
        phase: Phase::Watched,
        told_at: None,
        end_told: false,
        closed_at: None,
        part_of: None,
        report: None,
        last_seen: now,
    }
}

/// The name comes from the sighting alone, so that a look that was cut off and is made again gives the same.
fn name(facts: &Facts, n: u32) -> IncidentId {
    let text = format!("{} {} {} {n}", facts.span.start, facts.layer.id(), facts.mechanism);
    IncidentId(format!("{:010x}", fnv1a(text.as_bytes()) & 0xff_ffff_ffff))
}

/// FNV-1a, 64 bit: the same in every version and on every machine, which the standard library's hasher does not promise.
pub fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
}
