//! How far people agree on codes, and which labels look wrong.
//!
//! Two coders: put their codes into a [`super::Confusion`] (first, second); its `accuracy` is percent agreement, its `kappa` Cohen's κ,
//! its one-vs-rest rates agreement on one code. Krippendorff's α here takes any number of coders and missing codes.

/// Why agreement cannot be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAgreement {
    /// No record has codes from two coders.
    NoPairs,
    /// All paired codes are one and the same: there is no variation that could be told from chance.
    OneCode,
}

/// Krippendorff's α for nominal codes, 1 − D_o/D_e (Hayes & Krippendorff 2007, doi:10.1080/19312450709336664).
///
/// Each item holds the codes that coders gave one record, and the record's weight; records with one code are left out. Weights enter as
/// shares; the correction (n − 1)/n of a small sample uses the unweighted number n of codes, so the scale of weights does not matter.
///
/// # Errors
/// See [`NoAgreement`].
pub fn krippendorff_alpha<'a>(records: impl IntoIterator<Item = (&'a [u32], f64)>) -> Result<f64, NoAgreement> {
    let mut counts: std::collections::BTreeMap<u32, f64> = std::collections::BTreeMap::new();
    let (mut total, mut unlike, mut size) = (0.0, 0.0, 0.0);
    for (codes, weight) in records.into_iter().filter(|(codes, w)| codes.len() > 1 && *w > 0.0) {
        let m = codes.len() as f64;
        let mut sorted = codes.to_vec();
        sorted.sort_unstable();
        // Ordered pairs of unlike codes within the record, each of weight 1/(m − 1).
        let alike: f64 = sorted.chunk_by(|a, b| a == b).map(|c| (c.len() * c.len()) as f64).sum();
        unlike += weight * (m * m - alike) / (m - 1.0);
        total += weight * m;
        size += m;
        codes.iter().for_each(|&c| *counts.entry(c).or_insert(0.0) += weight);
    }
    match counts.len() {
        0 => return Err(NoAgreement::NoPairs),
        1 => return Err(NoAgreement::OneCode),
        _ => {}
    }
    let chance: f64 = counts.values().map(|n| n * (total - n)).sum();
    Ok(1.0 - (size - 1.0) / size * total * unlike / chance)
}

/// Krippendorff's α with the influence of each record on it, ∂α/∂w, in the order of the records: 0 for those left out.
///
/// α = 1 − g·T·U/(T² − Σ N_c²) of the weight T of codes, N_c of code c, and U of unlike pairs; the small sample's correction g is held fixed.
///
/// # Errors
/// See [`NoAgreement`].
pub fn krippendorff_influences(records: &[(Vec<u32>, f64)]) -> Result<(f64, Vec<f64>), NoAgreement> {
    let alpha = krippendorff_alpha(records.iter().map(|(codes, w)| (codes.as_slice(), *w)))?;
    let mut counts: std::collections::BTreeMap<u32, f64> = std::collections::BTreeMap::new();
    let unlike_of = |codes: &[u32]| {
        let pairs = codes.iter().flat_map(|a| codes.iter().filter(move |b| *b != a)).count() as f64;
        pairs / (codes.len() as f64 - 1.0)
    };
    let paired = |(codes, w): &&(Vec<u32>, f64)| codes.len() > 1 && *w > 0.0;
    let (mut total, mut unlike, mut size) = (0.0, 0.0, 0.0);
    for (codes, w) in records.iter().filter(paired) {
        total += w * codes.len() as f64;
        unlike += w * unlike_of(codes);
        size += codes.len() as f64;
        codes.iter().for_each(|&c| *counts.entry(c).or_insert(0.0) += w);
    }
    let chance: f64 = counts.values().map(|n| n * (total - n)).sum();
    let g = (size - 1.0) / size;
    let influence = |record: &(Vec<u32>, f64)| {
        if !paired(&record) {
            return 0.0;
        }
        let m = record.0.len() as f64;
        let by_chance = 2.0 * (total * m - record.0.iter().map(|c| counts[c]).sum::<f64>());
        -g * ((m * unlike + total * unlike_of(&record.0)) / chance - total * unlike * by_chance / (chance * chance))
    };
    Ok((alpha, records.iter().map(influence).collect()))
}

/// Labels compared with out-of-sample probabilities.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfidentJoint {
    /// Mean probability of class j over records labelled j; `None` for classes that are no label.
    pub thresholds: Vec<Option<f64>>,
    /// Records labelled i that are confidently class j, row by row; records without a confident class are not counted.
    pub counts: Vec<f64>,
    /// The same with each row rescaled to the number of records with that label; over n, the joint distribution of label and truth.
    pub calibrated: Vec<f64>,
    /// Records whose confident class is not their label, in order.
    pub suspects: Vec<usize>,
}

/// Confident learning (Northcutt, Jiang & Chuang 2021, doi:10.1613/jair.1.12125): the confident class of a record is the most probable
/// of those whose probability reaches the class's threshold; ties go to the lower number.
///
/// `probabilities` holds one row a record, from a model that was not fitted to it. A class without labels has no threshold and is never
/// a confident class. (cleanlab 2.9 takes the most probable of all classes instead, and fails on classes without labels.)
#[must_use]
pub fn confident_joint(labels: &[u32], probabilities: &[f64], classes: usize) -> ConfidentJoint {
    let row = |i: usize| &probabilities[i * classes..(i + 1) * classes];
    let (mut sums, mut sizes) = (vec![0.0; classes], vec![0.0; classes]);
    for (i, &label) in labels.iter().enumerate() {
        sums[label as usize] += row(i)[label as usize];
        sizes[label as usize] += 1.0;
    }
    let thresholds: Vec<Option<f64>> = sums.iter().zip(&sizes).map(|(&s, &n)| super::confusion::over(s, n)).collect();
    let mut counts = vec![0.0; classes * classes];
    let mut suspects = Vec::new();
    for (i, &label) in labels.iter().enumerate() {
        // A sum over labels may round above the probabilities it is the mean of.
        let passing = (0..classes).filter(|&j| thresholds[j].is_some_and(|t| row(i)[j] >= t - 1e-12));
        if let Some(confident) = passing.reduce(|a, b| if row(i)[b] > row(i)[a] { b } else { a }) {
            counts[label as usize * classes + confident] += 1.0;
            if confident != label as usize {
                suspects.push(i);
            }
        }
    }
    let mut calibrated = counts.clone();
    for (k, row) in calibrated.chunks_exact_mut(classes.max(1)).enumerate() {
        let counted: f64 = row.iter().sum();
        if counted > 0.0 {
            row.iter_mut().for_each(|c| *c *= sizes[k] / counted);
        } else if sizes[k] > 0.0 {
            // No confident record speaks against the label.
            row[k] = sizes[k];
        }
    }
    ConfidentJoint { thresholds, counts, calibrated, suspects }
}

#[cfg(test)]
mod tests {
    use super::super::confusion::Confusion;
    use super::*;

    fn alpha(records: &[Vec<u32>]) -> Result<f64, NoAgreement> {
        krippendorff_alpha(records.iter().map(|r| (r.as_slice(), 1.0)))
    }

    /// Codes of several coders, '.' for none, turned into records.
    fn table(coders: &[&str]) -> Vec<Vec<u32>> {
        (0..coders[0].len()).map(|i| coders.iter().filter_map(|c| char::from(c.as_bytes()[i]).to_digit(36)).collect()).collect()
    }

    // Krippendorff 2011, "Computing Krippendorff's alpha-reliability", examples A, B and C.
    #[test]
    fn alpha_equals_krippendorffs_examples() {
        let near = |found: Result<f64, NoAgreement>, wanted: f64| assert!((found.unwrap() - wanted).abs() < 5e-4, "{found:?} is not {wanted}");
        near(alpha(&table(&["0100000010", "1110010000"])), 0.095);
        near(alpha(&table(&["aabbdcccedda", "babbbccceddd"])), 0.692);
        let four = table(&["123321412...", "1233224125.3", ".3332342251.", "12332441251."]);
        near(alpha(&four), 0.743);
        let scaled = krippendorff_alpha(four.iter().map(|r| (r.as_slice(), 7.5))).unwrap();
        assert!((scaled - alpha(&four).unwrap()).abs() < 1e-12);
    }

    // krippendorff 0.8 (PyPI) on 300 simulated records of two and of three coders; standard errors of 4000 bootstrap samples there.
    #[test]
    fn alpha_and_its_precision_equal_an_independent_implementation() {
        let coders = [
            "0110030031011002112140110002301003101330004132300411002100000210200130000002130014302020010221312331012320042004011010300012020000\
            3001422021111202202000101101040141110400100220320102003101214010221303001113012110130001424104031303411440041000021001331331230101\
            2430104130002011110003100100001133321100",
            "0110032031011003142143110304301003101030000131000412002100000210200130200002130004301002010221142301012320004200024044100010000420\
            3211432241340422202000101100120211110400100221320124003121211014421303001113341110130001434121021003212240301010001011033331220141\
            2340334110002211340403100100041110311100",
            ".11.03.03.01.00.11.14.11.10.30.00.14.04.00.33.00.44.04.10.01.21.20.13.20.00.13.00.30.02.01.22.11.30.01.32.00.00.03.01.10.01.01.00.\
            30.14.20.20.02.22.20.01.11.10.02.11.04.01.04.13.31.20.31.14.14.22.13.30.11.30.11.01.00.14.41.14.10.32.02.00.40.00.10.13.01.12.31.1\
            0.10.34.10.02.11.40.03.00.00.01.33.21.20",
        ];
        for (coders, alpha, se) in [(&coders[..2], 0.606_061_064_2, 0.0343), (&coders[..], 0.632_760_932_0, 0.0290)] {
            let records: Vec<(Vec<u32>, f64)> = table(coders).into_iter().map(|codes| (codes, 1.0)).collect();
            let (found, influences) = krippendorff_influences(&records).unwrap();
            assert!((found - alpha).abs() < 1e-9, "{found}");
            // A record's influence does not move α when all weights grow alike.
            assert!(influences.iter().sum::<f64>().abs() < 1e-9);
            let linearised = influences.iter().map(|z| z * z).sum::<f64>().sqrt();
            assert!((linearised / se - 1.0).abs() < 0.05, "{linearised}");
        }
    }

    #[test]
    fn influences_on_alpha_are_derivatives() {
        let mut records: Vec<(Vec<u32>, f64)> =
            table(&["123321412...", "1233224125.3", ".3332342251.", "12332441251."]).into_iter().zip(1..).map(|(c, w)| (c, 1.0 + f64::from(w) / 5.0)).collect();
        let (before, influences) = krippendorff_influences(&records).unwrap();
        for i in 0..records.len() {
            records[i].1 += 1e-6;
            let slope = (krippendorff_influences(&records).unwrap().0 - before) / 1e-6;
            assert!((slope - influences[i]).abs() < 1e-6, "{i}: {slope} {}", influences[i]);
            records[i].1 -= 1e-6;
        }
    }

    #[test]
    fn agreement_of_one_code_or_of_nobody_is_undefined() {
        assert_eq!(alpha(&[vec![1, 1], vec![1, 1]]), Err(NoAgreement::OneCode));
        assert_eq!(alpha(&[vec![1], vec![]]), Err(NoAgreement::NoPairs));
        assert_eq!(krippendorff_alpha([(&[1, 2][..], 0.0)]), Err(NoAgreement::NoPairs));
        assert_eq!(alpha(&[vec![1, 1], vec![2, 2]]), Ok(1.0));
        // Two coders: percent agreement and κ from their confusion matrix; 0.7 against 0.5 expected.
        let pair = Confusion::from_rows(&[[4.0, 2.0], [1.0, 3.0]]);
        assert_eq!(pair.accuracy(), Some(0.7));
        assert!((pair.kappa().unwrap() - 0.4).abs() < 1e-15);
    }

    // cleanlab 2.9 on ten records; it rounds the calibrated counts to [[3,1,0],[1,2,0],[0,1,2]].
    #[test]
    fn suspects_equal_cleanlab() {
        let probabilities = [
            0.9, 0.05, 0.05, 0.8, 0.1, 0.1, 0.2, 0.7, 0.1, 0.6, 0.3, 0.1, 0.1, 0.8, 0.1, 0.7, 0.2, 0.1, 0.1, 0.6, 0.3, 0.1, 0.1, 0.8, 0.05, 0.05, 0.9, 0.1,
            0.7, 0.2,
        ];
        let found = confident_joint(&[0, 0, 0, 0, 1, 1, 1, 2, 2, 2], &probabilities, 3);
        let thresholds: Vec<f64> = found.thresholds.iter().map(|t| t.unwrap()).collect();
        thresholds.iter().zip([0.625, 0.533_333_3, 0.633_333_3]).for_each(|(t, w)| assert!((t - w).abs() < 6e-8, "{thresholds:?}"));
        assert_eq!(found.counts, [2.0, 1.0, 0.0, 1.0, 2.0, 0.0, 0.0, 1.0, 2.0]);
        let rounded: Vec<f64> = found.calibrated.iter().map(|c| c.round()).collect();
        assert_eq!(rounded, [3.0, 1.0, 0.0, 1.0, 2.0, 0.0, 0.0, 1.0, 2.0]);
        assert_eq!(found.suspects, [2, 5, 9]);
    }

    #[test]
    fn a_class_without_labels_accuses_nobody() {
        let found = confident_joint(&[0, 1], &[0.3, 0.1, 0.6, 0.2, 0.5, 0.3], 3);
        assert_eq!((found.thresholds[2], found.suspects.len()), (None, 0));
        assert_eq!(found.counts, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        assert!(confident_joint(&[], &[], 0).suspects.is_empty());
    }
}
