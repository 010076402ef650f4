//! Fairness through the measuring stage.
