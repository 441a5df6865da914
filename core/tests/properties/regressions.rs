//! Cases that once were wrong.
