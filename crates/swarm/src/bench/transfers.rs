//! The talk of the durable measurement: transfers in one ledger room, each under an id of its own.

use crate::client::{Ears, Said};
use crate::dice::Dice;
use crate::load::{Reply, Talk};
use anyhow::{Result, bail};
use wire::envelope::{Format, MatchDataOut};
use wire::payload::{Command, Flags, Kind, Payload};

/// Largest amount of one transfer.
const AMOUNT_MAX: u64 = 10;
/// Bytes of a transfer's payload: the header and the ledger's command.
const PAYLOAD_BYTES: usize = 45;

/// One player who transfers.
#[derive(Debug)]
pub struct Transfers {
    format: Format,
    match_id: String,
    accounts: u32,
    /// High half of every command id; the low half is the request's number and one.
    player: u64,
    dice: Dice,
    ears: Ears,
    payload: Vec<u8>,
    body: Vec<u8>,
}

impl Transfers {
    /// A player in a room with this many accounts.
    pub fn new(format: Format, match_id: &str, accounts: u32, mut dice: Dice) -> Self {
        Transfers {
            format,
            match_id: match_id.to_owned(),
            accounts,
            player: dice.number(),
            dice,
            ears: Ears::new(format),
            payload: Vec::with_capacity(PAYLOAD_BYTES),
            body: Vec::new(),
        }
    }

    /// Bytes of one request on the wire, for an echo of the same size.
    pub fn request_bytes(&self) -> usize {
        let mut out = Vec::new();
        let data = [0; PAYLOAD_BYTES];
        MatchDataOut::sent(&self.match_id, Kind::Command.op_code(), &data).write_frame(
            self.format,
            Some([0; 4]),
            &mut out,
        );
        out.len()
    }
}

impl Talk for Transfers {
    fn request(&mut self, number: u64, out: &mut Vec<u8>) {
        let from = self.dice.below(u64::from(self.accounts)) as u32;
        let step = 1 + self.dice.below(u64::from(self.accounts) - 1) as u32;
        let to = (from + step) % self.accounts;
        let amount = self.dice.between(1, AMOUNT_MAX);
        self.body.clear();
        ledger::Command::Transfer { from, to, amount }.encode(&mut self.body);
        let id = u128::from(self.player) << 64 | u128::from(number + 1);
        self.payload.clear();
        Command { flags: Flags::NONE, id, seen: 0, body: &self.body }.write(&mut self.payload);
        MatchDataOut::sent(&self.match_id, Kind::Command.op_code(), &self.payload).write_frame(
            self.format,
            Some(self.dice.mask()),
            out,
        );
    }

    fn replies(
        &mut self,
        bytes: &mut [u8],
        at: &mut usize,
        out: &mut Vec<u8>,
        reply: &mut dyn FnMut(Reply),
    ) -> Result<()> {
        let Self { ears, dice, player, .. } = self;
        let mine = |id: u128| ((id >> 64) as u64 == *player).then(|| (id as u64).wrapping_sub(1));
        ears.hear(
            bytes,
            at,
            out,
            || dice.mask(),
            |said| {
                let Said::Data(data) = said else { return Ok(()) };
                let answer = match Payload::decode(data)? {
                    Payload::Accepted(accepted) => mine(accepted.id).map(Reply::Accepted),
                    Payload::Refused(refused) => mine(refused.id).map(Reply::Refused),
                    Payload::Closing(closing) => {
                        bail!("the room closed: {} {}", closing.code, closing.reason)
                    }
                    Payload::View(_) | Payload::Updates(_) | Payload::Command(_) => None,
                };
                answer.into_iter().for_each(&mut *reply);
                Ok(())
            },
        )
    }
}
