//! Against labels that others made of the same captures.

mod cip;
mod modbus;
