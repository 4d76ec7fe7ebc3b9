use kernel::{At, Event, Outbox, Refusal, RoomId, Rules, Seat};
use proptest::prelude::*;

use crate::{Code, Command, Ledger, State};

fn open(accounts: u32, balance: u64) -> State {
    let setup = format!(r#"{{"accounts":{accounts},"balance":{balance}}}"#);
    Ledger.open(At::default(), setup.as_bytes(), 0).unwrap()
}

fn take(state: &mut State, event: Event<'_, Command>) -> Result<Outbox, Refusal> {
    let mut out = Outbox::new();
    Ledger.validate(state, At::default(), &event)?;
    Ledger.execute(state, At::default(), event, &mut out);
    Ok(out)
}

fn command(state: &mut State, command: Command) -> Result<Outbox, Refusal> {
    take(state, Event::Command { seat: Seat(0), command })
}

#[test]
fn what_is_refused_and_why() {
    let check = |asked: Command, code: Option<Code>| {
        let mut state = open(3, 10);
        let before = state.clone();
        let answer = command(&mut state, asked).map(|_| ()).map_err(|refusal| refusal.code);
        assert_eq!(answer, code.map_or(Ok(()), |code| Err(code as u16)), "{asked:?}");
        assert!(code.is_none() || state == before, "{asked:?} was refused and changed something");
    };
    check(Command::Transfer { from: 0, to: 1, amount: 10 }, None);
    check(Command::Transfer { from: 0, to: 1, amount: 11 }, Some(Code::NotEnough));
    check(Command::Transfer { from: 0, to: 1, amount: 0 }, Some(Code::Zero));
    check(Command::Transfer { from: 0, to: 0, amount: 1 }, Some(Code::SameAccount));
    check(Command::Transfer { from: 3, to: 0, amount: 1 }, Some(Code::NoAccount));
    check(Command::Transfer { from: 0, to: 3, amount: 1 }, Some(Code::NoAccount));
    check(Command::Transfer { from: 0, to: 1, amount: u64::MAX }, Some(Code::NotEnough));
    check(Command::Withdraw { account: 2, amount: 10 }, None);
    check(Command::Withdraw { account: 2, amount: 11 }, Some(Code::NotEnough));
    check(Command::Deposit { account: 2, amount: 11 }, None);
    check(Command::Deposit { account: 2, amount: u64::MAX }, Some(Code::TooMuch));
    check(Command::Deposit { account: 9, amount: 1 }, Some(Code::NoAccount));
    check(Command::Remit { account: 1, amount: 4, to_account: 0, room: RoomId(9) }, None);
    check(Command::Remit { account: 1, amount: 40, to_account: 0, room: RoomId(9) }, Some(Code::NotEnough));
}

#[test]
fn setups() {
    let check = |setup: &str, good: bool| {
        assert_eq!(Ledger.open(At::default(), setup.as_bytes(), 0).is_ok(), good, "{setup}");
    };
    check("{}", true);
    check(r#"{"accounts":1000000,"balance":1000}"#, true);
    check(r#"{"accounts":1000001}"#, false);
    check(r#"{"accounts":0}"#, false);
    check(r#"{"accounts":2,"balance":18446744073709551615}"#, false);
    check(r#"{"acounts":2}"#, false);
    check("3", false);
    check("", false);
}

#[test]
fn a_refused_remittance_comes_back_and_a_taken_one_does_not() {
    for (outcome, left) in [(Ok(()), 6), (Err(Refusal::new(100, "no")), 10)] {
        let mut state = open(1, 10);
        command(&mut state, Command::Remit { account: 0, amount: 4, to_account: 0, room: RoomId(9) })
            .unwrap();
        assert_eq!((state.balances[0], state.total), (6, 6));
        take(&mut state, Event::EffectResult { tag: 0, outcome: &outcome }).unwrap();
        assert_eq!((state.balances[0], state.total), (left, left));
        // The same answer again finds nothing.
        take(&mut state, Event::EffectResult { tag: 0, outcome: &outcome }).unwrap();
        assert_eq!(state.total, left);
    }
}

fn any_command() -> impl Strategy<Value = Command> {
    let account = || 0u32..5;
    let amount = || prop_oneof![0u64..30, any::<u64>()];
    prop_oneof![
        (account(), account(), amount()).prop_map(|(from, to, amount)| Command::Transfer {
            from,
            to,
            amount
        }),
        (account(), amount()).prop_map(|(account, amount)| Command::Withdraw { account, amount }),
        (account(), amount()).prop_map(|(account, amount)| Command::Deposit { account, amount }),
        (account(), amount(), account(), any::<u128>()).prop_map(|(account, amount, to_account, room)| {
            Command::Remit { account, amount, to_account, room: RoomId(room) }
        }),
    ]
}

proptest! {
    #[test]
    fn commands_keep_their_bytes(command in any_command()) {
        let mut bytes = Vec::new();
        command.encode(&mut bytes);
        prop_assert_eq!(Command::decode(&bytes), Ok(command));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = Command::decode(&bytes);
        let _ = Ledger.restore(&bytes);
        let _ = Ledger.open(At::default(), &bytes, 0);
    }

    #[test]
    fn coins_are_never_made(steps in prop::collection::vec((any_command(), any::<bool>()), 0..60)) {
        let mut state = open(4, 20);
        let (mut outside, mut answers) = (0i128, Vec::new());
        for (asked, yes) in steps {
            let before = state.clone();
            match command(&mut state, asked) {
                Err(_) => prop_assert_eq!(&state, &before),
                Ok(_) => match asked {
                    Command::Transfer { .. } => {}
                    Command::Withdraw { amount, .. } => outside += i128::from(amount),
                    Command::Deposit { amount, .. } | Command::Remit { amount, .. } => {
                        let incoming = matches!(asked, Command::Deposit { .. });
                        let outcome = if yes { Ok(()) } else { Err(Refusal::new(100, "no")) };
                        answers.push((before.next_tag, outcome));
                        if yes { outside += if incoming { -i128::from(amount) } else { i128::from(amount) } }
                    }
                },
            }
            let sum: u64 = state.balances.iter().sum();
            prop_assert_eq!(sum, state.total);
            let mut bytes = Vec::new();
            Ledger.snapshot(&state, &mut bytes);
            prop_assert_eq!(&Ledger.restore(&bytes).unwrap(), &state);
        }
        for (tag, outcome) in &answers {
            take(&mut state, Event::EffectResult { tag: *tag, outcome }).unwrap();
        }
        prop_assert_eq!(i128::from(state.total) + outside, 80);
    }
}
