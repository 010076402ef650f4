//! What a coder says of each record: ranked codes with confidences.

/// The code index of a record that the coder left uncoded.
pub const UNCODED: u32 = u32::MAX;

/// Ranked codes with confidences, one row a record, in the order the records were asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions {
    /// The codes that the numbers in `ranked` stand for.
    pub codes: Vec<String>,
    /// Codes kept a record.
    pub kept: usize,
    /// Shape (n, kept), row-major: numbers into `codes`, best first, ties by lowest number; [`UNCODED`] where there is none.
    pub ranked: Vec<u32>,
    /// Shape (n, kept): probability or confidence in [0, 1] of each ranked code; empty when the coder gives none.
    pub confidence: Vec<f64>,
    /// True when every record's kept confidences are probabilities over all `codes` (kept = number of codes, sum 1).
    pub complete: bool,
}

impl Predictions {
    /// Number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ranked.len().checked_div(self.kept).unwrap_or(0)
    }

    /// True when there are no records.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranked.is_empty()
    }

    /// The ranked codes of a record.
    #[must_use]
    pub fn ranking(&self, record: usize) -> &[u32] {
        &self.ranked[record * self.kept..(record + 1) * self.kept]
    }

    /// The confidences of a record's ranked codes; empty when the coder gives none.
    #[must_use]
    pub fn confidences(&self, record: usize) -> &[f64] {
        if self.confidence.is_empty() { &[] } else { &self.confidence[record * self.kept..(record + 1) * self.kept] }
    }

    /// Ranks each record's dense probabilities (shape (n, codes), row-major) and keeps the best `keep` (all when `keep` is larger).
    #[must_use]
    pub fn from_dense(codes: Vec<String>, probabilities: &[f64], keep: usize) -> Self {
        let k = codes.len();
        let kept = keep.min(k);
        let n = probabilities.len().checked_div(k).unwrap_or(0);
        let (mut ranked, mut confidence) = (Vec::with_capacity(n * kept), Vec::with_capacity(n * kept));
        // Sorted by keys of whole numbers in one run of memory: with hundreds of codes, ranking is most of the work.
        let mut order: Vec<(u64, u32)> = Vec::with_capacity(k);
        for row in probabilities.chunks_exact(k.max(1)) {
            order.clear();
            order.extend(row.iter().zip(0..).map(|(p, code)| (descending(*p), code)));
            if kept < k && kept > 0 {
                order.select_nth_unstable(kept - 1);
                order.truncate(kept);
            }
            order.sort_unstable();
            ranked.extend(order.iter().map(|(_, code)| code));
            confidence.extend(order.iter().map(|&(_, code)| row[code as usize]));
        }
        Self { codes, kept, ranked, confidence, complete: kept == k }
    }
}

/// A whole number that is smaller the larger a number is, in the order of [`f64::total_cmp`].
fn descending(x: f64) -> u64 {
    let bits = x.to_bits();
    // Positive numbers ascend with their bits; negative ones descend, below them.
    let ascending = if bits >> 63 == 0 { bits | 1 << 63 } else { !bits };
    !ascending
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_the_order_of_numbers() {
        let numbers = [f64::INFINITY, 3.0, 1.0, 0.999_999_9, 1e-300, 0.0, -0.0, -1e-300, -2.0, f64::NEG_INFINITY];
        assert!(numbers.windows(2).all(|w| descending(w[0]) < descending(w[1])));
    }

    #[test]
    fn ranks_best_first_with_ties_by_lowest_number() {
        let codes = vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let p = Predictions::from_dense(codes.clone(), &[0.2, 0.6, 0.2, 0.4, 0.2, 0.4], 2);
        assert_eq!(p.ranked, [1, 0, 0, 2]);
        assert_eq!(p.confidence, [0.6, 0.2, 0.4, 0.4]);
        assert!(!p.complete);
        assert!(Predictions::from_dense(codes, &[0.2, 0.6, 0.2], 9).complete);
    }
}
