//! Helpers for the tests of regconf against real programs.
