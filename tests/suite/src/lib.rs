//! Tests of regconf against real programs; they stand in `tests/`.
