//! The Lanterna server: router, the hub's endpoint, configuration, jobs, command line.

pub mod catalogue;
pub mod cli;
pub mod commands;
pub mod config;
pub mod demo;
mod demo_certificates;
pub mod document_settings;
pub mod http;
mod hub;
mod hub_messages;
pub mod import_settings;
mod jobs;
mod listener;
mod logo;
pub mod maintenance;
mod moment;
pub mod mutual_tls;
pub mod outcome_settings;
pub mod program_settings;
pub mod tariffs;
pub mod telemetry;

pub use hub::LoggedHub;
pub use listener::{serve, serve_mutual_tls};
