//! The cost file: what `proofmark measure` writes of a program, and a candidate made elsewhere cites.

use super::host::Host;
use super::phase::{Energy, EnergyReading, PhaseCost};
use super::range::Range;
use crate::value::{Class, Problem};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// The format's name and version; a reader refuses any other.
pub const COST_FORMAT: &str = "proofmark-cost/1";
/// Names of phases that a cost file can hold.
pub const PHASES: [&str; 8] = ["read", "features", "tune", "fit", "calibrate", "load", "predict", "evaluate"];
/// Largest cost file that is read, in bytes.
const LARGEST: usize = 1 << 20;

/// What a program cost, by phase, and on what machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostFile {
    /// [`COST_FORMAT`].
    pub format: String,
    /// Name and version of the program that measured.
    pub program: String,
    /// When the last phase was measured, UTC, RFC 3339.
    pub measured: String,
    /// The machine.
    pub host: Host,
    /// The phases, in the order they were measured.
    pub phases: Vec<PhaseCost>,
    /// SHA-256 of all the rest, in hexadecimal.
    pub digest: String,
}

/// What makes figures of two machines comparable: processor, size, and how energy is known.
#[must_use]
pub fn same_kind(a: &Host, b: &Host) -> bool {
    let kind = |h: &Host| (h.cpu_model.clone(), h.logical_cpus, h.memory_bytes, h.virtual_machine, h.source.tier);
    kind(a) == kind(b)
}

impl CostFile {
    /// A file with its digest.
    #[must_use]
    pub fn new(program: String, measured: String, host: Host, phases: Vec<PhaseCost>) -> Self {
        let mut file = Self { format: COST_FORMAT.to_owned(), program, measured, host, phases, digest: String::new() };
        file.digest = file.own_digest();
        file
    }

    /// The file as JSON, indented, with a line feed at its end.
    #[must_use]
    pub fn json(&self) -> String {
        // It holds strings and finite numbers only, so this cannot fail.
        serde_json::to_string_pretty(self).map_or_else(|_| String::new(), |json| json + "\n")
    }

    /// Reads a cost file with care; `name` is how messages call it.
    ///
    /// # Errors
    /// Another format, too large, changed since it was written, or figures that no meter gives.
    pub fn parse(name: &str, text: &str) -> Result<Self, Problem> {
        let wrong = |message: String| Problem::new(Class::Model, message).file(name);
        let remedy = "make it with: proofmark measure --out cost.json --phase fit -- COMMAND";
        if text.len() > LARGEST {
            return Err(wrong(format!("the cost file is larger than {} KiB", LARGEST >> 10)).remedy(remedy));
        }
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|e| wrong(format!("the cost file is not JSON: {}", plain(&e))).line(e.line()).remedy(remedy))?;
        match value.get("format").and_then(serde_json::Value::as_str) {
            Some(COST_FORMAT) => {}
            Some(other) => {
                let other: String = other.chars().take(40).collect();
                return Err(wrong(format!("the cost file is of the format `{other}`, not `{COST_FORMAT}`")).remedy("measure again with this version"));
            }
            None => return Err(wrong(format!("the file is no cost file: it does not say `\"format\": \"{COST_FORMAT}\"`")).remedy(remedy)),
        }
        let file: Self = serde_json::from_str(text).map_err(|e| {
            wrong(format!("the cost file is damaged: {}", plain(&e))).line(e.line()).remedy("measure again; cost files are not written by hand")
        })?;
        file.check().map_err(|what| wrong(format!("the cost file is damaged: {what}")).remedy("measure again; cost files are not written by hand"))?;
        if file.digest != file.own_digest() {
            let problem = wrong("the cost file was changed after it was measured: its digest does not fit".to_owned());
            return Err(problem.remedy("measure again, or take the file as it was written"));
        }
        Ok(file)
    }

    fn check(&self) -> Result<(), String> {
        if self.phases.is_empty() {
            return Err("it has no phase".into());
        }
        for (i, p) in self.phases.iter().enumerate() {
            if !PHASES.contains(&p.phase.as_str()) {
                return Err(format!("there is no phase `{}`", p.phase.chars().take(40).collect::<String>()));
            }
            if self.phases[..i].iter().any(|q| q.phase == p.phase) {
                return Err(format!("the phase `{}` is there twice", p.phase));
            }
            let times = [p.wall_s, p.cpu_user_s, p.cpu_system_s];
            let shares = [p.machine_share, p.host_busy, p.host_steal];
            let energies = [Some(&p.energy), p.modelled.as_ref()].into_iter().flatten().filter_map(EnergyReading::energy);
            let good = times.iter().all(|x| x.is_finite() && *x >= 0.0)
                && shares.iter().flatten().all(|x| x.is_finite() && *x >= 0.0)
                && energies.into_iter().all(sound);
            if !good {
                return Err(format!("the phase `{}` has figures that no meter gives", p.phase));
            }
        }
        Ok(())
    }

    /// SHA-256 of the file without its digest.
    fn own_digest(&self) -> String {
        let rest = Self { digest: String::new(), ..self.clone() };
        let bytes = serde_json::to_vec(&rest).unwrap_or_default();
        Sha256::digest(&bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// Whether an energy is one that a meter gives: in order and finite.
fn sound(e: &Energy) -> bool {
    let ordered = |r: &Range| r.low.is_finite() && r.high.is_finite() && 0.0 <= r.low && r.low <= r.central && r.central <= r.high;
    [Some(&e.active), e.idle.as_ref(), e.memory.as_ref()].into_iter().flatten().all(ordered) && e.lost_s.is_finite() && e.lost_s >= 0.0
}

/// What a parser says, without the place, which is told apart.
fn plain(e: &serde_json::Error) -> String {
    let text = e.to_string();
    text.split(" at line ").next().unwrap_or_default().chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Meter, Sources};
    use super::*;

    #[test]
    fn is_written_and_read_back_and_refused_when_touched() {
        let mut meter = Meter::start(Sources { powercap: "/nowhere".into(), ..Sources::default() });
        meter.phase("x", "fit");
        meter.records(10, 0);
        let costs = meter.finish();
        let file = CostFile::new("proofmark 0".into(), "2026-01-01T00:00:00Z".into(), costs.host.clone(), costs.phases("x").to_vec());
        let text = file.json();
        assert_eq!(CostFile::parse("cost.json", &text).unwrap(), file);
        let told = |text: &str| CostFile::parse("cost.json", text).unwrap_err().to_string();
        assert!(told(&text.replace("\"records_in\": 10", "\"records_in\": 11")).contains("changed after it was measured"));
        assert!(told(&text.replace("cost/1", "cost/9")).contains("`proofmark-cost/9`"));
        assert!(told(&text.replace("\"wall_s\": ", "\"wall_s\": -1")).contains("no meter gives"));
        assert!(told(&text.replace("\"fit\"", "\"x\"")).contains("there is no phase `x`"));
        assert!(told(&text[..text.len() / 2]).contains("not JSON"));
        assert!(told("{}").contains("no cost file") && told("[1]").contains("no cost file") && told("").contains("help: make it with"));
        assert!(told(&" ".repeat(LARGEST + 1)).contains("larger than 1024 KiB"));
        assert!(same_kind(&file.host, &costs.host));
    }
}
