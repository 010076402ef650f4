//! From the columns of a study to the inputs of a graph, by name.

use super::attribute::plain;
use super::graph::{Holds, Port};
use super::value::{Dense, Value, refused};
use crate::model::{Input, OnnxRecipe};
use crate::value::{Class, Problem, nearest};
use std::borrow::Cow;
use std::sync::Arc;

/// Most columns of one input.
const MOST_COLUMNS: usize = 10_000;

/// An input of the graph and the columns it takes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Binding {
    pub port: String,
    pub holds: Holds,
    pub columns: Vec<String>,
}

impl Binding {
    /// For the card.
    pub fn words(&self) -> String {
        let name = plain(&self.port);
        if self.columns.len() == 1 && self.columns[0] == self.port { name } else { format!("{name} = {}", self.columns.join(", ")) }
    }
}

/// What the study's columns offer.
struct Offer<'a> {
    texts: Vec<&'a str>,
    numbers: Vec<&'a str>,
}

impl<'a> Offer<'a> {
    fn of(input: &Input<'a>) -> Self {
        let texts = input.texts.iter().map(|(n, _)| *n).chain(input.categories.iter().map(|(n, _)| *n)).collect();
        Self { texts, numbers: input.numbers.iter().map(|(n, _)| *n).collect() }
    }

    fn fitting(&self, holds: Holds) -> (&[&'a str], &[&'a str]) {
        if holds == Holds::Texts { (&self.texts, &self.numbers) } else { (&self.numbers, &self.texts) }
    }
}

/// Binds every input to columns: as the study says, else by name, else the only ones that fit.
pub(super) fn bind(ports: &[Port], recipe: &OnnxRecipe, input: &Input<'_>) -> Result<Vec<Binding>, Vec<Problem>> {
    let offer = Offer::of(input);
    let (mut bindings, mut problems) = (Vec::new(), Vec::new());
    for name in recipe.inputs.keys().filter(|name| !ports.iter().any(|p| p.name == **name)) {
        let names: Vec<String> = ports.iter().map(|p| plain(&p.name)).collect();
        let problem = Problem::new(Class::Model, format!("the model has no input `{name}`"));
        problems.push(match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => problem.remedy(format!("did you mean `{near}`?")),
            None => problem.remedy(format!("its inputs are: {}", names.join(", "))),
        });
    }
    for port in ports {
        match one(port, ports.len() == 1, recipe, &offer) {
            Ok(binding) => bindings.push(binding),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(bindings) } else { Err(problems) }
}

fn one(port: &Port, only: bool, recipe: &OnnxRecipe, offer: &Offer<'_>) -> Result<Binding, Problem> {
    let name = plain(&port.name);
    let Some(holds) = port.holds else {
        let remedy = "export the model with inputs of single precision (FloatTensorType), whole numbers or texts";
        return Err(refused(format!("input `{name}` of the model takes {}, which is not provided for", port.words), remedy));
    };
    let (fitting, other) = offer.fitting(holds);
    let rank = port.shape.as_ref().map_or(2, Vec::len);
    if !(1..=2).contains(&rank) {
        return Err(refused(format!("input `{name}` of the model has {rank} axes, and a table has records and columns"), super::attribute::REMEDY));
    }
    let width = if rank == 1 { Some(1) } else { port.shape.as_ref().and_then(|s| s[1]) };
    let wants = match width {
        Some(width) => format!("input `{name}` of the model takes {width} column{} of {}", if width == 1 { "" } else { "s" }, port.words),
        None => format!("input `{name}` of the model takes columns of {}", port.words),
    };
    let say = format!("say which columns it takes: inputs = {{ {name} = [\"…\"] }}");
    let columns: Vec<String> = if let Some(columns) = recipe.inputs.get(&port.name) {
        for column in columns {
            if other.contains(&column.as_str()) {
                let have = if holds == Holds::Texts { "numbers" } else { "no numbers" };
                return Err(refused(
                    format!("{wants}, and column `{column}` has {have}"),
                    "give the data set's column the role that the model expects, or name another one",
                ));
            }
            if !fitting.contains(&column.as_str()) {
                let problem = Problem::new(Class::Model, format!("{wants}, and the candidate has no such column `{column}`"));
                return Err(match nearest(column, fitting.iter().copied()) {
                    Some(near) => problem.remedy(format!("did you mean `{near}`?")),
                    None => problem.remedy("name columns with the role text, category or number that the candidate may look at"),
                });
            }
        }
        columns.clone()
    } else if let Some(column) = by_name(&port.name, fitting) {
        vec![column.to_owned()]
    } else if only && !fitting.is_empty() && width.is_none_or(|w| w == fitting.len()) {
        // One matrix: the columns of its kind, in the order of the data set.
        fitting.iter().map(|c| (*c).to_owned()).collect()
    } else if by_name(&port.name, other).is_some() {
        let have = if holds == Holds::Texts { "numbers" } else { "no numbers" };
        return Err(refused(format!("{wants}, and the column of that name has {have}"), "give the data set's column the role that the model expects"));
    } else {
        let there = if fitting.is_empty() { "and there is none".to_owned() } else { format!("and there are {}: {}", fitting.len(), fitting.join(", ")) };
        return Err(refused(format!("{wants}, {there}"), say));
    };
    if columns.is_empty() || columns.len() > MOST_COLUMNS || width.is_some_and(|w| w != columns.len()) {
        return Err(refused(format!("{wants}, and gets {}", columns.len()), say));
    }
    Ok(Binding { port: port.name.clone(), holds, columns })
}

/// The column of an input's name; exporters write what is no letter or digit as `_`.
fn by_name<'a>(port: &str, columns: &[&'a str]) -> Option<&'a str> {
    let written = |name: &str| -> String { name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect() };
    if let Some(same) = columns.iter().find(|c| **c == port) {
        return Some(same);
    }
    let like: Vec<&&str> = columns.iter().filter(|c| written(c) == written(port)).collect();
    if let [one] = like.as_slice() { Some(one) } else { None }
}

/// Values of made-up records, for a trial.
pub(super) fn blank<'a>(bindings: &[Binding], rows: usize) -> Vec<Value<'a>> {
    let make = |binding: &Binding| {
        let (columns, count) = (binding.columns.len(), binding.columns.len() * rows);
        match binding.holds {
            Holds::Texts => Value::Texts { columns, items: Arc::new(vec![Cow::Borrowed(""); count]) },
            Holds::Floats => Value::Floats(Dense { columns, items: vec![0.0; count] }),
            Holds::Ints => Value::Ints(Dense { columns, items: vec![0; count] }),
        }
    };
    bindings.iter().map(make).collect()
}

/// Values of records; a missing text is empty, a missing number is NaN, and where whole numbers are due an error.
pub(super) fn values<'a>(bindings: &[Binding], input: &Input<'a>, rows: &[u32]) -> Result<Vec<Value<'a>>, Problem> {
    bindings.iter().map(|binding| value(binding, input, rows)).collect()
}

fn value<'a>(binding: &Binding, input: &Input<'a>, rows: &[u32]) -> Result<Value<'a>, Problem> {
    let columns = binding.columns.len();
    let absent = |name: &str| Problem::new(Class::Internal, format!("column `{name}` went away between loading the model and coding"));
    if binding.holds == Holds::Texts {
        let mut items = vec![Cow::Borrowed(""); columns * rows.len()];
        for (place, name) in binding.columns.iter().enumerate() {
            let into = items[place..].iter_mut().step_by(columns).zip(rows);
            if let Some((_, texts)) = input.texts.iter().find(|(n, _)| n == name) {
                into.for_each(|(item, row)| *item = Cow::Borrowed(texts.get(*row as usize)));
            } else if let Some((_, factor)) = input.categories.iter().find(|(n, _)| n == name) {
                into.for_each(|(item, row)| *item = Cow::Borrowed(factor.label(*row as usize).unwrap_or_default()));
            } else {
                return Err(absent(name));
            }
        }
        return Ok(Value::Texts { columns, items: Arc::new(items) });
    }
    let mut items = vec![0f64; columns * rows.len()];
    for (place, name) in binding.columns.iter().enumerate() {
        let (_, numbers) = input.numbers.iter().find(|(n, _)| n == name).ok_or_else(|| absent(name))?;
        items[place..].iter_mut().step_by(columns).zip(rows).for_each(|(item, row)| *item = numbers[*row as usize]);
    }
    if binding.holds == Holds::Floats {
        return Ok(Value::Floats(Dense { columns, items: items.into_iter().map(|x| x as f32).collect() }));
    }
    if let Some(at) = items.iter().position(|x| !x.is_finite() || x.fract() != 0.0 || x.abs() > 9e15) {
        let column = &binding.columns[at % columns];
        let message = format!("input `{}` of the model takes whole numbers, and `{column}` has a value that is missing or none", plain(&binding.port));
        let remedy = "export the model with an input of numbers (FloatTensorType), or fill the column before";
        return Err(refused(message, remedy).within(format!("first: record {} of the data", rows[at / columns] + 1)));
    }
    Ok(Value::Ints(Dense { columns, items: items.into_iter().map(|x| x as i64).collect() }))
}
