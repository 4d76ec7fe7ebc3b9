//! What a war tells its players at one moment of it, and how far it is then.

use super::field::Field;
use crate::bench::fanout::Heard;
use serde::Serialize;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How often the wars are looked at while a moment is waited for.
const LOOK_MS: u64 = 250;

/// Some seconds of all wars.
#[derive(Clone, Debug, Serialize)]
pub struct Moment {
    /// Seconds after the beginning at which it began.
    pub at_seconds: f64,
    /// Nations that were beaten then, of how many.
    pub beaten: usize,
    pub nations: usize,
    /// Bytes a second that reach one player.
    pub bytes_each: f64,
    /// Bytes of one tile that changes hands, its part of what is deflated.
    pub bytes_a_tile: f64,
    /// Tiles that changed hands in a second, in one war.
    pub tiles_per_second: f64,
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "at {:.0} s, {} of {} nations beaten: {:.1} kB/s each, {:.2} B/tile, {:.0} tiles/s",
            self.at_seconds,
            self.beaten,
            self.nations,
            self.bytes_each / 1e3,
            self.bytes_a_tile,
            self.tiles_per_second
        )
    }
}

/// Waits for a moment, and notes what is so when it begins.
pub struct Watch<'a> {
    fields: &'a [Rc<RefCell<Field>>],
    start: Instant,
    looked: Duration,
    began: f64,
    beaten: (usize, usize),
}

impl<'a> Watch<'a> {
    /// Over wars that began at `start`.
    pub fn new(fields: &'a [Rc<RefCell<Field>>], start: Instant) -> Self {
        Self { fields, start, looked: Duration::ZERO, began: 0.0, beaten: (0, 0) }
    }

    /// Nations that are beaten in all wars together, of how many.
    fn beaten(&self) -> (usize, usize) {
        let each = self.fields.iter().map(|field| field.borrow().beaten());
        each.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// The moment begins: from now on tiles are counted.
    pub fn begin(&mut self) {
        self.began = self.start.elapsed().as_secs_f64();
        self.beaten = self.beaten();
        self.fields.iter().for_each(|field| field.borrow_mut().count());
    }

    /// This part of the nations is beaten. Asked again and again, it looks now and then.
    pub fn is_late(&mut self, gone: Duration, part: f64) -> bool {
        if gone < self.looked + Duration::from_millis(LOOK_MS) {
            return false;
        }
        self.looked = gone;
        let (beaten, nations) = self.beaten();
        beaten as f64 >= part * nations as f64
    }

    /// What was heard in so many seconds from its beginning on, by so many players.
    pub fn moment(&self, heard: &Heard, seconds: f64, players: usize) -> Moment {
        let counted = self.fields.iter().map(|field| field.borrow().counted());
        let (tiles, bytes) = counted.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        Moment {
            at_seconds: self.began,
            beaten: self.beaten.0,
            nations: self.beaten.1,
            bytes_each: heard.measured_bytes as f64 / seconds / players as f64,
            bytes_a_tile: bytes as f64 / tiles.max(1) as f64,
            tiles_per_second: tiles as f64 / seconds / self.fields.len() as f64,
        }
    }
}
