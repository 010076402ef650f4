//! Proofmark evaluates classification models that make official statistics: it trains or loads candidates, measures how right
//! and how fair they are and what they cost, judges them against a policy written beforehand, and writes a model card.
//!
//! Data flow one way, through the modules in this order; imports only go from right to left:
//! `value → stats → metric → data → text → model → cost → measure → judge → report → spec → store → pipeline → cli`.
//!
//! The library can be used without the command line: train a model, save it, load it again, and ask why it codes as it does.
//!
//! ```
//! use proofmark::data::Strings;
//! use proofmark::model::{Coder, Input, LinearRecipe, Provenance, Recipe, Target, fit, save};
//! use proofmark::store::{read_model, write_model};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let answers: Strings = ["nurse on a ward", "night nurse", "waiter", "waits at tables"].repeat(20).into_iter().collect();
//! let codes = ["2221".to_owned(), "5131".to_owned()];
//! let index = [0, 0, 1, 1].repeat(20);
//! let rows: Vec<u32> = (0..80).collect();
//! let of = |rows| Input { ids: &answers, texts: vec![("answer", &answers)], categories: vec![], numbers: vec![], rows };
//! let target = Target { codes: &codes, index: &index, weights: None, clusters: None };
//!
//! let recipe = Recipe::Linear(LinearRecipe::default());
//! let model = fit(&recipe, &of(&rows[..60]), &of(&rows[60..]), &target, 1, &mut |_phase| ())?;
//!
//! let folder = tempfile::tempdir()?;
//! write_model(folder.path(), &save(model.as_ref(), &recipe, &Provenance::default())?)?;
//! let again = read_model(folder.path())?;
//! assert_eq!(again.predict(&of(&rows), 2)?, model.predict(&of(&rows), 2)?);
//!
//! let why = again.explain(&of(&rows), 0, 0, 1)?.expect("a linear model can tell");
//! assert!(why.exact && why.parts[0].tokens[0].share > 0.0);
//! # Ok(())
//! # }
//! ```

pub mod cli;
pub mod cost;
pub mod data;
pub mod judge;
pub mod measure;
pub mod metric;
pub mod model;
pub mod pipeline;
pub mod report;
pub mod spec;
pub mod stats;
pub mod store;
pub mod text;
pub mod value;
