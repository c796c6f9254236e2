//! Against labels that others made of the same captures.

mod dnp3;
mod modbus;
mod pnio;
