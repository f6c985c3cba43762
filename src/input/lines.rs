//! Counts lines as editors do.

use memchr::memchr_iter;

/// The number of line breaks: newlines, and carriage returns that no newline
/// follows.
pub fn line_breaks(bytes: &[u8]) -> u64 {
    let lone = |at: &usize| bytes.get(at.saturating_add(1)) != Some(&b'\n');
    let returns = memchr_iter(b'\r', bytes).filter(lone).count();
    let newlines = memchr_iter(b'\n', bytes).count();
    u64::try_from(newlines.saturating_add(returns)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_break_counts_once() {
        for (text, breaks) in
            [("", 0), ("a\nb\n", 2), ("a\r\nb\r\n", 2), ("a\rb\r", 2), ("\r\r\n", 2)]
        {
            assert_eq!(line_breaks(text.as_bytes()), breaks, "{text:?}");
        }
    }
}
