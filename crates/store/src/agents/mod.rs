//! What outside workers work with: what they want to remember, and jobs with their results.

pub(crate) mod jobs;
pub(crate) mod memory;

pub use jobs::*;
pub use memory::*;
