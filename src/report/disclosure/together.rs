//! Cards of one run are of the same records: what one of them hides, all of them hide, or the difference between two would tell it.

use super::{Disclosure, key};
use crate::measure::{Evidence, GroupCell, Withheld, WithheldCell, WithheldCode, WithheldFigure};

/// Notes in each evidence what the cards of all of them hide, given the threshold for coding without a clerk of each; nothing is noted where nothing is.
pub fn withhold(all: &mut [Evidence], anchor: impl Fn(&Evidence) -> Option<f64>) {
    loop {
        let mut together = Disclosure::default();
        for evidence in all.iter() {
            let own = Disclosure::of(evidence, anchor(evidence));
            together.groups.extend(own.groups);
            together.cells.extend(own.cells.into_iter().filter(|((_, _, threshold), _)| threshold.is_none()));
            together.wholes.extend(own.wholes.into_iter().filter(|(_, _, threshold)| threshold.is_none()));
            together.codes.extend(own.codes);
            together.rates.extend(own.rates);
            together.figures.extend(own.figures);
        }
        let withheld = together.withheld();
        if all.iter().all(|e| e.withheld == withheld) {
            return;
        }
        all.iter_mut().for_each(|e| e.withheld = withheld.clone());
    }
}

fn cell((variables, values): &(Vec<String>, Vec<String>)) -> GroupCell {
    GroupCell { variables: variables.clone(), values: values.clone() }
}

impl Disclosure {
    /// What is hidden on all cards of a run. Thresholds differ between candidates that have the same, so each card looks after its own.
    fn withheld(&self) -> Withheld {
        let figure = |(metric, code_level, threshold): &super::Column, group: Option<GroupCell>| WithheldCell {
            metric: metric.clone(),
            code_level: code_level.clone(),
            threshold: threshold.map(f64::from_bits),
            group,
        };
        let code = |(code_level, code): &super::Code| WithheldCode { code_level: code_level.clone(), code: code.clone() };
        Withheld {
            groups: self.groups.iter().map(cell).collect(),
            cells: self.cells.iter().map(|(c, g)| figure(c, Some(cell(g)))).chain(self.wholes.iter().map(|c| figure(c, None))).collect(),
            codes: self.codes.iter().map(code).collect(),
            rates: self.rates.iter().map(code).collect(),
            figures: self
                .figures
                .iter()
                .map(|(group, variable, code)| WithheldFigure { group: group.clone(), variable: variable.clone(), code: code.clone() })
                .collect(),
        }
    }

    /// Begins with what the cards of a run hide together.
    pub(super) fn take(&mut self, withheld: &Withheld) {
        self.groups.extend(withheld.groups.iter().map(key));
        for c in &withheld.cells {
            let column = (c.metric.clone(), c.code_level.clone(), c.threshold.map(f64::to_bits));
            match &c.group {
                Some(group) => {
                    self.cells.insert((column, key(group)));
                }
                None => {
                    self.wholes.insert(column);
                }
            }
        }
        self.codes.extend(withheld.codes.iter().map(|c| (c.code_level.clone(), c.code.clone())));
        self.rates.extend(withheld.rates.iter().map(|c| (c.code_level.clone(), c.code.clone())));
        self.figures.extend(withheld.figures.iter().map(|f| (f.group.clone(), f.variable.clone(), f.code.clone())));
    }
}
