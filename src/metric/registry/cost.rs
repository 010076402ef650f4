//! Costs of a run.

use crate::metric::{Better, Metric, Scope, Unit};

/// Costs of a run, in the order in which they are printed.
pub static METRICS: &[Metric] = &[
    Metric {
        id: "train-cpu-seconds",
        name: "CPU time of training",
        definition: "Processor time used to read features, fit and calibrate the candidate, all threads and child processes added up.",
        formula: "user + system seconds of the phases features, fit and calibrate",
        range: "0 and above, in seconds",
        undefined: "the candidate was not trained in this run",
        reading: "Lower is cheaper. Unlike wall time it hardly depends on what else the machine is doing.",
        reference: "POSIX.1-2017, getrusage",
        better: Better::Lower,
        unit: Unit::Seconds,
        scope: Scope::Cost,
    },
    Metric {
        id: "train-energy",
        name: "Energy of training",
        definition: "Electrical energy of the processor while the candidate was trained, measured by the processor's own counter where that is readable, else estimated from CPU time.",
        formula: "measured: share of CPU time × package energy; estimated: CPU-seconds × watts a busy thread (low, central, high)",
        range: "0 and above, in joules",
        undefined: "the candidate was not trained in this run, or training was too short to state",
        reading: "Lower is better. The range is what is plausible, not a confidence interval; gates look at its high end.",
        reference: "Khan et al. 2018, doi:10.1145/3177754 (RAPL)",
        better: Better::Lower,
        unit: Unit::Joules,
        scope: Scope::Cost,
    },
    Metric {
        id: "predict-cpu-seconds-per-1000",
        name: "CPU time of coding 1,000 records",
        definition: "Processor time used to code 1,000 records with the fitted candidate.",
        formula: "1,000 × (user + system seconds of the phase predict) / records",
        range: "0 and above, in seconds",
        undefined: "the candidate's codes were made elsewhere",
        reading: "Lower is cheaper.",
        reference: "POSIX.1-2017, getrusage",
        better: Better::Lower,
        unit: Unit::Seconds,
        scope: Scope::Cost,
    },
    Metric {
        id: "peak-memory",
        name: "Peak memory",
        definition: "The largest memory in use while the candidate was trained and used.",
        formula: "largest resident set size of the process during the candidate's phases",
        range: "0 and above, in bytes",
        undefined: "the system does not report it",
        reading: "Lower runs on smaller machines. It includes the table of records, which all candidates share.",
        reference: "Linux, proc_pid_status(5)",
        better: Better::Lower,
        unit: Unit::Bytes,
        scope: Scope::Cost,
    },
];
