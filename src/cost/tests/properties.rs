//! What must hold of every estimate: the order of its ends, what grows with what, phases that add up, and figures worked by hand.

use super::super::attribute::{self, Measured, Whole};
use super::super::host::Facts;
use super::super::model;
use super::super::proc::Processor;
use super::super::range::Range;
use super::super::table;
use crate::value::Stream;

fn facts(brand: &str, logical: u32, virtual_machine: bool) -> Facts {
    let processor = Processor { brand: brand.into(), sockets: 1, logical, virtual_machine, ..Processor::default() };
    Facts { known: table::find(&processor), processor, logical }
}

fn ordered(range: Range) -> bool {
    0.0 <= range.low && range.low <= range.central && range.central <= range.high && range.high.is_finite()
}

fn below(a: Range, b: Range) -> bool {
    let most = |x: f64| x * (1.0 + 1e-12) + 1e-12;
    a.low <= most(b.low) && a.central <= most(b.central) && a.high <= most(b.high)
}

#[test]
fn a_hundred_seconds_on_a_known_server() {
    // 280 W over 128 threads is 2.1875 W: 65.625, 185.9375, 568.75 J; a data centre's 1.54 and 130.96 g/kWh make of the central one 0.0104 g.
    let energy = model::active(&facts("AMD EPYC 7763", 4, true), 100.0, 60.0, None);
    assert_eq!([energy.low, energy.central, energy.high].map(f64::round), [66.0, 186.0, 569.0]);
    let grams = energy.scale(1.54 * 130.96 / 3.6e6);
    assert!((grams.central - 0.010_416).abs() < 1e-6, "{grams:?}");
}

#[test]
fn holds_for_any_machine_and_any_work() {
    let mut stream = Stream::named(7, "cost properties");
    let mut any = |most: f64| stream.unit() * most;
    let machines = [
        facts("AMD EPYC 7763", 4, true),
        facts("AMD EPYC 9654", 192, false),
        facts("Intel Core i5-8265U", 8, false),
        facts("Intel Core i5-8265U", 2, true),
        facts("?", 16, false),
    ];
    for round in 0..2_000 {
        let machine = &machines[round % machines.len()];
        let (wall, more) = (any(1e4), any(100.0));
        let cpu = any(1.0) * wall * f64::from(machine.logical);
        let (busy, share) = (any(1.0), any(1.0));
        let active = |cpu: f64| model::active(machine, cpu, wall, Some(busy));
        assert!(ordered(active(cpu)) && below(active(cpu), active(cpu + more)), "{cpu} {more} {busy}");
        let idle = |wall: f64, share: f64| model::idle(machine, wall, Some(share)).unwrap();
        assert!(ordered(idle(wall, share)) && below(idle(wall, share), idle(wall + more, share)));
        // The parts of all programs on the machine are no more than the machine.
        let parts = idle(wall, share).central + idle(wall, 1.0 - share).central;
        assert!(parts <= idle(wall, 1.0).central * (1.0 + 1e-9), "{parts}");
        let gigabytes = |g: f64| model::memory((g * 1e9) as u64, wall);
        assert!(ordered(gigabytes(share)) && below(gigabytes(share), gigabytes(share + more)));
        let scaled = active(cpu).scale(1.0 + busy);
        assert!(below(active(cpu), scaled) && below(scaled, active(cpu).scale(1.0 + busy + more)), "facility factors and intensities scale");

        let joules = any(1e6);
        let (step, least) = (any(4_000.0), any(300.0));
        let metered = Measured { joules, doubtful: any(1.0) * joules, wall_s: wall, lost_s: any(1.0) * wall, share, idle_w: least, socket_w: any(400.0) };
        let counted = attribute::packages(&metered);
        assert!(ordered(counted) && below(counted, attribute::packages(&Measured { joules: joules + more, ..metered })));
        assert!(counted.high <= attribute::packages(&Measured { lost_s: metered.lost_s + more, ..metered }).high, "more lost, no narrower");
        let meter = Whole { joules, wall_s: wall, lost_s: metered.lost_s, share, step, watts: Some((least, least + more)) };
        assert!(ordered(attribute::whole(&meter)) && ordered(attribute::whole(&Whole { watts: None, ..meter })));
    }
}

#[test]
fn grows_with_the_design_power() {
    // Three servers of 128 threads, of 200, 225 and 280 W.
    for virtual_machine in [true, false] {
        let of = |brand: &str| model::active(&facts(brand, 128, virtual_machine), 50.0, 10.0, Some(0.3));
        let [small, middle, large] = ["AMD EPYC 8534P", "AMD EPYC 7713", "AMD EPYC 7763"].map(of);
        assert!(below(small, middle) && below(middle, large) && small.central < large.central, "{small:?} {middle:?} {large:?}");
    }
}
