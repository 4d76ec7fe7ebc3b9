//! A log file ([`kernel::LogRecord`]) as somewhere to replay from. It is read once from end to end and checked; what a
//! replay then needs is read again from where it stands.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use app::rooms::Library;
use bytes::Bytes;
use kernel::{AnyRules, Hash128, LogFileReader, LogRecord, LogSource, RoomId, Row, RulesId, Seq, Unreadable};

/// Bytes of rows that one page holds in memory.
const PAGE_BYTES_MAX: u64 = 4 << 20;

/// A log file and where everything stands in it.
pub struct LogFile<'a> {
    file: File,
    library: &'a Library,
    /// Which room's log it is.
    pub room: RoomId,
    /// The newest input in it.
    pub last: Seq,
    rows: Vec<(Seq, Seq, Place)>,
    snapshots: BTreeMap<Seq, Place>,
    contents: BTreeMap<(String, Hash128), Place>,
}

/// A log file as somewhere to replay from.
pub struct Source<'a, 'b> {
    log: &'b mut LogFile<'a>,
    progress: &'b mut dyn FnMut(u64),
}

/// Where a record stands in the file, and its length.
#[derive(Clone, Copy)]
struct Place(u64, u64);

impl<'a> LogFile<'a> {
    /// Reads and checks a whole file.
    pub fn open(path: &Path, library: &'a Library) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let mut read = Records::new(BufReader::with_capacity(1 << 20, &file));
        let Some((LogRecord::Head { room, .. }, _)) =
            read.next().with_context(|| path.display().to_string())?
        else {
            bail!("{} does not begin with what a log file begins with", path.display());
        };
        let (mut rows, mut snapshots, mut contents) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        let last = loop {
            let next = read.next().with_context(|| path.display().to_string())?;
            let Some((record, place)) = next else {
                bail!("{} was cut short: it has no end", path.display());
            };
            match record {
                LogRecord::Head { .. } => bail!("{} begins twice", path.display()),
                LogRecord::Content { rules, body } => {
                    contents.insert((rules, Hash128::of(&[&body])), place);
                }
                LogRecord::Snapshot { seq, .. } => drop(snapshots.insert(seq, place)),
                LogRecord::Row(row) => rows.push((row.first, row.last, place)),
                LogRecord::End { last } => break last,
            }
        };
        Ok(Self { file, library, room, last, rows, snapshots, contents })
    }

    /// Somewhere to replay from; `progress` hears how many inputs were taken.
    pub fn source<'b>(&'b mut self, progress: &'b mut dyn FnMut(u64)) -> Source<'a, 'b> {
        Source { log: self, progress }
    }

    fn read(&mut self, place: Place) -> Result<LogRecord, Unreadable> {
        let Place(from, len) = place;
        let unreadable = |error: std::io::Error| Unreadable(format!("the log file: {error}"));
        self.file.seek(SeekFrom::Start(from)).map_err(unreadable)?;
        let mut bytes = Vec::new();
        (&self.file).take(len).read_to_end(&mut bytes).map_err(unreadable)?;
        LogFileReader::one(bytes.into())
    }
}

impl LogSource for Source<'_, '_> {
    fn snapshot(&mut self, not_after: Seq) -> Result<Option<Vec<u8>>, Unreadable> {
        let Some((_, place)) = self.log.snapshots.range(..=not_after).next_back() else { return Ok(None) };
        match self.log.read(*place)? {
            LogRecord::Snapshot { body, .. } => Ok(Some(body.into())),
            _ => Err(Unreadable("the log file changed while it was read".into())),
        }
    }

    fn rows(&mut self, after: Seq) -> Result<Vec<Row>, Unreadable> {
        let from = self.log.rows.partition_point(|(_, last, _)| *last <= after);
        let (mut page, mut bytes) = (Vec::new(), 0);
        for index in from..self.log.rows.len() {
            let (.., place) = self.log.rows[index];
            bytes += place.1;
            if bytes > PAGE_BYTES_MAX && !page.is_empty() {
                break;
            }
            match self.log.read(place)? {
                LogRecord::Row(row) => page.push(row),
                _ => return Err(Unreadable("the log file changed while it was read".into())),
            }
        }
        Ok(page)
    }

    fn rules(&mut self, id: &RulesId) -> Result<Arc<dyn AnyRules>, Unreadable> {
        let place = self.log.contents.get(&(id.name.clone(), id.content)).copied();
        let library = self.log.library;
        library.rules_with(id, || match place.map(|place| self.log.read(place)).transpose()? {
            Some(LogRecord::Content { body, .. }) => Ok(Some(body.into())),
            Some(_) => Err(Unreadable("the log file changed while it was read".into())),
            None => Ok(None),
        })
    }

    fn progress(&mut self, inputs: u64) {
        (self.progress)(inputs);
    }
}

/// The records of a file one after the other.
struct Records<R> {
    read: R,
    reader: LogFileReader,
    /// Bytes read, of which the last `ahead` belong to the next record.
    at: u64,
    ahead: Vec<u8>,
}

impl<R: Read> Records<R> {
    fn new(read: R) -> Self {
        Self { read, reader: LogFileReader::default(), at: 0, ahead: Vec::new() }
    }

    /// The next record and where it stands; `None` where the file ends.
    fn next(&mut self) -> Result<Option<(LogRecord, Place)>> {
        loop {
            let len = loop {
                match self.reader.wants(&self.ahead)? {
                    Some(len) => break len as u64,
                    None if self.more(1)? == 0 => return Ok(None),
                    None => {}
                }
            };
            let missing = len.saturating_sub(self.ahead.len() as u64);
            if self.more(missing)? < missing {
                return Ok(None);
            }
            let place = Place(self.at - len, len);
            let bytes = Bytes::from(std::mem::take(&mut self.ahead));
            if let Some(record) = self.reader.read(bytes)? {
                return Ok(Some((record, place)));
            }
        }
    }

    fn more(&mut self, bytes: u64) -> std::io::Result<u64> {
        let read = (&mut self.read).take(bytes).read_to_end(&mut self.ahead)? as u64;
        self.at += read;
        Ok(read)
    }
}
