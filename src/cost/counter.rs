//! What an energy counter said between two readings: joules, or an interval that is lost and why.

/// The most times the design power that a reading may imply before it is taken for a fault.
const ABSURD: f64 = 3.0;
/// A counter is refreshed about every millisecond: the slack, in seconds, of very short intervals.
const SLACK_S: f64 = 0.01;
/// A working package cannot stand still for this long, in seconds.
const STILL_S: f64 = 0.5;

/// The smallest range that package counters are known to have, in microjoules: assumed where the kernel does not say.
const SMALLEST: u64 = 65_532_610_987;

/// Limits of one counter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Limits {
    /// Where it starts again from 0, in microjoules, if the kernel says.
    pub wraps_at: Option<u64>,
    /// Design power of what it counts, in watts.
    pub design_w: f64,
    /// Standing still is possible: true of memory, never of a package.
    pub may_rest: bool,
}

impl Limits {
    /// The longest interval in which it cannot have gone round more than once, with a factor of two to spare, in seconds.
    pub(super) fn longest(&self) -> f64 {
        0.5 * self.wraps_at.unwrap_or(SMALLEST) as f64 / 1e6 / (1.5 * self.design_w)
    }
}

/// Why nothing can be said about an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lost {
    /// It could not be read as a number at one end.
    Unreadable,
    /// It fell and where it wraps is unknown, or it fell from too far below that.
    Reset,
    /// It rose by more than the processor can draw.
    Absurd,
    /// It did not move.
    Still,
    /// The readings lie so far apart that it may have gone round unseen.
    Gap,
    /// The machine was suspended in between.
    Suspended,
    /// The clock by which intervals are timed went back.
    Clock,
}

impl Lost {
    /// The reason in words, after "for 3.0 s".
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Unreadable => "the counter could not be read",
            Self::Reset => "the counter fell back",
            Self::Absurd => "the counter rose by more than the processor can draw",
            Self::Still => "the counter stood still",
            Self::Gap => "the readings lay too far apart",
            Self::Suspended => "the machine was suspended",
            Self::Clock => "the clock went back",
        }
    }
}

/// Microjoules between two readings that lie `seconds` apart; never a guess.
pub(super) fn between(before: u64, after: u64, seconds: f64, limits: &Limits) -> Result<u64, Lost> {
    if seconds > limits.longest() {
        return Err(Lost::Gap);
    }
    if before == after && seconds >= STILL_S && !limits.may_rest {
        return Err(Lost::Still);
    }
    let believable = ABSURD * limits.design_w * (seconds + SLACK_S) * 1e6;
    if after >= before {
        let rise = after - before;
        return if rise as f64 <= believable { Ok(rise) } else { Err(Lost::Absurd) };
    }
    // A true wrap comes from just below the top; from anywhere else the counter was set back and its energy is gone.
    let range = limits.wraps_at.filter(|range| before <= *range).ok_or(Lost::Reset)?;
    let rise = range - before + after;
    if rise as f64 <= believable { Ok(rise) } else { Err(Lost::Reset) }
}

/// Whether a counter that was read twice, `seconds` apart, works: it must move, by more than half a watt and less than
/// three times the design power.
pub(super) fn works(before: u64, after: u64, seconds: f64, limits: &Limits) -> Result<(), String> {
    let rise = between(before, after, seconds, &Limits { may_rest: true, ..*limits }).map_err(|lost| lost.words().to_owned())?;
    match rise as f64 / 1e6 / seconds.max(1e-3) {
        _ if rise == 0 => Err(Lost::Still.words().into()),
        watts if watts < 0.5 => Err(format!("the counter shows {watts:.2} W, less than any processor draws")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTEL: Limits = Limits { wraps_at: Some(262_143_328_850), design_w: 200.0, may_rest: false };
    const AMD: Limits = Limits { wraps_at: Some(65_532_610_987), design_w: 280.0, may_rest: false };

    #[test]
    fn counts_to_the_microjoule() {
        assert_eq!(between(1_000_000, 13_345_678, 1.0, &INTEL), Ok(12_345_678));
        // 12 J and 20 J over the top: codecarbon 3.3.2 gives the same on this tree.
        assert_eq!(between(262_143_328_850 - 5_000_000, 7_000_000, 1.0, &INTEL), Ok(12_000_000));
        assert_eq!(between(65_532_610_987 - 1, 19_999_999, 1.0, &AMD), Ok(20_000_000));
    }

    #[test]
    fn tells_a_wrap_from_a_reset() {
        assert_eq!(between(1_000_000_000, 5, 1.0, &INTEL), Err(Lost::Reset), "from far below the top");
        assert_eq!(between(1_000_000_000, 5, 1.0, &Limits { wraps_at: None, ..INTEL }), Err(Lost::Reset));
        assert_eq!(between(300_000_000_000, 5, 1.0, &INTEL), Err(Lost::Reset), "from above the top");
    }

    #[test]
    fn refuses_what_cannot_be() {
        assert_eq!(between(0, 601_000_000, 0.9, &INTEL), Err(Lost::Absurd));
        assert_eq!(between(7, 7, 0.5, &INTEL), Err(Lost::Still));
        assert_eq!(between(7, 7, 0.1, &INTEL), Ok(0), "shorter than a reading can settle");
        assert_eq!(between(7, 7, 5.0, &Limits { may_rest: true, ..INTEL }), Ok(0));
        // Half of 65,533 J over 1.5 × 280 W is 78 s; half of 262,143 J over 300 W is 437 s.
        assert!((AMD.longest() - 78.015).abs() < 0.01 && (INTEL.longest() - 436.9).abs() < 0.1);
        assert_eq!(between(0, 1_000_000_000, 78.1, &AMD), Err(Lost::Gap));
        assert!(between(0, 1_000_000_000, 77.9, &AMD).is_ok());
    }

    #[test]
    fn tests_itself_before_use() {
        assert_eq!(works(0, 4_000_000, 0.2, &INTEL), Ok(()));
        for (after, word) in [(0, "still"), (60_000, "0.30 W"), (200_000_000, "more than")] {
            let why = works(0, after, 0.2, &INTEL).unwrap_err();
            assert!(why.contains(word), "{why}");
        }
    }
}
