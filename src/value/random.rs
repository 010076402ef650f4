//! Named random streams derived from one root seed, so that adding a use never moves another's numbers.

/// A stream of pseudo-random numbers: xoshiro256++ (Blackman & Vigna 2021, doi:10.1145/3460772), seeded by SplitMix64.
#[derive(Debug, Clone)]
pub struct Stream {
    state: [u64; 4],
}

impl Stream {
    /// The stream called `name` under a root seed; the same pair always gives the same numbers.
    #[must_use]
    pub fn named(root: u64, name: &str) -> Self {
        // FNV-1a of the name keeps streams apart; SplitMix64 spreads the bits.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        let mut seed = root ^ hash.rotate_left(32);
        let mut next = || {
            seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = seed;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        Self { state: [next(), next(), next(), next()] }
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A number uniform on [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A whole number uniform on [0, n), without bias (Lemire 2019, doi:10.1145/3230636); 0 when n is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        loop {
            let wide = u128::from(self.bits()) * u128::from(n);
            if (wide as u64) >= n.wrapping_neg() % n {
                return (wide >> 64) as u64;
            }
        }
    }

    /// A number from the standard normal distribution (Box & Muller 1958, doi:10.1214/aoms/1177706645).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Shuffles in place (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_name_and_repeat_by_seed() {
        let draw = |seed, name: &str| Stream::named(seed, name).bits();
        assert_eq!(draw(1, "split"), draw(1, "split"));
        assert_ne!(draw(1, "split"), draw(1, "fit"));
        assert_ne!(draw(1, "split"), draw(2, "split"));
    }

    #[test]
    fn draws_have_the_moments_they_should() {
        let mut stream = Stream::named(7, "moments");
        let n = 100_000;
        let mean = (0..n).map(|_| stream.unit()).sum::<f64>() / f64::from(n);
        assert!((mean - 0.5).abs() < 0.005, "{mean}");
        let square = (0..n).map(|_| stream.normal().powi(2)).sum::<f64>() / f64::from(n);
        assert!((square - 1.0).abs() < 0.02, "{square}");
        let mut seen = [0u32; 3];
        (0..n).for_each(|_| seen[stream.below(3) as usize] += 1);
        assert!(seen.iter().all(|&s| (f64::from(s) / f64::from(n) - 1.0 / 3.0).abs() < 0.01), "{seen:?}");
    }
}
