//! Which labels look wrong to a model that gives probabilities, at a cost that thousands of codes do not blow up.

use super::confusion::over;

/// Labels compared with out-of-sample probabilities.
#[derive(Debug, Clone, PartialEq)]
pub struct Suspects {
    /// Weighted mean probability of class j over records labelled j; `None` for classes that are no label.
    pub thresholds: Vec<Option<f64>>,
    /// The confident class of each record: the most probable of those whose probability reaches the class's threshold; `None` where none does.
    pub confident: Vec<Option<u32>>,
}

/// Confident learning (Northcutt, Jiang & Chuang 2021, doi:10.1613/jair.1.12125) from ranked probabilities: equal to
/// [`super::confident_joint`], without its matrix of classes by classes.
///
/// `labels` holds each record's class, or none where the model does not know the label's class: such a record sets no threshold.
/// Means are weighted, so that a weight of two is a record twice. `ranking` gives a record's classes and probabilities, most probable first.
pub fn suspects<'a>(labels: &[Option<u32>], weights: &[f64], classes: usize, ranking: impl Fn(usize) -> (&'a [u32], &'a [f64])) -> Suspects {
    let (mut sums, mut sizes) = (vec![0.0; classes], vec![0.0; classes]);
    for (i, label) in labels.iter().enumerate() {
        let Some(label) = *label else { continue };
        let (ranked, p) = ranking(i);
        sums[label as usize] += weights[i] * ranked.iter().position(|&c| c == label).map_or(0.0, |at| p[at]);
        sizes[label as usize] += weights[i];
    }
    let thresholds: Vec<Option<f64>> = sums.iter().zip(&sizes).map(|(&s, &n)| over(s, n)).collect();
    let confident = (0..labels.len())
        .map(|i| {
            let (ranked, p) = ranking(i);
            // A sum over labels may round above the probabilities it is the mean of.
            let passes = |(c, p): &(&u32, &f64)| thresholds.get(**c as usize).copied().flatten().is_some_and(|t| **p >= t - 1e-12);
            ranked.iter().zip(p).find(passes).map(|(c, _)| *c)
        })
        .collect();
    Suspects { thresholds, confident }
}

#[cfg(test)]
mod tests {
    use super::super::double_coding::confident_joint;
    use super::*;
    use crate::value::Stream;

    /// Ranks a record's probabilities, ties by lowest class.
    fn ranked(row: &[f64]) -> (Vec<u32>, Vec<f64>) {
        let mut order: Vec<u32> = (0..row.len() as u32).collect();
        order.sort_by(|a, b| row[*b as usize].total_cmp(&row[*a as usize]).then(a.cmp(b)));
        let p = order.iter().map(|&c| row[c as usize]).collect();
        (order, p)
    }

    // cleanlab 2.9 on the ten records of definitions T8, and the dense form on random ones with a class that is no label.
    #[test]
    fn ranked_probabilities_give_what_dense_ones_do() {
        let known = [
            0.9, 0.05, 0.05, 0.8, 0.1, 0.1, 0.2, 0.7, 0.1, 0.6, 0.3, 0.1, 0.1, 0.8, 0.1, 0.7, 0.2, 0.1, 0.1, 0.6, 0.3, 0.1, 0.1, 0.8, 0.05, 0.05, 0.9, 0.1,
            0.7, 0.2,
        ];
        let labels = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2];
        let rows: Vec<_> = known.chunks(3).map(ranked).collect();
        let found = suspects(&labels.map(Some), &[1.0; 10], 3, |i| (&rows[i].0, &rows[i].1));
        let wrong: Vec<usize> = (0..10).filter(|&i| found.confident[i].is_some_and(|c| c != labels[i])).collect();
        assert_eq!(wrong, [2, 5, 9]);
        let mut stream = Stream::named(4, "suspects");
        let labels: Vec<u32> = (0..200).map(|_| stream.below(5) as u32).collect();
        let dense: Vec<f64> = (0..200)
            .flat_map(|_| {
                let row: Vec<f64> = (0..6).map(|_| stream.unit().powi(3)).collect();
                let sum: f64 = row.iter().sum();
                row.into_iter().map(move |p| p / sum).collect::<Vec<_>>()
            })
            .collect();
        let rows: Vec<_> = dense.chunks(6).map(ranked).collect();
        let found = suspects(&labels.iter().map(|&l| Some(l)).collect::<Vec<_>>(), &[2.0; 200], 6, |i| (&rows[i].0, &rows[i].1));
        let joint = confident_joint(&labels, &dense, 6);
        let wrong: Vec<usize> = (0..200).filter(|&i| found.confident[i].is_some_and(|c| c != labels[i])).collect();
        assert_eq!(wrong, joint.suspects);
        assert!(wrong.len() > 20);
        found
            .thresholds
            .iter()
            .zip(&joint.thresholds)
            .for_each(|(a, b)| assert!(a.is_none() == b.is_none() && (a.unwrap_or(0.0) - b.unwrap_or(0.0)).abs() < 1e-12));
    }

    #[test]
    fn a_label_that_the_model_does_not_know_sets_no_threshold() {
        let rows = [(vec![0, 1], vec![0.6, 0.4]), (vec![1, 0], vec![0.9, 0.1])];
        let found = suspects(&[Some(0), None], &[1.0; 2], 2, |i| (&rows[i].0, &rows[i].1));
        assert_eq!(found, Suspects { thresholds: vec![Some(0.6), None], confident: vec![Some(0), None] });
    }
}
