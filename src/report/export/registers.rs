//! The card as a draft for public registers: the UK's Algorithmic Transparency Recording Standard and the Dutch Algoritmeregister.
//!
//! Coding answers of a survey is mostly outside what these registers oblige to; an office that enters it does so of its own will.

use super::google::describe;
use super::line;
use super::written::{Object, Written, json, limits, person, purpose, section};
use crate::report::card::Card;
use serde_json::{Value, json};

/// The attributes of ATRS 1.1 that only the office can fill, in its order.
const OF_THE_OFFICE: [&str; 22] = [
    "website",
    "organisation",
    "team",
    "external_supplier",
    "external_supplier_identifier",
    "external_supplier_role",
    "data_access_terms",
    "frequency_usage",
    "maintenance",
    "system_architecture",
    "provided_information",
    "required_training",
    "appeals_and_review",
    "source_data_url",
    "data_collection",
    "data_sharing_agreements",
    "data_access_and_storage",
    "impact_assessment_name",
    "impact_assessment_description",
    "impact_assessment_date",
    "impact_assessment_link",
    "phase",
];

/// A draft record of ATRS 1.1, the last version whose list of attributes is known in full.
pub fn atrs(card: &Card) -> Written {
    let facts = &card.facts;
    let mut lacking = Vec::new();
    let mut out = Object::default();
    out.text("name", Some(&card.title));
    out.text("description", purpose(card, "outcome").or(Some(&card.subtitle)));
    out.text("contact_email", person(card, "contact").filter(|c| c.contains('@')));
    out.text("senior_responsible_owner", person(card, "owner"));
    out.text("scope", facts.model.intended_use.as_deref().or_else(|| purpose(card, "action")));
    out.text("benefit", purpose(card, "better_off"));
    out.text("alternatives_considered", section(card, "others").as_deref());
    out.text("model_type", Some(&facts.model.kind));
    out.text("process_integration", purpose(card, "action"));
    out.text("human_decisions", Some(&card.banner.conditions.join(" ")));
    out.set("source_data_name", json!([line(&facts.data.title)]));
    out.set("source_data_description", json!([line(&describe(facts))]));
    let risks = limits(card);
    out.set("risk_name", json!(risks.iter().map(|_| "Limit of the model").collect::<Vec<_>>()));
    out.set("risk_description", json!(risks));
    out.text("risk_mitigation", None);
    OF_THE_OFFICE.iter().for_each(|key| out.lacking.push((*key).to_owned()));
    let record = out.done("", &mut lacking);
    let draft = json!({
        "standard": "Algorithmic Transparency Recording Standard 1.1",
        "status": "draft, voluntary: made from a model card; to be completed and checked against the current template by the organisation",
        "record": record,
        "unfilled": lacking,
    });
    Written { text: json(&draft), unfilled: lacking }
}

/// An entry of the Algoritmeregister, version 1.0, as far as the card fills it.
pub fn algoritmeregister(card: &Card) -> Written {
    let facts = &card.facts;
    let mut lacking = Vec::new();
    let mut out = Object::default();
    out.text("name", Some(&card.title));
    out.text("description_short", purpose(card, "outcome").or(Some(&card.subtitle)));
    out.text("contact_email", person(card, "contact").filter(|c| c.contains('@')));
    out.text("goal", purpose(card, "action"));
    out.text("human_intervention", Some(&card.banner.conditions.join(" ")));
    out.text("risks", Some(&limits(card).join(" ")));
    out.text("source_data", Some(&format!("{}: {}", facts.data.title, describe(facts))));
    out.text("methods_and_models", Some(&format!("{} ({})", card.title, facts.model.kind)));
    out.set("standard_version", Value::from("1.0"));
    let office = [
        "organization",
        "category",
        "status",
        "begin_date",
        "end_date",
        "website",
        "publication_category",
        "url",
        "proportionality",
        "lawful_basis",
        "lawful_basis_grouping",
        "process_index_url",
        "impacttoetsen_grouping",
        "impacttoetsen",
        "source_data_grouping",
        "provider",
        "publiccode",
        "lang",
        "source_id",
        "tags",
        "lars",
        "publication_dt",
    ];
    office.iter().for_each(|key| out.lacking.push((*key).to_owned()));
    Written { text: json(&out.done("", &mut lacking)), unfilled: lacking }
}
