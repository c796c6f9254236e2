//! Techniques of ATT&CK.
