//! JSON outside, MessagePack inside: functions speak JSON, the rules speak MessagePack. Both write what can pass 2^53 as
//! decimal strings, so nothing is lost between them.

use app::rpc::RpcError;
use bytes::Bytes;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// Bytes of a device's name.
const DEVICE_BYTES: usize = 16;

/// A device of a player, as its page named it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Device([u8; DEVICE_BYTES]);

impl Device {
    /// Reads 32 hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, RpcError> {
        let bad = || RpcError::Invalid("\"device\" must be 32 hexadecimal digits".into());
        let number = Some(text).filter(|text| text.len() == 2 * DEVICE_BYTES && !text.starts_with('+'));
        let number = number.and_then(|text| u128::from_str_radix(text, 16).ok()).ok_or_else(bad)?;
        Ok(Self(number.to_be_bytes()))
    }
}

impl Serialize for Device {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(&self.0)
    }
}

/// A command for the rules.
pub fn to_rules<T: Serialize>(command: &T) -> Result<Bytes, RpcError> {
    let body = rmp_serde::to_vec_named(command);
    body.map(Bytes::from)
        .map_err(|error| RpcError::Invalid(format!("the payload is refused: {error}").into()))
}

/// What the rules said.
pub fn from_rules(body: &[u8]) -> Result<Value, RpcError> {
    rmp_serde::from_slice(body)
        .map_err(|error| RpcError::Failed(format!("the rules' answer cannot be read: {error}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let value = json!({ "farm": { "amount": "123456789012345678901234567890", "at_ms": 1_795_000_000_000_u64 },
            "list": [null, true, -5, "ß"] });
        assert_eq!(from_rules(&to_rules(&value).unwrap()).unwrap(), value);
        assert!(matches!(from_rules(&[0xc1]), Err(RpcError::Failed(_))));
    }

    #[test]
    fn devices_are_32_digits_and_16_bytes() {
        let device = Device::parse("00112233445566778899aAbBcCdDeEfF").unwrap();
        let body = to_rules(&device).unwrap();
        assert_eq!((body[0], body[1], body[2], body[17]), (0xc4, 16, 0, 0xff));
        for bad in
            ["", "+0112233445566778899aabbccddeeff", "0x112233445566778899aabbccddeeff", &"0".repeat(31)]
        {
            assert!(Device::parse(bad).is_err(), "{bad}");
        }
    }
}
