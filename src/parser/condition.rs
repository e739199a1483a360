//! The small language of `when`: a condition on one field's text.

use memchr::memmem;

use super::bytes::{begins_with, same};

/// A condition such as `5xx`, `>=3`, `absent`, `^prefix | ~part`, `!=text`.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub(crate) negated: bool,
    pub(crate) any_of: Vec<Test>,
}

/// One of the tests that a condition is made of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    Present,
    Absent,
    Empty,
    StatusClass(u8),
    Compare(Threshold),
    Equals(Vec<u8>),
    Prefix(Vec<u8>),
    Contains(Vec<u8>),
}

/// What a number is compared with, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Threshold {
    pub(crate) ordering: Ordering,
    pub(crate) limit: f64,
    negated: bool,
}

/// How a number is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ordering {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// What is wrong, and what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (negated, text) = match text.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let any_of = text.split(" | ").map(Test::parse).collect::<Result<_, _>>()?;
        Ok(Condition { negated, any_of })
    }

    /// How much work it is to ask, for putting conditions in order.
    pub fn cost(&self) -> usize {
        self.any_of
            .iter()
            .map(|t| match t {
                Test::Present | Test::Absent | Test::Empty | Test::StatusClass(_) => 1,
                Test::Equals(_) => 2,
                Test::Compare(..) => 4,
                Test::Prefix(_) => 8,
                Test::Contains(_) => 32,
            })
            .sum()
    }

    /// The begins by which it tells texts of four bytes or more apart; `None` where it looks at more than how they begin.
    pub fn begins(&self) -> Option<Vec<&[u8]>> {
        let begins = self.any_of.iter().filter_map(|t| match t {
            Test::Present | Test::Absent | Test::Empty | Test::StatusClass(_) => None,
            Test::Equals(t) | Test::Prefix(t) => Some(Some(&t[..])),
            Test::Contains(_) | Test::Compare(..) => Some(None),
        });
        begins.collect()
    }

    /// Whether it tells some texts that begin with a byte from those that begin with none of any begin; see [`Condition::begins`].
    pub(crate) fn tells(&self, first: u8) -> bool {
        self.any_of.iter().any(|t| match t {
            Test::StatusClass(class) => *class == first,
            Test::Equals(t) | Test::Prefix(t) => t.first() == Some(&first),
            _ => false,
        })
    }

    /// What it asks of the number that a field is, where it asks nothing else.
    pub(crate) fn threshold(&self) -> Option<Threshold> {
        match self.any_of[..] {
            [Test::Compare(t)] => Some(Threshold { negated: self.negated, ..t }),
            _ => None,
        }
    }

    /// Whether it holds for a field; `None` and `-` are the absent field.
    #[inline]
    pub fn holds(&self, field: Option<&[u8]>) -> bool {
        let is_blank = |f: &[u8]| f.is_empty() || f == b"-";
        let blank = field.is_some_and(is_blank);
        let field = field.filter(|f| !is_blank(f));
        self.any_of.iter().any(|t| t.holds(field) || blank && matches!(t, Test::Empty)) != self.negated
    }
}

impl Threshold {
    /// Whether it holds for a number; what is none is on no side of it.
    #[inline]
    pub(crate) fn holds(self, number: Option<f64>) -> bool {
        let is_on_its_side = |v: f64| match self.ordering {
            Ordering::Less => v < self.limit,
            Ordering::LessOrEqual => v <= self.limit,
            Ordering::Greater => v > self.limit,
            Ordering::GreaterOrEqual => v >= self.limit,
        };
        number.is_some_and(is_on_its_side) != self.negated
    }
}

impl Test {
    fn parse(text: &str) -> Result<Self, String> {
        let compare = |ordering, t: &str| match t.trim().parse() {
            Ok(limit) => Ok(Test::Compare(Threshold { ordering, limit, negated: false })),
            Err(_) => Err(format!("`{text}`: `{t}` is no number")),
        };
        let bytes = |t: &str| t.as_bytes().to_vec();
        Ok(match text {
            "present" => Test::Present,
            "absent" => Test::Absent,
            "empty" => Test::Empty,
            t if t.len() == 3 && t.ends_with("xx") && t.as_bytes()[0].is_ascii_digit() => Test::StatusClass(t.as_bytes()[0]),
            t => match t.split_at_checked(2) {
                Some((">=", n)) => compare(Ordering::GreaterOrEqual, n)?,
                Some(("<=", n)) => compare(Ordering::LessOrEqual, n)?,
                _ => match t.chars().next() {
                    Some('>') => compare(Ordering::Greater, &t[1..])?,
                    Some('<') => compare(Ordering::Less, &t[1..])?,
                    Some('=') => Test::Equals(bytes(&t[1..])),
                    Some('^') => Test::Prefix(bytes(&t[1..])),
                    Some('~') => Test::Contains(bytes(&t[1..])),
                    Some(c) if c.is_ascii_digit() || c == '-' => Test::Equals(bytes(t)),
                    _ => {
                        return Err(format!(
                            "`{t}` is no condition; use present, absent, empty, 5xx, 502, >=3, <3, =text, ^prefix or ~part, several with ` | ` between"
                        ));
                    }
                },
            },
        })
    }

    #[inline]
    fn holds(&self, field: Option<&[u8]>) -> bool {
        let Some(f) = field else {
            return matches!(self, Test::Absent);
        };
        match self {
            Test::Present => true,
            // A field with something in it.
            Test::Absent | Test::Empty => false,
            Test::StatusClass(c) => f.len() == 3 && f[0] == *c,
            Test::Equals(t) => same(f, t),
            Test::Prefix(t) => begins_with(f, t),
            Test::Contains(t) => memmem::find(f, t).is_some(),
            Test::Compare(t) => t.holds(number(f)),
        }
    }
}

/// Powers of ten that a double holds exactly.
const TENS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// A number as logs write it; nothing for lists, dashes and words.
#[inline]
pub fn number(text: &[u8]) -> Option<f64> {
    short_number(text).or_else(|| any_number(text))
}

/// A number of up to eight digits and a point, read all at once; nothing for any other text, be it a number or not.
#[inline]
fn short_number(text: &[u8]) -> Option<f64> {
    const fn all(byte: u8) -> u64 {
        u64::from_le_bytes([byte; 8])
    }
    let wide = |b: &u8| u64::from(*b);
    let n = text.len();
    // The first byte is the lowest; looks may overlap, where they say the same.
    let word = match text {
        [] => return None,
        [a] => wide(a),
        [a, b] => wide(a) | wide(b) << 8,
        [a, b, c] => wide(a) | wide(b) << 8 | wide(c) << 16,
        [first @ .., _, _, _, _] if n <= 8 => {
            let four = |t: Option<&[u8; 4]>| t.map_or(0, |t| u64::from(u32::from_le_bytes(*t)));
            four(text.first_chunk()) | four(text.last_chunk()) << (8 * first.len())
        }
        _ => return None,
    };
    // Eight digits of which the last one is the highest byte: what is missing before the first are zeros.
    let missing = 8 * (8 - n);
    let digits = word << missing ^ all(b'0') << missing;
    let is_point = digits ^ all(b'0' ^ b'.');
    let points = is_point.wrapping_sub(all(1)) & !is_point & all(0x80);
    let (digits, decimals) = match points.trailing_zeros() / 8 {
        8 => (digits, 0),
        // The digits before the point close up to those behind it.
        at if n > 1 => {
            let before = digits & ((1 << (8 * at)) - 1);
            (before << 8 | (digits >> (8 * at) >> 8) << (8 * at) << 8, 7 - at as usize)
        }
        _ => return None,
    };
    if (digits | digits.wrapping_add(all(0x7f - 9))) & all(0x80) != 0 {
        return None;
    }
    // Pairs, fours and all eight: ten times the one half and the other.
    let pairs = digits.wrapping_mul(10 << 8 | 1) >> 8 & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100 << 16 | 1) >> 16 & 0x0000_ffff_0000_ffff;
    let whole = fours.wrapping_mul(10_000 << 32 | 1) >> 32;
    Some(if decimals == 0 { whole as f64 } else { whole as f64 / TENS[decimals] })
}

/// As [`number`], for any text.
#[inline(never)]
fn any_number(text: &[u8]) -> Option<f64> {
    // Logs write short decimals; `f64::from_str` wants UTF-8 and accepts "inf" and "nan", which are no measurements.
    if text.is_empty() || text.len() > 24 {
        return None;
    }
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let (mut whole, mut decimals, mut point, mut seen) = (0u64, 0, false, false);
    for &b in digits {
        match b {
            b'0'..=b'9' => {
                seen = true;
                whole = whole.wrapping_mul(10).wrapping_add(u64::from(b - b'0'));
                decimals += usize::from(point);
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    if !seen {
        return None;
    }
    // Fewer than sixteen digits are held exactly, and so is what they are divided by: the quotient is the nearest double.
    if digits.len() >= TENS.len() {
        return std::str::from_utf8(text).ok()?.parse().ok();
    }
    let value = whole as f64 / TENS[decimals];
    Some(if digits.len() < text.len() { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn short_numbers_are_read_as_all_are(text in "[0-9.]{0,9}|[0-9]{0,4}[./:-][0-9]{0,4}|[ -~]{0,9}|[0-9]{1,7}é") {
            let (short, any) = (short_number(text.as_bytes()), any_number(text.as_bytes()));
            let is_short = (1..=8).contains(&text.len()) && !text.starts_with('-');
            prop_assert_eq!(short, any.filter(|_| is_short), "{}", text);
        }
    }

    #[test]
    fn conditions_hold_as_documented() {
        let holds = |c: &str, f: Option<&str>| Condition::parse(c).unwrap().holds(f.map(str::as_bytes));
        assert!(holds("5xx", Some("502")) && !holds("5xx", Some("200")) && !holds("5xx", Some("-")));
        assert!(holds("absent", None) && holds("absent", Some("-")) && holds("absent", Some("")));
        assert!(holds("empty", Some("-")) && holds("empty", Some("")) && !holds("empty", None) && !holds("empty", Some("0")));
        assert!(holds("present", Some("0")) && !holds("present", Some("-")));
        assert!(holds("<0", Some("-1")) && !holds("<0", Some("-")) && holds(">=0.9", Some("1.002")));
        assert!(holds("502 | 504", Some("504")) && holds("!502 | 504", Some("500")) && holds("!502 | 504", None));
        assert!(holds("^ELB-", Some("ELB-HealthChecker/2.0")) && holds("!^ELB-", Some("curl")) && holds("~,", Some("502, 200")));
        assert!(holds("=msecs", Some("msecs")));
        assert!(Condition::parse("about five").is_err() && Condition::parse(">x").is_err());
    }

    #[test]
    fn numbers_are_decimal() {
        assert_eq!(number(b"0.435"), Some(0.435));
        assert_eq!(number(b"-1"), Some(-1.0));
        for long in [
            "1795219239123456789",
            "0.1234567890123456",
            "-123456789012345.5",
            "999999999999999",
            "12345678901234567890123",
            "1.",
        ] {
            assert_eq!(number(long.as_bytes()), long.parse().ok(), "{long}");
        }
        for bad in ["", "-", "nan", "1e3", "0.1, 0.2", ".", "--1", "1-", "0000000000000000x"] {
            assert_eq!(number(bad.as_bytes()), None, "{bad}");
        }
    }
}
