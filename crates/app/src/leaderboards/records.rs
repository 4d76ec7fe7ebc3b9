//! Writing, listing and removing records, of leaderboards and tournaments alike.

use std::sync::Arc;

use store::{
    Direction, Operator, PeriodId, RankKey, RecordDelete, RecordList, RecordRow, RecordWrite, RecordsAround,
    RecordsOf, RecordsWrite, Terms, UserId, Wrote,
};

use super::boards::check_metadata;
use super::{AROUND_MAX, BATCH_MAX, Board, BoardError, Boards, LIST_DEFAULT, LIST_MAX, OWNERS_MAX};
use crate::cursor;
use crate::ranks::Standing;

/// A score to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Score {
    /// Whose.
    pub owner: UserId,
    /// The owner's name, if it is known.
    pub username: String,
    /// Not below 0.
    pub score: i64,
    /// Not below 0.
    pub subscore: i64,
    /// A JSON object as text; `None`: as it was.
    pub metadata: Option<String>,
    /// `None`: the board's own.
    pub operator: Option<Operator>,
}

/// A record with its rank.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// As it is kept.
    pub row: RecordRow,
    /// Score.
    pub score: i64,
    /// Subscore.
    pub subscore: i64,
    /// 1 is the best; 0: not counted.
    pub rank: u64,
}

/// The record that stands after a write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// On which board.
    pub board: Arc<Board>,
    /// In which period.
    pub period: PeriodId,
    /// What stands.
    pub record: Record,
}

/// Which records to list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ask {
    /// Whose, beside the list itself.
    pub owners: Vec<UserId>,
    /// How many. Without it: all of the owners if there are any, else a page.
    pub limit: Option<u32>,
    /// Where to go on; empty: at the best.
    pub cursor: String,
    /// The end of an earlier period; `None`: the period that is now.
    pub expires_s: Option<i64>,
}

/// A page of records.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// Of which board.
    pub board: Arc<Board>,
    /// Of which period.
    pub period: PeriodId,
    /// Best first.
    pub records: Vec<Record>,
    /// Of the owners asked for.
    pub owner_records: Vec<Record>,
    /// To worse ones; empty: there are none.
    pub next: String,
    /// To better ones; empty: there are none.
    pub prev: String,
    /// Records in the period; 0: not counted.
    pub count: u64,
}

impl Boards {
    /// Writes a score, whoever may.
    pub(crate) async fn write(&self, board: Arc<Board>, score: Score) -> Result<Written, BoardError> {
        let write = self.prepare(&board, score)?;
        let period = write.period;
        let wrote = self.ranks.write(write).await?;
        self.written(board, period, wrote).await
    }

    /// Writes many in one transaction. What cannot be written at all is refused before it.
    pub(crate) async fn write_many(
        &self,
        scores: Vec<(String, Score)>,
    ) -> Result<Vec<Result<Written, BoardError>>, BoardError> {
        if scores.len() > BATCH_MAX {
            return Err(BoardError::Batch);
        }
        let mut answers = Vec::with_capacity(scores.len());
        let (mut writes, mut places) = (Vec::new(), Vec::new());
        for (id, score) in scores {
            let board = match self.find(&id).await? {
                Some(board) => board,
                None => {
                    answers.push(Err(BoardError::NotFound));
                    continue;
                }
            };
            match self.prepare(&board, score) {
                Ok(write) => {
                    places.push((answers.len(), board, write.period));
                    writes.push(write);
                    // Until it is known.
                    answers.push(Err(BoardError::NotFound));
                }
                Err(error) => answers.push(Err(error)),
            }
        }
        let wrote = self.ranks.write(RecordsWrite { writes }).await?;
        for ((place, board, period), wrote) in places.into_iter().zip(wrote) {
            answers[place] = match self.written(board, period, wrote).await {
                Err(BoardError::Store(error)) => return Err(error.into()),
                answer => answer,
            };
        }
        Ok(answers)
    }

    fn prepare(&self, board: &Board, score: Score) -> Result<RecordWrite, BoardError> {
        let (at_ms, row) = (self.core.now_ms(), &board.row);
        if score.score < 0 || score.subscore < 0 {
            return Err(BoardError::Score);
        }
        if let Some(metadata) = &score.metadata {
            check_metadata(metadata)?;
        }
        let now_s = at_ms.div_euclid(1_000);
        let (period, terms) = if row.tournament {
            let window = board.window(now_s);
            if !window.is_open(now_s) {
                return Err(BoardError::NotActive);
            }
            let terms = Terms {
                counted: true,
                attempts_max: row.attempts_max,
                size_max: row.size_max,
                join_required: row.join_required,
            };
            (PeriodId { board: row.number, expires_s: window.expires_s }, terms)
        } else {
            (board.period(now_s), Terms::default())
        };
        Ok(RecordWrite {
            period,
            descending: row.descending,
            owner: score.owner,
            username: score.username,
            score: score.score,
            subscore: score.subscore,
            metadata: score.metadata,
            operator: score.operator.unwrap_or(row.operator),
            at_ms,
            terms,
        })
    }

    async fn written(
        &self,
        board: Arc<Board>,
        period: PeriodId,
        wrote: Wrote,
    ) -> Result<Written, BoardError> {
        let row = match wrote {
            Wrote::Stands(row) => row,
            Wrote::NoBoard if board.row.tournament => return Err(BoardError::NoTournament),
            Wrote::NoBoard => return Err(BoardError::NotFound),
            Wrote::NotJoined => return Err(BoardError::NotJoined),
            Wrote::Full => return Err(BoardError::Full),
            Wrote::NoAttempts => return Err(BoardError::NoAttempts),
        };
        let rank = self.ranks.standing(period, row.key).await?.rank;
        let record = ranked(&board, row, rank);
        Ok(Written { board, period, record })
    }

    /// The same for a player, where players write their own.
    pub(crate) async fn write_own(&self, board: Arc<Board>, score: Score) -> Result<Written, BoardError> {
        players_may(&board)?;
        self.write(board, score).await
    }

    /// Removes a player's own record of the period that is now.
    pub(crate) async fn delete_own(&self, board: Arc<Board>, owner: UserId) -> Result<(), BoardError> {
        players_may(&board)?;
        self.delete_record(&board, owner).await.map(drop)
    }

    /// Removes an owner's record of the period that is now.
    pub(crate) async fn delete_record(&self, board: &Board, owner: UserId) -> Result<bool, BoardError> {
        let period = board.period(self.now_s());
        let remember = board.row.tournament && board.row.attempts_max > 0;
        let delete = RecordDelete { period, owner, remember, at_ms: self.core.now_ms() };
        Ok(self.ranks.write(delete).await?)
    }

    pub(crate) async fn list(&self, board: Arc<Board>, ask: Ask) -> Result<Listed, BoardError> {
        if ask.owners.len() > OWNERS_MAX {
            return Err(BoardError::Owners);
        }
        if ask.limit.is_some_and(|limit| !(1..=LIST_MAX).contains(&limit)) {
            return Err(BoardError::Limit);
        }
        let from = self.start(&board, &ask)?;
        let period = from.period;
        let only_owners = ask.limit.is_none() && ask.cursor.is_empty() && !ask.owners.is_empty();
        let page = if only_owners {
            Page::default()
        } else {
            self.page(from, ask.limit.unwrap_or(LIST_DEFAULT)).await?
        };
        let mut listed = self.listed(board, period, page).await?;
        if !ask.owners.is_empty() {
            let rows = self.core.read(RecordsOf { period, owners: ask.owners }).await?;
            let keys: Vec<RankKey> = rows.iter().map(|row| row.key).collect();
            let standings = self.ranks.standings(period, &keys).await?;
            let both = rows.into_iter().zip(standings);
            listed.owner_records =
                both.map(|(row, standing)| ranked(&listed.board, row, standing.rank)).collect();
        }
        Ok(listed)
    }

    pub(crate) async fn around(
        &self,
        board: Arc<Board>,
        owner: UserId,
        ask: Ask,
    ) -> Result<Listed, BoardError> {
        let limit = ask.limit.unwrap_or(1);
        if !(1..=AROUND_MAX).contains(&limit) {
            return Err(BoardError::AroundLimit);
        }
        let from = self.start(&board, &ask)?;
        let period = from.period;
        let page = if ask.cursor.is_empty() {
            let found = self.core.read(RecordsAround { period, owner, limit }).await?;
            Page { rows: found.rows, more: found.more, top: false }
        } else {
            self.page(from, limit).await?
        };
        self.listed(board, period, page).await
    }

    /// Records before or after a key; one more than asked for tells whether there are more.
    async fn page(&self, from: Place, limit: u32) -> Result<Page, BoardError> {
        let Place { period, direction, key } = from;
        let list = RecordList { period, from: key, direction, limit: limit + 1 };
        let mut rows = self.core.read(list).await?;
        let over = rows.len() > limit as usize;
        match direction {
            Direction::After => {
                rows.truncate(limit as usize);
                Ok(Page { rows, more: over, top: key == RankKey::FIRST })
            }
            Direction::Before => {
                if over {
                    rows.remove(0);
                }
                // What this page stood before is still to come.
                Ok(Page { rows, more: true, top: false })
            }
        }
    }

    /// A page with its ranks: that of the first is looked up, the others follow it. What is written between the two
    /// readings must not show the best as the second.
    async fn listed(&self, board: Arc<Board>, period: PeriodId, page: Page) -> Result<Listed, BoardError> {
        let key = page.rows.first().map_or(RankKey::FIRST, |row| row.key);
        let Standing { mut rank, mut count } = self.ranks.standing(period, key).await?;
        if rank > 0 {
            rank = if page.top { 1 } else { rank };
            count = count.max(rank - 1 + page.rows.len() as u64);
        }
        let cursor = |direction, row: Option<&RecordRow>| {
            row.map_or_else(String::new, |row| Place { period, direction, key: row.key }.seal(&board))
        };
        let next = cursor(Direction::After, page.rows.last().filter(|_| page.more));
        let prev = cursor(Direction::Before, page.rows.first().filter(|_| rank > 1));
        let ranks = (rank..).map(|place| if rank == 0 { 0 } else { place });
        let both = page.rows.into_iter().zip(ranks);
        let records = both.map(|(row, rank)| ranked(&board, row, rank)).collect();
        Ok(Listed { board, period, records, owner_records: Vec::new(), next, prev, count })
    }

    fn start(&self, board: &Board, ask: &Ask) -> Result<Place, BoardError> {
        let expires_s = match ask.expires_s {
            Some(expires_s) if expires_s < 0 => return Err(BoardError::Expiry),
            // Where nothing ever ends, 0 is the only period; elsewhere it asks for the one that is now.
            None | Some(0) => None,
            given => given,
        };
        if ask.cursor.is_empty() {
            let mut period = board.period(self.now_s());
            period.expires_s = expires_s.unwrap_or(period.expires_s);
            return Ok(Place { period, direction: Direction::After, key: RankKey::FIRST });
        }
        let place = Place::open(board, &ask.cursor)?;
        // A cursor stays in its period, even when the next one has begun.
        if expires_s.is_some_and(|expires_s| expires_s != place.period.expires_s) {
            return Err(cursor::BadCursor.into());
        }
        Ok(place)
    }
}

/// Do players write here, or server code alone?
fn players_may(board: &Board) -> Result<(), BoardError> {
    if board.row.authoritative { Err(BoardError::Authoritative) } else { Ok(()) }
}

fn ranked(board: &Board, row: RecordRow, rank: u64) -> Record {
    let descending = board.row.descending;
    Record { score: row.key.score(descending), subscore: row.key.subscore(descending), row, rank }
}

#[derive(Default)]
struct Page {
    rows: Vec<RecordRow>,
    /// Are there worse ones?
    more: bool,
    /// Does it begin with the best?
    top: bool,
}

/// Where a list goes on.
struct Place {
    period: PeriodId,
    direction: Direction,
    key: RankKey,
}

impl Place {
    fn seal(&self, board: &Board) -> String {
        let mut held = [0; 33];
        held[0] = u8::from(self.direction == Direction::Before);
        let numbers = [self.period.expires_s, self.key.first, self.key.second, self.key.seq];
        for (place, number) in held[1..].chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&number.to_be_bytes());
        }
        cursor::seal(&[b"records", &board.row.number.to_be_bytes()], &held)
    }

    fn open(board: &Board, text: &str) -> Result<Self, cursor::BadCursor> {
        let held = cursor::open(&[b"records", &board.row.number.to_be_bytes()], text)?;
        let held: [u8; 33] = held.try_into().map_err(|_| cursor::BadCursor)?;
        let number = |at: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&held[1 + at * 8..9 + at * 8]);
            i64::from_be_bytes(bytes)
        };
        let direction = match held[0] {
            0 => Direction::After,
            1 => Direction::Before,
            _ => return Err(cursor::BadCursor),
        };
        Ok(Self {
            period: PeriodId { board: board.row.number, expires_s: number(0) },
            direction,
            key: RankKey { first: number(1), second: number(2), seq: number(3) },
        })
    }
}
