//! See `tagout_tests::fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tagout_tests::fuzz::flow(tagout_decode::Transport::Udp, 34_964, data));
