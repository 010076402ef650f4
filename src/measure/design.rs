//! The sampled units of the test part under the data set's design: PSUs or records, finite populations, replicates.

use super::request::{LonelyPsu, Request, Variance};
use crate::data::{DatasetDescription, Factor, ReplicateDesign, Role, Table};
use crate::stats::{Centre, DesignFault, Lonely, ReplicateFault, Replicates, Replication, Units};
use crate::value::{Class, Failure, Method, Problem, grouped};
use std::collections::{BTreeMap, HashMap};

/// The test part's units and what is to be said of them.
pub struct Designed {
    /// Unit of each test record.
    pub unit: Vec<u32>,
    /// The units.
    pub units: Units,
    /// Replicates of the units, for metrics without a closed form.
    pub replicates: Option<Replicates>,
    /// True when units are PSUs.
    pub clustered: bool,
    /// True when records are independent but for their weights.
    pub independent: bool,
    /// How an interval from Student's t is named.
    pub method: Method,
    /// Strata of the test part, where there are any.
    pub strata: Option<u64>,
    /// PSUs of the test part, where there are any.
    pub psus: Option<u64>,
    /// The design in words, after the weights.
    pub words: Vec<String>,
}

/// The design of some rows of a table with their weights; `seed` is the root of random replicates.
///
/// # Errors
/// A stratum with one unit under `lonely_psu = "fail"`; replicates that the design does not allow, or that need too much memory.
pub fn design(table: &Table, about: &DatasetDescription, rows: &[u32], weight: &[f64], request: &Request, seed: u64) -> Result<Designed, Failure> {
    let factor = |role| about.with_role(role).next().and_then(|c| table.factor(&c.name));
    let parts = Parts { table, about, rows, strata: factor(Role::Stratum), psus: factor(Role::Psu) };
    match &about.design.replicates {
        Some(described) => parts.supplied(described, weight),
        None => parts.sampled(request, seed),
    }
}

struct Parts<'a> {
    table: &'a Table,
    about: &'a DatasetDescription,
    rows: &'a [u32],
    strata: Option<&'a Factor>,
    psus: Option<&'a Factor>,
}

impl Parts<'_> {
    /// A row's stratum; a row's level, unlabelled rows aside, is never missing: `assemble` refuses that.
    fn stratum_of(&self, row: u32) -> u32 {
        self.strata.map_or(0, |f| f.index[row as usize])
    }

    fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(Class::Data, message).file(&self.about.file)
    }

    /// Numbers from 0 of the strata and of the PSUs of the rows, in the order of their labels.
    fn numbers(&self) -> (BTreeMap<u32, u32>, BTreeMap<(u32, u32), u32>) {
        let mut strata: BTreeMap<u32, u32> = self.rows.iter().map(|&r| (self.stratum_of(r), 0)).collect();
        strata.values_mut().enumerate().for_each(|(i, v)| *v = i as u32);
        let mut psus = BTreeMap::new();
        if let Some(psu) = self.psus {
            psus = self.rows.iter().map(|&r| ((self.stratum_of(r), psu.index[r as usize]), 0)).collect();
            psus.values_mut().enumerate().for_each(|(i, v)| *v = i as u32);
        }
        (strata, psus)
    }

    /// Units of the sampling design, with linearised variances or those of replicates made of them.
    fn sampled(&self, request: &Request, seed: u64) -> Result<Designed, Failure> {
        let lonely = match request.lonely_psu {
            LonelyPsu::Fail => Lonely::Fail,
            LonelyPsu::Remove => Lonely::Remove,
            LonelyPsu::Adjust => Lonely::Adjust,
            LonelyPsu::Average => Lonely::Average,
        };
        let (strata, psus) = self.numbers();
        let mut counts = vec![0u64; strata.len()];
        let stratum_of_psu: Vec<u32> = psus.keys().map(|(h, _)| strata[h]).collect();
        let unit: Vec<u32> = match self.psus {
            Some(psu) => {
                stratum_of_psu.iter().for_each(|&h| counts[h as usize] += 1);
                self.rows.iter().map(|&r| psus[&(self.stratum_of(r), psu.index[r as usize])]).collect()
            }
            None => {
                let unit: Vec<u32> = self.rows.iter().map(|&r| strata[&self.stratum_of(r)]).collect();
                unit.iter().for_each(|&h| counts[h as usize] += 1);
                unit
            }
        };
        // The declared population is of the whole sample's strata; the test part is what estimates rest on, so its units are the sampled ones.
        let fraction: Option<Vec<f64>> = self
            .table
            .finite
            .as_ref()
            .map(|finite| strata.iter().map(|(h, &at)| finite.get(h).map_or(0.0, |s| (counts[at as usize] as f64 / s.population).min(1.0))).collect());
        let units = match (self.psus, fraction) {
            (Some(_), None) => Units::clusters(stratum_of_psu, strata.len(), lonely).map_err(|l| DesignFault::Lonely(l.0)),
            (None, None) => Units::records(counts.clone(), lonely).map_err(|l| DesignFault::Lonely(l.0)),
            (Some(_), Some(fraction)) => Units::clusters_of_finite(stratum_of_psu, fraction, lonely),
            (None, Some(fraction)) => Units::records_of_finite(counts.clone(), fraction, lonely),
        };
        let label = |number: usize| {
            let level = strata.keys().nth(number);
            level.and_then(|&h| self.strata.and_then(|f| f.labels.get(h as usize))).map_or("?", String::as_str)
        };
        let units = units.map_err(|(DesignFault::Lonely(h) | DesignFault::Fraction(h))| {
            let unit = if self.psus.is_some() { "PSU" } else { "record" };
            let remedy = "merge it with a similar stratum, or choose what is to be done: `lonely_psu = \"adjust\"` (cautious), \"average\" or \"remove\" under [evaluate]";
            self.problem(format!("stratum `{}` has one {unit} in the test part, so no variance can be estimated from it", label(h))).remedy(remedy)
        })?;
        let mut words = Vec::new();
        if self.strata.is_some() {
            words.push(format!("{} strata", strata.len()));
        }
        words.push(match self.psus {
            Some(_) => format!("{} primary sampling units", psus.len()),
            None => "records sampled independently".to_owned(),
        });
        if request.variance == Variance::HalfSamples && self.table.finite.is_some() {
            words.push("half-samples, which take no account of the share of the population that was sampled".to_owned());
        } else {
            words.extend(self.finite_words(&strata, &counts));
        }
        let (units, replicates, method) = self.own_replicates(units, request, seed, &label, &mut words)?;
        Ok(Designed {
            clustered: self.psus.is_some(),
            independent: self.strata.is_none() && self.psus.is_none() && self.table.finite.is_none(),
            unit,
            units,
            replicates,
            method,
            strata: self.strata.map(|_| strata.len() as u64),
            psus: self.psus.map(|_| psus.len() as u64),
            words,
        })
    }

    /// The share of the population that the sample and the test part hold.
    fn finite_words(&self, strata: &BTreeMap<u32, u32>, counts: &[u64]) -> Option<String> {
        let finite = self.table.finite.as_ref()?;
        let of = |f: &dyn Fn(u32, usize) -> f64| strata.iter().map(|(&h, &at)| f(h, at as usize)).sum::<f64>();
        let population = of(&|h, _| finite.get(&h).map_or(0.0, |s| s.population));
        let whole = of(&|h, _| finite.get(&h).map_or(0.0, |s| s.sampled as f64));
        let test = of(&|_, at| counts[at] as f64);
        let unit = if self.psus.is_some() { "primary sampling units" } else { "records" };
        let percent = |n: f64| format!("{:.1} %", 100.0 * n / population);
        Some(if whole > test {
            format!(
                "finite population correction for the share of the population's {unit} that the test part holds, {} (the whole sample holds {})",
                percent(test),
                percent(whole)
            )
        } else {
            format!("finite population correction for the share of the population's {unit} in the sample, {}", percent(whole))
        })
    }

    /// Replicates of the PSUs: for all variances where the study asks for it, else only for metrics without a closed form.
    fn own_replicates<'b>(
        &self,
        units: Units,
        request: &Request,
        seed: u64,
        label: &dyn Fn(usize) -> &'b str,
        words: &mut Vec<String>,
    ) -> Result<(Units, Option<Replicates>, Method), Failure> {
        let drawn = |count| Replicates::bootstrap(&units, count, seed, Centre::Mean);
        let (made, method, told) = match request.variance {
            Variance::Linearised => {
                let replicates = self.psus.and_then(|_| drawn(request.replicates as usize).ok());
                return Ok((units, replicates, Method::StudentT));
            }
            Variance::Jackknife => (Replicates::jackknife(&units, Centre::Mean), Method::Jackknife, "jackknife replicates"),
            Variance::HalfSamples => (Replicates::half_samples(&units, 0.0, Centre::Mean), Method::HalfSamples, "balanced half-samples"),
            Variance::Bootstrap => (drawn(request.replicates as usize), Method::Bootstrap, "bootstrap replicates"),
        };
        let replicates = made.map_err(|fault| match fault {
            ReplicateFault::NotPairs(h) => {
                let count = units.in_stratum(h);
                let place = if self.strata.is_some() { format!("stratum `{}`", label(h)) } else { "the test part".to_owned() };
                self.problem(format!("half-samples need two PSUs in every stratum, and {place} has {count} in the test part"))
                    .remedy("choose `variance = \"jackknife\"` or \"bootstrap\" under [evaluate], or leave it away")
            }
            ReplicateFault::Uncounted => self
                .problem("replicates are made of primary sampling units, and there are none")
                .remedy("give a column the role \"psu\", or leave `variance` away under [evaluate]"),
            other => self.problem(format!("no replicates can be made of the test part: {other}")).remedy("leave `variance` away under [evaluate]"),
        })?;
        self.bounded(&replicates, "choose fewer `replicates` with `variance = \"bootstrap\"` under [evaluate], or leave `variance` away")?;
        words.push(format!("every variance from {} {told}", grouped(replicates.count())));
        Ok((units.with_replication(Replication::of(&replicates)), Some(replicates), method))
    }

    fn bounded(&self, replicates: &Replicates, remedy: &str) -> Result<(), Failure> {
        let factors = replicates.count() * replicates.units();
        if factors <= Replication::MOST {
            return Ok(());
        }
        let message = format!("{} replicates of {} units need more memory than a run may take", grouped(replicates.count()), grouped(replicates.units()));
        Err(self.problem(message).remedy(remedy).into())
    }

    /// Units of the office's replicate weights: records whose replicate weights are the same multiples of their weight.
    fn supplied(&self, described: &ReplicateDesign, weight: &[f64]) -> Result<Designed, Failure> {
        let columns = &self.table.replicate_weights;
        let count = columns.len();
        let mut numbers: HashMap<Vec<u64>, u32> = HashMap::new();
        let mut by_unit: Vec<Vec<f64>> = Vec::new();
        let mut length: Vec<f64> = Vec::new();
        let mut unit = Vec::with_capacity(self.rows.len());
        for (&row, &w) in self.rows.iter().zip(weight) {
            let factor = |v: f64| {
                if !described.combined {
                    v
                } else if w > 0.0 {
                    v / w
                } else {
                    1.0
                }
            };
            let factors: Vec<f64> = columns.iter().map(|(_, values)| factor(values[row as usize])).collect();
            let number = *numbers.entry(factors.iter().map(|f| f.to_bits()).collect()).or_insert_with(|| {
                by_unit.push(factors);
                length.push(0.0);
                (by_unit.len() - 1) as u32
            });
            length[number as usize] += w * w;
            unit.push(number);
            if by_unit.len() * count > Replication::MOST {
                let message = format!("{} replicate weights of {} test records need more memory than a run may take", grouped(count), grouped(self.rows.len()));
                return Err(self.problem(message).remedy("evaluate on a smaller test part, or on fewer replicate weights").into());
            }
        }
        drop(numbers);
        let length: Vec<f64> = length.into_iter().map(f64::sqrt).collect();
        let total = by_unit.len();
        let factors: Vec<f64> = (0..count).flat_map(|r| by_unit.iter().map(move |f| f[r])).collect();
        drop(by_unit);
        let rscales = described.rscales.clone().unwrap_or_else(|| vec![1.0; count]);
        let made = Replicates::supplied(factors, total, described.scale_of(count), rscales, described.centre, described.df);
        let replicates = made.map_err(|fault| {
            let remedy = "check `replicates` under [design] in the dataset file, and the columns that it names";
            self.problem(format!("the replicate weights make no variance: {fault}")).remedy(remedy)
        })?;
        let replication = Replication::of(&replicates);
        let df = described.df.unwrap_or_else(|| replication.rank_df(&length));
        let base = Units::clusters(vec![0; total], 1, Lonely::Remove).map_err(|_| self.problem("no record has replicate weights"))?;
        let mut words = vec![format!("every variance from {} replicate weights of the data set ({})", grouped(count), described.kind.words())];
        if self.strata.is_some() || self.psus.is_some() {
            words.push("strata and primary sampling units are in the replicate weights already".to_owned());
        }
        let (strata, psus) = self.numbers();
        Ok(Designed {
            unit,
            units: base.with_replication(replication).with_df(df),
            replicates: Some(replicates),
            clustered: false,
            independent: false,
            method: Method::ReplicateWeights,
            strata: self.strata.map(|_| strata.len() as u64),
            psus: self.psus.map(|_| psus.len() as u64),
            words,
        })
    }
}
