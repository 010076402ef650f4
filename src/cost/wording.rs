//! The sentence that a reader gets for the energy of a phase.

use super::host::Host;
use super::phase::{Energy, EnergyReading, PhaseCost, Tier};
use super::range::figures;

/// What no sensor of the processor and no estimate covers, and must be said.
const NOT_METERED: &str = "disks, network, fans, power-supply loss";
/// What a meter of the whole computer still leaves out.
const OUTSIDE: &str = "network and cooling outside the computer";
/// The share of processor time from which a machine is called this work's own.
const DEDICATED: f64 = 0.95;
/// The share of processors held by other virtual machines from which it is worth a sentence.
const STOLEN: f64 = 0.01;

/// The energy of a phase in words: how well it is known, the figure with its range and what it rests on, idle power and
/// memory apart, what is not metered, and the figure that another run would give again.
#[must_use]
pub fn sentence(cost: &PhaseCost, host: &Host) -> String {
    let cpu = figures(cost.cpu_s());
    let repeatable = format!("Reproducible quantity: {cpu} CPU-s.");
    match &cost.energy {
        EnergyReading::Known(energy) if energy.tier.is_measured() => format!("{}{} {repeatable}", measured(cost, energy, host), shared(cost, host)),
        EnergyReading::Known(energy) => format!("{}{} {repeatable}", estimated(cost, energy, host), shared(cost, host)),
        EnergyReading::Unknown(undefined) => format!("Energy not stated ({}). {repeatable}", undefined.why),
    }
}

/// Whether the machine was shared with others, and what else took time that is not this work's.
fn shared(cost: &PhaseCost, host: &Host) -> String {
    let mut text = String::new();
    if let Some(share) = cost.machine_share.filter(|share| *share < DEDICATED) {
        text.push_str(&format!(" Shared machine: {} % of the processor time used meanwhile was this work's.", figures(100.0 * share)));
    }
    if host.virtual_machine {
        text.push_str(" Virtual machine: who else uses the processors cannot be seen.");
    }
    if let Some(steal) = cost.host_steal.filter(|steal| *steal >= STOLEN) {
        text.push_str(&format!(" Other virtual machines took {} % of them.", figures(100.0 * steal)));
    }
    if cost.asleep_s > 0.0 {
        text.push_str(&format!(" The machine was suspended for {} s, which is in no figure.", figures(cost.asleep_s)));
    }
    text
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
        Some(share) if share >= DEDICATED => "machine effectively dedicated to this work".to_owned(),
        Some(_) => "the central figure is this work's share by processor time, the high one is everything".into(),
        None => "share of this work not known".into(),
    };
    if energy.tier != Tier::MeasuredRapl && host.source.basis.contains("whole computer") {
        let lost = lost(energy);
        return format!("MEASURED by {}. Energy {}, idle power included; {share}.{lost} Not metered: {OUTSIDE}.", host.source.basis, energy.active.words());
    }
    let memory = energy.memory.map_or_else(|| "Memory not metered.".into(), |range| format!("Memory, reported separately: {}.", range.words()));
    let lost = lost(energy);
    format!("MEASURED by {}. CPU energy {}; {share}.{lost} {memory} Not metered: {NOT_METERED}.", host.source.basis, energy.active.words())
}

/// For how long nothing could be believed, and why.
fn lost(energy: &Energy) -> String {
    energy.lost_why.as_ref().map(|why| format!(" For {} s {why}: the range is wider for it.", figures(energy.lost_s))).unwrap_or_default()
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
            asleep_s: 0.0,
            group_cpu_s: None,
            mean_children_bytes: None,
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
             Not metered: disks, network, fans, power-supply loss. Shared machine: 50 % of the processor time used meanwhile was this work's. \
             Virtual machine: who else uses the processors cannot be seen. Reproducible quantity: 3.6 CPU-s."
        );
    }

    #[test]
    fn a_measurement_names_its_share_and_what_was_lost() {
        let (mut cost, host) = example(Tier::MeasuredRapl, Range::new(20.0, 50.0, 110.0));
        let EnergyReading::Known(energy) = &mut cost.energy else { unreachable!() };
        (energy.lost_s, energy.lost_why) = (1.0, Some("the counter stood still".into()));
        let text = sentence(&cost, &host);
        assert!(
            text.starts_with("MEASURED by ") && text.contains("CPU energy 50 J (plausible range 20–110 J); the central figure is this work's share"),
            "{text}"
        );
        assert!(text.contains("Shared machine: 50 % of the processor time"), "{text}");
        assert!(text.contains("For 1.0 s the counter stood still: the range is wider for it."), "{text}");
        cost.machine_share = Some(0.97);
        assert!(sentence(&cost, &host).contains("effectively dedicated") && !sentence(&cost, &host).contains("Shared machine"));
        (cost.host_steal, cost.asleep_s) = (Some(0.034), 61.0);
        let text = sentence(&cost, &host);
        assert!(text.contains("Other virtual machines took 3.4 % of them.") && text.contains("suspended for 61 s"), "{text}");
    }

    #[test]
    fn a_meter_of_the_whole_names_what_it_leaves_out() {
        let (cost, mut host) = example(Tier::MeasuredMeter, Range::new(20.0, 50.0, 110.0));
        host.source.basis = "the external meter of the whole computer, by share of processor time".into();
        let text = sentence(&cost, &host);
        assert!(
            text.contains("the external meter of the whole computer")
                && text.contains("idle power included")
                && text.contains("Not metered: network and cooling")
                && !text.contains("power-supply"),
            "{text}"
        );
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
