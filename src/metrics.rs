//! How good a trained head is.
