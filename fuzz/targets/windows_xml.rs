//! See `tagout_tests::fuzz::windows_xml`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tagout_tests::fuzz::windows_xml(data));
