//! What a player may ask for. One tag byte, then little-endian fields.

use kernel::{Refusal, RoomId};

/// A command. Accounts are numbers from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Moves coins between two accounts.
    Transfer {
        /// Where they are.
        from: u32,
        /// Where they go.
        to: u32,
        /// How many.
        amount: u64,
    },
    /// Takes coins out of the room, into the player's wallet.
    Withdraw {
        /// Where they are.
        account: u32,
        /// How many.
        amount: u64,
    },
    /// Brings coins from the player's wallet into the room.
    Deposit {
        /// Where they go.
        account: u32,
        /// How many.
        amount: u64,
    },
    /// Sends coins to an account of another ledger.
    Remit {
        /// Where they are.
        account: u32,
        /// How many.
        amount: u64,
        /// Where they go, there.
        to_account: u32,
        /// The other ledger.
        room: RoomId,
    },
}

impl Command {
    /// Appends the command's bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match *self {
            Command::Transfer { from, to, amount } => {
                out.push(1);
                out.extend_from_slice(&from.to_le_bytes());
                out.extend_from_slice(&to.to_le_bytes());
                out.extend_from_slice(&amount.to_le_bytes());
            }
            Command::Withdraw { account, amount } => {
                out.push(2);
                out.extend_from_slice(&account.to_le_bytes());
                out.extend_from_slice(&amount.to_le_bytes());
            }
            Command::Deposit { account, amount } => {
                out.push(3);
                out.extend_from_slice(&account.to_le_bytes());
                out.extend_from_slice(&amount.to_le_bytes());
            }
            Command::Remit { account, amount, to_account, room } => {
                out.push(4);
                out.extend_from_slice(&account.to_le_bytes());
                out.extend_from_slice(&amount.to_le_bytes());
                out.extend_from_slice(&to_account.to_le_bytes());
                out.extend_from_slice(&room.to_bytes());
            }
        }
    }

    /// Reads a command from exactly these bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut fields = Fields(bytes.get(1..).unwrap_or_default());
        let command = match bytes.first() {
            Some(1) => Command::Transfer { from: fields.u32()?, to: fields.u32()?, amount: fields.u64()? },
            Some(2) => Command::Withdraw { account: fields.u32()?, amount: fields.u64()? },
            Some(3) => Command::Deposit { account: fields.u32()?, amount: fields.u64()? },
            Some(4) => Command::Remit {
                account: fields.u32()?,
                amount: fields.u64()?,
                to_account: fields.u32()?,
                room: RoomId(u128::from_be_bytes(fields.take()?)),
            },
            _ => return Err(Refusal::malformed("a ledger command begins with a tag from 1 to 4")),
        };
        if fields.0.is_empty() { Ok(command) } else { Err(Refusal::malformed("the command is too long")) }
    }
}

/// What is left to read.
pub(crate) struct Fields<'a>(pub &'a [u8]);

impl Fields<'_> {
    pub fn take<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let (field, rest) =
            self.0.split_first_chunk().ok_or_else(|| Refusal::malformed("the command is too short"))?;
        self.0 = rest;
        Ok(*field)
    }

    pub fn u32(&mut self) -> Result<u32, Refusal> {
        self.take().map(u32::from_le_bytes)
    }

    pub fn u64(&mut self) -> Result<u64, Refusal> {
        self.take().map(u64::from_le_bytes)
    }
}
