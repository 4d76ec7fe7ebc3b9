//! What may happen in a ledger, and what then happens.

use kernel::{Act, At, Event, Outbox, Pace, Refusal, Rules, Seat, Unreadable};
use serde::{Deserialize, Serialize};

use crate::Command;
use crate::state::{State, Waiting};

/// Accounts of a ledger.
pub const ACCOUNTS_MAX: u32 = 1_000_000;
/// Accounts that a view lists.
pub const VIEW_ACCOUNTS_MAX: usize = 1_000;
/// The wallet's currency that withdrawals and deposits move.
pub const CURRENCY: &str = "coins";

/// How a ledger begins, as JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// How many accounts, 1 to [`ACCOUNTS_MAX`].
    pub accounts: u32,
    /// What each of them holds.
    pub balance: u64,
}

impl Default for Setup {
    fn default() -> Self {
        Self { accounts: 100, balance: 1_000 }
    }
}

/// The refusals of a ledger.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u16)]
pub enum Code {
    /// No such account.
    NoAccount = Refusal::RULES_FIRST,
    /// The account does not hold that much.
    NotEnough = 101,
    /// Nothing is nothing.
    Zero = 102,
    /// From an account to itself.
    SameAccount = 103,
    /// A sum would pass 2⁶⁴.
    TooMuch = 104,
}

fn refuse(code: Code, reason: &'static str) -> Result<(), Refusal> {
    Err(Refusal::new(code as u16, reason))
}

/// The rules. They need no content file.
#[derive(Clone, Copy, Debug)]
pub struct Ledger;

impl Rules for Ledger {
    const NAME: &'static str = "ledger";
    const VERSION: u32 = 1;
    type State = State;
    type Command = Command;

    fn load(content: &[u8]) -> Result<Self, Unreadable> {
        if content.is_empty() { Ok(Self) } else { Err(Unreadable("the ledger takes no content file".into())) }
    }

    fn pace(&self) -> Pace {
        Pace::TURNS
    }

    fn open(&self, _at: At, setup: &[u8], _seed: u64) -> Result<State, Refusal> {
        let setup: Setup = serde_json::from_slice(setup)
            .map_err(|error| Refusal::malformed(format!("the ledger's setup cannot be read: {error}")))?;
        let total = setup.balance.checked_mul(setup.accounts.into());
        match total {
            Some(total) if (1..=ACCOUNTS_MAX).contains(&setup.accounts) => Ok(State {
                balances: vec![setup.balance; setup.accounts as usize],
                total,
                ..State::default()
            }),
            Some(_) => Err(Refusal::malformed("a ledger has 1 to 1,000,000 accounts")),
            None => Err(Refusal::malformed("the balances add up to more than 2^64")),
        }
    }

    fn decode(&self, body: &[u8]) -> Result<Command, Refusal> {
        Command::decode(body)
    }

    fn validate(&self, state: &State, _at: At, event: &Event<'_, Command>) -> Result<(), Refusal> {
        match event {
            Event::Command { command, .. } => validate(state, command),
            Event::Message { body, .. } => {
                let Command::Deposit { account, amount } = Command::decode(body)? else {
                    return Err(Refusal::malformed("a ledger takes remittances only"));
                };
                incoming(state, account, amount)
            }
            Event::Join { .. } | Event::Leave { .. } | Event::Advance | Event::EffectResult { .. } => Ok(()),
        }
    }

    fn execute(&self, state: &mut State, _at: At, event: Event<'_, Command>, out: &mut Outbox) {
        match event {
            Event::Command { seat, command } => execute(state, seat, command, out),
            Event::Message { body, .. } => {
                if let Ok(Command::Deposit { account, amount }) = Command::decode(body) {
                    credit(state, account, amount);
                }
            }
            Event::EffectResult { tag, outcome } => {
                // Coins of a deposit arrive if the wallet gave them; coins of a remittance come back if it was
                // refused. Room for them was kept by `incoming`'s bound on the sum of all that wait.
                if let Some(waiting) = state.waiting.remove(&tag)
                    && waiting.incoming == outcome.is_ok()
                {
                    credit(state, waiting.account, waiting.amount);
                }
            }
            Event::Join { .. } | Event::Leave { .. } | Event::Advance => {}
        }
    }

    fn view(&self, state: &State, _at: At, _seat: Seat, out: &mut Vec<u8>) {
        out.extend_from_slice(&state.total.to_le_bytes());
        let shown = &state.balances[..state.balances.len().min(VIEW_ACCOUNTS_MAX)];
        out.extend_from_slice(&(shown.len() as u32).to_le_bytes());
        shown.iter().for_each(|balance| out.extend_from_slice(&balance.to_le_bytes()));
    }

    fn snapshot(&self, state: &State, out: &mut Vec<u8>) {
        state.encode(out);
    }

    fn restore(&self, bytes: &[u8]) -> Result<State, Unreadable> {
        State::decode(bytes)
    }

    fn label(&self, state: &State) -> String {
        format!(r#"{{"rules":"ledger","accounts":{}}}"#, state.balances.len())
    }

    fn gauges(&self, state: &State, report: &mut dyn FnMut(&'static str, i64)) {
        report("ledger_waiting", state.waiting.len() as i64);
    }
}

fn validate(state: &State, command: &Command) -> Result<(), Refusal> {
    match *command {
        Command::Transfer { from, to, amount } => {
            outgoing(state, from, amount)?;
            exists(state, to)?;
            if from == to { refuse(Code::SameAccount, "an account cannot pay itself") } else { Ok(()) }
        }
        Command::Withdraw { account, amount } | Command::Remit { account, amount, .. } => {
            outgoing(state, account, amount)?;
            if amount <= i64::MAX as u64 {
                Ok(())
            } else {
                refuse(Code::TooMuch, "that is more than a wallet holds")
            }
        }
        Command::Deposit { account, amount } => incoming(state, account, amount),
    }
}

fn execute(state: &mut State, seat: Seat, command: Command, out: &mut Outbox) {
    match command {
        Command::Transfer { from, to, amount } => {
            state.balances[from as usize] -= amount;
            state.balances[to as usize] += amount;
        }
        Command::Withdraw { account, amount } => {
            debit(state, account, amount);
            out.effect(Act::Wallet { seat, currency: CURRENCY.into(), amount: amount as i64 });
        }
        Command::Deposit { account, amount } => {
            let tag = wait(state, Waiting { account, amount, incoming: true });
            out.ask(tag, Act::Wallet { seat, currency: CURRENCY.into(), amount: -(amount as i64) });
        }
        Command::Remit { account, amount, to_account, room } => {
            debit(state, account, amount);
            let tag = wait(state, Waiting { account, amount, incoming: false });
            let mut body = Vec::new();
            Command::Deposit { account: to_account, amount }.encode(&mut body);
            out.ask(tag, Act::Message { room, body });
        }
    }
}

fn exists(state: &State, account: u32) -> Result<(), Refusal> {
    if (account as usize) < state.balances.len() {
        Ok(())
    } else {
        refuse(Code::NoAccount, "there is no such account")
    }
}

fn outgoing(state: &State, account: u32, amount: u64) -> Result<(), Refusal> {
    exists(state, account)?;
    match amount {
        0 => refuse(Code::Zero, "the amount is zero"),
        _ if state.balances[account as usize] < amount => {
            refuse(Code::NotEnough, "the account does not hold that much")
        }
        _ => Ok(()),
    }
}

/// May these coins come in? All that is there, all that waits and these must stay below 2⁶³, so that a later
/// answer can always be credited and a wallet can always hold it.
fn incoming(state: &State, account: u32, amount: u64) -> Result<(), Refusal> {
    exists(state, account)?;
    if amount == 0 {
        return refuse(Code::Zero, "the amount is zero");
    }
    let waiting = state.waiting.values().try_fold(0u64, |sum, waiting| sum.checked_add(waiting.amount));
    let sum = waiting.and_then(|sum| sum.checked_add(state.total)).and_then(|sum| sum.checked_add(amount));
    match sum {
        Some(sum) if sum <= i64::MAX as u64 => Ok(()),
        _ => refuse(Code::TooMuch, "the ledger cannot hold that much"),
    }
}

fn debit(state: &mut State, account: u32, amount: u64) {
    state.balances[account as usize] -= amount;
    state.total -= amount;
}

fn credit(state: &mut State, account: u32, amount: u64) {
    state.balances[account as usize] += amount;
    state.total += amount;
}

fn wait(state: &mut State, waiting: Waiting) -> u64 {
    let tag = state.next_tag;
    state.next_tag += 1;
    state.waiting.insert(tag, waiting);
    tag
}
