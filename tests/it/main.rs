//! Cairn through its public interfaces, one module per feature.
mod schema;
