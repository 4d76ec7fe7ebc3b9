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
/// An attack may move on every so many steps, each nation's at their own.
pub const ATTACK_EVERY: u32 = 4;
/// It does so when it has time for so many thousandths of a plain tile; one with less waits for its nation's turn.
pub const STRIKE_TIME: u64 = 16_000;
/// A nation's turn comes once in so many steps.
pub const STRIKE_EVERY: u32 = STEPS_A_SECOND;
/// A turn that comes sooner after the last time is passed over.
pub const STRIKE_STEPS_MIN: u32 = 8;
/// A nation that a worker plays is left to it for so many steps after each of its turns.
pub const SERVED_STEPS: u32 = 60;

/// Nations up to which a war is one of few: their [turns](crate::War::turn_of) come together.
pub const FEW_NATIONS: usize = 48;

// How a war begins and ends.

/// Troops of a player's or a rival's first land.
pub const START_TROOPS: u64 = 2_500;
/// Troops of a tribe's first land.
pub const TRIBE_TROOPS: u64 = 700;
/// Radius in tiles of a nation's first land.
pub const HOME_RADIUS: u32 = 4;
/// Tiles between the homes of two nations, where the map has the room.
pub const HOMES_APART: u32 = 24;
/// Tiles between two homes at the least.
pub const HOMES_APART_MIN: u32 = 10;
/// Places that are looked at for a home by dice before the distance is made shorter.
pub const HOME_TRIES: u32 = 48;
/// Thousandths of the land with which a nation has won.
pub const WIN_SHARE: u64 = 800;
/// Steps after which whoever has the most land has won: an hour of war.
pub const WAR_STEPS_MAX: u32 = 60 * 60 * STEPS_A_SECOND;

// Troops and gold.

/// Room for troops that every nation has, and for each `tiles^0.6`.
pub const CAP_BASE: u64 = 10_000;
/// See [`CAP_BASE`].
pub const CAP_LAND: u64 = 200;
/// Room for troops of a finished city.
pub const CAP_CITY: u64 = 25_000;
/// Thousandths of a troop that grow in a step whatever there is.
pub const GROWTH_BASE: u64 = 500;
/// What `troops^0.73` is divided by for a step's growth.
pub const GROWTH_PART: u64 = 15;
/// Gold of a nation in a step; tribes get half.
pub const GOLD_A_STEP: u64 = 50;
/// Gold that no nation gets beyond.
pub const GOLD_MAX: u64 = 1_000_000_000_000;
/// Troops that no nation gets beyond, whatever it is given.
pub const TROOPS_MAX: u64 = 1_000_000_000;

// Attacks.

/// Thousandths of an attack's troops that calling it back costs.
pub const RETREAT_COST: u64 = 250;
/// Thousandths of a tile that an attack on wild land takes in a beat, for each tile of its front.
pub const WILD_SPEED: u64 = 150;
/// The same against a nation with as many troops at home as the attack has.
pub const ATTACK_SPEED: u64 = 130;
/// At least, and at most, whatever the troops on both sides.
pub const ATTACK_SPEED_MIN: u64 = 12;
/// See [`ATTACK_SPEED_MIN`].
pub const ATTACK_SPEED_MAX: u64 = 260;
/// Thousandths of a troop that a plain tile of wild land costs.
pub const WILD_LOSS: u64 = 1_600;
/// Troops that land begin with the time that a front of so many tiles gathers from one turn to the next: a beach is a
/// tile or two wide.
pub const LANDING_FRONT: u64 = 10;
/// Tiles of a front that count for an attack's speed.
pub const FRONT_MAX: u64 = 20_000;
/// Tiles around a fort that are hard to take.
pub const FORT_RADIUS: u32 = 14;
/// How many times as dear those are, in thousandths: troops and time.
pub const FORT_FACTOR: u64 = 2_500;
/// Thousandths of its defence that are left to who broke its word.
pub const TRAITOR_FACTOR: u64 = 500;
/// Thousandths of the land from which on a nation is large: what it takes costs it more, and it defends worse.
pub const LARGE_SHARE: u64 = 120;
/// Tiles of a nation below which a stronger attacker gets all of it.
pub const REMNANT_TILES: u32 = 100;

// Boats.

/// A boat moves a tile every so many steps; every step if its owner has a finished port.
pub const BOAT_EVERY: u32 = 2;
/// Tiles of a boat's way.
pub const BOAT_WAY_MAX: usize = 3_000;
/// Tiles around a target in which a beach is looked for.
pub const BEACH_RADIUS: u32 = 10;

// Buildings.

/// Steps that a building takes.
pub const BUILD_STEPS: u32 = 10 * STEPS_A_SECOND;
/// Tiles between two buildings.
pub const SITES_APART: u32 = 6;
/// Gold of the first city or port; each further one costs twice as much.
pub const CITY_PRICE: u64 = 125_000;
/// The most that one costs.
pub const CITY_PRICE_MAX: u64 = 1_000_000;
/// Gold of the first fort; each further one costs as much more.
pub const FORT_PRICE: u64 = 50_000;
/// The most that one costs.
pub const FORT_PRICE_MAX: u64 = 250_000;
/// Each port trades once in so many steps.
pub const TRADE_EVERY: u32 = 10 * STEPS_A_SECOND;
/// Gold of a trade for both sides, for each tile between the ports, and at most.
pub const TRADE_BASE: u64 = 1_000;
/// See [`TRADE_BASE`].
pub const TRADE_TILE: u64 = 15;
/// See [`TRADE_BASE`].
pub const TRADE_MAX: u64 = 8_000;
/// The fewest troops that set out, over land or water.
pub const ATTACK_TROOPS_MIN: u64 = 10;
/// An alliance lasts this many steps: 5 minutes.
pub const PACT_STEPS: u32 = 300 * STEPS_A_SECOND;
/// It may be renewed in its last so many steps: 30 seconds.
pub const RENEW_STEPS: u32 = 30 * STEPS_A_SECOND;
/// An offer of an alliance lasts this many steps: 20 seconds.
pub const ASK_STEPS: u32 = 20 * STEPS_A_SECOND;
/// Offers of one nation that wait for an answer.
pub const ASKS_MAX: usize = 32;
/// After a no the two do not ask each other again for so many steps: 10 seconds.
pub const DECLINED_STEPS: u32 = 10 * STEPS_A_SECOND;
/// A broken word counts against a nation for so many steps: 30 seconds.
pub const TRAITOR_STEPS: u32 = 30 * STEPS_A_SECOND;
/// Votes on a motion are counted after this many steps at the latest: 30 seconds.
pub const MOTION_STEPS: u32 = 30 * STEPS_A_SECOND;
/// Motions of one nation that wait for votes.
pub const MOVED_MAX: usize = 2;
/// After a vote for war nobody who could vote allies with the nation for so many steps: 60 seconds.
pub const BAN_STEPS: u32 = 60 * STEPS_A_SECOND;
/// Signs to point with: 0 to this.
pub const SIGN_MAX: u8 = 7;
/// Troops and gold of everybody are told in turns of so many steps.
pub const TURN_STEPS: u32 = 20;
/// Where an attack is is told in turns of so many steps, with its troops: a multiple of the turns of those.
pub const HEAD_STEPS: u32 = 4 * TURN_STEPS;
