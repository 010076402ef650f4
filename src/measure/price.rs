//! Cost as estimates that a gate can cite: from the phases of a candidate to the registry's metrics of scope cost.

use super::evidence::Measure;
use crate::cost::{PhaseCost, Range, Terms};
use crate::value::{Estimate, Interval, Method, Outcome, Reason};

/// Phases of training.
const TRAINING: [&str; 4] = ["features", "tune", "fit", "calibrate"];
/// How far CPU time of the same work strays from run to run on a busy machine: twice the coefficient of variation of 4.8 % that nine
/// repetitions showed. A plausible range, not a confidence interval.
const CPU_VARIATION: f64 = 0.10;

/// What a study says that costs depend on.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// Records coded in a year.
    pub annual_records: Option<u64>,
    /// Trainings a year.
    pub trainings: f64,
    /// Factors and prices.
    pub terms: &'a Terms,
}

/// The cost metrics of a candidate's phases; `level` is that of the study, carried for the format's sake.
#[must_use]
pub fn cost_measures(phases: &[PhaseCost], plan: Plan<'_>, level: f64) -> Vec<Measure> {
    let parts = Parts::of(phases);
    let coded = parts.coded().unwrap_or(0);
    let ranged = |r: Range, n: u64| {
        let interval = Some(Interval { lower: r.low, upper: r.high, level, method: Method::PlausibleRange });
        Outcome::Estimate(Estimate { value: r.central, se: None, interval, n, n_effective: None, psus: None, df: None, design_effect: None })
    };
    let told = |found: Result<Range, (Reason, String)>, n: u64| match found {
        Ok(range) => ranged(range, n),
        Err((reason, why)) => Outcome::undefined(reason, why, n),
    };
    let memory = match phases.iter().filter_map(|p| p.peak_rss_bytes.max(p.peak_children_bytes)).max() {
        Some(bytes) => ranged(Range::new(bytes as f64, bytes as f64, bytes as f64), coded),
        None => Outcome::undefined(Reason::NotMeasured, "the system does not report memory", 0),
    };
    let trained = parts.trained();
    let mut list = vec![
        ("train-cpu-seconds", told(parts.training_cpu(), trained)),
        ("train-energy", told(parts.training_energy(), trained)),
        ("predict-cpu-seconds-per-1000", told(parts.coding_cpu().map(per_thousand(coded)), coded)),
        ("predict-energy-per-1000", told(parts.coding_energy().map(per_thousand(coded)), coded)),
        ("peak-memory", memory),
    ];
    if plan.terms.intensity.is_some() {
        let carbon = |r: Range| plan.terms.operational(r).unwrap_or(r);
        let thousand = parts.coding_energy().map(per_thousand(coded)).map(carbon);
        list.push(("carbon-per-1000", told(thousand, coded)));
        if plan.terms.embodied.is_some() {
            let made = parts.coding_wall().map(|s| plan.terms.embodied(s).unwrap_or(0.0)).map(|g| Range::new(g, g, g)).map(per_thousand(coded));
            list.push(("embodied-carbon-per-1000", told(made, coded)));
            let operational = parts.coding_energy().map(per_thousand(coded)).map(carbon);
            let sci = operational
                .and_then(|o| Ok(o + parts.coding_wall().map(|s| plan.terms.embodied(s).unwrap_or(0.0)).map(|g| per_thousand(coded)(Range::new(g, g, g)))?));
            list.push(("software-carbon-intensity", told(sci, coded)));
        }
    }
    if let Some(records) = plan.annual_records {
        let energy = parts.year(records, plan.trainings, Parts::coding_energy, Parts::all_training_energy);
        let cpu = parts.year(records, plan.trainings, Parts::coding_cpu, Parts::training_cpu);
        if plan.terms.intensity.is_some() {
            list.push(("annual-carbon", told(energy.clone().map(|r| plan.terms.operational(r).unwrap_or(r)), coded)));
        }
        if plan.terms.prices.as_ref().is_some_and(|p| p.kwh.is_some() || p.cpu_hour.is_some()) {
            let money = plan.terms.machine(energy.clone().ok(), cpu.clone().ok());
            let why = energy.clone().err().or_else(|| cpu.clone().err()).unwrap_or((Reason::NotMeasured, "the study names no price".into()));
            list.push(("annual-machine-cost", told(money.ok_or(why), coded)));
        }
        list.insert(0, ("annual-energy", told(energy, coded)));
        list.insert(0, ("annual-cpu-seconds", told(cpu, coded)));
    }
    let order = |id: &str| crate::metric::METRICS.iter().position(|m| m.id == id);
    list.sort_by_key(|(id, _)| order(id));
    list.into_iter()
        .map(|(metric, outcome)| Measure {
            metric: metric.to_owned(),
            code_level: None,
            code: None,
            threshold: None,
            group: None,
            contrast: None,
            versus: None,
            outcome,
        })
        .collect()
}

/// Records a year at which coding uses as much energy as the trainings of a year do; none where either is not known.
#[must_use]
pub fn break_even(phases: &[PhaseCost], trainings: f64) -> Option<u64> {
    let parts = Parts::of(phases);
    let coding = parts.coding_energy().ok()?.central / parts.coded()? as f64;
    let training = parts.all_training_energy().ok()?.central * trainings;
    let records = training / coding;
    (records.is_finite() && (1.0..1e15).contains(&records)).then_some(records.round() as u64)
}

fn per_thousand(records: u64) -> impl Fn(Range) -> Range {
    move |r| r.scale(1_000.0 / records.max(1) as f64)
}

type Found = Result<Range, (Reason, String)>;

/// The phases by what they are for.
struct Parts<'a> {
    training: Vec<&'a PhaseCost>,
    predict: Option<&'a PhaseCost>,
}

impl<'a> Parts<'a> {
    fn of(phases: &'a [PhaseCost]) -> Self {
        Self { training: phases.iter().filter(|p| TRAINING.contains(&p.phase.as_str())).collect(), predict: phases.iter().find(|p| p.phase == "predict") }
    }

    fn coded(&self) -> Option<u64> {
        self.predict.and_then(|p| p.records_out).filter(|&n| n > 0)
    }

    fn trained(&self) -> u64 {
        self.training.iter().find_map(|p| p.records_in).unwrap_or(0)
    }

    /// The phase of coding where it is known and long enough to be stated.
    fn coding(&self) -> Result<&'a PhaseCost, (Reason, String)> {
        let elsewhere = "the candidate's codes were made elsewhere, and no cost of making them is given";
        let p = self.predict.ok_or_else(|| (Reason::NotMeasured, elsewhere.to_owned()))?;
        if self.coded().is_none() {
            return Err((Reason::NotMeasured, "how many records were coded is not known".to_owned()));
        }
        match p.energy.undefined() {
            Some(why) if why.reason == Reason::TooShort => Err((Reason::TooShort, format!("too short to state: {:.2} processor-seconds of coding", p.cpu_s()))),
            _ => Ok(p),
        }
    }

    fn coding_cpu(&self) -> Found {
        self.coding().map(|p| seconds(p.cpu_s()))
    }

    fn coding_wall(&self) -> Result<f64, (Reason, String)> {
        self.coding().map(|p| p.wall_s)
    }

    fn coding_energy(&self) -> Found {
        let p = self.coding()?;
        match (p.energy.energy(), p.energy.undefined()) {
            (Some(e), _) => Ok(e.active),
            (None, why) => Err(why.map_or((Reason::NotMeasured, "energy was not measured".to_owned()), |u| (u.reason, u.why.clone()))),
        }
    }

    fn not_trained(&self) -> Result<(), (Reason, String)> {
        let why = "the candidate was not trained in this run, and no cost of training it is given";
        if self.training.is_empty() { Err((Reason::NotMeasured, why.to_owned())) } else { Ok(()) }
    }

    fn training_cpu(&self) -> Found {
        self.not_trained()?;
        Ok(seconds(self.training.iter().map(|p| p.cpu_s()).sum()))
    }

    /// Active energy of training: lows, centres and highs added up. A phase too short to state is left out when others can be stated.
    fn training_energy(&self) -> Found {
        self.not_trained()?;
        let known: Vec<Range> = self.training.iter().filter_map(|p| p.energy.energy().map(|e| e.active)).collect();
        if let Some(total) = known.into_iter().reduce(|a, b| a + b) {
            return Ok(total);
        }
        let total: f64 = self.training.iter().map(|p| p.cpu_s()).sum();
        match self.training.iter().find_map(|p| p.energy.undefined()) {
            Some(u) if u.reason == Reason::TooShort => {
                let why = format!("too short to state: {total:.2} processor-seconds in all, no phase of training long enough to tell its energy");
                Err((Reason::TooShort, why))
            }
            Some(u) => Err((u.reason, u.why.clone())),
            None => Err((Reason::NotMeasured, "energy was not measured".to_owned())),
        }
    }

    /// The same for sums over a year: phases too short to state count from nothing up to what their processor time would use at the
    /// rate of the candidate's other phases, so that the sum is not too small.
    fn all_training_energy(&self) -> Found {
        self.not_trained()?;
        let stated = self.training.iter().copied().chain(self.predict).filter_map(|p| Some((p.cpu_s(), p.energy.energy()?.active)));
        let Some((cpu, rate)) = stated.filter(|(cpu, _)| *cpu > 0.0).max_by(|a, b| a.0.total_cmp(&b.0)) else { return self.training_energy() };
        let of = |p: &PhaseCost| match (p.energy.energy(), p.energy.undefined()) {
            (Some(e), _) => Some(e.active),
            (None, Some(u)) if u.reason == Reason::TooShort => {
                let share = p.cpu_s() / cpu;
                Some(Range::new(0.0, rate.central * share, rate.high * share))
            }
            _ => None,
        };
        let all: Option<Vec<Range>> = self.training.iter().map(|p| of(p)).collect();
        match all.and_then(|all| all.into_iter().reduce(|a, b| a + b)) {
            Some(total) => Ok(total),
            None => self.training_energy(),
        }
    }

    /// A year: coding in proportion and trainings added, lows with lows and highs with highs.
    fn year(&self, records: u64, trainings: f64, coding: impl Fn(&Self) -> Found, training: impl Fn(&Self) -> Found) -> Found {
        let coding = coding(self)?.scale(records as f64 / self.coded().unwrap_or(1) as f64);
        if trainings > 0.0 { Ok(coding + training(self)?.scale(trainings)) } else { Ok(coding) }
    }
}

fn seconds(s: f64) -> Range {
    Range::new(s * (1.0 - CPU_VARIATION), s, s * (1.0 + CPU_VARIATION))
}

#[cfg(test)]
#[path = "price_tests.rs"]
mod tests;
