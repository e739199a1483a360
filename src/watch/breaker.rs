//! When to try a receiver again: after each failure later, at a random time up to that, and after several in a row only now and
//! then, one attempt at a time, until one succeeds.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// The first pause.
const BASE: Duration = Duration::from_millis(500);

/// The longest pause, and the one between probes of an open breaker.
const LONGEST: Duration = Duration::from_secs(120);

/// Failures in a row that open the breaker.
const OPENS_AT: u32 = 6;

/// The breaker of one channel.
#[derive(Debug, Default)]
pub struct Breaker {
    failures: u32,
}

/// What a failure leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// How long nothing is tried.
    pub wait: Duration,
    /// The breaker has just opened.
    pub opened: bool,
}

impl Breaker {
    /// An attempt succeeded; says whether the breaker was open.
    pub fn succeeded(&mut self) -> bool {
        let was_open = self.is_open();
        self.failures = 0;
        was_open
    }

    /// An attempt failed; `asked` is what the receiver wants us to wait, `random` decides within the pause.
    pub fn failed(&mut self, asked: Option<Duration>, random: u64) -> Pause {
        self.failures = self.failures.saturating_add(1);
        let most = if self.is_open() { LONGEST } else { (BASE * 2u32.pow(self.failures - 1)).min(LONGEST) };
        // Full jitter: those who failed together do not come back together. A probe of an open breaker waits half of it at least.
        let least = if self.is_open() { LONGEST / 2 } else { Duration::from_millis(50) };
        let span = most.saturating_sub(least).as_millis() as u64;
        let wait = least + Duration::from_millis(if span == 0 { 0 } else { random % span });
        // A receiver may ask for patience, but not for for ever.
        let wait = asked.map_or(wait, |a| wait.max(a.min(Duration::from_secs(3600))));
        Pause { wait, opened: self.failures == OPENS_AT }
    }

    /// Whether only probes go out.
    pub fn is_open(&self) -> bool {
        self.failures >= OPENS_AT
    }
}

/// A random number; a standard hasher is keyed by the system's own randomness.
pub fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_the_breaker_opens_and_a_success_closes_it() {
        let mut breaker = Breaker::default();
        let mut most = Duration::ZERO;
        for n in 1..OPENS_AT {
            let pause = breaker.failed(None, u64::MAX - 1);
            assert!(!pause.opened && pause.wait <= BASE * 2u32.pow(n - 1));
            most = most.max(pause.wait);
        }
        assert!(most > BASE);
        assert!(breaker.failed(None, 0).opened && breaker.is_open());
        for random in [0, 1, 77, u64::MAX] {
            let pause = breaker.failed(None, random);
            assert!(!pause.opened && pause.wait >= LONGEST / 2 && pause.wait <= LONGEST);
        }
        assert!(breaker.succeeded() && !breaker.is_open() && !breaker.succeeded());
        assert_eq!(breaker.failed(Some(Duration::from_secs(9)), 3).wait, Duration::from_secs(9));
        assert_ne!(random(), random());
    }
}
