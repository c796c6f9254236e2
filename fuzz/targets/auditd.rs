//! See `tagout_tests::fuzz::auditd`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tagout_tests::fuzz::auditd(data));
