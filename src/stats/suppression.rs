//! Suppression in a two-way table of counts with published margins: which cells to hide, and what a reader could still work out.
//!
//! A hidden cell is safe when the margins and the cells shown leave it an interval that is wide enough (Duncan, Elliot & Salazar-González
//! 2011, Statistical Confidentiality, doi:10.1007/978-1-4419-7802-8, chapter 4).

/// A two-way table of counts whose row and column sums are published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwoWayCounts {
    rows: usize,
    columns: usize,
    cells: Vec<u64>,
}

impl TwoWayCounts {
    /// A table from its rows; none when they differ in length or there is no cell.
    #[must_use]
    pub fn new(rows: &[Vec<u64>]) -> Option<Self> {
        let columns = rows.first()?.len();
        (columns > 0 && rows.iter().all(|r| r.len() == columns)).then(|| Self { rows: rows.len(), columns, cells: rows.concat() })
    }

    /// The cells to hide, row by row: those with fewer than `minimum` records, and as many more as keep each of these uncertain by at
    /// least `minimum` records.
    ///
    /// In each row and column with one hidden cell the smallest other cell is hidden too, until there is none; then, where an interval is
    /// still too narrow, the smallest cell left. Empty cells are hidden like other small ones: that nobody is there can be disclosing.
    #[must_use]
    pub fn suppressed(&self, minimum: u64) -> Vec<bool> {
        let mut hidden: Vec<bool> = self.cells.iter().map(|&n| n < minimum).collect();
        let primary = hidden.clone();
        loop {
            self.close(&mut hidden);
            let narrow = (0..self.cells.len()).filter(|&at| primary[at]).any(|at| {
                let (low, high) = self.bounds(&hidden, at);
                high - low < minimum
            });
            let smallest = (0..self.cells.len()).filter(|&at| !hidden[at]).min_by_key(|&at| (self.cells[at], at));
            match smallest {
                Some(at) if narrow => hidden[at] = true,
                _ => return hidden,
            }
        }
    }

    /// Hides the smallest other cell of every row and column that has one hidden cell, rows first, until there is no such line.
    fn close(&self, hidden: &mut [bool]) {
        let row = |r: usize| (0..self.columns).map(move |c| r * self.columns + c).collect::<Vec<_>>();
        let column = |c: usize| (0..self.rows).map(move |r| r * self.columns + c).collect::<Vec<_>>();
        let lines: Vec<Vec<usize>> = (0..self.rows).map(row).chain((0..self.columns).map(column)).collect();
        while let Some(line) = lines.iter().find(|l| l.len() > 1 && l.iter().filter(|&&at| hidden[at]).count() == 1) {
            if let Some(&at) = line.iter().filter(|&&at| !hidden[at]).min_by_key(|&&at| (self.cells[at], at)) {
                hidden[at] = true;
            }
        }
    }

    /// The smallest and largest count that a hidden cell can have, given the margins and the cells shown.
    ///
    /// Exact: what the cell can gain is the largest flow that the other hidden cells can carry back from its column to its row.
    ///
    /// # Panics
    /// A cell that is not there.
    #[must_use]
    pub fn bounds(&self, hidden: &[bool], cell: usize) -> (u64, u64) {
        let own = self.cells[cell];
        if !hidden[cell] {
            return (own, own);
        }
        let (row, column) = (cell / self.columns, self.rows + cell % self.columns);
        (own - self.flow(hidden, cell, row, column).min(own), own + self.flow(hidden, cell, column, row))
    }

    /// The largest flow between two lines through hidden cells other than `except`: from row to column a cell gains, without limit; from
    /// column to row it loses, down to 0.
    fn flow(&self, hidden: &[bool], except: usize, from: usize, to: usize) -> u64 {
        let lines = self.rows + self.columns;
        let mut room: Vec<u64> = self.cells.clone();
        let mut total = 0;
        loop {
            // Breadth first: the previous line on the way, and the cell that leads there.
            let mut came: Vec<Option<usize>> = vec![None; lines];
            let mut queue = std::collections::VecDeque::from([from]);
            while let Some(line) = queue.pop_front() {
                for (at, next) in self.neighbours(line).into_iter().filter(|&(at, _)| hidden[at] && at != except) {
                    if next != from && came[next].is_none() && (line < self.rows || room[at] > 0) {
                        came[next] = Some(at);
                        queue.push_back(next);
                    }
                }
            }
            if came[to].is_none() {
                return total;
            }
            let mut way = Vec::new();
            let mut line = to;
            while let Some(at) = came[line].filter(|_| line != from) {
                let loses = line < self.rows;
                way.push((at, loses));
                line = if loses { self.rows + at % self.columns } else { at / self.columns };
            }
            // Gains and losses take turns, and lines that do not cross are two steps apart at least: some cell loses on every way.
            let most = way.iter().filter(|w| w.1).map(|w| room[w.0]).min().unwrap_or(0);
            way.iter().for_each(|&(at, loses)| if loses { room[at] -= most } else { room[at] += most });
            total += most;
        }
    }

    /// Cells of a line (rows first, then columns) with the line that crosses there.
    fn neighbours(&self, line: usize) -> Vec<(usize, usize)> {
        if line < self.rows {
            (0..self.columns).map(|c| (line * self.columns + c, self.rows + c)).collect()
        } else {
            (0..self.rows).map(|r| (r * self.columns + line - self.rows, r)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> TwoWayCounts {
        TwoWayCounts::new(&[vec![20, 3, 17], vec![12, 25, 30], vec![40, 18, 22]]).unwrap()
    }

    // Worked by hand: one small cell; hiding by row, by column, and what closes the rectangle. Its interval is 0 to 20.
    #[test]
    fn one_small_cell_takes_three_more_with_it() {
        let hidden = table().suppressed(10);
        let cells: Vec<(usize, usize)> = (0..9).filter(|&i| hidden[i]).map(|i| (i / 3, i % 3)).collect();
        assert_eq!(cells, [(0, 1), (0, 2), (2, 1), (2, 2)]);
        assert_eq!(table().bounds(&hidden, 1), (0, 20));
        assert_eq!(table().bounds(&hidden, 0), (20, 20));
    }

    /// Every table with the same margins and shown cells, by trying all: the bounds are what the hidden cell takes in them.
    #[test]
    fn bounds_are_those_of_all_tables_that_fit() {
        let rows = [vec![2, 1, 0, 3], vec![1, 4, 2, 0], vec![3, 0, 1, 1]];
        let t = TwoWayCounts::new(&rows).unwrap();
        for pattern in [0b0110_0110_0000_u32, 0b1111_1111_1111, 0b1010_0110_1100, 0b0001_0011_0011, 0b1000_0000_0000] {
            let hidden: Vec<bool> = (0..12).map(|i| pattern >> i & 1 == 1).collect();
            let mut seen = vec![(u64::MAX, 0); 12];
            every(&t, &hidden, 0, &mut t.cells.clone(), &mut |cells| {
                cells.iter().zip(&mut seen).for_each(|(&n, (low, high))| (*low, *high) = ((*low).min(n), (*high).max(n)));
            });
            for (at, seen) in seen.iter().enumerate() {
                assert_eq!(t.bounds(&hidden, at), *seen, "{pattern:b} {at}");
            }
        }
    }

    /// Calls `tell` with every table that has the margins of `t` and its shown cells.
    fn every(t: &TwoWayCounts, hidden: &[bool], at: usize, cells: &mut Vec<u64>, tell: &mut impl FnMut(&[u64])) {
        let (r, c) = (at / t.columns, at % t.columns);
        let row = |cells: &[u64], r: usize| cells[r * t.columns..(r + 1) * t.columns].iter().sum::<u64>();
        let column = |cells: &[u64], c: usize| (0..t.rows).map(|r| cells[r * t.columns + c]).sum::<u64>();
        if at == t.cells.len() {
            if (0..t.columns).all(|c| column(cells, c) == column(&t.cells, c)) {
                tell(cells);
            }
            return;
        }
        let options = if hidden[at] { 0..=row(&t.cells, r).min(column(&t.cells, c)) } else { t.cells[at]..=t.cells[at] };
        for n in options {
            cells[at] = n;
            if c + 1 < t.columns || row(cells, r) == row(&t.cells, r) {
                every(t, hidden, at + 1, cells, tell);
            }
        }
        cells[at] = t.cells[at];
    }

    #[test]
    fn what_is_hidden_is_uncertain_or_all_is_hidden() {
        for rows in [vec![vec![1, 1, 50], vec![60, 2, 70]], vec![vec![0, 40], vec![30, 20]], vec![vec![5, 80, 90, 100]], vec![vec![4]]] {
            let t = TwoWayCounts::new(&rows).unwrap();
            let hidden = t.suppressed(10);
            for at in (0..t.cells.len()).filter(|&i| t.cells[i] < 10) {
                let (low, high) = t.bounds(&hidden, at);
                assert!(high - low >= 10 || hidden.iter().all(|h| *h), "{rows:?} {at}: {low} to {high}");
            }
        }
    }
}
