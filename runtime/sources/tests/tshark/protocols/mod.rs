//! One file a protocol: its data, and the test that compares by it.

mod modbus;
mod s7;
