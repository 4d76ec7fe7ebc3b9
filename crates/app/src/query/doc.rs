//! What a query looks at: dotted fields, each with a value. A field may stand there several times.

use serde_json::Value as Json;

/// Fields of a document made from JSON.
pub const FIELDS_MAX: usize = 512;

/// A document has more than [`FIELDS_MAX`] fields.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a document has at most {FIELDS_MAX} fields")]
pub struct TooManyFields;

/// A field's value.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// A truth value.
    Flag(bool),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Number(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Value::Flag(flag)
    }
}

/// See the module.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Doc {
    /// Sorted by name.
    fields: Vec<(String, Value)>,
}

impl Doc {
    /// Of fields in any order.
    pub fn new(fields: impl IntoIterator<Item = (String, Value)>) -> Self {
        let mut fields: Vec<_> = fields.into_iter().collect();
        fields.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self { fields }
    }

    /// The leaves of a JSON value, each under the names that lead to it, after `prefix`. Nulls are not there, and the
    /// values of a list all have its name.
    pub fn of_json(prefix: &str, json: &Json) -> Result<Self, TooManyFields> {
        let mut fields = Vec::new();
        leaves(prefix, json, &mut fields)?;
        Ok(Self::new(fields))
    }

    /// What a label says: the fields of its JSON object under `label.`, or the text itself as `label`.
    pub fn of_label(label: &str) -> Self {
        let json = serde_json::from_str(label).ok().filter(Json::is_object);
        let fields = json.and_then(|json| Self::of_json("label", &json).ok());
        fields.unwrap_or_else(|| Self::default().with("label", label))
    }

    /// With one field more.
    pub fn with(mut self, field: impl Into<String>, value: impl Into<Value>) -> Self {
        let field = field.into();
        let at = self.fields.partition_point(|(name, _)| *name <= field);
        self.fields.insert(at, (field, value.into()));
        self
    }

    /// The values of a field.
    pub fn get(&self, field: &str) -> impl Iterator<Item = &Value> {
        let start = self.fields.partition_point(|(name, _)| name.as_str() < field);
        self.fields[start..].iter().take_while(move |(name, _)| name == field).map(|(_, value)| value)
    }

    /// Every value.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.fields.iter().map(|(_, value)| value)
    }

    /// Every field with a value, by name.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value))
    }
}

/// As deep as the JSON is, which its own reader bounds.
fn leaves(name: &str, json: &Json, into: &mut Vec<(String, Value)>) -> Result<(), TooManyFields> {
    let value = match json {
        Json::Null => return Ok(()),
        Json::Bool(flag) => Value::Flag(*flag),
        Json::Number(number) => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(list) => return list.iter().try_for_each(|json| leaves(name, json, into)),
        Json::Object(map) => {
            return map.iter().try_for_each(|(key, json)| match name {
                "" => leaves(key, json, into),
                name => leaves(&format!("{name}.{key}"), json, into),
            });
        }
    };
    if into.len() >= FIELDS_MAX {
        return Err(TooManyFields);
    }
    into.push((name.to_owned(), value));
    Ok(())
}
