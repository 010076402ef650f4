//! One kind of features (word or character n-grams of one column): their numbers and weights.

use super::grams::Numbers;

/// Stands for a feature that is not kept.
pub const DROPPED: u32 = u32::MAX;

/// Most features of a saved block: beyond, numbers of features would not fit.
const MOST_FEATURES: usize = 1 << 30;
/// Most fingerprints of a saved block with the same last bits, where one is usual and ten are rare.
const MOST_CROWDED: u16 = 64;
/// Least and largest weight of a feature in a saved block.
const LEAST_IDF: f32 = 0.99;
const MOST_IDF: f32 = 100.0;

/// Kept features: numbers by fingerprint, most frequent first, and inverse document frequencies.
#[derive(Debug, Default)]
pub struct Block {
    numbers: Numbers,
    idf: Vec<f32>,
}

impl Block {
    /// Keeps the features found in at least `min_records` of `records` records, given each one's fingerprint and number of
    /// records; returns the block and the new number of each given feature, or [`DROPPED`].
    ///
    /// Numbers depend on counts and fingerprints alone, so neither the order of records nor that of threads changes them;
    /// frequent features come first and share cache lines. The weight is ln((1 + records) / (1 + found)) + 1, as scikit-learn's
    /// smooth inverse document frequency.
    pub fn keep(found: &[(u64, u32)], records: usize, min_records: usize) -> (Self, Vec<u32>) {
        let mut order: Vec<u32> = (0..found.len() as u32).filter(|&f| found[f as usize].1 as usize >= min_records.max(1)).collect();
        order.sort_unstable_by_key(|&f| (std::cmp::Reverse(found[f as usize].1), found[f as usize].0));
        let mut renumbered = vec![DROPPED; found.len()];
        let mut block = Self { numbers: Numbers::with_capacity_and_hasher(order.len(), Default::default()), idf: Vec::with_capacity(order.len()) };
        for (new, &old) in order.iter().enumerate() {
            let (fingerprint, count) = found[old as usize];
            renumbered[old as usize] = new as u32;
            block.numbers.insert(fingerprint, new as u32);
            block.idf.push((((1 + records) as f64 / (1.0 + f64::from(count))).ln() + 1.0) as f32);
        }
        (block, renumbered)
    }

    /// Fingerprints and weights by number, as they are saved: no text is among them.
    pub fn parts(&self) -> (Vec<u64>, &[f32]) {
        let mut fingerprints = vec![0; self.len()];
        // Each goes to its own number, so the map's order does not matter.
        self.numbers.iter().for_each(|(fingerprint, number)| fingerprints[*number as usize] = *fingerprint);
        (fingerprints, &self.idf)
    }

    /// A block of saved fingerprints and weights; none when they are not what [`Block::parts`] can give.
    pub fn of_parts(fingerprints: &[u64], idf: Vec<f32>) -> Option<Self> {
        // Weights are 1 and more by their formula, and as many as features.
        if fingerprints.len() != idf.len() || fingerprints.len() > MOST_FEATURES || idf.iter().any(|w| !(LEAST_IDF..=MOST_IDF).contains(w)) {
            return None;
        }
        // Fingerprints are well mixed; many that share their last bits were made to slow the map down.
        let places = fingerprints.len().next_power_of_two();
        let mut crowd = vec![0u16; places];
        for fingerprint in fingerprints {
            let place = &mut crowd[(*fingerprint as usize) & (places - 1)];
            *place += 1;
            if *place > MOST_CROWDED {
                return None;
            }
        }
        let numbers: Numbers = fingerprints.iter().zip(0..).map(|(fingerprint, number)| (*fingerprint, number)).collect();
        (numbers.len() == fingerprints.len()).then_some(Self { numbers, idf })
    }

    /// Number of features.
    pub fn len(&self) -> usize {
        self.idf.len()
    }

    /// The number of a feature, if it was kept.
    pub fn number(&self, fingerprint: u64) -> Option<u32> {
        self.numbers.get(&fingerprint).copied()
    }

    /// Appends the tf-idf of a record's occurrences to `row`, scaled to length 1, columns ascending from `offset`; returns
    /// whether there was any.
    ///
    /// Term frequencies count as 1 + ln(tf).
    pub fn weigh(&self, occurrences: &[u32], offset: u32, counts: &mut Vec<u32>, row: &mut Vec<(u32, f32)>) -> bool {
        if counts.len() < self.len() {
            counts.resize(self.len(), 0);
        }
        let first = row.len();
        for &feature in occurrences {
            let count = &mut counts[feature as usize];
            if *count == 0 {
                row.push((feature, 0.0));
            }
            *count += 1;
        }
        let own = &mut row[first..];
        own.sort_unstable_by_key(|&(feature, _)| feature);
        let mut square = 0.0f32;
        for (feature, value) in own.iter_mut() {
            let count = std::mem::take(&mut counts[*feature as usize]);
            let tf = if count == 1 { 1.0 } else { 1.0 + (count as f32).ln() };
            *value = tf * self.idf[*feature as usize];
            square += *value * *value;
            *feature += offset;
        }
        let scale = 1.0 / square.sqrt();
        own.iter_mut().for_each(|(_, value)| *value *= scale);
        !own.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_frequent_features_first_and_drops_rare_ones() {
        let (block, renumbered) = Block::keep(&[(50, 1), (40, 2), (30, 3), (20, 2)], 4, 2);
        assert_eq!(renumbered, [DROPPED, 2, 0, 1]);
        assert_eq!((block.len(), block.number(30), block.number(50)), (3, Some(0), None));
        assert!((block.idf[0] - (5.0f32 / 4.0).ln() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_saved_block_comes_back_and_a_wrong_one_does_not() {
        let (block, _) = Block::keep(&[(50, 1), (40, 2), (30, 3), (20, 2)], 4, 1);
        let (fingerprints, idf) = block.parts();
        assert_eq!(fingerprints, [30, 20, 40, 50]);
        let again = Block::of_parts(&fingerprints, idf.to_vec()).expect("a block");
        assert_eq!((again.number(20), again.idf == block.idf), (Some(1), true));
        for (fingerprints, idf) in [(vec![1, 2], vec![1.0]), (vec![1, 1], vec![1.0; 2]), (vec![1], vec![0.0]), (vec![1], vec![f32::NAN])] {
            assert!(Block::of_parts(&fingerprints, idf).is_none());
        }
        let crowded: Vec<u64> = (0..1000).map(|i| i << 32).collect();
        assert!(Block::of_parts(&crowded, vec![1.0; 1000]).is_none());
    }

    #[test]
    fn rows_have_length_one_and_ascend() {
        let (block, _) = Block::keep(&[(1, 2), (2, 1)], 2, 1);
        let (mut counts, mut row) = (Vec::new(), vec![(0, 9.0)]);
        assert!(block.weigh(&[1, 0, 1], 10, &mut counts, &mut row));
        let (a, b) = (1.0f32, (1.0 + 2f32.ln()) * (1.0 + 1.5f32.ln()));
        let norm = (a * a + b * b).sqrt();
        assert_eq!(row[0], (0, 9.0));
        assert_eq!((row[1].0, row[2].0), (10, 11));
        assert!((row[1].1 - a / norm).abs() < 1e-6 && (row[2].1 - b / norm).abs() < 1e-6);
        assert!(counts.iter().all(|&c| c == 0));
        assert!(!block.weigh(&[], 0, &mut counts, &mut row));
    }
}
