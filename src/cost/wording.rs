//! The sentence that a reader gets for the energy of a phase.

use super::host::Host;
use super::phase::{Energy, EnergyReading, PhaseCost, Tier};
use super::range::figures;

/// What is metered nowhere and must be said.
const NOT_METERED: &str = "disks, network, fans, power-supply loss";

/// The energy of a phase in words: how well it is known, the figure with its range and what it rests on, idle power and
/// memory apart, what is not metered, and the figure that another run would give again.
#[must_use]
pub fn sentence(cost: &PhaseCost, host: &Host) -> String {
    let cpu = figures(cost.cpu_s());
    let repeatable = format!("Reproducible quantity: {cpu} CPU-s.");
    match &cost.energy {
        EnergyReading::Known(energy) if energy.tier == Tier::MeasuredRapl => format!("{} {repeatable}", measured(cost, energy, host)),
        EnergyReading::Known(energy) => format!("{} {repeatable}", estimated(cost, energy, host)),
        EnergyReading::Unknown(undefined) => format!("Energy not stated ({}). {repeatable}", undefined.why),
    }
}

/// The sentence of an estimate.
fn estimated(cost: &PhaseCost, energy: &Energy, host: &Host) -> String {
    let obstacle = host.source.obstacle.as_deref().unwrap_or("none is used");
    let busy = if host.virtual_machine { "busy vCPU" } else { "busy thread" };
    let of = match energy.tier {
        Tier::EstimateGeneric => format!("generic because {}", host.source.basis),
        _ => format!("host class {}", host.source.basis),
    };
    // A phase that hardly ran has no power per processor-second to speak of.
    let rate = match cost.cpu_s() {
        cpu_s if cpu_s > 0.0 => {
            let w = energy.active.scale(1.0 / cpu_s);
            format!("{} CPU-s × {} W ({}–{}) per {busy}", figures(cpu_s), figures(w.central), figures(w.low), figures(w.high))
        }
        _ => "no processor time".into(),
    };
    let remedy = host.source.remedy.as_ref().map(|r| format!(" To measure: {r}.")).unwrap_or_default();
    let apart = match (energy.idle, energy.memory) {
        (None, None) => "Idle and memory share not known.".to_owned(),
        (idle, memory) => {
            let words = |range: Option<super::range::Range>| range.map_or_else(|| "not known".into(), |r| r.words());
            format!("Idle and memory share, reported separately: idle {}, memory {}.", words(idle), words(memory))
        }
    };
    format!(
        "ESTIMATE (no power sensor readable: {obstacle}).{remedy} Active CPU energy {} from {rate}, {of}. {apart} Not metered: {NOT_METERED}.",
        energy.active.words()
    )
}

/// The sentence of a measurement.
fn measured(cost: &PhaseCost, energy: &Energy, host: &Host) -> String {
    let share = match cost.machine_share {
        Some(share) if share > 0.95 => "machine effectively dedicated to this work".to_owned(),
        Some(share) => format!("{} % of the processor time used meanwhile was this work's", figures(100.0 * share)),
        None => "share of this work not known".into(),
    };
    let memory = energy.memory.map_or_else(|| "Memory not metered.".into(), |range| format!("Memory, reported separately: {}.", range.words()));
    let lost = energy.lost_why.as_ref().map(|why| format!(" For {} s {why}: the range is wider for it.", figures(energy.lost_s))).unwrap_or_default();
    format!("MEASURED by {}. CPU energy {}; {share}.{lost} {memory} Not metered: {NOT_METERED}.", host.source.basis, energy.active.words())
}

#[cfg(test)]
mod tests {
    use super::super::host::Source;
    use super::super::range::Range;
    use super::*;
    use crate::value::{Reason, Undefined};

    fn example(tier: Tier, active: Range) -> (PhaseCost, Host) {
        let energy = Energy { tier, active, idle: Some(Range::new(0.8, 1.8, 3.7)), memory: Some(Range::new(0.1, 0.34, 0.66)), lost_s: 0.0, lost_why: None };
        let source = Source {
            tier,
            basis: "AMD family 25 model 17, taken as AMD EPYC 9654".into(),
            obstacle: Some("/sys/class/powercap absent – virtual machine".into()),
            remedy: None,
            notes: vec![],
        };
        let host = Host { cpu_model: "AMD EPYC".into(), logical_cpus: 2, memory_bytes: None, os: "Linux".into(), virtual_machine: true, load: None, source };
        let cost = PhaseCost {
            phase: "fit".into(),
            wall_s: 4.0,
            cpu_user_s: 3.5,
            cpu_system_s: 0.1,
            machine_share: Some(0.5),
            host_busy: None,
            host_steal: None,
            peak_rss_bytes: None,
            mean_rss_bytes: None,
            peak_children_bytes: None,
            read_bytes: None,
            written_bytes: None,
            threads: None,
            records_in: None,
            records_out: None,
            energy: EnergyReading::Known(energy),
            modelled: None,
        };
        (cost, host)
    }

    #[test]
    fn an_estimate_says_that_it_is_one() {
        // 3.6 CPU-s on 1.875 W a thread: times 0.30, 0.85, 2.6.
        let (cost, host) = example(Tier::EstimateCpuKnown, Range::new(0.5625, 1.59375, 4.875).scale(3.6));
        assert_eq!(
            sentence(&cost, &host),
            "ESTIMATE (no power sensor readable: /sys/class/powercap absent – virtual machine). Active CPU energy 5.7 J (plausible range 2.0–18 J) \
             from 3.6 CPU-s × 1.6 W (0.56–4.9) per busy vCPU, host class AMD family 25 model 17, taken as AMD EPYC 9654. \
             Idle and memory share, reported separately: idle 1.8 J (plausible range 0.80–3.7 J), memory 0.34 J (plausible range 0.10–0.66 J). \
             Not metered: disks, network, fans, power-supply loss. Reproducible quantity: 3.6 CPU-s."
        );
    }

    #[test]
    fn a_measurement_names_its_share_and_what_was_lost() {
        let (mut cost, host) = example(Tier::MeasuredRapl, Range::new(20.0, 50.0, 110.0));
        let EnergyReading::Known(energy) = &mut cost.energy else { unreachable!() };
        (energy.lost_s, energy.lost_why) = (1.0, Some("the counter stood still".into()));
        let text = sentence(&cost, &host);
        assert!(text.starts_with("MEASURED by ") && text.contains("CPU energy 50 J (plausible range 20–110 J); 50 % of the processor time"), "{text}");
        assert!(text.contains("For 1.0 s the counter stood still: the range is wider for it."), "{text}");
        cost.machine_share = Some(0.97);
        assert!(sentence(&cost, &host).contains("effectively dedicated"));
    }

    #[test]
    fn what_is_not_known_is_not_a_number() {
        let (mut cost, mut host) = example(Tier::EstimateGeneric, Range::new(1.0, 2.0, 3.0));
        host.source.remedy = Some("ask an administrator".into());
        assert!(sentence(&cost, &host).contains("To measure: ask an administrator. Active"));
        cost.energy = EnergyReading::Unknown(Undefined { reason: Reason::TooShort, why: "too short to state".into(), n: 0 });
        assert_eq!(sentence(&cost, &host), "Energy not stated (too short to state). Reproducible quantity: 3.6 CPU-s.");
    }
}
