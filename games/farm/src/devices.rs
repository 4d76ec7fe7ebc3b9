//! What a farm knows of the devices that its owner plays on: up to which number each one's actions are known, so that
//! nothing is done twice whatever is sent again.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Devices remembered by a farm; one more, and that which was used longest ago is forgotten.
pub const DEVICES_MAX: usize = 16;
/// The highest number of an action: the last whole number that pages can tell from its neighbours.
pub const NUMBER_MAX: u64 = (1 << 53) - 1;

/// The name that a device gives itself. In MessagePack 16 bytes, in JSON hex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct DeviceId(pub [u8; 16]);

/// The devices, by name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Devices(BTreeMap<DeviceId, Device>);

/// One of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Device {
    /// Its newest action that is known.
    pub last_n: u64,
    /// When it was heard last.
    pub used_ms: i64,
    /// Refused actions of its newest chunk: number and code.
    pub refused: Vec<(u64, u16)>,
}

impl Devices {
    /// The number of a device's newest known action; 0 for one that is not known.
    pub fn last_n(&self, id: DeviceId) -> u64 {
        self.0.get(&id).map_or(0, |device| device.last_n)
    }

    /// The device, to be written to; another may be forgotten for it.
    pub(crate) fn used(&mut self, id: DeviceId, at_ms: i64) -> &mut Device {
        if !self.0.contains_key(&id) && self.0.len() >= DEVICES_MAX {
            let oldest = self.0.iter().min_by_key(|(id, device)| (device.used_ms, **id)).map(|(id, _)| *id);
            if let Some(oldest) = oldest {
                self.0.remove(&oldest);
            }
        }
        let device = self.0.entry(id).or_default();
        device.used_ms = at_ms;
        device
    }

    /// What a known action was refused with, if it was and that is remembered.
    pub(crate) fn refused(&self, id: DeviceId, n: u64) -> Option<u16> {
        let device = self.0.get(&id)?;
        device.refused.iter().find(|(refused, _)| *refused == n).map(|(_, code)| *code)
    }

    /// All of them, in order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (DeviceId, &Device)> {
        self.0.iter().map(|(id, device)| (*id, device))
    }

    /// As they were saved, if that is what [`Devices::iter`] could have given.
    pub(crate) fn from_saved(saved: impl Iterator<Item = (DeviceId, Device)>) -> Option<Self> {
        let mut devices = BTreeMap::new();
        for (id, device) in saved {
            let ascends = devices.last_key_value().is_none_or(|(last, _)| *last < id);
            let mut numbers = device.refused.iter().map(|(n, _)| *n);
            let sound = device.last_n <= NUMBER_MAX
                && numbers.clone().is_sorted_by(|a, b| a < b)
                && numbers.next_back().is_none_or(|n| n <= device.last_n);
            if !ascends || !sound || devices.len() >= DEVICES_MAX {
                return None;
            }
            devices.insert(id, device);
        }
        Some(Self(devices))
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl DeviceId {
    /// From 32 hex digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let plain = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = plain.then(|| u128::from_str_radix(text, 16).ok())??;
        Some(Self(number.to_be_bytes()))
    }
}

impl Serialize for DeviceId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() { to.collect_str(self) } else { to.serialize_bytes(&self.0) }
    }
}

impl<'de> Deserialize<'de> for DeviceId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = DeviceId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("16 bytes, or 32 hex digits")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<DeviceId, E> {
                bytes.try_into().map(DeviceId).map_err(|_| E::custom("not 16 bytes"))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<DeviceId, E> {
                DeviceId::from_hex(text).ok_or_else(|| E::custom("not 32 hex digits"))
            }
        }
        if from.is_human_readable() { from.deserialize_str(Reader) } else { from.deserialize_bytes(Reader) }
    }
}
