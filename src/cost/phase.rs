//! What phases cost, and how well their energy is known.

use super::host::Host;
use super::range::Range;
use crate::value::Undefined;
use serde::{Deserialize, Serialize};

/// How well an energy figure is known, the best first; figures of different tiers are never compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// An external meter of the whole computer, read for the user, and this work's share of it.
    MeasuredMeter,
    /// The processor's own energy counters (RAPL), and this work's share of them.
    MeasuredRapl,
    /// A sensor of a part or of the whole that is coarse: a driver's energy counter, a battery; and this work's share of it.
    MeasuredPartial,
    /// Processor time and the design power of a processor that was recognised.
    EstimateCpuKnown,
    /// Processor time and what servers typically draw.
    EstimateGeneric,
}

impl Tier {
    /// The tier in words for a reader.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::MeasuredMeter => "measured by an external meter of the whole computer",
            Self::MeasuredRapl => "measured by the processor's energy counters",
            Self::MeasuredPartial => "measured by a coarse sensor of the computer",
            Self::EstimateCpuKnown => "estimated from processor time and the processor's design power",
            Self::EstimateGeneric => "estimated from processor time and typical servers",
        }
    }

    /// Whether there was a sensor.
    #[must_use]
    pub fn is_measured(self) -> bool {
        matches!(self, Self::MeasuredMeter | Self::MeasuredRapl | Self::MeasuredPartial)
    }

    /// What the figure is of.
    #[must_use]
    pub fn words_of(self) -> &'static str {
        match self {
            Self::MeasuredMeter => "the whole computer",
            _ => "the processors",
        }
    }

    /// The weakest tier that all phases have a figure at, the best such: what they may be compared on. Phases without any figure
    /// do not count; none where the others share no tier, or where there is nothing to compare.
    #[must_use]
    pub fn common(phases: &[&PhaseCost]) -> Option<Self> {
        let stated: Vec<_> = phases.iter().filter(|p| p.energy.energy().is_some() || p.modelled.as_ref().is_some_and(|m| m.energy().is_some())).collect();
        let all = [Self::MeasuredMeter, Self::MeasuredRapl, Self::MeasuredPartial, Self::EstimateCpuKnown, Self::EstimateGeneric];
        all.into_iter().find(|tier| !stated.is_empty() && stated.iter().all(|p| p.at(*tier).is_some()))
    }
}

/// Energy of one phase by what used it; joules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Energy {
    /// How well it is known.
    pub tier: Tier,
    /// The processors at work. Measured: idle power is inside the central and high figures, by share of use.
    pub active: Range,
    /// What the processors would have drawn anyway: never added to `active` unseen. Absent when measured or not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle: Option<Range>,
    /// Memory. Absent when not metered or not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Range>,
    /// Seconds in which a counter could not be believed; they are not in the central figure and widen the high one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lost_s: f64,
    /// Why, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_why: Option<String>,
}

/// Whether a number is 0, for fields that are left out then.
fn is_zero(x: &f64) -> bool {
    *x == 0.0
}

/// An energy figure or the reason why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnergyReading {
    /// There is a figure.
    Known(Energy),
    /// There is none: the phase was too short to state, or a counter failed.
    Unknown(Undefined),
}

impl EnergyReading {
    /// The figure, if there is one.
    #[must_use]
    pub fn energy(&self) -> Option<&Energy> {
        match self {
            Self::Known(energy) => Some(energy),
            Self::Unknown(_) => None,
        }
    }

    /// Why there is none.
    #[must_use]
    pub fn undefined(&self) -> Option<&Undefined> {
        match self {
            Self::Known(_) => None,
            Self::Unknown(why) => Some(why),
        }
    }
}

/// What one phase cost; several visits to the same phase of a candidate are one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseCost {
    /// Name of the phase: read, features, tune, fit, calibrate, load, predict, evaluate.
    pub phase: String,
    /// Seconds by the clock, time asleep not counted.
    pub wall_s: f64,
    /// Seconds the machine was suspended meanwhile; they are in no other figure.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub asleep_s: f64,
    /// Processor-seconds in the program, of all threads and child processes.
    pub cpu_user_s: f64,
    /// Processor-seconds in the kernel on the program's behalf, of all threads and child processes.
    pub cpu_system_s: f64,
    /// Processor-seconds of everything in this process's control group: a bound from above, where the system shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_cpu_s: Option<f64>,
    /// Those seconds as a share of all processor time used on the machine meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine_share: Option<f64>,
    /// Share of all processors that was busy, by anybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_busy: Option<f64>,
    /// Share of all processors that another virtual machine had when this one wanted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_steal: Option<f64>,
    /// Most resident memory of this process during the phase, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_rss_bytes: Option<u64>,
    /// Mean resident memory of this process over the phase, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_rss_bytes: Option<u64>,
    /// Mean resident memory of child processes over the phase, in bytes, those that share pages counted with all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_children_bytes: Option<u64>,
    /// Most resident memory of child processes, in bytes: of those alive at a reading, or of a child larger than all before
    /// it. Absent when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_children_bytes: Option<u64>,
    /// Bytes read from storage; what the system had in memory already is not among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_bytes: Option<u64>,
    /// Bytes written towards storage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_bytes: Option<u64>,
    /// Most threads alive at once, the meter's own not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<u32>,
    /// Records that went in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records_in: Option<u64>,
    /// Records that came out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records_out: Option<u64>,
    /// Energy by the best source of this machine.
    pub energy: EnergyReading,
    /// Energy by the model as well, where it was measured: for comparison with machines that have no counters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modelled: Option<EnergyReading>,
}

impl PhaseCost {
    /// Processor-seconds in program and kernel: the figure that is the same on a busy and on a quiet machine.
    #[must_use]
    pub fn cpu_s(&self) -> f64 {
        self.cpu_user_s + self.cpu_system_s
    }

    /// The share of the control group's processor time that was seen in this process and its children: near 1 where the group holds
    /// nothing else and nothing escaped. Never above 1 but for the clocks' grain.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        self.group_cpu_s.filter(|s| *s > 0.0).map(|s| self.cpu_s() / s)
    }

    /// The energy at one tier, so that two phases are compared on the weakest tier they share.
    #[must_use]
    pub fn at(&self, tier: Tier) -> Option<&Energy> {
        [Some(&self.energy), self.modelled.as_ref()].into_iter().flatten().filter_map(EnergyReading::energy).find(|energy| energy.tier == tier)
    }
}

/// What one candidate cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CandidateCost {
    /// The candidate's name.
    pub candidate: String,
    /// Its phases, in the order they were first entered.
    pub phases: Vec<PhaseCost>,
}

/// What a run cost, and on what machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// The machine, and where energy figures come from.
    pub host: Host,
    /// The candidates, in the order they first appeared.
    pub candidates: Vec<CandidateCost>,
    /// Processor-seconds of the meter's own background thread; they are inside the phases, nothing is subtracted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meter_cpu_s: Option<f64>,
    /// Most resident memory that the process ever had, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_rss_bytes: Option<u64>,
}

impl Costs {
    /// The phases of one candidate; none for a name that never appeared.
    #[must_use]
    pub fn phases(&self, candidate: &str) -> &[PhaseCost] {
        self.candidates.iter().find(|c| c.candidate == candidate).map_or(&[], |c| &c.phases)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Reason;

    #[test]
    fn is_written_and_read_back_whole() {
        let estimate = Energy {
            tier: Tier::EstimateGeneric,
            active: Range::new(0.1, 0.2, 0.30000000000000004),
            idle: None,
            memory: Some(Range::new(1.0, 2.0, 3.0)),
            lost_s: 0.0,
            lost_why: None,
        };
        let measured = Energy { tier: Tier::MeasuredRapl, lost_s: 1.5, lost_why: Some("why".into()), ..estimate.clone() };
        let mut cost = PhaseCost {
            phase: "fit".into(),
            wall_s: 1.25,
            asleep_s: 0.0,
            group_cpu_s: Some(3.0),
            mean_children_bytes: None,
            cpu_user_s: 1.0,
            cpu_system_s: 0.5,
            machine_share: Some(0.75),
            host_busy: None,
            host_steal: None,
            peak_rss_bytes: Some(1),
            mean_rss_bytes: Some(1),
            peak_children_bytes: None,
            read_bytes: None,
            written_bytes: Some(0),
            threads: Some(2),
            records_in: Some(3),
            records_out: None,
            energy: EnergyReading::Known(measured),
            modelled: Some(EnergyReading::Known(estimate)),
        };
        let text = serde_json::to_string(&cost).unwrap();
        assert!(text.contains("\"tier\":\"measured-rapl\"") && text.contains("\"tier\":\"estimate-generic\"") && !text.contains("host_busy"), "{text}");
        assert_eq!(serde_json::from_str::<PhaseCost>(&text).unwrap(), cost);
        assert!(serde_json::from_str::<PhaseCost>(&text.replacen("\"phase\"", "\"name\":1,\"phase\"", 1)).is_err());
        assert_eq!(cost.at(Tier::EstimateGeneric).map(|e| e.lost_s), Some(0.0));
        assert_eq!(cost.at(Tier::EstimateCpuKnown), None);
        cost.energy = EnergyReading::Unknown(Undefined { reason: Reason::TooShort, why: "too short".into(), n: 3 });
        assert_eq!(serde_json::from_str::<PhaseCost>(&serde_json::to_string(&cost).unwrap()).unwrap(), cost);
        assert_eq!((cost.at(Tier::MeasuredRapl), cost.cpu_s(), cost.coverage()), (None, 1.5, Some(0.5)));
    }

    fn phase(energy: Option<Tier>, modelled: Option<Tier>) -> PhaseCost {
        let reading = |tier: Option<Tier>| match tier {
            Some(tier) => EnergyReading::Known(Energy { tier, active: Range::new(1.0, 2.0, 3.0), idle: None, memory: None, lost_s: 0.0, lost_why: None }),
            None => EnergyReading::Unknown(Undefined { reason: Reason::TooShort, why: "too short".into(), n: 3 }),
        };
        let text = r#"{"phase":"fit","wall_s":1.0,"cpu_user_s":1.0,"cpu_system_s":0.0,"energy":{"unknown":{"reason":"too-short","why":"","n":0}}}"#;
        let older: PhaseCost = serde_json::from_str(text).expect("evidence written before a field was there");
        PhaseCost { energy: reading(energy), modelled: modelled.map(|tier| reading(Some(tier))), ..older }
    }

    #[test]
    fn is_compared_on_the_weakest_tier_that_all_share() {
        use Tier::{EstimateCpuKnown as D, EstimateGeneric as E, MeasuredMeter as A, MeasuredRapl as B};
        let common = |phases: &[PhaseCost]| Tier::common(&phases.iter().collect::<Vec<_>>());
        let metered = phase(Some(B), Some(D));
        assert_eq!(common(&[metered.clone(), metered.clone()]), Some(B));
        assert_eq!(common(&[metered.clone(), phase(Some(D), None)]), Some(D), "measured here, estimated there: by the estimate");
        assert_eq!(common(&[metered.clone(), phase(None, Some(D)), phase(Some(A), Some(D))]), Some(D));
        assert_eq!(common(&[metered.clone(), phase(Some(E), None)]), None, "never mixed");
        assert_eq!(common(&[metered, phase(None, None)]), Some(B), "what has no figure at all does not weaken the others");
        assert_eq!((common(&[]), common(&[phase(None, None)])), (None, None));
    }
}
