//! One file a protocol: its data, and the test that compares by it.

mod dcerpc;
mod dcp;
mod modbus;
mod pnio;
