//! Recipes of tabular models: which method, with its own settings.

use serde::{Deserialize, Serialize};

/// A model on category and number columns.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TabularRecipe {
    /// How it is made.
    #[serde(flatten)]
    pub method: TabularMethod,
}

/// Methods for category and number columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "kebab-case")]
pub enum TabularMethod {
    /// Gaussian naive Bayes, by linfa.
    NaiveBayes {
        /// Share of the largest variance added to all variances for stability.
        smoothing: f64,
    },
    /// Multinomial logistic regression, by linfa.
    Logistic {
        /// Inverse strength of the L2 penalty, as C in scikit-learn.
        c: f64,
        /// Most iterations of the solver.
        passes: usize,
        /// Levels of a category with fewer training records are pooled.
        min_records: usize,
    },
    /// A decision tree, grown here.
    Tree(Growth),
    /// A random forest, grown here.
    Forest {
        /// Trees.
        trees: usize,
        /// Columns that compete for each split; 0 for the square root of their number.
        columns_per_split: usize,
        /// How each is grown.
        #[serde(flatten)]
        growth: Growth,
    },
}

/// How a tree is grown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Growth {
    /// Most splits from root to leaf.
    pub depth: usize,
    /// Fewest training records of a leaf.
    pub min_leaf: usize,
}

impl TabularMethod {
    /// All methods by their names in study files, with their usual settings.
    pub const NAMES: [(&'static str, TabularMethod); 4] = [
        ("naive-bayes", TabularMethod::NaiveBayes { smoothing: 0.01 }),
        ("logistic", TabularMethod::Logistic { c: 1.0, passes: 200, min_records: 10 }),
        ("tree", TabularMethod::Tree(Growth { depth: 12, min_leaf: 20 })),
        ("forest", TabularMethod::Forest { trees: 200, columns_per_split: 0, growth: Growth { depth: 30, min_leaf: 2 } }),
    ];
}

impl Default for TabularMethod {
    fn default() -> Self {
        Self::NAMES[0].1.clone()
    }
}
