//! Small samples and requests for the tests of this stage.

use super::{LonelyPsu, Proportions, Request, Sample, Sampling};
use crate::data::{CodeLevel, Table};
use crate::stats::{Lonely, Units};
use crate::value::Method;

/// A sample without groups; records are the units unless each has a PSU.
pub fn sample(weight: Vec<f64>, psu: Option<Vec<u32>>) -> Sample {
    let n = weight.len();
    let clustered = psu.is_some();
    let units = match &psu {
        Some(psu) => Units::clusters(vec![0; psu.iter().max().map_or(0, |m| *m as usize + 1)], 1, Lonely::Adjust),
        None => Units::records(vec![n as u64], Lonely::Adjust),
    };
    let simple = !clustered && weight.iter().all(|&w| w == 1.0);
    let sampling = Sampling { units: units.unwrap(), simple, clustered, level: 0.95, interval: Proportions::default(), method: Method::StudentT };
    Sample::without_groups(sampling, psu.unwrap_or_else(|| vec![0; n]), weight)
}

/// A request for some code levels.
pub fn request(levels: &[&str]) -> Request {
    Request {
        code_levels: levels.iter().map(|l| (*l).to_owned()).collect(),
        minimum_group: 1,
        replicates: 0,
        lonely_psu: LonelyPsu::Adjust,
        ..Request::default()
    }
}

/// A table of true codes; levels by (name, digits).
pub fn table(truth: &[&str], codes: &[&str], levels: &[(&str, usize)]) -> Table {
    let number = |code: &&str| codes.iter().position(|c| c == code).unwrap() as u32;
    Table {
        rows: truth.len(),
        truth: truth.iter().map(number).collect(),
        codes: codes.iter().map(|c| (*c).to_owned()).collect(),
        levels: levels.iter().map(|(name, digits)| CodeLevel { name: (*name).to_owned(), digits: *digits }).collect(),
        ..Table::default()
    }
}
