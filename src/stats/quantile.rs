//! Distribution functions and quantiles of the normal, t and beta distributions, to about 1e-13 relative.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Standard normal distribution function.
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// Standard normal quantile for a probability in (0, 1).
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    if p > 0.5 {
        return -normal_quantile(1.0 - p);
    }
    // From the left tail, where the distribution function keeps all its digits.
    invert(p, (-40.0, 0.0), normal_cdf, |x| (-0.5 * x * x).exp() / (2.0 * PI).sqrt())
}

/// Student's t quantile for a probability in (0, 1) and positive degrees of freedom; the normal's when they are infinite.
#[must_use]
pub fn t_quantile(p: f64, df: f64) -> f64 {
    if df.is_infinite() {
        return normal_quantile(p);
    }
    if p > 0.5 {
        return -t_quantile(1.0 - p, df);
    }
    if p >= 0.5 {
        return 0.0;
    }
    // P(T < −x) = I_y(df/2, 1/2)/2 with y = df/(df + x²).
    let y = beta_quantile(2.0 * p, df / 2.0, 0.5);
    let x2 = if y > 0.5 {
        // 1 − y without cancellation, from the mirrored distribution.
        let rest = beta_quantile_upper(2.0 * p, df / 2.0, 0.5);
        df * rest / (1.0 - rest)
    } else {
        df * (1.0 - y) / y
    };
    -x2.sqrt()
}

/// Beta quantile for a probability in [0, 1]; shapes must be positive.
#[must_use]
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    invert(p, (0.0, 1.0), |x| beta_cdf(x, a, b), |x| beta_density(x, a, b))
}

/// 1 − the beta quantile, with all its digits.
fn beta_quantile_upper(p: f64, a: f64, b: f64) -> f64 {
    // x with P(X ≤ 1 − x) = p, i.e. P(1 − X < x) = 1 − p; decreasing in x.
    invert(1.0 - p, (0.0, 1.0), |x| 1.0 - beta_cdf_of_complement(x, a, b), |x| beta_density(x, b, a))
}

/// Regularised incomplete beta function I_x(a, b).
#[must_use]
pub fn beta_cdf(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    if x < (a + 1.0) / (a + b + 2.0) { tail(x, 1.0 - x, a, b) } else { 1.0 - tail(1.0 - x, x, b, a) }
}

/// I_{1−x}(a, b) for a small x that must keep its digits.
pub(super) fn beta_cdf_of_complement(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x >= 1.0 {
        return 0.0;
    }
    if 1.0 - x < (a + 1.0) / (a + b + 2.0) { tail(1.0 - x, x, a, b) } else { 1.0 - tail(x, 1.0 - x, b, a) }
}

/// The beta density.
fn beta_density(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 { 0.0 } else { a * b / (a + b) * binomial_density(a, b, x, 1.0 - x) / (x * (1.0 - x)) }
}

/// I_x(a, b) by its continued fraction (Lentz's method; Press et al. 2007, Numerical Recipes, 6.4); `y` is 1 − x.
fn tail(x: f64, y: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for m in 1..200_000 {
        let m = f64::from(m);
        for numerator in [m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)), -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))] {
            d = 1.0 / guard(1.0 + numerator * d);
            c = guard(1.0 + numerator / c);
            h *= d * c;
        }
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    b / (a + b) * binomial_density(a, b, x, y) * h
}

/// Γ(a+b+1)/(Γ(a+1)Γ(b+1))·xᵃyᵇ by Loader's saddle-point form, which keeps its digits for large a and b
/// (Loader 2000, "Fast and accurate computation of binomial probabilities").
fn binomial_density(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    let exponent = stirling_error(n) - stirling_error(a) - stirling_error(b) - deviance(a, n * x) - deviance(b, n * y);
    exponent.exp() * (n / (2.0 * PI * a * b)).sqrt()
}

/// ln Γ(z+1) − [(z + ½) ln z − z + ½ ln 2π].
pub(super) fn stirling_error(z: f64) -> f64 {
    if z < 16.0 {
        return libm::lgamma(z + 1.0) - (z + 0.5) * z.ln() + z - 0.5 * (2.0 * PI).ln();
    }
    let q = 1.0 / (z * z);
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0 - (1.0 / 1188.0 - 691.0 / 360_360.0 * q) * q) * q) * q) * q) / z
}

/// x ln(x/m) + m − x without cancellation near x = m.
pub(super) fn deviance(x: f64, m: f64) -> f64 {
    if (x - m).abs() < 0.1 * (x + m) {
        let v = (x - m) / (x + m);
        let mut s = (x - m) * v;
        let mut term = 2.0 * x * v;
        for j in 1..1000 {
            term *= v * v;
            let next = s + term / f64::from(2 * j + 1);
            if next == s {
                return s;
            }
            s = next;
        }
        return s;
    }
    x * (x / m).ln() + m - x
}

/// The argument in `range` where an increasing `cdf` is `p`: Newton steps kept inside a shrinking bracket.
fn invert(p: f64, range: (f64, f64), cdf: impl Fn(f64) -> f64, density: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = range;
    let mut x = 0.5 * (low + high);
    for _ in 0..400 {
        let error = cdf(x) - p;
        if error == 0.0 {
            return x;
        }
        if error < 0.0 {
            low = x
        } else {
            high = x
        }
        let newton = x - error / density(x);
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        if next == x || (next - x).abs() <= 1e-16 * x.abs() || high - low <= 1e-17 * high.abs() {
            return next;
        }
        x = next;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64, tolerance: f64) {
        assert!((a - b).abs() <= tolerance * b.abs().max(1e-300), "{a} is not {b}");
    }

    // scipy 1.17 (norm.ppf, t.ppf, beta.ppf), all digits.
    #[test]
    fn quantiles_equal_those_of_scipy() {
        for (p, x) in [(0.975, 1.959_963_984_540_054), (0.001, -3.090_232_306_167_813), (0.3, -0.524_400_512_708_040_9)] {
            near(normal_quantile(p), x, 1e-14);
        }
        for (p, df, x) in [
            (0.975, 2.0, 4.302_652_729_749_462),
            (0.975, 1.0, 12.706_204_736_174_694),
            (0.975, 10.0, 2.228_138_851_986_274),
            (0.975, 2399.0, 1.960_953_333_521_220_6),
            (0.9999, 7.5, 6.722_227_175_060_811),
            (0.6, 30.0, 0.255_605_364_951_912_8),
            (0.975, 1e6, 1.959_966_356_814_107),
            (0.025, 5.0, -2.570_581_835_636_315_5),
        ] {
            near(t_quantile(p, df), x, 1e-12);
        }
        for (p, a, b, x) in [
            (0.975, 1.0, 10.0, 0.308_497_107_818_760_7),
            (0.025, 10.0, 1.0, 0.691_502_892_181_239_2),
            (0.025, 6668.0, 1976.0, 0.762_491_003_542_413_5),
            (0.5, 0.3, 2.7, 0.030_428_536_377_867_05),
            (0.975, 150_001.5, 2.25, 0.999_997_835_417_677),
            (1e-6, 3.0, 4.0, 0.003_694_265_299_405_909),
            (0.025, 5e6, 3e6, 0.624_664_496_530_293_2),
        ] {
            near(beta_quantile(p, a, b), x, 1e-12);
        }
    }
}
