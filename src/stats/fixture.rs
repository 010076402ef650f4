//! Ten records with the probabilities of three classes, for tests: the fixture of hiclass 5.0.8 (tests/test_metrics.py).

/// Probabilities, three a record.
pub const PROBABILITIES: [f64; 30] = [
    0.88, 0.06, 0.06, 0.22, 0.48, 0.30, 0.33, 0.33, 0.34, 0.49, 0.40, 0.11, 0.23, 0.03, 0.74, 0.21, 0.67, 0.12, 0.34, 0.34, 0.32, 0.02, 0.77, 0.21, 0.44, 0.42,
    0.14, 0.85, 0.13, 0.02,
];

/// True classes.
pub const TRUTH: [u32; 10] = [0, 2, 0, 0, 2, 1, 1, 1, 0, 0];

/// Predicted classes.
const PREDICTED: [u32; 10] = [0, 1, 2, 0, 2, 1, 0, 1, 0, 0];

/// Confidence in the predicted class, and whether it is right.
pub fn confidences() -> (Vec<f64>, Vec<bool>) {
    (0..10).map(|i| (PROBABILITIES[i * 3 + PREDICTED[i] as usize], PREDICTED[i] == TRUTH[i])).unzip()
}
