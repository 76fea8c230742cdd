//! Tests of the exchange: what leaves the house.

mod cot;
mod report;
mod sample;
