//! One player of a war.

use super::field::Field;
use crate::bench::fanout::Voice;
use crate::client::{Ears, Heard, Said, Socket};
use crate::dice::Dice;
use anyhow::{Result, bail};
use sovereign::{Command as Order, Site};
use std::cell::RefCell;
use std::rc::Rc;
use wire::envelope::{Format, MatchDataOut};
use wire::payload::{Command, Flags, Kind, Payload};

/// The watcher looks at all borders after so many of its own commands.
const SURVEY_EVERY: u64 = 2;

/// A player.
pub struct Fighter {
    match_id: String,
    field: Rc<RefCell<Field>>,
    /// It follows everything that is told, for all players of its war.
    watches: bool,
    me: u16,
    said: u64,
    ears: Ears,
    dice: Dice,
}

impl Fighter {
    /// Waits for the first view.
    pub async fn new(
        socket: &mut Socket,
        match_id: String,
        field: Rc<RefCell<Field>>,
        watches: bool,
        dice: Dice,
    ) -> Result<Self> {
        let me = loop {
            if let Heard::Data(data) = socket.next().await?
                && let Payload::View(view) = Payload::decode(&data)?
            {
                if watches {
                    field.borrow_mut().view(view.body)?;
                }
                break Field::who(view.body)?;
            }
        };
        let ears = Ears::new(Format::Protobuf);
        Ok(Fighter { match_id, field, watches, me, said: 0, ears, dice })
    }

    fn order(&mut self) -> Order {
        let field = self.field.borrow();
        let dice = &mut self.dice;
        if field.is_choosing() {
            return Order::Spawn { tile: field.land(dice) };
        }
        // Few troops at a time and with pauses, so that a player lives to see the middle of the war.
        let share = 80 + dice.below(150) as u16;
        match dice.below(20) {
            0 | 1 => Order::Ally { with: field.neighbour(self.me, dice).max(1) },
            2 => Order::Boat { to: field.land(dice), share },
            3..=5 => {
                let site = [Site::City, Site::Fort, Site::Port][dice.below(3) as usize];
                Order::Build { site, tile: field.place(self.me, dice).unwrap_or_default() }
            }
            6..=11 => Order::Attack { on: field.neighbour(self.me, dice), share },
            _ => Order::Ping { tile: field.land(dice), sign: dice.below(8) as u8 },
        }
    }
}

impl Voice for Fighter {
    fn say(&mut self, stamp: u64, out: &mut Vec<u8>) {
        self.said += 1;
        if self.watches && self.said.is_multiple_of(SURVEY_EVERY) {
            self.field.borrow_mut().survey();
        }
        let body = self.order().encode();
        let id = u128::from(self.dice.number()) << 64 | u128::from(stamp);
        let mut payload = Vec::new();
        Command { flags: Flags::MESSAGE_PACK, id, seen: 0, body: &body }.write(&mut payload);
        let mask = Some(self.dice.mask());
        MatchDataOut::sent(&self.match_id, Kind::Command.op_code(), &payload).write_frame(
            Format::Protobuf,
            mask,
            out,
        );
    }

    fn hear(
        &mut self,
        bytes: &mut [u8],
        at: &mut usize,
        out: &mut Vec<u8>,
        heard: &mut dyn FnMut(u64),
    ) -> Result<()> {
        let Self { ears, dice, field, watches, .. } = self;
        ears.hear(
            bytes,
            at,
            out,
            || dice.mask(),
            |said| match said {
                Said::Data(data) => take(field, *watches, data, heard),
                Said::Other(_) => Ok(()),
            },
        )
    }
}

/// Takes in a payload of the war.
fn take(field: &RefCell<Field>, watches: bool, data: &[u8], heard: &mut dyn FnMut(u64)) -> Result<()> {
    match Payload::decode(data)? {
        Payload::Accepted(accepted) => heard(accepted.id as u64),
        Payload::Refused(_) => field.borrow_mut().refused += 1,
        Payload::View(view) if watches => field.borrow_mut().view(view.body)?,
        Payload::Updates(updates) if watches => {
            for update in updates.iter() {
                field.borrow_mut().update(update)?;
            }
        }
        Payload::Closing(closing) => bail!("the war closed: {}", closing.reason),
        _ => {}
    }
    Ok(())
}
