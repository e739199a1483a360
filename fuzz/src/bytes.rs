//! Takes an input apart: a few numbers at its begin, texts behind them. An input that is too short goes on as zeros, so that each is one of the target's.

/// What is left of an input.
pub struct Bytes<'b>(pub &'b [u8]);

impl<'b> Bytes<'b> {
    /// So many bytes as they are.
    fn array<const N: usize>(&mut self) -> [u8; N] {
        let n = N.min(self.0.len());
        let mut out = [0; N];
        out[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        out
    }

    /// One byte.
    pub fn u8(&mut self) -> u8 {
        u8::from_le_bytes(self.array())
    }

    /// Two.
    pub fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    /// Four.
    pub fn i32(&mut self) -> i32 {
        i32::from_le_bytes(self.array())
    }

    /// Eight.
    pub fn i64(&mut self) -> i64 {
        i64::from_le_bytes(self.array())
    }

    /// A number below `n`, which is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        let raw = if n <= 256 { usize::from(self.u8()) } else { usize::from(self.u16()) };
        raw % n.max(1)
    }

    /// At most so many bytes.
    pub fn some(&mut self, most: usize) -> &'b [u8] {
        let (some, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        some
    }

    /// What stands before a byte, which is taken as well; all where there is none.
    pub fn until(&mut self, end: u8) -> &'b [u8] {
        let at = self.0.iter().position(|b| *b == end);
        let before = &self.0[..at.unwrap_or(self.0.len())];
        self.0 = at.map_or(&[], |at| &self.0[at + 1..]);
        before
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
