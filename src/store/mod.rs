//! Files: reading with care, digests, and results that appear whole or not at all.

mod batch;
mod disk;
mod embedded;
mod process;
mod program;
mod site;

pub use batch::Batch;
pub use disk::{Disk, digest, folders_with, now, read, replace};
pub use embedded::{DEMONSTRATION, Embedded};
pub use program::Program;
pub use site::{cards_below, encoded, relative};
