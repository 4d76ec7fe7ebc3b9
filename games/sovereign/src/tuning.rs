//! The game's numbers. Troops and gold are whole numbers; shares are in thousandths; times are in steps of 50 ms.

/// Steps a second.
pub const STEPS_A_SECOND: u32 = 20;
/// A pause longer than this many steps between two inputs of the log counts as this many: a war does not go on while
/// its server is away.
pub const PAUSE_STEPS_MAX: u32 = 40;
/// Nations in a war, computers among them.
pub const NATIONS_MAX: usize = 1_000;
/// Attacks of one nation at a time.
pub const ATTACKS_MAX: usize = 16;
/// Boats of one nation at a time.
pub const BOATS_MAX: usize = 3;
/// Buildings of one nation.
pub const SITES_MAX: usize = 64;
/// Motions that wait for votes in one alliance of players.
pub const MOTIONS_MAX: usize = 8;
/// Commands of a seat in a second, and how many may come at once.
pub const COMMANDS_A_SECOND: u32 = 10;
/// Commands that a quiet seat may give at once.
pub const COMMANDS_AT_ONCE: u32 = 20;
/// An attack moves on every so many steps, each at its own.
pub const ATTACK_EVERY: u32 = 4;
/// A nation that a worker plays is left to it for so many steps after each of its turns.
pub const SERVED_STEPS: u32 = 60;
