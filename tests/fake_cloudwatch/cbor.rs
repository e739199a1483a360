//! CBOR as the service writes it.

use ciborium::Value;

/// An error answer.
pub struct ServiceError {
    /// HTTP status.
    pub status: u16,
    /// Its body.
    pub body: Value,
}

/// An error of the caller's.
pub fn error_of(code: &str, message: &str) -> ServiceError {
    ServiceError { status: if code == "AccessDenied" { 403 } else { 400 }, body: error_value(code, message) }
}

/// The body of an error.
pub fn error_body(code: &str, message: &str) -> Vec<u8> {
    encode(&error_value(code, message))
}

fn error_value(code: &str, message: &str) -> Value {
    map([("__type", text(code)), ("message", text(message))])
}

/// Bytes of a value.
pub fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("memory takes it");
    bytes
}

/// A map.
pub fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(entries.into_iter().map(|(k, v)| (text(k), v)).collect())
}

/// A text.
pub fn text(s: &str) -> Value {
    Value::Text(s.to_owned())
}

/// A time: tag 1, seconds since 1970.
pub fn time(second: i64) -> Value {
    Value::Tag(1, Box::new(Value::Float(second as f64)))
}

/// A member of a map.
pub fn get<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    value.as_map()?.iter().find(|(k, _)| k.as_text() == Some(key)).map(|(_, v)| v).filter(|v| !v.is_null())
}

/// A text member.
pub fn get_text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    get(value, key)?.as_text()
}

/// A whole number member.
pub fn get_int(value: &Value, key: &str) -> Option<i64> {
    i64::try_from(get(value, key)?.as_integer()?).ok()
}

/// A time member.
pub fn get_time(value: &Value, key: &str) -> Option<i64> {
    match get(value, key)? {
        Value::Tag(1, inner) => match inner.as_ref() {
            Value::Float(f) => Some(*f as i64),
            Value::Integer(i) => i64::try_from(*i).ok(),
            _ => None,
        },
        _ => None,
    }
}

/// A list member.
pub fn get_list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    get(value, key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Dimensions of a metric or a filter: name and value.
pub fn dimensions(value: &Value, key: &str) -> Vec<(String, Option<String>)> {
    let of = |d: &Value| Some((get_text(d, "Name")?.to_owned(), get_text(d, "Value").map(str::to_owned)));
    get_list(value, key).iter().filter_map(of).collect()
}
