//! Declared indexes: which objects are in them and which values of their fields, in an order that bytes have.
//!
//! The entries are kept in the store by the very transactions that write the objects, so an index is never behind and
//! survives a restart. One that is declared anew or otherwise is filled before the service answers.

use serde_json::Value as Json;
use store::{
    IndexBegin, IndexDrop, IndexFill, IndexGet, IndexReady, ListOf, Listed, NOBODY, ObjectName, ObjectsList,
    StoreError,
};

use super::{NAME_BYTES_MAX, Storage};
use crate::query::{Doc, Value};

/// Fields of one index.
pub const FIELDS_MAX: usize = 16;
/// Values of a list that are indexed; a query sees all of them.
const FIELD_VALUES_MAX: usize = 16;
/// Bytes of a text that are indexed; a query sees all of it.
const TEXT_BYTES_MAX: usize = 64;
/// Objects that are entered at a time.
const FILLED_AT_ONCE: u32 = 256;
/// Entries that are removed at a time.
const CLEARED_AT_ONCE: u32 = 1_000;

/// Which objects server code can query, and by what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StorageIndex {
    /// Its name.
    pub name: String,
    /// Of which collection.
    pub collection: String,
    /// Only objects with this key.
    pub key: Option<String>,
    /// Dotted names inside of the value, for example `stats.level`: queries write `value.stats.level`.
    pub fields: Vec<String>,
    /// Objects that it holds at most; the one that was written longest ago goes first.
    pub entries_max: u64,
}

impl StorageIndex {
    fn definition(&self) -> String {
        let Self { collection, key, fields, entries_max, .. } = self;
        format!("{collection}\n1 {key:?} {fields:?} {entries_max}")
    }

    fn holds(&self, name: &ObjectName) -> bool {
        self.key.as_ref().is_none_or(|key| *key == name.key)
    }

    /// What a query sees of a value: the declared fields.
    pub(super) fn doc(&self, json: &Json) -> Doc {
        let mut leaves = Vec::new();
        for field in &self.fields {
            let found = field.split('.').try_fold(json, |json, name| json.get(name));
            let Some(found) = found else { continue };
            // One with too many leaves is as good as not there.
            if let Ok(doc) = Doc::of_json(&format!("value.{field}"), found) {
                leaves.extend(doc.fields().map(|(name, value)| (name.to_owned(), value.clone())));
            }
        }
        Doc::new(leaves)
    }

    fn listed(&self, name: &ObjectName, value: &str) -> Listed {
        let mut fields = Vec::new();
        if self.holds(name) {
            // The value was checked; one that cannot be read has no fields.
            let doc = self.doc(&serde_json::from_str(value).unwrap_or_default());
            for field in &self.fields {
                fields.extend(places(&doc, field).into_iter().map(|place| (field.clone(), place)));
            }
        }
        Listed { index: self.name.clone(), entries_max: self.entries_max, fields }
    }
}

/// The values of a field in the order of bytes, each once; where there is none, a place before all values.
pub(super) fn places(doc: &Doc, field: &str) -> Vec<Vec<u8>> {
    let name = format!("value.{field}");
    let mut places: Vec<_> = doc.get(&name).take(FIELD_VALUES_MAX).map(encode).collect();
    if places.is_empty() {
        places.push(vec![0]);
    }
    places.sort();
    places.dedup();
    places
}

/// A value as bytes that are in the order of values: truth values, numbers, texts.
pub(super) fn encode(value: &Value) -> Vec<u8> {
    match value {
        Value::Flag(flag) => vec![1, u8::from(*flag)],
        Value::Number(number) => {
            // One zero; negative numbers with all bits turned, others with the sign's.
            let bits = if *number == 0.0 { 0 } else { number.to_bits() };
            let turned = if bits >> 63 == 1 { !bits } else { bits | 1 << 63 };
            [&[2], &turned.to_be_bytes()[..]].concat()
        }
        Value::Text(text) => {
            let most = text.len().min(TEXT_BYTES_MAX);
            let cut = (0..=most).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
            [&[3], &text.as_bytes()[..cut]].concat()
        }
    }
}

impl Storage {
    /// Adds an index. Called before the service starts.
    ///
    /// # Panics
    /// If it cannot be one, or its name is taken: a fault of the program that shows at its start.
    pub fn declare(&self, index: StorageIndex) {
        let name = index.name.as_str();
        let named = |text: &str| (1..=NAME_BYTES_MAX).contains(&text.len()) && !text.contains(['\0', '\n']);
        assert!(named(name) && named(&index.collection), "an index and its collection need names: {name}");
        assert!(index.fields.len() <= FIELDS_MAX, "the index {name} has more than {FIELDS_MAX} fields");
        assert!(index.fields.iter().all(|field| named(field)), "a field of the index {name} has no name");
        assert!(index.entries_max > 0, "the index {name} may hold nothing");
        let mut indexes = self.indexes.write();
        let all = indexes.values().map(Vec::len).sum::<usize>();
        assert!(all < store::INDEXES_MAX, "more than {} indexes", store::INDEXES_MAX);
        assert!(indexes.values().flatten().all(|known| known.name != name), "two indexes are named {name}");
        indexes.entry(index.collection.clone()).or_default().push(index);
    }

    /// Fills indexes that are new or changed, and removes those that are not declared any more. Called once, before the
    /// service answers.
    pub async fn prepare(&self) -> Result<(), StoreError> {
        let declared: Vec<_> = self.indexes.read().values().flatten().cloned().collect();
        for index in &declared {
            let known = self.core.read(IndexGet { name: index.name.clone() }).await?;
            if known.is_none_or(|known| known.definition != index.definition()) {
                self.fill(index).await?;
            }
        }
        let declared: Vec<_> = declared.into_iter().map(|index| index.name).collect();
        loop {
            let drop = IndexDrop { declared: declared.clone(), limit: CLEARED_AT_ONCE };
            if self.core.write(drop).await?.into_inner() {
                return Ok(());
            }
        }
    }

    async fn fill(&self, index: &StorageIndex) -> Result<(), StoreError> {
        let begin = IndexBegin {
            name: index.name.clone(),
            definition: format!("{}\nfilling", index.collection),
            limit: CLEARED_AT_ONCE,
        };
        while !self.core.write(begin.clone()).await?.into_inner() {}
        let mut after = (NOBODY, String::new());
        loop {
            let list = ObjectsList {
                collection: index.collection.clone(),
                of: ListOf::Everything,
                after,
                limit: FILLED_AT_ONCE,
            };
            let page = self.core.read(list).await?;
            let objects = page.objects.into_iter().filter(|object| index.holds(&object.name));
            let objects = objects.map(|object| {
                let listed = index.listed(&object.name, &object.value);
                (object.name, object.updated_ms, listed)
            });
            self.core.write(IndexFill { objects: objects.collect() }).await?;
            match page.next {
                Some(next) => after = next,
                None => break,
            }
        }
        let ready = IndexReady { name: index.name.clone(), definition: index.definition() };
        self.core.write(ready).await?;
        Ok(())
    }

    /// What the indexes of a collection hold of an object.
    pub(super) fn listed(&self, name: &ObjectName, value: &str) -> Vec<Listed> {
        let indexes = self.indexes.read();
        let of = indexes.get(&name.collection);
        of.map_or_else(Vec::new, |of| of.iter().map(|index| index.listed(name, value)).collect())
    }

    /// The names of a collection's indexes.
    pub(super) fn indexes_of(&self, name: &ObjectName) -> Vec<String> {
        let indexes = self.indexes.read();
        let of = indexes.get(&name.collection);
        of.map_or_else(Vec::new, |of| of.iter().map(|index| index.name.clone()).collect())
    }

    pub(super) fn index(&self, name: &str) -> Option<StorageIndex> {
        self.indexes.read().values().flatten().find(|index| index.name == name).cloned()
    }
}
