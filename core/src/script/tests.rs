//! The scripts run in the shells that nodes have.
