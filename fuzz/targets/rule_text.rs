//! See `tagout_tests::fuzz::rule_text`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tagout_tests::fuzz::rule_text(data));
