//! The ends of lines, whichever system wrote them.

use std::io::{Read, Result};

/// Reads a text with every `\r\n` and every `\r` as `\n`, so that lines are counted as an editor counts them.
#[derive(Debug)]
pub struct UnixLines<R> {
    inner: R,
    /// Whether the byte before was a `\r`, whose line has ended already.
    is_behind_return: bool,
}

impl<R: Read> UnixLines<R> {
    /// Around a text.
    pub fn new(inner: R) -> Self {
        Self { inner, is_behind_return: false }
    }

    /// Changes the ends of lines in place; how many bytes are left.
    fn convert(&mut self, bytes: &mut [u8]) -> usize {
        let mut kept = 0;
        for place in 0..bytes.len() {
            let byte = bytes[place];
            let is_second_half = byte == b'\n' && self.is_behind_return;
            self.is_behind_return = byte == b'\r';
            if !is_second_half {
                bytes[kept] = if byte == b'\r' { b'\n' } else { byte };
                kept += 1;
            }
        }
        kept
    }
}

impl<R: Read> Read for UnixLines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            let count = self.inner.read(buffer)?;
            let kept = self.convert(&mut buffer[..count]);
            // No bytes at all would say that the text is over.
            if kept > 0 || count == 0 {
                return Ok(kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn read(text: &str, capacity: usize) -> String {
        let mut out = String::new();
        BufReader::with_capacity(capacity, UnixLines::new(text.as_bytes())).read_to_string(&mut out).expect("read");
        out
    }

    #[test]
    fn lines_end_alike_wherever_the_buffer_ends() {
        for capacity in 1..8 {
            assert_eq!(read("a\r\nb\rc\n\r\n\r\rd\r", capacity), "a\nb\nc\n\n\n\nd\n", "{capacity}");
            assert_eq!(read("", capacity), "");
        }
    }
}
