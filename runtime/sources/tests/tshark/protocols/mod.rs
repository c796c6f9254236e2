//! One file a protocol: its data, and the test that compares by it.

mod cip;
mod cotp;
mod dcerpc;
mod dcp;
mod dnp3;
mod enip;
mod iec104;
mod modbus;
mod pnio;
mod s7;
mod umas;
