//! Against labels that others made of the same captures.

mod cip;
mod dnp3;
mod modbus;
mod pnio;
mod s7;
