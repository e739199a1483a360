//! Scales: times to px, ticks at round times, numbers as they are read.

use crate::lang::Lang;
use crate::model::Instant;
use crate::model::lanes::Lanes;

/// Steps between ticks in seconds.
const STEPS_S: [i64; 17] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/// From times to px.
#[derive(Debug, Clone, Copy)]
pub struct Time {
    start: i64,
    length: i64,
    left: f64,
    width: f64,
}

impl Time {
    /// The axis of an incident in the px from `left` on.
    pub fn new(lanes: &Lanes, left: f64, width: f64) -> Self {
        let length = (lanes.end().0 - lanes.start.0).max(1);
        Time { start: lanes.start.0, length, left, width }
    }

    /// Where an instant lies; what is outside the axis lies at its end.
    pub fn x(&self, at: Instant) -> f64 {
        let share = (at.0 - self.start) as f64 / self.length as f64;
        self.left + share.clamp(0.0, 1.0) * self.width
    }

    /// Round times and how they are written, at most so many.
    pub fn ticks(&self, most: i64) -> Vec<(Instant, String)> {
        let wide = self.length / (86_400 * most) * 86_400 + 86_400;
        let step = STEPS_S.into_iter().find(|s| self.length / s <= most).unwrap_or(wide);
        let format = if self.length > 86_400 {
            "%m-%d %H:%M"
        } else if step < 60 {
            "%H:%M:%S"
        } else {
            "%H:%M"
        };
        let first = self.start + (-self.start).rem_euclid(step);
        let count = (self.start + self.length - first) / step;
        (0..=count).map(|i| Instant(first + i * step)).map(|t| (t, t.utc().format(format).to_string())).collect()
    }
}

/// A rate or a time to two digits that matter.
pub fn number(v: f64) -> String {
    match v {
        v if v >= 100.0 => crate::lang::thousands(v.round() as u64),
        v if v >= 10.0 => format!("{v:.0}"),
        v if v >= 1.0 => format!("{v:.1}"),
        v if v > 0.0 => format!("{v:.2}"),
        _ => "0".to_owned(),
    }
}

/// `5 s`, `10 min`, `2 h`
pub fn step(lang: Lang, seconds: u32) -> String {
    let (key, n) = match seconds {
        s if s % 3600 == 0 => ("step-hours", s / 3600),
        s if s % 60 == 0 => ("step-minutes", s / 60),
        s => ("step-seconds", s),
    };
    lang.with(key, &[("n", &n.to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        for length in [3, 90, 240, 3600, 86_400, 40 * 86_400] {
            let time = Time { start: 1_795_219_203, length, left: 0.0, width: 600.0 };
            let ticks = time.ticks(7);
            assert!((1..=8).contains(&ticks.len()), "{length}: {ticks:?}");
            assert!(ticks.iter().all(|(t, _)| (0.0..=600.0).contains(&time.x(*t))));
        }
        assert_eq!(
            (number(0.25), number(3.12), number(41.9), number(1234.0)),
            ("0.25".into(), "3.1".into(), "42".into(), "1,234".into())
        );
        assert_eq!((step(Lang::En, 5), step(Lang::En, 120), step(Lang::En, 7200)), ("5 s".into(), "2 min".into(), "2 h".into()));
    }
}
