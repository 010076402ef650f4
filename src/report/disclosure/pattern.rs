//! Which cells to hide beside those that must be: as many more as keep every hidden one uncertain by the minimum.

use crate::stats::Hidden;

/// Cells that sums tie to each other.
pub struct Cells {
    /// Records of each: smaller ones are hidden first; `u64::MAX` for one that is hidden in the last resort only.
    pub sizes: Vec<u64>,
    /// Cells whose sum, each with its sign, comes out even: a total and its parts.
    pub lines: Vec<Vec<(usize, f64)>>,
    /// Cells that cannot be hidden, e.g. the size of the test part.
    pub fixed: Vec<usize>,
}

impl Cells {
    /// Hides more cells until none is left whose numbers a reader could bound to less than `minimum`.
    ///
    /// A line with one hidden cell takes its smallest other cell along, until there is no such line (the cell could be had by subtraction). Then the
    /// numbers that are hidden, as `numbers` gives them with the cell that each is of, are bounded; while one is too narrow, the smallest cell of its
    /// lines that is shown is hidden as well. In the last resort all is.
    pub fn protect(&self, hidden: &mut [bool], minimum: u64, numbers: impl Fn(&[bool]) -> (Hidden, Vec<usize>)) {
        loop {
            self.close(hidden);
            let (unknown, owners) = numbers(hidden);
            let mut more = None;
            unknown.find_narrow(minimum as f64, |i| {
                more = self.next(hidden, owners[i]);
                more.is_some()
            });
            let Some(more) = more else { return };
            hidden[more] = true;
        }
    }

    /// Hides the smallest other cell of every line that has one hidden cell.
    pub fn close(&self, hidden: &mut [bool]) {
        while let Some(more) = self.lines.iter().find_map(|line| {
            let alone = line.iter().filter(|(cell, _)| hidden[*cell]).count() == 1;
            if alone { self.smallest(hidden, line) } else { None }
        }) {
            hidden[more] = true;
        }
    }

    /// The cell to hide next for the sake of another: the smallest of its own lines, or else of those that these cross.
    fn next(&self, hidden: &[bool], cell: usize) -> Option<usize> {
        let own = || self.lines.iter().filter(|line| line.iter().any(|(c, _)| *c == cell));
        let near: Vec<(usize, f64)> = own().flatten().copied().collect();
        self.smallest(hidden, &near).or_else(|| {
            let crossing = self.lines.iter().filter(|line| line.iter().any(|(c, _)| near.iter().any(|(n, _)| n == c)));
            self.smallest(hidden, &crossing.flatten().copied().collect::<Vec<_>>())
        })
    }

    fn smallest(&self, hidden: &[bool], of: &[(usize, f64)]) -> Option<usize> {
        of.iter().map(|(cell, _)| *cell).filter(|cell| !hidden[*cell] && !self.fixed.contains(cell)).min_by_key(|&cell| (self.sizes[cell], cell))
    }

    /// The lines among hidden numbers: `number` gives the number that stands for a cell.
    pub fn known(&self, unknown: &mut Hidden, number: impl Fn(usize) -> Option<usize>) {
        for line in &self.lines {
            unknown.known(line.iter().filter_map(|&(cell, sign)| Some((number(cell)?, sign))).collect());
        }
    }
}
