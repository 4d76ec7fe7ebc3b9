//! Open connections of each address, so that one address cannot take them all.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;

use super::address::household;

/// Counts open connections. There are never more entries than connections, whose number is bounded.
#[derive(Clone)]
pub struct Connections {
    each_max: u32,
    open: Arc<Mutex<HashMap<u128, u32>>>,
}

/// One open connection; counted until it is dropped.
pub struct Connection(Option<(Connections, u128)>);

impl Connections {
    /// Up to `each_max` for each address; 0 is without limit.
    pub fn new(each_max: u32) -> Self {
        Self { each_max, open: Arc::default() }
    }

    /// One that is not counted: a trusted proxy speaks for many.
    pub fn uncounted() -> Connection {
        Connection(None)
    }

    /// One more of this address; `None` is too many.
    pub fn open(&self, peer: IpAddr) -> Option<Connection> {
        if self.each_max == 0 {
            return Some(Self::uncounted());
        }
        let key = household(peer.to_canonical());
        let mut open = self.open.lock();
        let count = open.entry(key).or_insert(0);
        if *count >= self.each_max {
            return None;
        }
        *count += 1;
        drop(open);
        Some(Connection(Some((self.clone(), key))))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let Some((connections, key)) = self.0.take() else { return };
        if let Entry::Occupied(mut entry) = connections.open.lock().entry(key) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own() {
        let connections = Connections::new(2);
        let one: IpAddr = "192.0.2.1".parse().expect("an address");
        let other: IpAddr = "192.0.2.2".parse().expect("an address");
        let first = connections.open(one).expect("the first");
        let second = connections.open(one).expect("the second");
        assert!(connections.open(one).is_none());
        assert!(connections.open(other).is_some());
        drop(first);
        let third = connections.open(one);
        assert!(third.is_some());
        drop((second, third));
        assert!(connections.open.lock().is_empty(), "nothing is kept of who has left");
        let free = Connections::new(0);
        assert!((0..100).map(|_| free.open(one)).all(|open| open.is_some()));
    }
}
