//! Against labels that others made of the same captures.

mod modbus;
mod pnio;
