//! URLs, read strictly: `http` or `https`, a plain host, nothing that two readers could read in two ways. What is not in
//! this form is refused, so that a check of the host is a check of where the connection goes.

use core::net::{IpAddr, Ipv6Addr};
use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};

/// Bytes of a URL.
pub const URL_BYTES_MAX: usize = 2_048;

/// Why a text is no URL for us.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "must be an http or https URL of at most {URL_BYTES_MAX} visible ASCII characters, without a user and a fragment"
)]
pub struct UrlError;

/// Scheme, host and port.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Origin {
    /// With TLS?
    pub secure: bool,
    /// In lower case; an IPv6 address without its brackets.
    pub host: String,
    /// Explicit or the scheme's own.
    pub port: u16,
}

impl Origin {
    /// Is it this very machine?
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// May we send what is secret there? With TLS, or without leaving the machine.
    pub fn is_safe(&self) -> bool {
        self.secure || self.is_loopback()
    }

    /// Is the host `domain` or below it?
    pub fn is_within(&self, domain: &str) -> bool {
        self.host == domain
            || self.host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
    }

    /// Host and port as the `Host` header has them.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == usual_port(self.secure) { host } else { format!("{host}:{}", self.port) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.secure { "https" } else { "http" }, self.authority())
    }
}

fn usual_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Url {
    origin: Origin,
    /// Begins with a slash; may have a query.
    path: String,
}

impl Url {
    /// Reads a text.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#' | b'"' | b'<' | b'>');
        if text.len() > URL_BYTES_MAX || !text.bytes().all(plain) {
            return Err(UrlError);
        }
        let (scheme, rest) = text.split_once("://").ok_or(UrlError)?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(UrlError),
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { origin: read_authority(authority, secure)?, path })
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// From the first slash, with the query.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A place below this one. `path` begins with a slash; this URL's own last slash and query are dropped.
    pub fn join(&self, path: &str) -> Result<Self, UrlError> {
        let base = self.path.split('?').next().unwrap_or_default().trim_end_matches('/');
        Self::parse(&format!("{}{base}{path}", self.origin))
    }

    /// With these added to the query.
    pub fn with_query(&self, fields: &[(&str, &str)]) -> Self {
        let mark = if self.path.contains('?') { '&' } else { '?' };
        Self { origin: self.origin.clone(), path: format!("{}{mark}{}", self.path, form(fields)) }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}

impl From<Url> for String {
    fn from(url: Url) -> Self {
        url.to_string()
    }
}

impl TryFrom<String> for Url {
    type Error = UrlError;

    fn try_from(text: String) -> Result<Self, UrlError> {
        Self::parse(&text)
    }
}

fn read_authority(text: &str, secure: bool) -> Result<Origin, UrlError> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or(UrlError)?;
            let address: Ipv6Addr = host.parse().map_err(|_| UrlError)?;
            (address.to_string(), port)
        }
        None => {
            let end = text.find(':').unwrap_or(text.len());
            let (host, port) = text.split_at(end);
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
            if host.is_empty() || host.ends_with('.') || !host.bytes().all(plain) {
                return Err(UrlError);
            }
            (host.to_ascii_lowercase(), port)
        }
    };
    let port = match port.strip_prefix(':') {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().map_err(|_| UrlError)?
        }
        None if port.is_empty() => usual_port(secure),
        _ => return Err(UrlError),
    };
    Ok(Origin { secure, host, port })
}

/// Fields as a form or a query has them.
pub(super) fn form(fields: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in fields {
        if !out.is_empty() {
            out.push('&');
        }
        escape(name, &mut out);
        out.push('=');
        escape(value, &mut out);
    }
    out
}

/// A text as it stands in a query or a form.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(text, &mut out);
    out
}

fn escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(byte.into());
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reading_for_each_url() {
        let good = |text: &str, back: &str| assert_eq!(Url::parse(text).unwrap().to_string(), back);
        good("https://Issuer.Example", "https://issuer.example/");
        good("https://issuer.example:443/realms/a?b=c", "https://issuer.example/realms/a?b=c");
        good("http://127.0.0.1:80?x", "http://127.0.0.1/?x");
        good("http://[::1]:7/x", "http://[::1]:7/x");
        for bad in [
            "",
            "issuer.example",
            "ftp://issuer.example",
            "https://",
            "https://a@issuer.example",
            "https://issuer.example\\@evil.example",
            "https://issuer.example#x",
            "https://issuer.example:x/",
            "https://issuer.example:70000/",
            "https://issuer.example./",
            "https://is suer.example",
            "https://issuér.example",
            "https://[::1",
            "https://[evil.example]/",
        ] {
            assert_eq!(Url::parse(bad), Err(UrlError), "{bad}");
        }
    }

    #[test]
    fn hosts_are_compared_by_whole_names() {
        let within =
            |host: &str| Url::parse(&format!("https://{host}/")).unwrap().origin().is_within("apple.com");
        assert!(within("apple.com") && within("static.gc.apple.com"));
        assert!(!within("evilapple.com") && !within("apple.com.evil.example") && !within(".apple.com"));
    }

    #[test]
    fn secrets_leave_the_machine_only_with_tls() {
        let safe = |text: &str| Url::parse(text).unwrap().origin().is_safe();
        assert!(safe("https://issuer.example") && safe("http://localhost:1") && safe("http://[::1]:1"));
        assert!(
            !safe("http://issuer.example") && !safe("http://127.0.0.1.example") && !safe("http://10.0.0.1")
        );
    }

    #[test]
    fn forms_and_places_below() {
        let base = Url::parse("https://issuer.example/realm/?x=y").unwrap();
        let below = base.join("/.well-known/openid-configuration").unwrap();
        assert_eq!(below.to_string(), "https://issuer.example/realm/.well-known/openid-configuration");
        assert_eq!(base.with_query(&[("a b", "é&=")]).path(), "/realm/?x=y&a%20b=%C3%A9%26%3D");
    }
}
