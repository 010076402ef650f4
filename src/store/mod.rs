//! Files: reading with care, digests, and results that appear whole or not at all.

mod batch;
mod disk;
mod embedded;
mod process;
mod program;
mod saved;
mod site;

pub use crate::value::digest;
pub use batch::Batch;
pub use disk::{Disk, folders_with, now, read, replace};
pub use embedded::{DEMONSTRATION, Embedded};
pub use program::Program;
pub use saved::{read_model, write_model};
pub use site::{cards_below, encoded, relative};
