//! Values as writers take them and readers give them.

use core::net::IpAddr;

use super::view::Repeated;

/// What an event says about a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Slot<'a> {
    /// Nothing at all.
    Absent,
    /// Null.
    Null,
    /// Something of another type, or out of range.
    Invalid,
    /// A value.
    Value(Value<'a>),
}

impl<'a> Slot<'a> {
    /// The value, if there is one.
    #[must_use]
    pub fn value(self) -> Option<Value<'a>> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }
}

/// A value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Of a bool.
    Bool(bool),
    /// Of an integer, an enumeration, a time or a duration.
    Int(i64),
    /// Of a `u64`, 2^63 or more: rules see it as out of range. As a field it is
    /// invalid, so that a presence bit always stands for a value that rules can
    /// use; event JSON shows it all the same.
    Large(u64),
    /// Of a float. As a field a NaN is invalid, likewise.
    Float(f64),
    /// In network order, IPv4 as `::ffff:a.b.c.d`.
    Ip([u8; 16]),
    /// In wire order.
    Mac([u8; 6]),
    /// First and last, inclusive.
    Range(u32, u32),
    /// Of a text, a name, a path or bytes.
    Text(Text<'a>),
    /// Of a list or a group.
    Repeated(Repeated<'a>),
}

impl Value<'_> {
    /// Whether a field with this value can be marked as present.
    pub(super) fn is_usable(&self) -> bool {
        match self {
            Self::Large(_) => false,
            Self::Float(number) => !number.is_nan(),
            _ => true,
        }
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u64> for Value<'_> {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or(Self::Large(value), Self::Int)
    }
}

impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<IpAddr> for Value<'_> {
    fn from(ip: IpAddr) -> Self {
        Self::Ip(ip_octets(ip))
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Text(Text::whole(bytes))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::from(text.as_bytes())
    }
}

/// The 16 bytes that a slot holds for an address.
#[must_use]
pub fn ip_octets(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
        IpAddr::V6(v6) => v6.octets(),
    }
}

/// A text, perhaps cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// What is kept of it.
    pub bytes: &'a [u8],
    /// The bytes it had.
    pub original: u32,
    /// The folding of what is kept, if it was asked for.
    pub folded: Option<&'a [u8]>,
}

impl<'a> Text<'a> {
    /// A text that is not cut.
    #[must_use]
    pub fn whole(bytes: &'a [u8]) -> Self {
        let original = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Self { bytes, original, folded: None }
    }

    /// Whether something was cut off its end.
    #[must_use]
    pub fn truncated(&self) -> bool {
        usize::try_from(self.original).is_ok_and(|original| original > self.bytes.len())
    }
}
