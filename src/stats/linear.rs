//! Small dense matrices: products, and inverses that refuse what cannot be inverted.

/// A matrix in rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    data: Vec<f64>,
}

/// An inverse and how far errors can grow in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Inverse {
    /// The inverse.
    pub matrix: Matrix,
    /// Condition number in the 1-norm, ‖A‖₁‖A⁻¹‖₁: relative errors can grow by this factor.
    pub condition: f64,
}

impl Matrix {
    /// A matrix from its entries (row, column).
    #[must_use]
    pub fn from_fn(rows: usize, columns: usize, entry: impl Fn(usize, usize) -> f64) -> Self {
        let data = (0..rows * columns).map(|i| entry(i / columns, i % columns)).collect();
        Self { rows, columns, data }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The entry in a row and column.
    #[must_use]
    pub fn at(&self, row: usize, column: usize) -> f64 {
        self.data[row * self.columns + column]
    }

    /// The transposed matrix.
    #[must_use]
    pub fn transposed(&self) -> Self {
        Self::from_fn(self.columns, self.rows, |r, c| self.at(c, r))
    }

    /// The product with a matrix of as many rows as this one has columns.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        let mut data = vec![0.0; self.rows * other.columns];
        for r in 0..self.rows {
            let out = &mut data[r * other.columns..(r + 1) * other.columns];
            for (k, &a) in self.data[r * self.columns..(r + 1) * self.columns].iter().enumerate() {
                if a != 0.0 {
                    let row = &other.data[k * other.columns..(k + 1) * other.columns];
                    out.iter_mut().zip(row).for_each(|(o, b)| *o += a * b);
                }
            }
        }
        Self { rows: self.rows, columns: other.columns, data }
    }

    /// The product with a column.
    #[must_use]
    pub fn times_vector(&self, v: &[f64]) -> Vec<f64> {
        (0..self.rows).map(|r| (0..self.columns).map(|c| self.at(r, c) * v[c]).sum()).collect()
    }

    /// The sum with a matrix of the same shape.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self::from_fn(self.rows, self.columns, |r, c| self.at(r, c) + other.at(r, c))
    }

    /// The diagonal.
    #[must_use]
    pub fn diagonal(&self) -> Vec<f64> {
        (0..self.rows.min(self.columns)).map(|i| self.at(i, i)).collect()
    }

    /// The inverse, by Gauss–Jordan elimination with partial pivoting (Golub & Van Loan 2013, Matrix Computations, 3.4).
    ///
    /// `None` for a matrix that is not square, or singular to working precision (condition number above 10¹⁵).
    #[must_use]
    pub fn inverse(&self) -> Option<Inverse> {
        let n = self.rows;
        if n != self.columns || n == 0 {
            return None;
        }
        let mut a = self.clone();
        let mut b = Self::from_fn(n, n, |r, c| if r == c { 1.0 } else { 0.0 });
        for k in 0..n {
            let pivot = (k..n).max_by(|&i, &j| a.at(i, k).abs().total_cmp(&a.at(j, k).abs()))?;
            let value = a.at(pivot, k);
            if value == 0.0 || !value.is_finite() {
                return None;
            }
            for m in [&mut a, &mut b] {
                for c in 0..n {
                    m.data.swap(k * n + c, pivot * n + c);
                    m.data[k * n + c] /= value;
                }
            }
            for r in (0..n).filter(|&r| r != k) {
                let factor = a.at(r, k);
                if factor != 0.0 {
                    for m in [&mut a, &mut b] {
                        for c in 0..n {
                            m.data[r * n + c] -= factor * m.data[k * n + c];
                        }
                    }
                }
            }
        }
        let condition = self.norm() * b.norm();
        (condition < 1e15).then_some(Inverse { matrix: b, condition })
    }

    /// The largest column sum of absolute entries.
    fn norm(&self) -> f64 {
        (0..self.columns).map(|c| (0..self.rows).map(|r| self.at(r, c).abs()).sum()).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The Hilbert matrix of order 4 has a whole-numbered inverse and condition number 28375 in the 1-norm.
    #[test]
    fn the_inverse_of_a_hilbert_matrix_is_the_known_one() {
        let hilbert = Matrix::from_fn(4, 4, |r, c| 1.0 / (r + c + 1) as f64);
        let found = hilbert.inverse().unwrap();
        assert!((found.condition - 28375.0).abs() < 1e-6, "{}", found.condition);
        let row = [16.0, -120.0, 240.0, -140.0];
        (0..4).for_each(|c| assert!((found.matrix.at(0, c) - row[c]).abs() < 1e-9));
        let product = hilbert.times(&found.matrix);
        (0..16).for_each(|i| assert!((product.at(i / 4, i % 4) - f64::from(u8::from(i / 4 == i % 4))).abs() < 1e-10));
    }

    #[test]
    fn a_zero_pivot_is_swapped_and_a_singular_matrix_refused() {
        let swap = Matrix::from_fn(2, 2, |r, c| if r == c { 0.0 } else { 2.0 });
        assert_eq!(swap.inverse().unwrap().matrix, Matrix::from_fn(2, 2, |r, c| if r == c { 0.0 } else { 0.5 }));
        for rows in [[[1.0, 2.0], [2.0, 4.0]], [[0.1, 0.3], [0.3, 0.9]], [[0.0, 0.0], [0.0, 1.0]]] {
            assert_eq!(Matrix::from_fn(2, 2, |r, c| rows[r][c]).inverse(), None);
        }
        assert_eq!(Matrix::from_fn(2, 3, |_, _| 1.0).inverse(), None);
    }
}
