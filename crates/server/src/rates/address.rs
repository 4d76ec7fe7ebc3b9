//! Who is at the other end of a connection: the peer itself, or whom a trusted proxy says it speaks for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use axum::http::{HeaderMap, header};

use crate::config::ForwardedHeader;

/// Hops of a forwarding header that are looked at, from the nearest.
const HOPS_MAX: usize = 32;

/// A range of addresses: `10.0.0.0/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    base: u128,
    mask: u128,
}

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no address and no range such as 10.0.0.0/8");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address = IpAddr::from_str(address).map_err(|_| wrong())?;
        let (most, lead) = if address.is_ipv4() { (32, 96) } else { (128, 0) };
        let bits = match bits {
            Some(bits) => bits.parse::<u32>().ok().filter(|bits| *bits <= most).ok_or_else(wrong)?,
            None => most,
        };
        let mask = u128::MAX.checked_shl(128 - (lead + bits)).unwrap_or(0);
        Ok(Self { base: number(address) & mask, mask })
    }
}

impl Range {
    /// Is the address one of them?
    pub fn contains(&self, address: IpAddr) -> bool {
        number(address) & self.mask == self.base
    }
}

/// Reads a list with commas; nothing is the empty list.
pub fn ranges(text: &str) -> Result<Vec<Range>, String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Range::from_str).collect()
}

/// Addresses of both kinds in one order.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// Whom to count: the address itself, or the network that one household or one server gets of the newer kind.
pub fn household(address: IpAddr) -> u128 {
    let number = number(address);
    let is_v4 = number >> 32 == 0xffff;
    if is_v4 { number } else { number >> 64 << 64 }
}

/// The client's address. Forwarding headers are believed only as far as the chain of trusted proxies reaches, read from
/// the nearest hop; what is beyond the first stranger could be anybody's word.
pub fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Range], which: ForwardedHeader) -> IpAddr {
    let peer = peer.to_canonical();
    let trusts = |address: IpAddr| trusted.iter().any(|range| range.contains(address));
    if !trusts(peer) {
        return peer;
    }
    let name = match which {
        ForwardedHeader::XForwardedFor => X_FORWARDED_FOR,
        ForwardedHeader::Forwarded => header::FORWARDED,
    };
    let mut nearest = peer;
    let values: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    let hops = values.iter().rev().flat_map(|value| value.rsplit(','));
    for hop in hops.take(HOPS_MAX) {
        let said = match which {
            ForwardedHeader::XForwardedFor => Some(hop),
            ForwardedHeader::Forwarded => forwarded_for(hop),
        };
        // A hop that names no address ends the chain: it is as near as we know.
        let Some(address) = said.and_then(address_of) else { return nearest };
        nearest = address;
        if !trusts(address) {
            return address;
        }
    }
    nearest
}

const X_FORWARDED_FOR: header::HeaderName = header::HeaderName::from_static("x-forwarded-for");

/// The `for` of one element of a `Forwarded` header (RFC 7239).
fn forwarded_for(element: &str) -> Option<&str> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut named = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    named.next().map(|(_, value)| value.trim().trim_matches('"'))
}

/// An address as proxies write it: bare, with a port, or in brackets.
fn address_of(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix('[') {
        return Ipv6Addr::from_str(rest.split_once(']')?.0)
            .ok()
            .map(|address| IpAddr::V6(address).to_canonical());
    }
    if let Ok(address) = IpAddr::from_str(text) {
        return Some(address.to_canonical());
    }
    let (address, port) = text.rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    Ipv4Addr::from_str(address).ok().map(IpAddr::V4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn ranges_hold_what_they_say() {
        let check = |range: &str, address: &str, inside: bool| {
            let range = Range::from_str(range).expect("a range");
            assert_eq!(range.contains(ip(address)), inside, "{address} in {range:?}");
        };
        check("10.0.0.0/8", "10.255.0.1", true);
        check("10.0.0.0/8", "11.0.0.1", false);
        check("10.0.0.0/8", "::ffff:10.1.2.3", true);
        check("0.0.0.0/0", "203.0.113.9", true);
        check("0.0.0.0/0", "2001:db8::1", false);
        check("192.0.2.7", "192.0.2.7", true);
        check("192.0.2.7", "192.0.2.8", false);
        check("::1", "::1", true);
        check("2001:db8::/32", "2001:db8:1::1", true);
        check("::/0", "192.0.2.7", true);
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "proxy", "10.0.0.0/-1"] {
            assert!(Range::from_str(bad).is_err(), "{bad}");
        }
        assert_eq!(ranges(" ").map(|found| found.len()), Ok(0));
        assert_eq!(ranges("127.0.0.0/8, ::1").map(|found| found.len()), Ok(2));
        assert!(ranges("127.0.0.0/8, x").is_err());
    }

    #[test]
    fn who_is_it() {
        let check = |peer: &str, which: ForwardedHeader, lines: &[&str], expected: &str| {
            let name = match which {
                ForwardedHeader::XForwardedFor => X_FORWARDED_FOR,
                ForwardedHeader::Forwarded => header::FORWARDED,
            };
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(name.clone(), HeaderValue::from_str(line).expect("a header"));
            }
            let trusted = ranges("127.0.0.1, 10.0.0.0/8").expect("ranges");
            assert_eq!(client(ip(peer), &headers, &trusted, which), ip(expected), "{peer} {lines:?}");
        };
        let list = ForwardedHeader::XForwardedFor;
        check("203.0.113.9", list, &["198.51.100.1"], "203.0.113.9");
        check("127.0.0.1", list, &[], "127.0.0.1");
        check("127.0.0.1", list, &["198.51.100.1"], "198.51.100.1");
        check("127.0.0.1", list, &["1.1.1.1, 198.51.100.1"], "198.51.100.1");
        check("127.0.0.1", list, &["1.1.1.1, 198.51.100.1, 10.0.0.2"], "198.51.100.1");
        check("127.0.0.1", list, &["198.51.100.1", "10.0.0.2"], "198.51.100.1");
        check("127.0.0.1", list, &["10.0.0.3, 10.0.0.2"], "10.0.0.3");
        check("127.0.0.1", list, &["1.1.1.1, unknown, 10.0.0.2"], "10.0.0.2");
        check("127.0.0.1", list, &["198.51.100.1:4711"], "198.51.100.1");
        check("127.0.0.1", list, &["[2001:db8::1]:4711"], "2001:db8::1");
        check("::ffff:127.0.0.1", list, &["::ffff:198.51.100.1"], "198.51.100.1");
        let element = ForwardedHeader::Forwarded;
        check("127.0.0.1", element, &[r#"for=1.1.1.1, For="[2001:db8::1]:80";proto=https"#], "2001:db8::1");
        check("127.0.0.1", element, &["for=198.51.100.1;by=10.0.0.1"], "198.51.100.1");
        check("127.0.0.1", element, &["by=10.0.0.1"], "127.0.0.1");
        check("127.0.0.1", element, &["for=_hidden"], "127.0.0.1");
    }

    #[test]
    fn a_household_is_one() {
        assert_eq!(household(ip("2001:db8::1")), household(ip("2001:db8::ffff:1")));
        assert_ne!(household(ip("2001:db8::1")), household(ip("2001:db8:0:1::1")));
        assert_ne!(household(ip("192.0.2.1")), household(ip("192.0.2.2")));
        assert_eq!(household(ip("192.0.2.1")), household(ip("::ffff:192.0.2.1")));
    }
}
