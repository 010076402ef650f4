//! Cards of one run are of the same records: numbers of records are hidden on all of them or on none, and a difference between two candidates is hidden
//! with what either hides.

use super::{Disclosure, key};
use crate::measure::{Evidence, GroupCell, Withheld, WithheldCell, WithheldCode, WithheldFigure};
use std::collections::BTreeSet;

/// Notes in each evidence what the cards of all of them hide, given the threshold for coding without a clerk of each; nothing is noted where nothing is.
pub fn withhold(all: &mut [Evidence], anchor: impl Fn(&Evidence) -> Option<f64>) {
    loop {
        let mut together = Disclosure::default();
        let mut cells = Vec::new();
        for evidence in all.iter() {
            let own = Disclosure::of(evidence, anchor(evidence));
            cells.extend(own.own_cells(&evidence.candidate.id));
            together.groups.extend(own.groups);
            together.codes.extend(own.codes);
            together.figures.extend(own.figures);
        }
        let withheld = together.withheld(cells);
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
    /// The figures that this card hides and that a difference from another candidate would tell.
    fn own_cells(&self, candidate: &str) -> Vec<WithheldCell> {
        let figure = |metric: &str, level: Option<&String>, group: Option<GroupCell>| WithheldCell {
            candidate: candidate.to_owned(),
            metric: metric.to_owned(),
            code_level: level.cloned(),
            group,
        };
        let compared = |c: &super::Column| c.0 == "accuracy" && c.2.is_none();
        let of_groups = self.cells.iter().filter(|(c, _)| compared(c)).map(|(c, g)| figure(&c.0, c.1.as_ref(), Some(cell(g))));
        let wholes = self.wholes.iter().filter(|c| compared(c)).map(|c| figure(&c.0, c.1.as_ref(), None));
        let summaries = self.summaries.iter().map(|s| figure(s, None, None));
        of_groups.chain(wholes).chain(summaries).collect()
    }

    /// What is hidden on all cards of a run, with what each hides for itself.
    fn withheld(&self, cells: Vec<WithheldCell>) -> Withheld {
        Withheld {
            groups: self.groups.iter().map(cell).collect(),
            cells,
            codes: self.codes.iter().map(|(code_level, code)| WithheldCode { code_level: code_level.clone(), code: code.clone() }).collect(),
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
        self.codes.extend(withheld.codes.iter().map(|c| (c.code_level.clone(), c.code.clone())));
        self.figures.extend(withheld.figures.iter().map(|f| (f.group.clone(), f.variable.clone(), f.code.clone())));
        let others: BTreeSet<super::Other> =
            withheld.cells.iter().map(|c| (c.candidate.clone(), (c.metric.clone(), c.code_level.clone(), None), c.group.as_ref().map(key))).collect();
        self.others.extend(others);
    }
}
