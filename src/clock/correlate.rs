//! The lag at which two sequences of counts say the same: cross-correlation by FFT, on whitened counts.

use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

use super::segments::Run;

/// Seconds of the moving mean that whitening takes off: a daily rhythm or a steady rate is no likeness.
const WHITEN: usize = 61;

/// What whitening divides by at least: the deviation of a root of a count is a half (Anscombe 1948).
const LEAST_DEVIATION: f64 = 0.25;

/// Deviations beyond this count as this.
const MOST_DEVIATION: f64 = 3.0;

/// How far the best lag must stand above the second best: rhythms and bursts of unlike logs reach two.
const MARGIN: f64 = 2.5;

/// Bins that must overlap at a lag for it to be judged.
const LEAST_OVERLAP: usize = 40;

/// Peaks nearer than this to the best are the same peak: stamps are cut to seconds, and layers stamp begin or end.
pub const SAME_PEAK: i64 = 8;

/// Counts by bin, in several channels (requests of different paths tell more together than their sum).
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// The first bin.
    pub begin: i64,
    /// For each channel the counts of consecutive bins.
    pub channels: Vec<Vec<f64>>,
    /// Bins that say nothing, sorted: neither that there was something nor that there was nothing.
    pub untold: Vec<(i64, i64)>,
    /// Requests failed nearly all the time, so that nothing could be left untold: how long they waited may look like a clock.
    pub troubled: bool,
}

impl Counts {
    /// Puts sparse counts into bins of `step` seconds.
    pub fn new(points: impl Iterator<Item = (i64, usize, f64)> + Clone, channels: usize, step: i64) -> Option<Self> {
        let bin = |s: i64| s.div_euclid(step);
        let begin = points.clone().map(|(s, _, _)| bin(s)).min()?;
        let end = points.clone().map(|(s, _, _)| bin(s)).max()?;
        let len = usize::try_from(end - begin + 1).ok()?;
        let mut out = Counts { begin, channels: vec![vec![0.0; len]; channels], untold: Vec::new(), troubled: false };
        for (s, channel, n) in points {
            out.channels[channel][(bin(s) - begin) as usize] += n;
        }
        Some(out)
    }

    /// Bins of a channel.
    pub fn len(&self) -> usize {
        self.channels.first().map_or(0, Vec::len)
    }

    /// All counts together.
    pub fn total(&self) -> f64 {
        self.channels.iter().flatten().sum()
    }

    /// Whether there is no bin.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same with every run's bins moved back by its lag.
    pub fn moved(&self, runs: &[Run]) -> Counts {
        let lag = |bin: i64| runs.iter().rev().find(|r| r.from <= bin).or(runs.first()).map_or(0, |r| r.lag);
        let each = self.channels.iter().enumerate().flat_map(|(c, counts)| {
            counts.iter().enumerate().map(move |(i, n)| (self.begin + i as i64 - lag(self.begin + i as i64), c, *n))
        });
        let all: Vec<(i64, usize, f64)> = each.collect();
        Counts::new(all.into_iter(), self.channels.len(), 1).unwrap_or_default()
    }

    /// The bins from `from` on, up to `to`.
    pub fn between(&self, from: i64, to: i64) -> Counts {
        let at = |bin: i64| usize::try_from(bin - self.begin).unwrap_or(0).min(self.len());
        let (i, j) = (at(from), at(to).max(at(from)));
        let channels = self.channels.iter().map(|c| c[i..j].to_vec()).collect();
        Counts { begin: self.begin + i as i64, channels, untold: self.untold.clone(), troubled: self.troubled }
    }

    /// The same with all bins told, the troubled as well.
    pub fn all_told(&self) -> Counts {
        Counts { untold: Vec::new(), troubled: true, ..self.clone() }
    }

    /// How many of its counts the other one has too, at a lag.
    pub fn shared(&self, other: &Counts, runs: &[Run]) -> u64 {
        let own = self.moved(runs);
        let at = |c: usize, bin: i64| usize::try_from(bin - other.begin).ok().and_then(|i| other.channels[c].get(i)).copied();
        let each = own.channels.iter().enumerate().take(other.channels.len()).flat_map(|(c, counts)| {
            counts.iter().enumerate().map(move |(i, n)| n.min(at(c, own.begin + i as i64).unwrap_or(0.0)))
        });
        each.sum::<f64>() as u64
    }

    /// Sequences without rhythm, rate and rank, for a likeness of what is particular: the variance of counts is steadied (Anscombe 1948: the
    /// square root), the moving mean taken off and the moving deviation divided out; what all channels do together is one voice of its own.
    pub fn whitened(&self) -> Vec<Vec<f64>> {
        let told: Vec<bool> = (self.begin..self.begin + self.len() as i64).map(|b| !self.is_untold(b)).collect();
        let mut all: Vec<Vec<f64>> = self.channels.iter().map(|c| whiten(c, &told)).collect();
        if all.len() > 1 {
            let together: Vec<f64> = (0..self.len()).map(|i| all.iter().map(|c| c[i]).sum::<f64>() / all.len() as f64).collect();
            for c in &mut all {
                c.iter_mut().zip(&together).for_each(|(v, t)| *v -= t);
            }
            let power = together.iter().map(|v| v * v).sum::<f64>() / told.iter().filter(|t| **t).count().max(1) as f64;
            all.push(together.iter().map(|v| v / power.sqrt().max(LEAST_DEVIATION)).collect());
        }
        all
    }

    fn is_untold(&self, bin: i64) -> bool {
        let next = self.untold.partition_point(|u| u.1 <= bin);
        self.untold.get(next).is_some_and(|u| u.0 <= bin)
    }
}

fn whiten(counts: &[f64], told: &[bool]) -> Vec<f64> {
    let roots: Vec<f64> = counts.iter().map(|c| (c + 0.375).sqrt()).collect();
    let mean = moving_mean(&roots, told);
    let flat: Vec<f64> = (0..roots.len()).map(|i| if told[i] { roots[i] - mean[i] } else { 0.0 }).collect();
    // A burst (a queue let go, a thousand retries in a second) must not outweigh minutes of calm.
    let power = moving_mean(&flat.iter().map(|v| v * v).collect::<Vec<_>>(), told);
    flat.iter().zip(power).map(|(v, p)| (v / p.sqrt().max(LEAST_DEVIATION)).clamp(-MOST_DEVIATION, MOST_DEVIATION)).collect()
}

/// The mean of the told bins around each.
fn moving_mean(values: &[f64], told: &[bool]) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); values.len() + 1];
    for (i, (v, t)) in values.iter().zip(told).enumerate() {
        let t = f64::from(u8::from(*t));
        sums[i + 1] = (sums[i].0 + v * t, sums[i].1 + t);
    }
    let around = |i: usize| (i.saturating_sub(WHITEN / 2), (i + WHITEN / 2 + 1).min(values.len()));
    (0..values.len()).map(around).map(|(a, b)| (sums[b].0 - sums[a].0) / (sums[b].1 - sums[a].1).max(1.0)).collect()
}

/// A lag and how far it stands out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peak {
    /// Bins by which the first sequence is later than the second.
    pub lag: i64,
    /// Likeness in standard deviations of unlike sequences.
    pub z: f64,
    /// The same of the best other lag.
    pub second: f64,
    /// Lags that were compared.
    pub tried: usize,
}

impl Peak {
    /// What the best of that many unlike lags would reach: the maximum over n of them grows as √(2 ln n).
    pub fn chance(&self) -> f64 {
        (2.0 * (self.tried.max(2) as f64).ln()).sqrt()
    }

    /// Whether it stands out by so many standard deviations more than the best of that many unlike lags would.
    pub fn stands_out_by(&self, more: f64) -> bool {
        self.z > self.chance() + more
    }

    /// Whether chance is no explanation, and no rhythm either, which would show a second peak.
    pub fn is_significant(&self) -> bool {
        self.stands_out_by(3.0) && self.z > MARGIN * self.second
    }
}

/// The lag within `lags` (in bins) at which `a` shifted back by it is most like `b`.
pub fn best_lag(a: &Counts, b: &Counts, lags: &[(i64, i64)]) -> Option<Peak> {
    peak_of(&likeness(a, b, lags)?)
}

/// The best of the lags, and how far it stands out.
pub fn peak_of(scored: &[(i64, f64)]) -> Option<Peak> {
    let best = scored.iter().copied().max_by(|x, y| x.1.total_cmp(&y.1))?;
    let second = scored.iter().filter(|s| (s.0 - best.0).abs() > SAME_PEAK).map(|s| s.1).fold(0.0, f64::max);
    Some(Peak { lag: best.0, z: best.1, second, tried: scored.len() })
}

/// For each lag within `lags` (in bins) how like `b` the sequence `a` is when shifted back by it, in standard deviations of unlike
/// sequences; `None` where they are too short to tell.
pub fn likeness(a: &Counts, b: &Counts, lags: &[(i64, i64)]) -> Option<Vec<(i64, f64)>> {
    let (wa, wb) = (a.whitened(), b.whitened());
    let (na, nb) = (a.len(), b.len());
    if na < LEAST_OVERLAP || nb < LEAST_OVERLAP || wa.len() != wb.len() {
        return None;
    }
    let size = (na + nb).next_power_of_two();
    let mut planner = FftPlanner::new();
    let (forward, inverse) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
    let transform = |x: &[f64]| {
        let mut v: Vec<Complex<f64>> = x.iter().map(|r| Complex::new(*r, 0.0)).collect();
        v.resize(size, Complex::default());
        forward.process(&mut v);
        v
    };
    let mut product = vec![Complex::default(); size];
    for (x, y) in wa.iter().zip(&wb) {
        for ((p, fx), fy) in product.iter_mut().zip(transform(x)).zip(transform(y)) {
            *p += fx * fy.conj();
        }
    }
    inverse.process(&mut product);
    let (ea, eb) = (energy(&wa), energy(&wb));
    let channels = wa.len();
    let mut scored: Vec<(i64, f64)> = Vec::new();
    let base = a.begin - b.begin;
    let reach = (base - nb as i64 + LEAST_OVERLAP as i64, base + na as i64 - LEAST_OVERLAP as i64);
    for &(from, to) in lags {
        for lag in from.max(reach.0)..=to.min(reach.1) {
            // Index shift: bin i of `a` meets bin i − d of `b`.
            let d = lag - base;
            let (ia, ib) = (d.max(0), (-d).max(0));
            let overlap = (na as i64 - ia).min(nb as i64 - ib);
            let (ia, ib, overlap) = (ia as usize, ib as usize, overlap as usize);
            let both = (ea[ia + overlap] - ea[ia]) * (eb[ib + overlap] - eb[ib]);
            if both <= 1e-12 {
                continue;
            }
            let r = product[d.rem_euclid(size as i64) as usize].re / size as f64;
            scored.push((lag, r * ((overlap * channels) as f64).sqrt() / both.sqrt()));
        }
    }
    Some(scored)
}

/// Running sums of squares over all channels.
fn energy(w: &[Vec<f64>]) -> Vec<f64> {
    let n = w.first().map_or(0, Vec::len);
    let mut sums = vec![0.0; n + 1];
    for i in 0..n {
        sums[i + 1] = sums[i] + w.iter().map(|c| c[i] * c[i]).sum::<f64>();
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reproducible sequence of small counts.
    fn noise(seed: u64, n: usize) -> Vec<(i64, usize, f64)> {
        let mut x = seed;
        (0..n as i64)
            .map(|i| {
                x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (i, 0, ((x >> 33) % 7) as f64)
            })
            .collect()
    }

    #[test]
    fn a_shift_comes_back() {
        let b = noise(1, 600);
        let a: Vec<_> = b.iter().map(|(s, c, n)| (s + 32_400 - 95, *c, *n)).collect();
        let (a, b) = (Counts::new(a.iter().copied(), 1, 1).unwrap(), Counts::new(b.iter().copied(), 1, 1).unwrap());
        let peak = best_lag(&a, &b, &[(-60_000, 60_000)]).unwrap();
        assert_eq!(peak.lag, 32_305);
        assert!(peak.is_significant(), "{peak:?}");
    }

    #[test]
    fn unlike_sequences_are_not_matched() {
        for seed in 2..40 {
            let a = Counts::new(noise(seed, 500).into_iter(), 1, 1).unwrap();
            let b = Counts::new(noise(seed * 1_000_003, 700).into_iter(), 1, 1).unwrap();
            assert!(!best_lag(&a, &b, &[(-60_000, 60_000)]).unwrap().is_significant());
        }
    }

    #[test]
    fn a_rhythm_is_no_match() {
        let beat = |n: usize| Counts::new((0..n as i64).map(|i| (i, 0, f64::from(u8::from(i % 10 == 0)) * 5.0)), 1, 1).unwrap();
        assert!(!best_lag(&beat(600), &beat(900), &[(-2000, 2000)]).unwrap().is_significant());
    }
}
