//! Why a command is refused. Each reason has a code of its own, so that pages can say it in their own words.

use kernel::Refusal;

/// The refusals of a war.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u16)]
pub enum Code {
    /// More commands than a seat may give in the time.
    TooFast = Refusal::RULES_FIRST,
    /// The war has not begun, or places are no longer chosen.
    WrongPhase,
    /// The tile is not on the map.
    NoSuchTile,
    /// The tile is water, taken, or too near to somebody.
    NotAPlace,
    /// No nation of yours lives: not yet chosen, or beaten.
    NotAlive,
    /// There is no such nation, or it is beaten.
    NoSuchNation,
    /// That would be against yourself.
    Yourself,
    /// It is not your neighbour, and no boat gets there.
    NotReachable,
    /// It is an ally.
    Ally,
    /// It may not be attacked yet.
    Immune,
    /// Fewer troops than that takes.
    TooFewTroops,
    /// Less gold than that takes.
    TooLittleGold,
    /// The source is not yours.
    NotYours,
    /// There is no such attack, boat, request, pact or motion.
    Gone,
    /// As many as there may be.
    TooMany,
    /// It was done already.
    Already,
    /// A number that makes no sense here.
    BadAmount,
    /// The seats are all taken, or the war is over.
    Full,
    /// Computers may not do that, or only they.
    NotForThisSeat,
    /// A no or a vote stands between the two for a while.
    NotYet,
}

impl Code {
    /// A refusal with this code.
    pub fn refusal(self, reason: &'static str) -> Refusal {
        Refusal::new(self as u16, reason)
    }
}
