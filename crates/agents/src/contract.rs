//! The contract's messages and the two ends of its service, made from `proto/agents.proto` as this crate is built.

#![allow(
    missing_docs,
    clippy::all,
    reason = "the text is the contract's; what has no comment there is made by others"
)]

// The text that is included names them, and nothing else here does.
use {prost as _, tonic_prost as _};

tonic::include_proto!("longhouse.agents.v1");
