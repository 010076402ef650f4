//! The estimate of energy from processor time where no counter can be read.
//!
//! Constants are fitted to codecarbon's published RAPL-against-load profiles and to SPECpower results of 2017 and later;
//! the range is meant to hold what a meter would have shown, and is not a confidence interval.

use super::host::Facts;
use super::phase::Tier;
use super::range::Range;

/// Bytes in a gibibyte, the unit memory modules are sold in.
const GIBIBYTE: f64 = 1_073_741_824.0;

/// Low, central and high multipliers of the design power, and the exponents of the busy share of the machine.
const DYNAMIC: [(f64, f64); 3] = [(0.30, 0.8), (0.60, 0.5), (1.05, 0.35)];
/// The high multiplier of laptop and desktop parts, which are allowed to exceed their design power for a while.
const CLIENT_HIGH: f64 = 2.5;
/// The busy shares assumed of a physical machine that cannot be seen from inside a virtual one.
const UNSEEN: [f64; 3] = [1.0, 0.5, 0.25];
/// Watts per thread over design power per thread, at those shares and for server parts: the published, rounded form.
const VIRTUAL: [f64; 3] = [0.30, 0.85, 2.6];
/// Idle power over design power (RAPL idle; SPECpower idle, median and tenth of the worst).
const IDLE: [f64; 3] = [0.08, 0.18, 0.37];
/// Watts per busy logical processor of unknown make (SPECpower 2017 and later, 577 results).
const GENERIC_ACTIVE: [f64; 3] = [0.4, 2.5, 10.0];
/// Watts per idle logical processor of unknown make (SPECpower 2019 and later, 530 servers).
const GENERIC_IDLE: [f64; 3] = [0.25, 0.64, 1.36];
/// The most design power per thread that is common among servers, in watts.
const GENERIC_TDP: f64 = 3.90;
/// Watts per gibibyte of memory; the high one is Green Algorithms' and Cloud Carbon Footprint's constant.
const MEMORY: [f64; 3] = [0.06, 0.20, 0.39];

/// A range of three numbers.
fn range(values: [f64; 3]) -> Range {
    Range::new(values[0], values[1], values[2])
}

/// The tier the estimate for this machine belongs to.
pub(super) fn tier(facts: &Facts) -> Tier {
    if facts.known.is_some() { Tier::EstimateCpuKnown } else { Tier::EstimateGeneric }
}

/// Design power of the whole visible machine in watts: what bounds a believable reading.
pub(super) fn design_power(facts: &Facts) -> f64 {
    match &facts.known {
        Some(known) => known.cpu.tdp_w * f64::from(facts.processor.sockets),
        None => GENERIC_TDP * f64::from(facts.logical),
    }
}

/// Joules for the work of `cpu_s` processor-seconds within `wall_s` seconds on a machine that was busy for the share `busy`.
///
/// On a physical machine dynamic power is `k · TDP · u^γ`, so a processor-second costs `k · TDP/N · u^(γ−1)`: the first busy
/// thread costs most. In a virtual machine the physical machine's `u` is unseen and 1, 0.5 and 0.25 are taken.
pub(super) fn active(facts: &Facts, cpu_s: f64, wall_s: f64, busy: Option<f64>) -> Range {
    let Some(known) = &facts.known else { return range(GENERIC_ACTIVE.map(|w| w * cpu_s)) };
    let k = |i: usize| if i == 2 && known.cpu.client { CLIENT_HIGH } else { DYNAMIC[i].0 };
    let factor = |i: usize, share: f64| k(i) * share.powf(DYNAMIC[i].1 - 1.0);
    if facts.processor.virtual_machine {
        let watts = known.cpu.tdp_w / f64::from(known.cpu.threads);
        let of_design = |i: usize| if known.cpu.client { factor(i, UNSEEN[i]) } else { VIRTUAL[i] };
        return range([0, 1, 2].map(|i| of_design(i) * watts * cpu_s));
    }
    let logical = f64::from(facts.logical);
    let own = if wall_s > 0.0 { cpu_s / (logical * wall_s) } else { 1.0 };
    let share = busy.unwrap_or(0.0).max(own).clamp(1e-6, 1.0);
    range([0, 1, 2].map(|i| factor(i, share) * design_power(facts) / logical * cpu_s))
}

/// Joules that the machine's processors would have drawn anyway in `wall_s` seconds: this work's share of the busy time
/// for low and central, the whole for high. None where the share is not known.
pub(super) fn idle(facts: &Facts, wall_s: f64, share: Option<f64>) -> Option<Range> {
    let share = share?.clamp(0.0, 1.0);
    let logical = f64::from(facts.logical);
    let per_processor = match &facts.known {
        // Of a virtual machine only its own processors are this work's; of a physical one all, at its own design power.
        Some(known) if facts.processor.virtual_machine => IDLE.map(|i| i * known.cpu.tdp_w / f64::from(known.cpu.threads)),
        Some(_) => IDLE.map(|i| i * design_power(facts) / logical),
        None => GENERIC_IDLE,
    };
    let [low, central, high] = per_processor.map(|w| w * wall_s * logical);
    Some(Range::new(low * share, central * share, high))
}

/// Joules of memory for `mean_bytes` held over `wall_s` seconds.
pub(super) fn memory(mean_bytes: u64, wall_s: f64) -> Range {
    range(MEMORY.map(|w| w * mean_bytes as f64 / GIBIBYTE * wall_s))
}

#[cfg(test)]
mod tests {
    use super::super::{proc::Processor, table};
    use super::*;

    fn facts(brand: &str, logical: u32, virtual_machine: bool) -> Facts {
        let processor = Processor { brand: brand.into(), sockets: 1, logical, virtual_machine, ..Processor::default() };
        Facts { known: table::find(&processor), processor, logical }
    }

    fn close(range: Range, expected: [f64; 3], tolerance: f64) {
        for (got, wanted) in [range.low, range.central, range.high].into_iter().zip(expected) {
            assert!((got - wanted).abs() <= tolerance, "{range:?} is not {expected:?}");
        }
    }

    #[test]
    fn gives_the_figures_worked_by_hand() {
        // 280 W over 128 threads is 2.1875 W a thread; times 0.30, 0.85, 2.6 and 100 s.
        close(active(&facts("AMD EPYC 7763", 4, true), 100.0, 60.0, Some(0.5)), [65.625, 185.937_5, 568.75], 1e-9);
        // The same processor seen whole and busy throughout: 0.30, 0.60, 1.05.
        close(active(&facts("AMD EPYC 7763", 128, false), 100.0, 1.0, Some(1.0)), [65.625, 131.25, 229.687_5], 1e-9);
        // A quarter busy: times 0.25^-0.2, 0.25^-0.5, 0.25^-0.65 = 1.319508, 2, 2.462289.
        close(active(&facts("AMD EPYC 7763", 128, false), 100.0, 60.0, Some(0.25)), [86.592_7, 262.5, 565.557], 1e-2);
        close(active(&facts("Unheard of", 8, true), 100.0, 60.0, None), [40.0, 250.0, 1_000.0], 1e-9);
        // 4 GiB for 10 s; idle of 4 of the 7763's threads for 10 s with half of the busy time.
        close(memory(4 << 30, 10.0), [2.4, 8.0, 15.6], 1e-9);
        close(idle(&facts("AMD EPYC 7763", 4, true), 10.0, Some(0.5)).unwrap(), [3.5, 7.875, 32.375], 1e-9);
        assert_eq!(idle(&facts("AMD EPYC 7763", 4, true), 10.0, None), None);
    }

    #[test]
    fn agrees_with_itself_inside_and_outside_a_virtual_machine() {
        // The published multipliers of the virtual form are the physical form at the assumed shares, rounded.
        for i in 0..3 {
            let derived = DYNAMIC[i].0 * UNSEEN[i].powf(DYNAMIC[i].1 - 1.0);
            assert!((derived / VIRTUAL[i] - 1.0).abs() < 0.01, "{derived}");
        }
    }

    #[test]
    fn is_ordered_and_monotone() {
        let machines = [
            facts("AMD EPYC 7763", 4, true),
            facts("AMD EPYC 9654", 192, false),
            facts("Intel Core i5-8265U", 8, false),
            facts("Intel Core i5-8265U", 2, true),
            facts("?", 16, false),
        ];
        for machine in &machines {
            for wall in [0.0, 0.5, 7.0, 3_600.0] {
                for busy in [None, Some(0.0), Some(0.03), Some(0.6), Some(1.0)] {
                    let mut last = Range::new(0.0, 0.0, 0.0);
                    for cpu in [0.0, 0.01, 0.3, 1.0, 10.0, 1_000.0, 1e7] {
                        let now = active(machine, cpu, wall, busy);
                        assert!(now.low <= now.central && now.central <= now.high, "{now:?}");
                        assert!(last.low <= now.low && last.central <= now.central && last.high <= now.high, "{last:?} {now:?}");
                        last = now;
                    }
                    let (less, more) = (idle(machine, wall, Some(0.2)).unwrap(), idle(machine, wall + 1.0, Some(0.3)).unwrap());
                    assert!(less.low <= less.central && less.central <= less.high && less.central < more.central && less.high < more.high);
                    assert!(memory(1 << 20, wall).high < memory(1 << 21, wall + 1.0).high);
                }
            }
        }
    }

    #[test]
    fn phases_of_a_virtual_machine_add_up() {
        let machine = facts("AMD EPYC 7763", 2, true);
        let parts = (1..=20).map(|i| active(&machine, f64::from(i) * 0.37, 9.0, Some(0.4))).reduce(|a, b| a + b).unwrap();
        let whole = active(&machine, 210.0 * 0.37, 180.0, Some(0.4));
        close(parts, [whole.low, whole.central, whole.high], 1e-9);
    }
}
