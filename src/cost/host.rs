//! The machine the work ran on, and where its energy figures come from; no name of the machine or of anybody.

use super::model;
use super::phase::Tier;
use super::proc::{Processor, processor};
use super::table::{Known, find};
use serde::{Deserialize, Serialize};
use std::path::Path;
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// Where energy figures come from, and why from nothing better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// How well energy is known.
    pub tier: Tier,
    /// What the figures rest on: the counters read, or the processor recognised.
    pub basis: String,
    /// Why no counter is used, where none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obstacle: Option<String>,
    /// What an administrator can do about it, where something can be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// What else a reader must know: counters left out, one counter shown twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Source {
    /// All of it in sentences: what is used, why nothing better, what would help.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut text = match self.tier {
            Tier::MeasuredMeter | Tier::MeasuredRapl | Tier::MeasuredPartial => format!("Energy is measured by {}.", self.basis),
            Tier::EstimateCpuKnown => format!("Energy is estimated from processor time and the design power of {}.", self.basis),
            Tier::EstimateGeneric => format!("Energy is estimated from processor time and typical servers, because {}.", self.basis),
        };
        if let Some(obstacle) = &self.obstacle {
            text.push_str(&format!(" No power sensor is readable: {obstacle}."));
        }
        if let Some(remedy) = &self.remedy {
            text.push_str(&format!(" To measure: {remedy}."));
        }
        for note in &self.notes {
            text.push_str(&format!(" Note: {note}."));
        }
        text
    }
}

/// The machine the work ran on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// The processor as it names itself, or "not known".
    pub cpu_model: String,
    /// Logical processors that can be seen.
    pub logical_cpus: u32,
    /// Memory of the machine in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Operating system and version, or "not known".
    pub os: String,
    /// A hypervisor announces itself: other machines share the processor, unseen.
    pub virtual_machine: bool,
    /// Processes that wanted to run, mean of the minute before the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<f64>,
    /// Where the energy figures come from.
    pub source: Source,
}

/// What the energy model needs to know of the machine.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Facts {
    /// The processor as the kernel describes it.
    pub processor: Processor,
    /// The processor's entry in the table, if it was recognised.
    pub known: Option<Known>,
    /// Logical processors, at least 1.
    pub logical: u32,
}

impl Facts {
    /// Reads the processor from a `/proc` tree, and from the system where that says nothing.
    pub(super) fn read(proc: &Path) -> Self {
        let mut processor = processor(&std::fs::read_to_string(proc.join("cpuinfo")).unwrap_or_default());
        if processor.brand.is_empty()
            && let Ok(system) = System::new_with_specifics(RefreshKind::nothing().with_cpu(sysinfo::CpuRefreshKind::nothing()))
        {
            processor.brand = system.cpus().first().map(|cpu| cpu.brand().trim().to_owned()).unwrap_or_default();
        }
        let seen = || std::thread::available_parallelism().ok().and_then(|n| u32::try_from(n.get()).ok());
        let logical = Some(processor.logical).filter(|n| *n > 0).or_else(seen).unwrap_or(1);
        Self { known: find(&processor), processor, logical }
    }

    /// The source of energy figures when no counter can be read.
    pub(super) fn estimate(&self, obstacle: &str, remedy: Option<String>) -> Source {
        let basis = match &self.known {
            Some(known) => known.class.clone(),
            None if self.processor.brand.is_empty() => "the processor is not known".into(),
            None => format!("the design power of {} is not known", self.processor.brand),
        };
        let shared = if self.processor.virtual_machine { " – virtual machine" } else { "" };
        Source { tier: model::tier(self), basis, obstacle: Some(format!("{obstacle}{shared}")), remedy, notes: Vec::new() }
    }
}

impl Host {
    /// The machine as it is now.
    pub(super) fn read(facts: &Facts, source: Source) -> Self {
        let unknown = || "not known".to_owned();
        let memory = System::new_with_specifics(RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram())).ok();
        Self {
            cpu_model: Some(facts.processor.brand.clone()).filter(|b| !b.is_empty()).unwrap_or_else(unknown),
            logical_cpus: facts.logical,
            memory_bytes: memory.map(|m| m.total_memory()).filter(|bytes| *bytes > 0),
            os: System::long_os_version().unwrap_or_else(|_| unknown()),
            virtual_machine: facts.processor.virtual_machine,
            load: System::load_average().ok().map(|load| load.one).filter(|load| load.is_finite()),
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_is_used_and_why_nothing_better() {
        let known = Source {
            tier: Tier::EstimateCpuKnown,
            basis: "AMD EPYC 7763".into(),
            obstacle: Some("permission denied on energy_uj".into()),
            remedy: Some("ask".into()),
            notes: vec![],
        };
        assert_eq!(
            known.sentence(),
            "Energy is estimated from processor time and the design power of AMD EPYC 7763. No power sensor is readable: permission denied on energy_uj. To measure: ask."
        );
    }

    #[test]
    fn reads_any_machine() {
        for proc in ["/proc", "/nowhere"] {
            let facts = Facts::read(Path::new(proc));
            let host = Host::read(&facts, facts.estimate("no sensor", None));
            assert!(host.logical_cpus >= 1 && !host.cpu_model.is_empty());
            assert!(host.memory_bytes.is_none_or(|bytes| bytes > 1 << 20));
            let text = serde_json::to_string(&host).unwrap();
            assert_eq!(serde_json::from_str::<Host>(&text).unwrap(), host);
            assert!(serde_json::from_str::<Host>(&text.replacen('{', "{\"host_name\":\"x\",", 1)).is_err());
        }
    }
}
