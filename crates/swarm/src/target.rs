//! Where the server is. Load belongs on one's own machine: another address needs a flag that says so.

use anyhow::{Context as _, Result, bail};
use std::net::{SocketAddr, ToSocketAddrs as _};

/// A server's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// For the `Host` header.
    pub host: String,
    /// For the socket.
    pub address: SocketAddr,
}

impl Target {
    /// Reads `http://host:port`. Any other address than loopback is refused unless `remote_allowed`.
    pub fn parse(url: &str, remote_allowed: bool) -> Result<Self> {
        let host = url.strip_prefix("http://").unwrap_or(url).trim_end_matches('/');
        if host.contains("://") || host.contains('/') || host.is_empty() {
            bail!("`{url}` is not of the form http://HOST:PORT");
        }
        let with_port = if host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
            host.to_owned()
        } else {
            format!("{host}:7350")
        };
        let address = with_port
            .to_socket_addrs()
            .with_context(|| format!("`{with_port}` is no address"))?
            .next()
            .with_context(|| format!("`{with_port}` has no address"))?;
        if !address.ip().is_loopback() && !remote_allowed {
            bail!(
                "{address} is not on this machine; load on another needs --remote, and its owner's consent"
            );
        }
        Ok(Target { host: with_port, address })
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn urls() {
        let check = |url: &str, expected: Option<&str>| {
            let found = Target::parse(url, false).ok().map(|t| t.address.to_string());
            assert_eq!(found.as_deref(), expected, "{url}");
        };
        check("http://127.0.0.1:7350", Some("127.0.0.1:7350"));
        check("http://127.0.0.1:7350/", Some("127.0.0.1:7350"));
        check("127.0.0.1", Some("127.0.0.1:7350"));
        check("http://[::1]:80", Some("[::1]:80"));
        check("https://127.0.0.1", None);
        check("http://127.0.0.1/x", None);
        check("http://192.0.2.1:7350", None);
        check("", None);
        assert!(Target::parse("http://192.0.2.1:7350", true).is_ok());
    }
}
