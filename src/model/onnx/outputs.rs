//! Which value of a graph holds the probabilities, and for which codes they are.

use super::attribute::plain;
use super::graph::{Graph, Holds};
use super::operator::known_classes;
use super::value::refused;
use crate::model::OnnxRecipe;
use crate::value::{Failure, Problem};
use std::collections::HashSet;

/// The value that is read, and the classes of its columns where the file says them.
pub(super) struct Chosen {
    pub value: String,
    pub classes: Option<Vec<String>>,
}

/// Name of scores that a file does not name.
const UNNAMED: &str = "scores of the classifier";

/// Chooses the output with the probabilities: the one that the study names, else the one there is.
pub(super) fn choose(graph: &mut Graph, recipe: &OnnxRecipe) -> Result<Chosen, Problem> {
    let list = |graph: &Graph| graph.outputs.iter().map(|o| format!("{} ({})", plain(&o.name), o.words)).collect::<Vec<_>>().join(", ");
    let output = if let Some(name) = &recipe.probabilities {
        let Some(found) = graph.outputs.iter().find(|o| o.name == *name) else {
            return Err(refused(format!("the model has no output `{name}`"), format!("its outputs are: {}", list(graph))));
        };
        found.clone()
    } else {
        // Maps of a class to its probability come from a matrix of them.
        let mapped = |name: &str| graph.maker(name).is_some_and(|(n, _)| n.op_type == "ZipMap");
        let maps: Vec<_> = graph.outputs.iter().filter(|o| mapped(&o.name)).cloned().collect();
        let numbers: Vec<_> = graph.outputs.iter().filter(|o| o.holds == Some(Holds::Floats)).cloned().collect();
        match (maps.as_slice(), numbers.as_slice(), graph.outputs.as_slice()) {
            ([one], _, _) | ([], [one], _) | ([], [], [one]) => one.clone(),
            ([], [], outputs) => match outputs.iter().find(|o| classifier(graph, &o.name).is_some()) {
                Some(label) => label.clone(),
                None => return Err(refused("the model gives no probabilities", format!("export it with them; its outputs are: {}", list(graph)))),
            },
            _ => {
                let remedy = format!("name the one with the probabilities of all classes: probabilities = \"…\"; the outputs are: {}", list(graph));
                return Err(refused("the model has several outputs that may be its probabilities", remedy));
            }
        }
    };
    let mut value = output.name.clone();
    let mut classes = None;
    if let Some((node, _)) = graph.maker(&value)
        && node.op_type == "ZipMap"
    {
        classes = known_classes(node, &graph.constants)?;
        value = node.input.first().cloned().unwrap_or_default();
    }
    // Of a model that gives labels only, the scores they were chosen by.
    if output.holds != Some(Holds::Floats)
        && classes.is_none()
        && let Some(place) = classifier(graph, &value)
    {
        let node = &mut graph.nodes[place];
        node.output.resize(2, String::new());
        if node.output[1].is_empty() {
            UNNAMED.clone_into(&mut node.output[1]);
        }
        value.clone_from(&node.output[1]);
    }
    if classes.is_none() {
        classes = above(graph, &value)?;
    }
    // A network's labels are looked up apart from its probabilities.
    if classes.is_none() {
        for label in graph.outputs.iter().filter(|o| matches!(o.holds, Some(Holds::Texts | Holds::Ints))) {
            classes = classes.or(above(graph, &label.name)?);
        }
    }
    Ok(Chosen { value, classes })
}

/// The place of the classifier whose label a value is.
fn classifier(graph: &Graph, value: &str) -> Option<usize> {
    let mut value = value;
    loop {
        let place = graph.nodes.iter().position(|n| n.output.iter().any(|o| o == value))?;
        let node = &graph.nodes[place];
        match node.op_type.as_str() {
            "LinearClassifier" | "TreeEnsembleClassifier" => return node.output.first().filter(|o| *o == value).map(|_| place),
            "Identity" | "Cast" | "Reshape" => value = node.input.first()?,
            _ => return None,
        }
    }
}

/// The classes of the nearest node on the way to a value that knows some.
fn above(graph: &Graph, value: &str) -> Result<Option<Vec<String>>, Problem> {
    let mut needed: HashSet<&str> = HashSet::from([value]);
    for node in graph.nodes.iter().rev() {
        if node.output.iter().any(|o| needed.contains(o.as_str())) {
            if let Some(classes) = known_classes(node, &graph.constants)? {
                return Ok(Some(classes));
            }
            needed.extend(node.input.iter().map(String::as_str));
        }
    }
    Ok(None)
}

/// The codes that classes stand for, sorted, and the place of each class among them.
pub(super) fn codes(classes: &[String], stated: bool, frame: &[String], framed: bool) -> Result<(Vec<String>, Vec<u32>), Failure> {
    let known: HashSet<&str> = frame.iter().map(String::as_str).collect();
    let unknown: Vec<&String> = classes.iter().filter(|c| !known.contains(c.as_str())).collect();
    // A label that only lacks leading zeros is never taken for the code: another code may be meant.
    let padded = |class: &str| frame.iter().find(|code| code.trim_start_matches('0') == class && code.len() > class.len());
    let near = unknown.iter().find_map(|c| padded(c).map(|code| (c, code)));
    let number = |c: &&String| c.parse::<i64>().is_ok();
    let remedy = "list the codes in the order of the model's classes: classes = [\"…\"], or name a text file with one a line: classes = \"classes.txt\"";
    if let Some((class, code)) = near {
        let message = format!(
            "{} of the model's {} classes are no codes of the data, e.g. `{}`, which may stand for `{code}`",
            unknown.len(),
            classes.len(),
            plain(class)
        );
        return Err(refused(message, remedy).into());
    }
    if !unknown.is_empty() && (framed || unknown.len() == classes.len() || unknown.iter().all(number)) {
        let wherefrom = if framed { "the code frame" } else { "the data" };
        let message = format!("{} of the model's {} classes are no codes of {wherefrom}, e.g. `{}`", unknown.len(), classes.len(), plain(unknown[0]));
        let remedy = if stated { "correct `classes`: it must list a code for each class, in the model's order" } else { remedy };
        return Err(refused(message, remedy).into());
    }
    let mut sorted: Vec<(&str, usize)> = classes.iter().zip(0..).map(|(c, place)| (c.as_str(), place)).collect();
    sorted.sort_unstable();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(refused(format!("two of the model's classes are `{}`", plain(pair[0].0)), "give each class a code of its own").into());
    }
    let mut places = vec![0; classes.len()];
    sorted.iter().enumerate().for_each(|(place, (_, class))| places[*class] = place as u32);
    Ok((sorted.into_iter().map(|(code, _)| code.to_owned()).collect(), places))
}
