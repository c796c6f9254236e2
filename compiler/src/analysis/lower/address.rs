//! Addresses: networks and references.

use std::net::IpAddr;

use super::Lower;
use crate::analysis::names::bare;
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix, Span};
use crate::syntax::ast;

/// 16 bytes of an address; IPv4 as v4-mapped.
pub(in crate::analysis) fn mapped(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
        IpAddr::V6(ip) => ip.octets(),
    }
}

/// First and last address of a network, and the network without host bits.
pub(in crate::analysis) fn network(ip: IpAddr, length: u8) -> Option<(u128, u128)> {
    let length = match ip {
        IpAddr::V4(_) if length <= 32 => u32::from(length) + 96,
        IpAddr::V6(_) if length <= 128 => u32::from(length),
        _ => return None,
    };
    let bits = u128::from_be_bytes(mapped(ip));
    let host = u128::MAX.checked_shr(length).unwrap_or(0);
    Some((bits & !host, bits | host))
}

impl Lower<'_, '_> {
    /// First and last address of a network as written; host bits are an error.
    pub(super) fn net(
        &mut self,
        ip: IpAddr,
        length: u8,
        span: Span,
    ) -> Option<(u128, u128)> {
        let Some((first, last)) = network(ip, length) else {
            self.report(
                Diagnostic::new(
                    Code::E0210,
                    span,
                    format!("the address has fewer than {length} bits"),
                )
                .label("prefix too long"),
            );
            return None;
        };
        if first == u128::from_be_bytes(mapped(ip)) {
            return Some((first, last));
        }
        let start = match ip {
            IpAddr::V4(_) => std::net::Ipv6Addr::from(first)
                .to_ipv4_mapped()
                .map_or_else(String::new, |ip| ip.to_string()),
            IpAddr::V6(_) => std::net::Ipv6Addr::from(first).to_string(),
        };
        let network = format!("{start}/{length}");
        self.report(
            Diagnostic::new(
                Code::E0210,
                span,
                format!("`{ip}` is a host in the network `{network}`, not its name"),
            )
            .label("bits are set behind the prefix")
            .fix(Fix::replace(
                format!("the whole network: `{network}`"),
                Applicability::Maybe,
                span,
                network,
            ))
            .fix(Fix::replace(
                format!("the one host: `{ip}`"),
                Applicability::Maybe,
                span,
                ip.to_string(),
            )),
        );
        None
    }

    /// `40001` to 0, `30010` to 9, with five or six digits.
    pub(super) fn reference(&mut self, n: i64, span: Span) -> Option<i64> {
        let address = match n {
            30_001..=39_999 => n - 30_001,
            40_001..=49_999 => n - 40_001,
            300_001..=365_536 => n - 300_001,
            400_001..=465_536 => n - 400_001,
            _ => {
                self.report(
                    Diagnostic::new(
                        Code::E0221,
                        span,
                        format!("`{n}` is not a reference to a register"),
                    )
                    .label("not a 3xxxx or 4xxxx reference")
                    .note(
                        "references are 30001 to 39999 and 40001 to 49999, or with six \
                         digits 300001 to 365536 and 400001 to 465536",
                    ),
                );
                return None;
            }
        };
        Some(address)
    }
}

impl Lower<'_, '_> {
    /// An address, a network or a range of addresses, as an element of a set.
    pub(in crate::analysis) fn ip_range(
        &mut self,
        e: &ast::Expr,
    ) -> Option<(u128, u128)> {
        match &bare(e).kind {
            ast::ExprKind::Ip(ip) => {
                let n = u128::from_be_bytes(mapped(*ip));
                Some((n, n))
            }
            ast::ExprKind::Net(ip, length) => self.net(*ip, *length, e.span),
            ast::ExprKind::Range(first, last) => {
                let (low, _) = self.ip_range(first)?;
                let (high, _) = self.ip_range(last)?;
                self.in_order(low <= high, first.span, last.span, e.span)?;
                Some((low, high))
            }
            ast::ExprKind::Error => {
                self.broken = true;
                None
            }
            _ => {
                self.report(
                    Diagnostic::new(Code::E0206, e.span, "an address is wanted here")
                        .label("not an address"),
                );
                None
            }
        }
    }
}
