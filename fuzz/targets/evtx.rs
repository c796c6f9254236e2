//! See `tagout_tests::fuzz::evtx`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tagout_tests::fuzz::evtx(data));
