//! Splits a JSON document into its values: the elements of a top-level array,
//! or values that follow one another. Only brackets and strings are looked at;
//! whether a value is valid JSON is settled where it is parsed.

/// The state of a scan over a buffer.
#[derive(Debug, Clone, Default)]
pub(super) struct ElementScan {
    position: usize,
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// Whether the document is one array.
    array: Option<bool>,
    /// Whether that array has ended.
    closed: bool,
    /// Where the current value began.
    start: Option<usize>,
    /// Whole values found and not yet taken.
    found: Vec<(usize, usize)>,
    stray: Option<(usize, &'static str)>,
}

impl ElementScan {
    /// Scans what is new in the buffer.
    pub(super) fn scan(&mut self, buffer: &[u8], at_end: bool) {
        while let Some(byte) = buffer.get(self.position).copied() {
            self.step(byte);
            self.position = self.position.saturating_add(1);
        }
        if at_end && self.depth == 0 && !self.in_string {
            self.finish_scalar(self.position);
        }
    }

    fn step(&mut self, byte: u8) {
        let at = self.position;
        if self.in_string {
            match (self.escaped, byte) {
                (true, _) => self.escaped = false,
                (false, b'\\') => self.escaped = true,
                (false, b'"') => self.in_string = false,
                (false, _) => {}
            }
            return;
        }
        match byte {
            b'[' if self.array.is_none() => self.array = Some(true),
            b']' if self.depth == 0 && self.array == Some(true) && !self.closed => {
                self.finish_scalar(at);
                self.closed = true;
            }
            b' ' | b'\t' | b'\r' | b'\n' | b',' if self.depth == 0 => self.finish_scalar(at),
            b'{' | b'[' => {
                self.begin(at);
                self.depth = self.depth.saturating_add(1);
            }
            b'}' | b']' => self.close(at),
            b'"' => {
                self.begin(at);
                self.in_string = true;
            }
            _ => self.begin(at),
        }
    }

    fn begin(&mut self, at: usize) {
        self.array.get_or_insert(false);
        if self.closed {
            self.stray.get_or_insert((at, "text after the end of the array"));
        }
        self.start.get_or_insert(at);
    }

    fn close(&mut self, at: usize) {
        match self.depth.checked_sub(1) {
            None => {
                self.stray.get_or_insert((at, "a bracket closes that was never opened"));
            }
            Some(depth) => self.depth = depth,
        }
        if self.depth == 0 {
            self.finish_scalar(at.saturating_add(1));
        }
    }

    /// Ends the current value, whatever it is, before `end`.
    fn finish_scalar(&mut self, end: usize) {
        if let Some(start) = self.start.take() {
            self.found.push((start, end));
        }
    }

    /// Where the value that is not whole begins; for an array that has not
    /// ended, the end of the text.
    pub(super) fn unfinished(&self) -> Option<usize> {
        let open_array = self.array == Some(true) && !self.closed;
        self.start.or_else(|| open_array.then_some(self.position))
    }

    /// What does not belong into the document.
    pub(super) fn stray(&self) -> Option<(usize, &'static str)> {
        self.stray
    }

    /// Where the buffer may be cut: before the unfinished value.
    pub(super) fn cut(&self) -> usize {
        self.start.unwrap_or(self.position)
    }

    /// Takes the found values; `end` bytes leave the buffer.
    pub(super) fn advance(&mut self, end: usize) -> Vec<(usize, usize)> {
        self.position = self.position.saturating_sub(end);
        self.start = self.start.map(|at| at.saturating_sub(end));
        std::mem::take(&mut self.found)
    }
}
