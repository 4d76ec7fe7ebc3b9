//! Commands as bytes: one flat map whose keys depend on what is asked. Any bytes may come.

use kernel::Refusal;
use serde::{Deserialize, Serialize};

use super::{
    ACTIONS_MAX, By, COMMAND_BYTES_MAX, Command, Count, DeviceId, IMPORT_BYTES_MAX, Late, Order, SAVE_FORMAT,
    SAVE_VERSION, SYNC_BYTES_MAX, Save, Sync,
};
use crate::devices::NUMBER_MAX;

/// A chunk is a map with a list of maps; nothing that nests deeper is read.
const DEPTH_MAX: usize = 8;

/// The map as it stands in the message; an action of a `sync` is one as well.
#[derive(Clone, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    #[serde(rename = "do")]
    act: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<(DeviceId, u64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<Count>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    building: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    upgrade: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recipe: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wish: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keepsake: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_ms: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<DeviceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clock_ms: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actions: Option<Vec<Body>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    save: Option<Box<Save>>,
}

impl Order {
    /// The bytes that [`Order::decode`] reads.
    pub fn encode(&self) -> Vec<u8> {
        rmp_serde::to_vec_named(self).expect("strings, integers and bytes always have a MessagePack form")
    }

    /// Reads a command. Bounds on counts are the rules' matter, not the reader's.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > SYNC_BYTES_MAX {
            return Err(Refusal::malformed("a command has at most 16,384 bytes"));
        }
        // Small map, map 16, map 32: serde would read a list of values as a struct too, and one form is enough.
        if !matches!(bytes.first(), Some(0x80..=0x8f | 0xde | 0xdf)) {
            return Err(Refusal::malformed("a command is a MessagePack map"));
        }
        let mut reader = rmp_serde::Deserializer::new(bytes);
        reader.set_max_depth(DEPTH_MAX);
        let body = Body::deserialize(&mut reader)
            .map_err(|_| Refusal::malformed("a command's keys or values are not what they should be"))?;
        if !reader.get_ref().is_empty() {
            return Err(Refusal::malformed("something stands after the command"));
        }
        let order = Self::try_from(body).map_err(Refusal::malformed)?;
        let most = match order.command {
            Command::Sync(_) => SYNC_BYTES_MAX,
            Command::Import(_) => IMPORT_BYTES_MAX,
            _ => COMMAND_BYTES_MAX,
        };
        if bytes.len() > most {
            return Err(Refusal::malformed(format!("such a command has at most {most} bytes")));
        }
        Ok(order)
    }
}

impl Command {
    /// The bytes of the command alone.
    pub fn encode(&self) -> Vec<u8> {
        Order::from(self.clone()).encode()
    }
}

impl TryFrom<Body> for Order {
    type Error = &'static str;

    fn try_from(mut body: Body) -> Result<Self, &'static str> {
        let by = body.by.take().map(|(device, n)| By { device, n });
        let command = body.command().ok_or("no such command, or not with these keys")?;
        let Some(by) = by else { return Ok(Self { command, by: None }) };
        if command.is_heard_absent() || !(1..=NUMBER_MAX).contains(&by.n) {
            return Err("`by` has no place here, or its number is out of bounds");
        }
        Ok(Self { command, by: Some(by) })
    }
}

impl Body {
    /// `None` unless exactly the command's own keys are there, with values that mean something.
    fn command(mut self) -> Option<Command> {
        let command = match self.act.as_str() {
            "shear" => match self.count.take()? {
                Count::Exactly(count) => Command::Shear { count },
                Count::Max => return None,
            },
            "buy" => Command::Buy { building: self.building.take()?, count: self.count.take()? },
            "upgrade" => Command::Upgrade { upgrade: self.upgrade.take()? },
            "craft" => Command::Craft { recipe: self.recipe.take()?, count: self.count.take()? },
            "prestige" => Command::Prestige,
            "wish" => Command::Wish { wish: self.wish.take()? },
            "keepsake" => Command::Keepsake { keepsake: self.keepsake.take()? },
            "sync" => Command::Sync(self.sync()?),
            "import" => Command::Import(*self.save.take().filter(|save| save.is_of_this_game())?),
            "report" => Command::Report,
            _ => return None,
        };
        self.is_used_up().then_some(command)
    }

    fn sync(&mut self) -> Option<Sync> {
        let (device, after, clock_ms) = (self.device.take()?, self.after.take()?, self.clock_ms.take()?);
        let bodies = self.actions.take().filter(|list| list.len() <= ACTIONS_MAX)?;
        let mut actions = Vec::with_capacity(bodies.len());
        let mut last_n = after;
        for mut body in bodies {
            let (n, at_ms) = (body.n.take()?, body.at_ms.take()?);
            if n <= last_n || n > NUMBER_MAX {
                return None;
            }
            last_n = n;
            actions.push(Late { n, at_ms, command: body.command().filter(Command::is_action)? });
        }
        Some(Sync { device, after, clock_ms, actions })
    }

    fn is_used_up(&self) -> bool {
        let Self {
            act: _,
            by,
            count,
            building,
            upgrade,
            recipe,
            wish,
            keepsake,
            n,
            at_ms,
            device,
            after,
            clock_ms,
            actions,
            save,
        } = self;
        let names = [building, upgrade, recipe, wish, keepsake];
        by.is_none()
            && names.iter().all(|name| name.is_none())
            && (count.is_none() && n.is_none() && at_ms.is_none())
            && (device.is_none() && after.is_none() && clock_ms.is_none() && actions.is_none())
            && save.is_none()
    }
}

impl Save {
    fn is_of_this_game(&self) -> bool {
        self.format == SAVE_FORMAT && self.version == SAVE_VERSION
    }
}

impl From<Order> for Body {
    fn from(order: Order) -> Self {
        let by = order.by.map(|by| (by.device, by.n));
        Self { by, ..Self::from(order.command) }
    }
}

impl From<Command> for Body {
    fn from(command: Command) -> Self {
        let of = |act: &str| Self { act: act.into(), ..Self::default() };
        match command {
            Command::Shear { count } => Self { count: Some(Count::Exactly(count)), ..of("shear") },
            Command::Buy { building, count } => {
                Self { building: Some(building), count: Some(count), ..of("buy") }
            }
            Command::Upgrade { upgrade } => Self { upgrade: Some(upgrade), ..of("upgrade") },
            Command::Craft { recipe, count } => {
                Self { recipe: Some(recipe), count: Some(count), ..of("craft") }
            }
            Command::Prestige => of("prestige"),
            Command::Wish { wish } => Self { wish: Some(wish), ..of("wish") },
            Command::Keepsake { keepsake } => Self { keepsake: Some(keepsake), ..of("keepsake") },
            Command::Sync(Sync { device, after, clock_ms, actions }) => Self {
                device: Some(device),
                after: Some(after),
                clock_ms: Some(clock_ms),
                actions: Some(actions.into_iter().map(Self::from).collect()),
                ..of("sync")
            },
            Command::Import(save) => Self { save: Some(Box::new(save)), ..of("import") },
            Command::Report => of("report"),
        }
    }
}

impl From<Late> for Body {
    fn from(late: Late) -> Self {
        Self { n: Some(late.n), at_ms: Some(late.at_ms), ..Self::from(late.command) }
    }
}
