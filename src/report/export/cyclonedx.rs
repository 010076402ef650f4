//! The card as a machine-learning bill of materials: CycloneDX 1.7.

use super::google::describe;
use super::line;
use super::written::{Object, Written, json, limits, performance, person, purpose, slice};
use crate::report::card::Card;
use serde_json::{Value, json};

/// Joules in a kilowatt-hour.
const KWH: f64 = 3_600_000.0;

/// The bill.
pub fn bom(card: &Card) -> Written {
    let mut lacking = Vec::new();
    let facts = &card.facts;
    let metrics: Vec<Value> = performance(card)
        .map(|f| {
            let mut one = json!({ "type": f.metric, "value": f.value.map_or_else(String::new, |v| v.to_string()) });
            let slice = slice(f);
            if !slice.is_empty() {
                one["slice"] = Value::from(slice);
            }
            if let Some((lower, upper)) = f.bounds {
                one["confidenceInterval"] = json!({ "lowerBound": lower.to_string(), "upperBound": upper.to_string() });
            }
            one
        })
        .collect();
    let mut parameters = Object::default();
    parameters.set("approach", json!({ "type": "supervised" }));
    parameters.set("task", json!("classification"));
    parameters.text("architectureFamily", Some(&facts.model.kind));
    parameters.text("modelArchitecture", None);
    parameters.set("datasets", json!([{ "type": "dataset", "name": line(&facts.data.title), "description": line(&describe(facts)) }]));
    parameters.set("outputs", facts.data.code_levels.last().map(|level| json!([{ "format": line(&format!("code of the level {level}")) }])));
    parameters.lacking.push("inputs".into());
    let mut considerations = Object::default();
    considerations.set("users", purpose(card, "better_off").map(|t| json!([line(t)])));
    considerations.set("useCases", facts.model.intended_use.as_deref().or_else(|| purpose(card, "action")).map(|t| json!([line(t)])));
    considerations.set("technicalLimitations", json!(limits(card)));
    considerations.set("performanceTradeoffs", json!(card.banner.conditions.iter().map(|c| line(c)).collect::<Vec<_>>()));
    considerations.set("ethicalConsiderations", json!(facts.collection.iter().map(|(k, t)| json!({ "name": line(&format!("{k}: {t}")) })).collect::<Vec<_>>()));
    considerations.set("environmentalConsiderations", energy(card, &mut lacking));
    // The groups that are compared; what they gain or lose is for the office to say.
    considerations.set("fairnessAssessments", json!(facts.data.groups.iter().map(|g| json!({ "groupAtRisk": line(g) })).collect::<Vec<_>>()));
    lacking.push("components[0].modelCard.considerations.fairnessAssessments.benefits, harms and mitigationStrategy".into());
    let mut model = Object::default();
    model.set("modelParameters", parameters.done("components[0].modelCard.modelParameters", &mut lacking));
    model.set("quantitativeAnalysis", json!({ "performanceMetrics": metrics }));
    model.set("considerations", considerations.done("components[0].modelCard.considerations", &mut lacking));
    let mut component = Object::default();
    component.set("type", json!("machine-learning-model"));
    component.text("name", Some(&card.title));
    component.set("bom-ref", json!("model"));
    component.text("description", Some(&card.subtitle));
    component.set("version", facts.digests.iter().find(|(what, _)| what == "candidate").map(|(_, digest)| json!(format!("sha256:{digest}"))));
    component.set("manufacturer", facts.model.owner.as_deref().or_else(|| person(card, "owner")).map(|name| json!({ "name": line(name) })));
    component.set("modelCard", model.done("components[0].modelCard", &mut lacking));
    component.set("properties", json!(properties(card)));
    component.lacking.push("licenses".into());
    let (name, version) = card.program.split_once(' ').unwrap_or((&card.program, ""));
    let mut metadata = Object::default();
    metadata.text("timestamp", Some(&facts.evaluated).filter(|t| t.len() > 10).map(String::as_str));
    metadata.set("tools", json!({ "components": [{ "type": "application", "name": name, "version": version }] }));
    let mut top = Object::default();
    top.set("$schema", json!("http://cyclonedx.org/schema/bom-1.7.schema.json"));
    top.set("bomFormat", json!("CycloneDX"));
    top.set("specVersion", json!("1.7"));
    top.set("version", json!(1));
    top.set("metadata", metadata.done("metadata", &mut lacking));
    top.set("components", json!([component.done("components[0]", &mut lacking)]));
    top.set("declarations", declarations(card, &mut lacking));
    Written { text: json(&top.done("", &mut lacking)), unfilled: lacking }
}

/// Energy of training; who sold it is not known to the program, and the format wants it said.
fn energy(card: &Card, lacking: &mut Vec<String>) -> Option<Value> {
    let trained = card.facts.overall("train-energy").and_then(|f| f.value)?;
    let kwh = json!({ "value": trained / KWH, "unit": "kWh" });
    lacking.push("components[0].modelCard.considerations.environmentalConsiderations.energyConsumptions[0].energyProviders (written as unknown)".into());
    lacking.push("components[0].modelCard.considerations.environmentalConsiderations.energyConsumptions[0].co2CostEquivalent".into());
    Some(json!({
        "energyConsumptions": [{
            "activity": "training",
            "energyProviders": [{ "organization": { "name": "unknown" }, "energySource": "unknown", "energyProvided": kwh }],
            "activityEnergyCost": kwh
        }],
        "properties": [{ "name": "proofmark:how-well-known", "value": line(&card.facts.energy_tier) }, { "name": "proofmark:machine", "value": line(&card.facts.machine) }]
    }))
}

/// The decision with what it stands on.
fn properties(card: &Card) -> Vec<Value> {
    let facts = &card.facts;
    let mut out = vec![
        json!({ "name": "proofmark:decision", "value": card.banner.kind }),
        json!({ "name": "proofmark:study", "value": line(&card.study) }),
        json!({ "name": "proofmark:command", "value": line(&facts.command) }),
        json!({ "name": "proofmark:seed", "value": facts.seed.to_string() }),
    ];
    out.extend(facts.digests.iter().map(|(what, digest)| json!({ "name": format!("proofmark:sha256:{what}"), "value": digest })));
    out
}

/// The findings as claims on the model, and that nobody has signed.
fn declarations(card: &Card, lacking: &mut Vec<String>) -> Option<Value> {
    if card.findings.is_empty() {
        return None;
    }
    let claims: Vec<Value> = card
        .findings
        .iter()
        .enumerate()
        .map(|(i, f)| json!({ "bom-ref": format!("claim-{i}"), "target": "model", "predicate": line(&format!("{} ({}): {}", f.subject, f.gate, f.status)), "reasoning": line(&f.text) }))
        .collect();
    lacking.push("declarations.affirmation (the decision is not signed)".into());
    lacking.push("declarations.assessors".into());
    Some(json!({ "claims": claims }))
}
