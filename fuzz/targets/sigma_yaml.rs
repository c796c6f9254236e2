//! See `tagout_tests::fuzz::sigma_yaml`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tagout_tests::fuzz::sigma_yaml(data));
