//! The incident over time: what each layer counted, on one axis, for charts.

use serde::Serialize;

use super::{CountedFrom, Instant};
use crate::words::Layer;

/// One number a bucket: absent where no source covers the bucket, 0 where one does and tells of nothing.
pub type Counts = Vec<Option<u64>>;

/// One measured value a bucket: absent where nothing was measured.
pub type Values = Vec<Option<f64>>;

/// The time around the window in equal buckets, and what each layer counted in them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Lanes {
    /// Begin of the first bucket.
    pub start: Instant,
    /// Length of a bucket in seconds.
    pub bucket_s: u32,
    /// How many buckets there are; every series below has so many numbers, or none at all.
    pub buckets: usize,
    /// The layers that counted anything, outermost first.
    pub layers: Vec<Lane>,
}

/// What one layer counted. A metric's period longer than a bucket is shared out evenly among the buckets that it covers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lane {
    /// The layer.
    pub layer: Layer,
    /// What `requests` and `failed` are made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted_from: Option<CountedFrom>,
    /// Requests that it was handed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requests: Counts,
    /// Those of them that failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed: Counts,
    /// Lines that tell of failures in this layer, or that are evidence for the verdict, whoever wrote them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signs: Counts,
    /// The signals that these lines are, the most frequent first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<String>,
    /// The measured time of a request, the mean, in seconds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mean_s: Values,
    /// The longest of these times, in seconds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub max_s: Values,
    /// The signal that measured them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timed_by: Option<String>,
}

impl Lanes {
    /// Whether there is something to draw: a pasted line or two has no course in time.
    pub fn is_drawable(&self) -> bool {
        self.buckets >= 3 && !self.layers.is_empty()
    }

    /// The second after the last bucket.
    pub fn end(&self) -> Instant {
        Instant(self.start.0 + i64::from(self.bucket_s) * i64::try_from(self.buckets).unwrap_or(0))
    }

    /// The begin of a bucket.
    pub fn at(&self, bucket: usize) -> Instant {
        Instant(self.start.0 + i64::from(self.bucket_s) * i64::try_from(bucket).unwrap_or(0))
    }

    /// The outermost layer that counts requests: what users saw.
    pub fn outermost(&self) -> Option<&Lane> {
        self.layers.iter().find(|l| !l.requests.is_empty())
    }

    /// The outermost layer that measures how long requests take.
    pub fn timed(&self) -> Option<&Lane> {
        self.layers.iter().find(|l| !l.mean_s.is_empty())
    }
}
