//! What a reader can still work out of numbers that are not published, from sums that are: the exact range of each under linear relations.
//!
//! Every hidden number has a range that is known beforehand, e.g. from 0 to the records of its cell, and the relations say which sums of hidden
//! numbers are known. The range of one is found with the simplex method (Dantzig 1963, Linear Programming and Extensions, chapter 5; Bland's rule
//! against cycling, doi:10.1287/moor.2.2.103). Where the relations are those of a table with margins and numbers are whole, so are the ends of the ranges.

/// Below this a number is rounding.
const TINY: f64 = 1e-9;
/// Steps of the simplex method after which a range counts as a point: nothing is shown to be safe by it.
const MOST_STEPS: usize = 20_000;

/// Hidden numbers and what is known of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hidden {
    values: Vec<f64>,
    ranges: Vec<(f64, f64)>,
    relations: Vec<Sum>,
    wide: Vec<bool>,
}

/// A sum that is known: numbers with their factors.
type Sum = Vec<(usize, f64)>;
/// Numbers that share relations, with these.
type Component<'a> = (Vec<usize>, Vec<&'a Sum>);
/// The relations that a number is in, each with the bits of its factor.
type Signature = Vec<(usize, u64)>;

impl Hidden {
    /// Adds a number with the range that is known beforehand; the range is widened to hold the number. Gives its position.
    pub fn add(&mut self, value: f64, low: f64, high: f64) -> usize {
        self.values.push(value);
        self.ranges.push((low.min(value), high.max(value)));
        self.wide.push(false);
        self.values.len() - 1
    }

    /// Says that a number need not be looked at: it is known to be wide, or it stands for nothing that is hidden.
    pub fn skip(&mut self, number: usize) {
        self.wide[number] = true;
    }

    /// Says that the sum of these numbers, each with its factor, is known.
    pub fn known(&mut self, sum: Sum) {
        if !sum.is_empty() {
            self.relations.push(sum);
        }
    }

    /// How many numbers are hidden.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// True when nothing is hidden.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The numbers that a reader can bound to less than `width`, in ascending order.
    #[must_use]
    pub fn narrow(&self, width: f64) -> Vec<usize> {
        let mut narrow = Vec::new();
        self.find_narrow(width, |i| {
            narrow.push(i);
            false
        });
        narrow.sort_unstable();
        narrow
    }

    /// Tells of each number that a reader can bound to less than `width`, until enough are told.
    pub fn find_narrow(&self, width: f64, mut enough: impl FnMut(usize) -> bool) {
        let exchanged = self.exchanged();
        for (members, relations) in self.components() {
            // Of every table found on the way, the smallest and largest value that each number takes.
            let mut seen: Vec<(f64, f64)> = members.iter().map(|&i| if relations.is_empty() { self.ranges[i] } else { exchanged[i] }).collect();
            let mut tableau = None;
            for (at, &i) in members.iter().enumerate() {
                let wide = |seen: &[(f64, f64)]| self.wide[i] || seen[at].1 - seen[at].0 >= width - 1e-6;
                for up in [true, false] {
                    if wide(&seen) || relations.is_empty() {
                        break;
                    }
                    let start = tableau.get_or_insert_with(|| Tableau::new(self, &members, &relations));
                    let found = start.clone().extreme(at, up);
                    for (seen, x) in seen.iter_mut().zip(found) {
                        *seen = (seen.0.min(x), seen.1.max(x));
                    }
                }
                if !wide(&seen) && enough(i) {
                    return;
                }
            }
        }
    }

    /// How far each number can go when others in the very same relations give way: a range that is possible, found without solving anything.
    fn exchanged(&self) -> Vec<(f64, f64)> {
        let mut signatures: Vec<Signature> = vec![Vec::new(); self.values.len()];
        for (r, relation) in self.relations.iter().enumerate() {
            relation.iter().for_each(|(i, factor)| signatures[*i].push((r, factor.to_bits())));
        }
        // Room downwards, room upwards where it ends, and how many know no upper end.
        let mut room: std::collections::BTreeMap<&Signature, (f64, f64, usize)> = std::collections::BTreeMap::new();
        let own = |i: usize| (self.values[i] - self.ranges[i].0, self.ranges[i].1 - self.values[i]);
        for (i, signature) in signatures.iter().enumerate() {
            let (down, up) = own(i);
            let all = room.entry(signature).or_default();
            all.0 += down;
            if up.is_finite() { all.1 += up } else { all.2 += 1 }
        }
        (0..self.values.len())
            .map(|i| {
                let (all, (down, up)) = (room[&signatures[i]], own(i));
                let endless = all.2 - usize::from(up.is_infinite());
                let others_up = if endless > 0 { f64::INFINITY } else { all.1 - if up.is_finite() { up } else { 0.0 } };
                (self.values[i] - down.min(others_up.max(0.0)), self.values[i] + up.min((all.0 - down).max(0.0)))
            })
            .collect()
    }

    /// The smallest and largest value that a number can have.
    ///
    /// # Panics
    /// A number that is not there.
    #[must_use]
    pub fn range(&self, number: usize) -> (f64, f64) {
        let found = self.components().into_iter().find_map(|(members, relations)| {
            let at = members.iter().position(|&i| i == number)?;
            Some((members, relations, at))
        });
        match found {
            Some((members, relations, at)) if !relations.is_empty() => {
                let start = Tableau::new(self, &members, &relations);
                (start.clone().extreme(at, false)[at], start.extreme(at, true)[at])
            }
            _ => self.ranges[number],
        }
    }

    /// Numbers that share relations, with these.
    fn components(&self) -> Vec<Component<'_>> {
        let mut root: Vec<usize> = (0..self.values.len()).collect();
        fn find(root: &mut [usize], mut i: usize) -> usize {
            while root[i] != i {
                root[i] = root[root[i]];
                i = root[i];
            }
            i
        }
        for relation in &self.relations {
            for pair in relation.windows(2) {
                let (a, b) = (find(&mut root, pair[0].0), find(&mut root, pair[1].0));
                root[a.max(b)] = a.min(b);
            }
        }
        let mut members: std::collections::BTreeMap<usize, Component<'_>> = std::collections::BTreeMap::new();
        for i in 0..self.values.len() {
            members.entry(find(&mut root, i)).or_default().0.push(i);
        }
        for relation in &self.relations {
            members.entry(find(&mut root, relation[0].0)).or_default().1.push(relation);
        }
        members.into_values().collect()
    }
}

/// The simplex tableau: rows of equations with their right-hand side last, each with its basic column.
#[derive(Debug, Clone)]
struct Tableau {
    rows: Vec<Vec<f64>>,
    basis: Vec<usize>,
    /// Numbers first, then what is left to each one's upper end.
    columns: usize,
    lows: Vec<f64>,
}

impl Tableau {
    /// The equations of some numbers, less their lower ends, brought to a table that fits.
    fn new(of: &Hidden, members: &[usize], relations: &[&Sum]) -> Self {
        let at: std::collections::BTreeMap<usize, usize> = members.iter().enumerate().map(|(at, &i)| (i, at)).collect();
        let bounded: Vec<usize> = (0..members.len()).filter(|&m| of.ranges[members[m]].1.is_finite()).collect();
        let columns = members.len() + bounded.len();
        let width = columns + relations.len() + 1;
        let lows: Vec<f64> = members.iter().map(|&i| of.ranges[i].0).collect();
        let (mut rows, mut basis) = (Vec::new(), Vec::new());
        for (slack, &m) in bounded.iter().enumerate() {
            let mut row = vec![0.0; width];
            row[m] = 1.0;
            row[members.len() + slack] = 1.0;
            row[width - 1] = of.ranges[members[m]].1 - lows[m];
            rows.push(row);
            basis.push(members.len() + slack);
        }
        for (extra, relation) in relations.iter().enumerate() {
            let mut row = vec![0.0; width];
            for (i, factor) in relation.iter() {
                row[at[i]] += factor;
                row[width - 1] += factor * (of.values[*i] - lows[at[i]]);
            }
            if row[width - 1] < 0.0 {
                row.iter_mut().for_each(|x| *x = -*x);
            }
            row[columns + extra] = 1.0;
            rows.push(row);
            basis.push(columns + extra);
        }
        let mut tableau = Self { rows, basis, columns: width - 1, lows };
        // First the sum of what the equations lack is brought to nothing.
        let mut cost = vec![0.0; width];
        for (row, &b) in tableau.rows.iter().zip(&tableau.basis) {
            if b >= columns {
                cost.iter_mut().zip(row).for_each(|(c, x)| *c += x);
            }
        }
        cost[columns..width - 1].fill(0.0);
        tableau.climb(&mut cost, columns);
        for r in (0..tableau.rows.len()).rev() {
            if tableau.basis[r] >= columns {
                match (0..columns).find(|&c| tableau.rows[r][c].abs() > 1e-7) {
                    Some(c) => tableau.pivot(r, c, &mut cost),
                    // It follows from the others.
                    None => {
                        tableau.rows.swap_remove(r);
                        tableau.basis.swap_remove(r);
                    }
                }
            }
        }
        for row in &mut tableau.rows {
            let right = row[width - 1];
            row.truncate(columns);
            row.push(right);
        }
        tableau.columns = columns;
        tableau
    }

    /// The table in which a number is largest, or smallest.
    fn extreme(mut self, number: usize, up: bool) -> Vec<f64> {
        let mut cost = vec![0.0; self.columns + 1];
        cost[number] = if up { 1.0 } else { -1.0 };
        if let Some(r) = self.basis.iter().position(|&b| b == number) {
            let factor = cost[number];
            let row = self.rows[r].clone();
            cost.iter_mut().zip(row).for_each(|(c, x)| *c -= factor * x);
        }
        let columns = self.columns;
        let bounded = self.climb(&mut cost, columns);
        let mut found = vec![0.0; self.lows.len()];
        for (row, &b) in self.rows.iter().zip(&self.basis) {
            if b < found.len() {
                found[b] = row[self.columns];
            }
        }
        found.iter_mut().zip(&self.lows).for_each(|(x, low)| *x += low);
        if !bounded && up {
            found[number] = f64::INFINITY;
        }
        found
    }

    /// Makes what the costs are of as large as can be, with the first `columns` columns; false where nothing bounds it.
    fn climb(&mut self, cost: &mut [f64], columns: usize) -> bool {
        for step in 0..MOST_STEPS {
            // The steepest column first; Bland's rule once that has gone on for long.
            let best = (0..columns).filter(|&c| cost[c] > TINY);
            let entering = if step < MOST_STEPS / 4 { best.max_by(|&a, &b| cost[a].total_cmp(&cost[b]).then(b.cmp(&a))) } else { best.min() };
            let Some(c) = entering else { return true };
            let right = self.rows.first().map_or(0, Vec::len).saturating_sub(1);
            let leaving = (0..self.rows.len()).filter(|&r| self.rows[r][c] > TINY).min_by(|&a, &b| {
                let ratio = |r: usize| self.rows[r][right].max(0.0) / self.rows[r][c];
                ratio(a).total_cmp(&ratio(b)).then(self.basis[a].cmp(&self.basis[b]))
            });
            let Some(r) = leaving else { return false };
            self.pivot(r, c, cost);
        }
        true
    }

    fn pivot(&mut self, r: usize, c: usize, cost: &mut [f64]) {
        let by = self.rows[r][c];
        self.rows[r].iter_mut().for_each(|x| *x /= by);
        let row = self.rows[r].clone();
        let take = |from: &mut [f64]| {
            let factor = from[c];
            if factor != 0.0 {
                from.iter_mut().zip(&row).for_each(|(x, y)| *x -= factor * y);
                from[c] = 0.0;
            }
        };
        for (at, other) in self.rows.iter_mut().enumerate() {
            if at != r {
                take(other);
            }
        }
        take(cost);
        self.basis[r] = c;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::TwoWayCounts;
    use crate::value::Stream;

    /// A two-way table with its margins, hidden cells only.
    fn two_way(rows: &[Vec<u64>], hidden: &[bool]) -> (Hidden, Vec<Option<usize>>) {
        let columns = rows[0].len();
        let cells: Vec<u64> = rows.concat();
        let mut of = Hidden::default();
        let at: Vec<Option<usize>> = cells.iter().zip(hidden).map(|(&n, &h)| h.then(|| of.add(n as f64, 0.0, f64::INFINITY))).collect();
        for r in 0..rows.len() {
            of.known((0..columns).filter_map(|c| Some((at[r * columns + c]?, 1.0))).collect());
        }
        for c in 0..columns {
            of.known((0..rows.len()).filter_map(|r| Some((at[r * columns + c]?, 1.0))).collect());
        }
        (of, at)
    }

    // Worked by hand, and by flows in `suppression`: the small cell lies between 0 and 20.
    #[test]
    fn the_example_of_the_definitions() {
        let rows = [vec![20, 3, 17], vec![12, 25, 30], vec![40, 18, 22]];
        let hidden = [false, true, true, false, false, false, false, true, true];
        let (of, at) = two_way(&rows, &hidden);
        let (low, high) = of.range(at[1].unwrap());
        assert!((low - 0.0).abs() < 1e-9 && (high - 20.0).abs() < 1e-9, "{low} to {high}");
        assert!(of.narrow(10.0).is_empty() && of.narrow(20.0).is_empty());
        assert_eq!(of.narrow(20.5).len(), 4);
    }

    #[test]
    fn ranges_are_those_of_the_flows_through_a_table() {
        let mut stream = Stream::named(11, "bounds");
        for _ in 0..60 {
            let (r, c) = (2 + stream.below(4) as usize, 2 + stream.below(4) as usize);
            let rows: Vec<Vec<u64>> = (0..r).map(|_| (0..c).map(|_| stream.below(12)).collect()).collect();
            let hidden: Vec<bool> = (0..r * c).map(|_| stream.below(3) > 0).collect();
            let flows = TwoWayCounts::new(&rows).unwrap();
            let (of, at) = two_way(&rows, &hidden);
            let narrow = of.narrow(8.0);
            for (cell, number) in at.iter().enumerate().filter_map(|(cell, n)| Some((cell, (*n)?))) {
                let (low, high) = flows.bounds(&hidden, cell);
                let found = of.range(number);
                assert!((found.0 - low as f64).abs() < 1e-6 && (found.1 - high as f64).abs() < 1e-6, "{rows:?} {hidden:?} {cell}: {found:?} {low} {high}");
                assert_eq!(narrow.contains(&number), high - low < 8, "{rows:?} {cell}");
            }
        }
    }

    #[test]
    fn ranges_known_beforehand_and_factors_count() {
        // x + y = 30 with x at most 12, and 2u − v = 1.
        let mut of = Hidden::default();
        let (x, y, u, v) = (of.add(10.0, 0.0, 12.0), of.add(20.0, 0.0, f64::INFINITY), of.add(3.0, 0.0, 4.0), of.add(5.0, 0.0, 100.0));
        of.known(vec![(x, 1.0), (y, 1.0)]);
        of.known(vec![(u, 2.0), (v, -1.0)]);
        let alone = of.add(7.0, 2.0, 9.0);
        for (number, wanted) in [(x, (0.0, 12.0)), (y, (18.0, 30.0)), (u, (0.5, 4.0)), (v, (0.0, 7.0)), (alone, (2.0, 9.0))] {
            let found = of.range(number);
            assert!((found.0 - wanted.0).abs() < 1e-9 && (found.1 - wanted.1).abs() < 1e-9, "{number}: {found:?}");
        }
        assert_eq!((of.narrow(10.0), of.narrow(7.0)), (vec![u, v, alone], vec![u]));
        // The same relation twice is no more than once.
        of.known(vec![(x, 1.0), (y, 1.0)]);
        assert_eq!(of.range(y), (18.0, 30.0));
    }
}
