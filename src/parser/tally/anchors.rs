//! Lines that hold the true time beside a local one: free anchors of a clock.

/// Distinct differences that are told apart. Of more, those with the smallest hashes stay: the same ones in whatever order lines came.
const MOST_DIFFERENCES: usize = 64;

/// What lies between the two times at most: how long the request ran, or the collector took.
const MOST_BETWEEN_S: i64 = 900;

/// Stamps are cut to seconds, and written a moment apart.
const SLACK_S: i64 = 5;

/// Offsets from UTC in use that are no whole hour, in minutes (IANA tz database 2025).
const ODD_OFFSETS_MIN: [i64; 11] = [-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 765];

/// Every offset from UTC in use, in seconds east, in order.
pub fn real_offsets() -> Vec<i64> {
    let mut all: Vec<i64> = (-12..=14).map(|h| h * 3600).chain(ODD_OFFSETS_MIN.iter().map(|m| m * 60)).collect();
    all.sort_unstable();
    all
}

/// How far local times stood from the true times beside them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Anchors {
    /// Local time less an epoch that lies at or before it → how often.
    since: Vec<(i64, u64)>,
    /// Local time less a collector's time that lies at or after it → how often.
    until: Vec<(i64, u64)>,
}

impl Anchors {
    /// Notes a local time, in seconds as if it were UTC, and an epoch at or before it.
    pub fn note_since(&mut self, local: i64, epoch: i64) {
        note(&mut self.since, local - epoch, 1);
    }

    /// Notes a local time and the time at or after it at which a collector took the line.
    pub fn note_until(&mut self, local: i64, collected: i64) {
        note(&mut self.until, local - collected, 1);
    }

    /// The zone that nine in ten of them agree on, in seconds east of UTC, and how many do.
    pub fn zone(&self) -> Option<(i32, u64)> {
        if self.since.is_empty() && self.until.is_empty() {
            return None;
        }
        let offsets = real_offsets();
        let mut votes: Vec<(i64, u64)> = offsets.iter().map(|o| (*o, 0)).collect();
        let mut all = 0;
        for (difference, n) in &self.since {
            all += n;
            let below = offsets.partition_point(|o| *o <= difference + SLACK_S).checked_sub(1);
            if let Some(i) = below.filter(|i| difference - offsets[*i] <= MOST_BETWEEN_S) {
                votes[i].1 += n;
            }
        }
        for (difference, n) in &self.until {
            all += n;
            let above = offsets.partition_point(|o| *o < difference - SLACK_S);
            if offsets.get(above).is_some_and(|o| o - difference <= MOST_BETWEEN_S) {
                votes[above].1 += n;
            }
        }
        let (zone, n) = votes.into_iter().max_by_key(|v| v.1)?;
        (n * 10 >= all * 9).then_some((zone as i32, n))
    }

    /// Takes in those of a further piece of the same log.
    pub fn absorb(&mut self, other: &Anchors) {
        for (since, difference, times) in other.iter() {
            self.add(since, difference, times);
        }
    }

    /// Every difference: whether it is to a time before (an epoch) or after (a collector's), the local time less that time, and how often.
    pub fn iter(&self) -> impl Iterator<Item = (bool, i64, u64)> {
        let since = self.since.iter().map(|(d, n)| (true, *d, *n));
        since.chain(self.until.iter().map(|(d, n)| (false, *d, *n)))
    }

    /// Enters a difference that was counted elsewhere; see [`Anchors::iter`].
    pub fn add(&mut self, since: bool, difference: i64, times: u64) {
        note(if since { &mut self.since } else { &mut self.until }, difference, times);
    }

    /// Whether there is any.
    pub fn is_empty(&self) -> bool {
        self.since.is_empty() && self.until.is_empty()
    }
}

/// Counts a difference, in a list in the order of their hashes.
fn note(differences: &mut Vec<(i64, u64)>, difference: i64, times: u64) {
    match differences.binary_search_by_key(&hash(difference), |d| hash(d.0)) {
        Ok(i) => differences[i].1 += times,
        Err(i) if i < MOST_DIFFERENCES => {
            differences.insert(i, (difference, times));
            differences.truncate(MOST_DIFFERENCES);
        }
        Err(_) => {}
    }
}

/// A mix of the bits that never gives one hash for two differences (the finalizer of SplitMix64, Steele et al. 2014).
fn hash(difference: i64) -> u64 {
    let mut h = difference as u64;
    h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    h ^ (h >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_tells_the_zone_however_long_the_request_ran() {
        let mut a = Anchors::default();
        a.note_since(1_795_219_567 + 32_400 + 30, 1_795_219_567);
        a.note_since(1_795_219_600 + 32_400 + 600, 1_795_219_600);
        assert_eq!(a.zone(), Some((32_400, 2)));
    }

    #[test]
    fn a_collector_tells_the_zone_however_late_it_came() {
        let mut a = Anchors::default();
        a.note_until(1_795_219_567 + 19_800, 1_795_219_567 + 2);
        assert_eq!(a.zone(), Some((19_800, 1)));
        // A clock a day off has no zone.
        let mut b = Anchors::default();
        b.note_until(1_795_219_567 + 86_400, 1_795_219_567);
        assert_eq!(b.zone(), None);
    }

    #[test]
    fn what_is_kept_of_many_does_not_depend_on_the_order() {
        let noted = |all: &mut dyn Iterator<Item = i64>| {
            let mut a = Anchors::default();
            all.for_each(|d| a.note_since(d, 0));
            a
        };
        let whole = noted(&mut (0..500).chain(0..300));
        assert_eq!(whole, noted(&mut (0..300).chain((0..500).rev())));
        let mut pieces = noted(&mut (0..300));
        pieces.absorb(&noted(&mut (0..500)));
        assert_eq!(whole, pieces);
    }

    #[test]
    fn a_change_of_zone_is_no_zone() {
        let mut a = Anchors::default();
        a.note_since(7200, 0);
        a.note_since(3600, 0);
        assert_eq!(a.zone(), None);
    }
}
