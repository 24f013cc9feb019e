//! How do ids, times and zones look on the wire?
use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, ID, InputType, InputValueError, InputValueResult, OutputType, Positioned, Scalar,
    ScalarType, ServerResult, Value, parser::types::Field, registry::Registry,
};
use chrono::{NaiveDate, SecondsFormat, Utc};
use domain::id::{Entity, Id};

/// A typed id as the scalar `ID`: a value of another kind or form is refused before anything runs.
#[derive(Debug, PartialEq, Eq)]
pub struct Wire<T>(pub Id<T>);

impl<T> Clone for Wire<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Wire<T> {}

impl<T: Entity + 'static> InputType for Wire<T> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        <ID as InputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value.unwrap_or_default() {
            Value::String(text) => text.parse().map(Wire).map_err(InputValueError::custom),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<T: Entity + 'static> OutputType for Wire<T> {
    fn type_name() -> Cow<'static, str> {
        <ID as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        _context: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Ok(Value::String(self.0.to_string()))
    }
}

fn text(value: Value) -> Result<String, Value> {
    if let Value::String(text) = value { Ok(text) } else { Err(value) }
}

/// A moment in UTC, such as `2026-03-05T17:00:00.000Z`. Inputs may carry any offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime(pub chrono::DateTime<Utc>);

/// A moment in UTC, such as `2026-03-05T17:00:00.000Z`. Inputs may carry any offset.
#[Scalar(name = "DateTime", specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text(value).map_err(InputValueError::expected_type)?;
        let moment = chrono::DateTime::parse_from_rfc3339(&text)
            .map_err(|_malformed| InputValueError::custom("not a moment such as 2026-03-05T17:00:00Z"))?
            .with_timezone(&Utc);
        let year = chrono::Datelike::year(&moment);
        if (1900..=2200).contains(&year) {
            Ok(Self(moment))
        } else {
            Err(InputValueError::custom("the year is out of range"))
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// A calendar date without a time, such as `2026-03-05`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

/// A calendar date without a time, such as `2026-03-05`.
#[Scalar(name = "Date", specified_by_url = "https://scalars.graphql.org/andimarek/local-date.html")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text(value).map_err(InputValueError::expected_type)?;
        let date = NaiveDate::parse_from_str(&text, "%Y-%m-%d")
            .map_err(|_malformed| InputValueError::custom("not a date such as 2026-03-05"))?;
        let year = chrono::Datelike::year(&date);
        if (1900..=2200).contains(&year) {
            Ok(Self(date))
        } else {
            Err(InputValueError::custom("the year is out of range"))
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.format("%Y-%m-%d").to_string())
    }
}

/// Values by name, for the words of an app's own message.
#[derive(Debug, Clone)]
pub struct Params(pub Vec<(String, String)>);

/// A JSON object whose values are strings, such as `{"max": "120"}`.
#[Scalar(name = "Params", specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259")]
impl ScalarType for Params {
    fn parse(value: Value) -> InputValueResult<Self> {
        Err(InputValueError::expected_type(value))
    }

    fn to_value(&self) -> Value {
        let entries =
            self.0.iter().map(|(name, value)| (async_graphql::Name::new(name), Value::String(value.clone())));
        Value::Object(entries.collect())
    }
}
