//! The card as model card JSON of the Model Card Toolkit, version 0.0.2.

use super::line;
use super::written::{Object, Written, day, json, limits, performance, person, purpose, slice};
use crate::report::card::Card;
use crate::report::facts::Facts;
use serde_json::{Value, json};

/// The card.
pub fn card(card: &Card) -> Written {
    let mut lacking = Vec::new();
    let facts = &card.facts;
    let list = |texts: Vec<String>| Value::from(texts.into_iter().map(|t| json!({ "description": line(&t) })).collect::<Vec<_>>());
    let mut details = Object::default();
    details.text("name", Some(&card.title));
    details.text("overview", Some(&card.subtitle));
    details.text("documentation", purpose(card, "outcome"));
    let mut owners = Vec::new();
    if let Some(owner) = facts.model.owner.as_deref().or_else(|| person(card, "owner")) {
        let mut one = Object::default();
        one.text("name", Some(owner));
        one.text("contact", person(card, "contact"));
        owners.push(one.done("model_details.owners[0]", &mut lacking));
    }
    details.set("owners", Value::from(owners));
    let mut version = Object::default();
    version.set("name", facts.digests.iter().find(|(what, _)| what == "candidate").map(|(_, digest)| Value::from(format!("sha256:{digest}"))));
    version.text("date", day(card));
    version.text("diff", None);
    details.set("version", version.done("model_details.version", &mut lacking));
    ["licenses", "references", "citations", "path"].iter().for_each(|key| details.lacking.push((*key).to_owned()));
    let mut parameters = Object::default();
    parameters.text("model_architecture", Some(&facts.model.kind));
    let mut data = Object::default();
    data.text("name", Some(&facts.data.title));
    data.text("description", Some(&describe(facts)));
    data.text("link", None);
    // Groups are compared; whether a variable is sensitive is for the office to say.
    data.lacking.push("sensitive".into());
    parameters.set("data", Value::from(vec![data.done("model_parameters.data[0]", &mut lacking)]));
    parameters.text("input_format", None);
    parameters.text("output_format", facts.data.code_levels.last().map(|level| format!("a code of the level “{level}” with its confidence")).as_deref());
    let metrics: Vec<Value> = performance(card)
        .map(|f| {
            let mut one = json!({ "type": f.metric, "value": f.value.map_or_else(String::new, |v| v.to_string()) });
            let slice = slice(f);
            if !slice.is_empty() {
                one["slice"] = Value::from(slice);
            }
            if let Some((lower, upper)) = f.bounds {
                one["confidence_interval"] = json!({ "lower_bound": lower.to_string(), "upper_bound": upper.to_string() });
            }
            one
        })
        .collect();
    let mut considerations = Object::default();
    considerations.set("users", purpose(card, "better_off").map(|t| list(vec![t.to_owned()])));
    considerations.set("use_cases", facts.model.intended_use.clone().or_else(|| purpose(card, "action").map(str::to_owned)).map(|t| list(vec![t])));
    considerations.set("limitations", list(limits(card)));
    considerations.set("tradeoffs", Some(list(card.banner.conditions.clone())));
    let risks: Vec<Value> = facts.collection.iter().map(|(factor, text)| json!({ "name": line(&format!("{factor}: {text}")) })).collect();
    considerations.set("ethical_considerations", Value::from(risks));
    let mut top = Object::default();
    top.text("schema_version", Some("0.0.2"));
    top.set("model_details", details.done("model_details", &mut lacking));
    top.set("model_parameters", parameters.done("model_parameters", &mut lacking));
    top.set("quantitative_analysis", json!({ "performance_metrics": metrics }));
    top.set("considerations", considerations.done("considerations", &mut lacking));
    Written { text: json(&top.done("", &mut lacking)), unfilled: lacking }
}

/// The data in a sentence.
pub fn describe(facts: &Facts) -> String {
    let [train, tune, test] = facts.data.parts;
    let about = facts.data.description.iter().map(|(name, text)| format!(" {name}: {text}.")).collect::<String>();
    format!("{train} records for training, {tune} for tuning, {test} for testing; {}; {}.{about}", facts.data.split, facts.data.design)
}
