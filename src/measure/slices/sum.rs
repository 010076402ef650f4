//! Sums of records of a slice, for its share that is right and the variance of that.

/// Sums over records in the order of their units.
#[derive(Clone, Default)]
pub struct Sum {
    /// Records.
    pub n: u64,
    weight: f64,
    right: f64,
    w2: f64,
    /// Σ over closed units of right², right·weight and weight²: the variance of a ratio needs no second pass.
    square: [f64; 3],
    /// The open unit, its right and its weight.
    own: (Option<u32>, f64, f64),
    units: u64,
}

/// Weight, weight that is right, and the variance of the share that is right, by units and without strata.
pub struct Total {
    /// Weight.
    pub weight: f64,
    /// Weight that is right.
    pub right: f64,
    /// Variance of the share that is right.
    pub variance: f64,
}

impl Sum {
    /// Adds a record; those of one unit follow each other.
    pub fn add(&mut self, unit: u32, w: f64, right: bool, clustered: bool) {
        if !clustered || self.own.0 != Some(unit) {
            self.close();
            (self.own, self.units) = ((Some(unit), 0.0, 0.0), self.units + 1);
        }
        let hit = if right { w } else { 0.0 };
        self.n += 1;
        self.own.1 += hit;
        self.own.2 += w;
        self.right += hit;
        self.weight += w;
        self.w2 += w * w;
    }

    fn close(&mut self) {
        let (_, right, weight) = self.own;
        self.square[0] += right * right;
        self.square[1] += right * weight;
        self.square[2] += weight * weight;
    }

    /// The total so far.
    pub fn total(&self) -> Total {
        let mut all = self.clone();
        all.close();
        let p = all.right / all.weight;
        let scale = all.units as f64 / (all.units as f64 - 1.0).max(1.0);
        let variance = scale * (all.square[0] - 2.0 * p * all.square[1] + p * p * all.square[2]) / (all.weight * all.weight);
        Total { weight: all.weight, right: all.right, variance: variance.max(least_variance(p, all.weight * all.weight / all.w2)) }
    }
}

/// The variance of a proportion of `size` records with one more right and one more wrong (Agresti & Caffo 2000), below which none is believed.
pub fn least_variance(proportion: f64, size: f64) -> f64 {
    let p = (proportion * size + 1.0) / (size + 2.0);
    p * (1.0 - p) / (size + 2.0)
}
