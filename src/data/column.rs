//! Columns in memory: strings in one buffer, factors as numbers into a list of labels.

/// Strings of one column, all in one buffer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strings {
    buffer: String,
    ends: Vec<usize>,
}

impl Strings {
    /// Number of strings.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True when there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The string at a row; panics when out of range.
    #[must_use]
    pub fn get(&self, row: usize) -> &str {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.buffer[start..self.ends[row]]
    }

    /// Appends a string.
    pub fn push(&mut self, text: &str) {
        self.buffer.push_str(text);
        self.ends.push(self.buffer.len());
    }

    /// All strings in row order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + '_ {
        (0..self.len()).map(|row| self.get(row))
    }
}

impl<S: AsRef<str>> FromIterator<S> for Strings {
    fn from_iter<I: IntoIterator<Item = S>>(items: I) -> Self {
        let mut strings = Self::default();
        for item in items {
            strings.push(item.as_ref());
        }
        strings
    }
}

/// The index of a missing value in a [`Factor`].
pub const MISSING: u32 = u32::MAX;

/// A column of labels: a list of distinct labels and, for each row, a number into it or [`MISSING`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Factor {
    /// Distinct labels, sorted unless an order was declared.
    pub labels: Vec<String>,
    /// One number a row.
    pub index: Vec<u32>,
}

impl Factor {
    /// A factor of the strings of a column, labels sorted, empty strings missing.
    pub fn from_strings<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let mut seen = std::collections::HashMap::<&str, u32>::new();
        let mut labels: Vec<&str> = Vec::new();
        let mut index: Vec<u32> = values
            .map(|v| {
                if v.is_empty() {
                    return MISSING;
                }
                *seen.entry(v).or_insert_with(|| {
                    labels.push(v);
                    (labels.len() - 1) as u32
                })
            })
            .collect();
        let mut order: Vec<usize> = (0..labels.len()).collect();
        order.sort_unstable_by_key(|&i| labels[i]);
        let mut rank = vec![0u32; labels.len()];
        for (new, &old) in order.iter().enumerate() {
            rank[old] = new as u32;
        }
        for i in index.iter_mut().filter(|i| **i != MISSING) {
            *i = rank[*i as usize];
        }
        Self { labels: order.into_iter().map(|i| labels[i].to_owned()).collect(), index }
    }

    /// The label at a row, if it is not missing.
    #[must_use]
    pub fn label(&self, row: usize) -> Option<&str> {
        self.labels.get(self.index[row] as usize).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_sort_labels_and_keep_missing_apart() {
        let factor = Factor::from_strings(["b", "", "a", "b"].into_iter());
        assert_eq!(factor.labels, ["a", "b"]);
        assert_eq!(factor.index, [1, MISSING, 0, 1]);
        assert_eq!(factor.label(1), None);
    }

    #[test]
    fn strings_come_back_as_they_went_in() {
        let strings: Strings = ["", "a", "ü", ""].into_iter().collect();
        assert_eq!(strings.iter().collect::<Vec<_>>(), ["", "a", "ü", ""]);
    }
}
