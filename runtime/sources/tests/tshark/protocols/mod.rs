//! One file a protocol: its data, and the test that compares by it.

mod iec104;
mod modbus;
mod umas;
