//! Quantile sketches as bytes: the encoding of `DDSketchWithExactSummaryStatistics` of Datadog's sketch libraries, which other programs read too.
//!
//! The decoder is our own: bytes of strangers must not make a sketch allocate or add up beyond its bounds.

use crate::parser::tally::{SKETCH_ACCURACY, new_sketch};
use sketches_ddsketch::{Config, DDSketch};

const MAPPING: u8 = 0x02;
const ZERO_COUNT: u8 = 0x04;
const COUNT: u8 = 0xa0;
const SUM: u8 = 0x84;
const MIN: u8 = 0x88;
const MAX: u8 = 0x8c;
/// Bins as differences of their indexes, each with its count.
const POSITIVE: u8 = 0x05;
const NEGATIVE: u8 = 0x07;

/// Most observations of one bin.
const MOST: f64 = (1u64 << 40) as f64;

/// The sketch as bytes.
pub fn encode(sketch: &DDSketch) -> Vec<u8> {
    sketch.to_java_bytes()
}

/// The sketch of such bytes; `None` where they are none, or of another accuracy.
pub fn decode(mut bytes: &[u8], bins: u32) -> Option<DDSketch> {
    let mut sketch = new_sketch();
    let config = Config::new(SKETCH_ACCURACY, bins, 1e-6);
    let input = &mut bytes;
    while let Some(flag) = byte(input) {
        match flag {
            MAPPING => {
                let (gamma, offset) = (number(input)?, number(input)?);
                if (gamma - config.gamma).abs() > 1e-9 || offset != 0.0 {
                    return None;
                }
            }
            COUNT => _ = varying(input)?,
            SUM | MIN | MAX => _ = number(input)?,
            ZERO_COUNT => sketch.add_with_count(0.0, counted(input)?),
            POSITIVE | NEGATIVE => {
                let mut index = 0i64;
                for _ in 0..unsigned(input)?.min(u64::from(bins) + 1) {
                    index = index.checked_add(signed(input)?)?;
                    let key = i32::try_from(index).ok().filter(|k| k.unsigned_abs() < 20_000)?;
                    // The middle of a bin falls into it again; only of the lowest may the middle lie below what counts as zero.
                    let value = config.value(key).max(config.pow_gamma(key).max(1.000_000_1e-6));
                    let value = if config.key(value) == key && value.is_finite() { value } else { return None };
                    sketch.add_with_count(if flag == POSITIVE { value } else { -value }, counted(input)?);
                }
            }
            _ => return None,
        }
    }
    Some(sketch)
}

fn byte(input: &mut &[u8]) -> Option<u8> {
    let (first, rest) = input.split_first()?;
    *input = rest;
    Some(*first)
}

fn number(input: &mut &[u8]) -> Option<f64> {
    let (first, rest) = input.split_first_chunk::<8>()?;
    *input = rest;
    Some(f64::from_le_bytes(*first))
}

/// Seven bits a byte, the lowest first; the ninth byte holds eight.
fn unsigned(input: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..=56).step_by(7) {
        let next = byte(input)?;
        if next < 0x80 || shift == 56 {
            return Some(value | u64::from(next) << shift);
        }
        value |= u64::from(next & 0x7f) << shift;
    }
    None
}

fn signed(input: &mut &[u8]) -> Option<i64> {
    let zigzag = unsigned(input)?;
    Some((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
}

/// A float whose bits are turned so that small whole numbers are short: seven bits a byte, the highest first; the ninth byte holds eight.
fn varying(input: &mut &[u8]) -> Option<f64> {
    let mut bits = 0u64;
    for shift in (1..=57).rev().step_by(7) {
        let next = byte(input)?;
        if shift == 1 {
            bits |= u64::from(next);
            break;
        }
        bits |= u64::from(next & 0x7f) << shift;
        if next < 0x80 {
            break;
        }
    }
    Some(f64::from_bits(bits.rotate_right(6).wrapping_add(1f64.to_bits())) - 1.0)
}

fn counted(input: &mut &[u8]) -> Option<u64> {
    let n = varying(input)?;
    (n.fract() == 0.0 && (0.0..=MOST).contains(&n)).then_some(n as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parser::tally::SKETCH_BUCKETS;

    #[test]
    fn every_quantile_comes_back() {
        let mut sketch = new_sketch();
        for i in 0..3000u32 {
            sketch.add(f64::from(i) * 0.000_7);
            sketch.add_with_count(f64::from(i % 7) * 12.5, 3);
        }
        sketch.add(1.000_1e-6);
        sketch.add(-4.5);
        let again = decode(&encode(&sketch), SKETCH_BUCKETS).unwrap();
        assert_eq!(again.count(), sketch.count());
        for q in 1..1000 {
            let q = f64::from(q) / 1000.0;
            assert_eq!(again.quantile(q).unwrap(), sketch.quantile(q).unwrap(), "{q}");
        }
        assert_eq!(encode(&decode(&encode(&again), SKETCH_BUCKETS).unwrap()), encode(&again));
    }

    #[test]
    fn odd_bytes_are_refused() {
        let bytes = encode(&{
            let mut s = new_sketch();
            (0..50).for_each(|i| s.add(f64::from(i)));
            s
        });
        for cut in 1..bytes.len() {
            let _ = decode(&bytes[..cut], SKETCH_BUCKETS);
            let mut odd = bytes.clone();
            odd[cut] ^= 0xff;
            let _ = decode(&odd, SKETCH_BUCKETS);
        }
        assert!(decode(&[0xff, 1, 2], SKETCH_BUCKETS).is_none());
        assert!(decode(&[POSITIVE, 0xff, 0xff, 0xff, 0xff, 0xff], SKETCH_BUCKETS).is_none());
        // An accuracy that is not ours.
        let mut other = DDSketch::new(Config::new(0.01, 512, 1e-6));
        other.add(1.0);
        assert!(decode(&encode(&other), SKETCH_BUCKETS).is_none());
    }
}
