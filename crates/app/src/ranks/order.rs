//! An ordered set of keys that knows how many stand before each: sorted blocks, with the blocks' lengths summed in a
//! Fenwick tree.
//!
//! A search goes over the blocks' first keys, which lie together, and then through one block. Insert and remove move
//! half a block at most. Keys lie in the blocks as they are: 24 bytes each, in blocks that are about 70 % full.

use store::RankKey;

/// Keys of a full block.
pub const BLOCK_KEYS_MAX: usize = 512;

/// See the module. Blocks of another length are for tests: short ones split and join often.
#[derive(Clone, Debug, Default)]
pub struct Order<const BLOCK: usize = BLOCK_KEYS_MAX> {
    blocks: Vec<Vec<RankKey>>,
    /// The first key of each block.
    firsts: Vec<RankKey>,
    /// Fenwick tree over the blocks' lengths: entry `i` sums the `lowbit(i + 1)` blocks that end with block `i`.
    sums: Vec<usize>,
    len: usize,
}

impl<const BLOCK: usize> Order<BLOCK> {
    /// A block with fewer looks for a neighbour to join.
    const LEAST: usize = BLOCK / 4;
    /// Two neighbours become one if they have no more than this together.
    const JOINED_MAX: usize = BLOCK * 3 / 4;

    /// How many keys.
    pub fn len(&self) -> usize {
        self.len
    }

    /// None at all?
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        let key = size_of::<RankKey>();
        let keys: usize = self.blocks.iter().map(|block| block.capacity() * key).sum();
        keys + self.blocks.capacity() * size_of::<Vec<RankKey>>()
            + self.firsts.capacity() * key
            + self.sums.capacity() * size_of::<usize>()
    }

    /// The block in which a key is or would be.
    fn block_of(&self, key: &RankKey) -> usize {
        self.firsts.partition_point(|first| first <= key).saturating_sub(1)
    }

    /// Is it there?
    pub fn contains(&self, key: &RankKey) -> bool {
        self.blocks.get(self.block_of(key)).is_some_and(|block| block.binary_search(key).is_ok())
    }

    /// How many keys are smaller.
    pub fn before(&self, key: &RankKey) -> usize {
        let at = self.block_of(key);
        match self.blocks.get(at) {
            Some(block) => self.sum_before(at) + block.partition_point(|other| other < key),
            None => 0,
        }
    }

    /// The key with so many smaller ones.
    pub fn at(&self, mut place: usize) -> Option<RankKey> {
        if place >= self.len {
            return None;
        }
        let mut block = 0;
        let mut step = self.sums.len().next_power_of_two();
        while step > 0 {
            let next = block + step;
            if next <= self.sums.len() && self.sums[next - 1] <= place {
                place -= self.sums[next - 1];
                block = next;
            }
            step /= 2;
        }
        Some(self.blocks[block][place])
    }

    /// Puts a key in. False: it was there.
    pub fn insert(&mut self, key: RankKey) -> bool {
        if self.blocks.is_empty() {
            self.blocks.push(vec![key]);
            self.firsts.push(key);
            self.len = 1;
            self.sum_again();
            return true;
        }
        let at = self.block_of(&key);
        let is_last = at + 1 == self.blocks.len();
        let block = &mut self.blocks[at];
        let Err(place) = block.binary_search(&key) else { return false };
        self.len += 1;
        if block.len() < BLOCK {
            block.insert(place, key);
            if place == 0 {
                self.firsts[at] = key;
            }
            self.add(at, 1);
            return true;
        }
        // Keys that come in their order fill blocks to the brim; others split them in the middle.
        let in_order = is_last && place == block.len();
        let mut right = if in_order { Vec::new() } else { block.split_off(BLOCK / 2) };
        block.shrink_to_fit();
        match place.checked_sub(block.len()) {
            Some(place) => right.insert(place, key),
            None => block.insert(place, key),
        }
        self.firsts[at] = block[0];
        self.firsts.insert(at + 1, right[0]);
        self.blocks.insert(at + 1, right);
        self.sum_again();
        true
    }

    /// Takes a key out. False: it was not there.
    pub fn remove(&mut self, key: &RankKey) -> bool {
        let at = self.block_of(key);
        let Some(block) = self.blocks.get_mut(at) else { return false };
        let Ok(place) = block.binary_search(key) else { return false };
        block.remove(place);
        self.len -= 1;
        if block.is_empty() {
            self.blocks.remove(at);
            self.firsts.remove(at);
            self.sum_again();
            return true;
        }
        self.firsts[at] = block[0];
        if block.len() >= Self::LEAST || !self.join(at) {
            self.subtract(at, 1);
        }
        true
    }

    /// Makes one block of a small one and a neighbour, if they fit.
    fn join(&mut self, at: usize) -> bool {
        let len = |at: usize| self.blocks.get(at).map(Vec::len);
        let own = self.blocks[at].len();
        let fits = |other: Option<usize>| other.is_some_and(|other| other + own <= Self::JOINED_MAX);
        let left = match at.checked_sub(1) {
            Some(left) if fits(len(left)) => left,
            _ if fits(len(at + 1)) => at,
            _ => return false,
        };
        let mut right = self.blocks.remove(left + 1);
        self.firsts.remove(left + 1);
        self.blocks[left].append(&mut right);
        self.sum_again();
        true
    }

    fn sum_before(&self, mut block: usize) -> usize {
        let mut sum = 0;
        while block > 0 {
            sum += self.sums[block - 1];
            block &= block - 1;
        }
        sum
    }

    fn add(&mut self, block: usize, keys: usize) {
        let mut at = block + 1;
        while at <= self.sums.len() {
            self.sums[at - 1] += keys;
            at += at & at.wrapping_neg();
        }
    }

    fn subtract(&mut self, block: usize, keys: usize) {
        let mut at = block + 1;
        while at <= self.sums.len() {
            self.sums[at - 1] -= keys;
            at += at & at.wrapping_neg();
        }
    }

    /// Sums again where blocks came or went: once in some hundred changes.
    fn sum_again(&mut self) {
        self.sums.clear();
        self.sums.extend(self.blocks.iter().map(Vec::len));
        for at in 1..=self.sums.len() {
            let parent = at + (at & at.wrapping_neg());
            if parent <= self.sums.len() {
                self.sums[parent - 1] += self.sums[at - 1];
            }
        }
    }
}
