//! See `tagout_tests::fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tagout_tests::fuzz::flow(tagout_decode::Transport::Tcp, 44818, data));
