//! All that a ledger remembers, and its bytes.

use std::collections::BTreeMap;

use kernel::{Refusal, Unreadable};

use crate::command::Fields;

/// A ledger's state.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct State {
    /// The balance of each account.
    pub balances: Vec<u64>,
    /// The sum of all balances, kept so that nobody has to add them up.
    pub total: u64,
    /// Deposits and remittances whose answer has not come, by the tag of their effect: account and amount.
    pub waiting: BTreeMap<u64, Waiting>,
    /// The next tag.
    pub next_tag: u64,
}

/// Coins on their way in or out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// Which account.
    pub account: u32,
    /// How many coins.
    pub amount: u64,
    /// `true`: they come in if the answer is yes (a deposit). `false`: they come back if it is no (a remittance).
    pub incoming: bool,
}

impl State {
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.reserve(28 + self.balances.len() * 8 + self.waiting.len() * 21);
        out.extend_from_slice(&(self.balances.len() as u32).to_le_bytes());
        self.balances.iter().for_each(|balance| out.extend_from_slice(&balance.to_le_bytes()));
        out.extend_from_slice(&self.total.to_le_bytes());
        out.extend_from_slice(&self.next_tag.to_le_bytes());
        out.extend_from_slice(&(self.waiting.len() as u32).to_le_bytes());
        for (tag, waiting) in &self.waiting {
            out.extend_from_slice(&tag.to_le_bytes());
            out.extend_from_slice(&waiting.account.to_le_bytes());
            out.extend_from_slice(&waiting.amount.to_le_bytes());
            out.push(waiting.incoming.into());
        }
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        let unreadable =
            |refusal: Refusal| Unreadable(format!("the ledger's state cannot be read: {}", refusal.reason));
        let mut fields = Fields(bytes);
        let mut read = || -> Result<Self, Refusal> {
            let accounts = fields.u32()? as usize;
            if fields.0.len() / 8 < accounts {
                return Err(Refusal::malformed("it names more accounts than it holds"));
            }
            let balances = (0..accounts).map(|_| fields.u64()).collect::<Result<Vec<_>, _>>()?;
            let (total, next_tag) = (fields.u64()?, fields.u64()?);
            let mut waiting = BTreeMap::new();
            for _ in 0..fields.u32()? {
                let tag = fields.u64()?;
                let one = Waiting {
                    account: fields.u32()?,
                    amount: fields.u64()?,
                    incoming: fields.take()? != [0],
                };
                if one.account as usize >= balances.len() {
                    return Err(Refusal::malformed("coins wait for an account that does not exist"));
                }
                waiting.insert(tag, one);
            }
            let sum = balances.iter().try_fold(0u64, |sum, balance| sum.checked_add(*balance));
            if sum != Some(total) || !fields.0.is_empty() {
                return Err(Refusal::malformed("the sum does not agree"));
            }
            Ok(Self { balances, total, waiting, next_tag })
        };
        read().map_err(unreadable)
    }
}
