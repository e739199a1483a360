//! How a log is read: line by line, or by a query that the service runs where the log lies. Pure, so that it can be tested.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const GB: f64 = 1e9;

/// What Logs Insights and Athena ask for each GB that a query reads, in dollars (most regions).
pub const DOLLARS_A_GB: f64 = 0.005;

/// The GB that queries of one run may still read, over all that it reads.
#[derive(Debug)]
pub struct Allowance {
    left_gb: Mutex<f64>,
}

impl Allowance {
    /// So many at the begin.
    pub fn new(gb: f64) -> Self {
        Allowance { left_gb: Mutex::new(gb) }
    }

    /// What is left.
    pub fn left_gb(&self) -> f64 {
        // A thread that panicked leaves a number that is as good as any.
        *self.left_gb.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes off what is about to be read.
    pub fn take(&self, gb: f64) {
        *self.left_gb.lock().unwrap_or_else(PoisonError::into_inner) -= gb;
    }
}

/// What the choice depends on.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Bytes of the window, as they travel when lines are streamed.
    pub bytes: f64,
    /// Bytes that come in a second when lines are streamed.
    pub bytes_a_second: f64,
    /// What is left of the run's time.
    pub time_left: Duration,
    /// Bytes that queries would read (and that are paid for); `None` where no query can be asked.
    pub queried: Option<f64>,
    /// GB that queries of this run may still read.
    pub max_scan_gb: f64,
}

/// How a log is to be read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Way {
    /// Line by line.
    Stream,
    /// By queries, for so much.
    Query {
        /// GB read by the service.
        gb: f64,
        /// Dollars for them.
        dollars: f64,
    },
    /// Neither: it is too large to stream, and a query would read more than is allowed.
    TooDear {
        /// GB that it would read.
        gb: f64,
    },
    /// Too large to stream, and there is nothing to ask.
    TooLarge,
}

/// Chooses: lines as long as they come within half of the time that is left, for nothing is lost with them; then a query.
pub fn choose(size: &Size) -> Way {
    if size.bytes <= size.bytes_a_second * size.time_left.as_secs_f64() / 2.0 {
        return Way::Stream;
    }
    match size.queried {
        None => Way::TooLarge,
        Some(bytes) if bytes / GB > size.max_scan_gb => Way::TooDear { gb: bytes / GB },
        Some(bytes) => Way::Query { gb: bytes / GB, dollars: bytes / GB * DOLLARS_A_GB },
    }
}

/// Bytes that a log group holds of a window, if it grew evenly over the time that it keeps.
pub fn share_of_window(stored: f64, kept_s: i64, window_s: i64) -> f64 {
    let (kept, window) = (kept_s.max(1) as f64, window_s.max(0) as f64);
    stored * (window / kept).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_while_they_fit_then_queries_then_nothing() {
        let of = |bytes: f64, queried: Option<f64>| {
            choose(&Size { bytes, bytes_a_second: 4e6, time_left: Duration::from_secs(120), queried, max_scan_gb: 10.0 })
        };
        assert_eq!(of(200e6, Some(200e6)), Way::Stream);
        assert_eq!(of(241e6, None), Way::TooLarge);
        assert_eq!(of(2e9, Some(4e9)), Way::Query { gb: 4.0, dollars: 0.02 });
        assert_eq!(of(9e9, Some(18e9)), Way::TooDear { gb: 18.0 });
        // Nothing is streamed when no time is left.
        let late = Size { bytes: 1.0, bytes_a_second: 4e6, time_left: Duration::ZERO, queried: None, max_scan_gb: 10.0 };
        assert_eq!(choose(&late), Way::TooLarge);
    }

    #[test]
    fn a_window_is_its_share_of_what_is_kept() {
        assert_eq!(share_of_window(30e9, 30 * 86_400, 86_400), 1e9);
        assert_eq!(share_of_window(5.0, 10, 7200), 5.0);
        assert_eq!(share_of_window(5.0, 0, -1), 0.0);
    }
}
