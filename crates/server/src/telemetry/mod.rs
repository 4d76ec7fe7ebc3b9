//! What the process says about itself: log lines and figures. Nothing here decides anything.

pub mod figures;
pub mod logs;
pub mod process;
