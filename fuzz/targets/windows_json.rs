//! See `tagout_tests::fuzz::windows_json`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tagout_tests::fuzz::windows_json(data));
