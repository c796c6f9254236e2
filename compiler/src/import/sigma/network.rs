//! Networks: as sets of ours beside an address, as expressions beside a text.
//!
//! An address in a text is expected in the form in which sources print it: four
//! decimal parts, or the groups of RFC 5952.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::cond::Operand;

/// A network: its first address and the length of its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Reads a network; bits behind its prefix are dropped.
pub(super) fn parse(written: &str) -> Result<Network, String> {
    let wrong = || format!("`{written}` is no network");
    let (address, prefix) = match written.trim().split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (written.trim(), None),
    };
    let address: IpAddr = address.parse().map_err(|_| wrong())?;
    let bits: u8 = if address.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        Some(prefix) => prefix.parse().ok().filter(|n| *n <= bits).ok_or_else(wrong)?,
        None => bits,
    };
    let address = match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(u32::from(32 - prefix)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(u32::from(128 - prefix)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
    };
    Ok(Network { address, prefix })
}

impl Network {
    /// As it stands in a condition on an address.
    pub(super) fn operand(self) -> Operand {
        let is_one = self.prefix == if self.address.is_ipv4() { 32 } else { 128 };
        if is_one {
            Operand::Word(self.address.to_string())
        } else {
            Operand::Set(format!("{}/{}", self.address, self.prefix))
        }
    }

    /// An expression for the addresses of it in texts.
    pub(super) fn regex(self) -> Result<String, String> {
        match self.address {
            IpAddr::V4(address) => Ok(v4(address, self.prefix)),
            IpAddr::V6(address) => v6(address, self.prefix),
        }
    }
}

/// Parts that the prefix covers, a part that it cuts, and any parts.
fn v4(address: Ipv4Addr, prefix: u8) -> String {
    const ANY: &str = r"\d{1,3}";
    let mut left = u32::from(prefix);
    let parts: Vec<String> = address
        .octets()
        .iter()
        .map(|octet| {
            let bits = left.min(8);
            left -= bits;
            match bits {
                8 => octet.to_string(),
                0 => ANY.to_owned(),
                bits => {
                    let last = octet | (0xff_u8 >> bits);
                    format!("({})", super::pattern::range(*octet, last))
                }
            }
        })
        .collect();
    format!("^{}$", parts.join(r"\."))
}

/// The first group up to the prefix; whole groups where none of them is zero.
fn v6(address: Ipv6Addr, prefix: u8) -> Result<String, String> {
    if prefix == 128 {
        return Ok(format!("^{}$", super::pattern::escaped(&address.to_string())));
    }
    let too_fine = || {
        format!("`{address}/{prefix}` beside a text: only whole groups can be told there")
    };
    let mut groups = Vec::new();
    let mut left = prefix;
    for group in address.segments() {
        match left {
            0 => break,
            16.. if group == 0 => return Err(too_fine()),
            16.. => groups.push(format!("{group:x}")),
            bits if bits % 4 == 0 || bits < 16 => {
                groups.push(cut_group(group, bits).ok_or_else(too_fine)?);
            }
            _ => return Err(too_fine()),
        }
        left = left.saturating_sub(16);
    }
    if groups.is_empty() {
        return Err(too_fine());
    }
    Ok(format!("^{}:[0-9a-f:.]+$", groups.join(":")))
}

/// A group of four digits whose first bits are given.
fn cut_group(group: u16, bits: u8) -> Option<String> {
    let digits = format!("{group:04x}");
    if digits.starts_with('0') {
        return None;
    }
    let whole = usize::from(bits / 4);
    let known = digits.get(..whole)?;
    let rest_bits = u32::from(bits % 4);
    let rest = 4 - whole - usize::from(rest_bits > 0);
    let cut = if rest_bits == 0 {
        String::new()
    } else {
        let first = u32::from_str_radix(digits.get(whole..=whole)?, 16).ok()?;
        let last = first | (0xf >> rest_bits);
        let all: String =
            (first..=last).filter_map(|n| char::from_digit(n, 16)).collect();
        format!("[{all}]")
    };
    Some(format!("{known}{cut}{}", "[0-9a-f]".repeat(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets() {
        let set = |text: &str| parse(text).unwrap().operand();
        assert_eq!(set("10.1.2.3/8"), Operand::Set("10.0.0.0/8".into()));
        assert_eq!(set("10.1.2.3"), Operand::Word("10.1.2.3".into()));
        assert_eq!(set("::1/128"), Operand::Word("::1".into()));
        assert!(parse("10.0.0.0/33").is_err() && parse("x/8").is_err());
    }

    #[test]
    fn texts() {
        let regex = |text: &str| parse(text).unwrap().regex();
        assert_eq!(regex("10.0.0.0/8").unwrap(), r"^10\.\d{1,3}\.\d{1,3}\.\d{1,3}$");
        assert_eq!(regex("172.16.0.0/14").unwrap(), r"^172\.(1[6-9])\.\d{1,3}\.\d{1,3}$");
        assert!(regex("172.16.0.0/12").unwrap().contains("(1[6-9]|2[0-9]|3[0-1])"));
        assert_eq!(regex("127.0.0.1/32").unwrap(), r"^127\.0\.0\.1$");
        assert_eq!(regex("fe80::/10").unwrap(), "^fe[89ab][0-9a-f]:[0-9a-f:.]+$");
        assert_eq!(regex("fc00::/7").unwrap(), "^f[cd][0-9a-f][0-9a-f]:[0-9a-f:.]+$");
        assert_eq!(regex("2001:db8::/32").unwrap(), "^2001:db8:[0-9a-f:.]+$");
        assert_eq!(regex("::1/128").unwrap(), "^::1$");
        assert!(regex("::/8").is_err());
    }
}
