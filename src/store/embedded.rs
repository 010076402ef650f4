//! The demonstration study, built into the program so that it runs without a checkout.

use crate::spec::Files;
use crate::value::{Class, Problem};
use std::path::Path;

/// The path under which the demonstration study is known; it does not exist on disk.
pub const DEMONSTRATION: &str = "reports/demonstration/study.toml";

macro_rules! embedded {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_bytes!(concat!("../../", $path)))),*]
    };
}

/// Every file of the demonstration, by its path in the repository.
static FILES: &[(&str, &[u8])] = embedded![
    "reports/demonstration/study.toml",
    "reports/demonstration/policy.toml",
    "datasets/demonstration/dataset.toml",
    "datasets/demonstration/survey.csv",
    "datasets/demonstration/codes.csv",
    "models/majority/model.toml",
    "models/prior/model.toml",
    "models/complement-nb/model.toml",
    "models/linear/model.toml",
    "models/tabular/model.toml",
];

/// The embedded files.
#[derive(Debug, Clone, Copy, Default)]
pub struct Embedded;

impl Embedded {
    /// The bytes of an embedded file.
    ///
    /// # Errors
    /// A path that is not embedded.
    pub fn bytes(path: &Path) -> Result<&'static [u8], Problem> {
        let tidy = crate::spec::tidy(path);
        FILES
            .iter()
            .find(|(name, _)| Path::new(name) == tidy)
            .map(|(_, bytes)| *bytes)
            .ok_or_else(|| Problem::new(Class::Internal, "the demonstration lacks a file").file(path.display().to_string()))
    }
}

impl Files for Embedded {
    fn text(&self, path: &Path) -> Result<String, Problem> {
        Ok(String::from_utf8_lossy(Self::bytes(path)?).into_owned())
    }

    fn exists(&self, path: &Path) -> bool {
        let tidy = crate::spec::tidy(path);
        FILES.iter().any(|(name, _)| Path::new(name).starts_with(&tidy))
    }
}
