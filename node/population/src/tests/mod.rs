//! Nodes that share a population over a network that loses, repeats, delays and splits, with liars among them.

mod disk;
mod rules;
mod simulation;
mod world;
