//! See `tagout_tests::fuzz::pack_loader`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tagout_tests::fuzz::pack_loader(data));
