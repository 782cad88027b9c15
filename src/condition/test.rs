//! One test on the values of a field.

use regex::bytes::Regex;

use crate::fields::{Field, Protocol, Value};

/// A test: whose values, and what they must be.
#[derive(Debug)]
pub(super) struct Test {
    /// Fields of one kind; none where a layer is asked for.
    pub fields: Vec<&'static Field>,
    pub check: Check,
    /// The field must be there, and none of its values may pass.
    pub differs: bool,
}

/// What a value must be.
#[derive(Debug)]
pub(super) enum Check {
    /// A layer of a protocol is there.
    Layer(&'static Protocol),
    /// Any value.
    There,
    Is(bool),
    /// In one of these ranges, both ends included.
    Among(Vec<(Scalar, Scalar)>),
    /// One of these texts, to the byte.
    Texts(Vec<Vec<u8>>),
    Matches(Regex),
}

/// A value that has an order among its own kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Scalar {
    /// A number; of a moment, its nanoseconds since 1970.
    Number(i128),
    Ipv4([u8; 4]),
    Ipv6([u8; 16]),
    Mac([u8; 6]),
}

impl Scalar {
    fn of(value: &Value<'_>) -> Option<Scalar> {
        Some(match *value {
            Value::Unsigned(number) => Scalar::Number(number.into()),
            Value::Signed(number) => Scalar::Number(number.into()),
            Value::Time(time) => Scalar::Number(time.as_nanos()),
            Value::Ipv4(address) => Scalar::Ipv4(address),
            Value::Ipv6(address) => Scalar::Ipv6(address),
            Value::Mac(address) => Scalar::Mac(address),
            _ => return None,
        })
    }

    /// Whether two are of one kind, so that a range may reach from one to the other.
    pub fn is_like(self, other: Scalar) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

impl Check {
    /// Whether a value passes; `scratch` is room to put a domain name together.
    pub fn passes(&self, value: &Value<'_>, scratch: &mut Vec<u8>) -> bool {
        match self {
            Check::Layer(_) => false,
            Check::There => true,
            Check::Is(wanted) => matches!(value, Value::Bool(is) if is == wanted),
            Check::Among(ranges) => {
                Scalar::of(value).is_some_and(|value| ranges.iter().any(|(from, to)| (*from..=*to).contains(&value)))
            }
            Check::Texts(texts) => value.bytes(scratch).is_some_and(|bytes| texts.iter().any(|text| text == bytes)),
            Check::Matches(pattern) => value.bytes(scratch).is_some_and(|bytes| pattern.is_match(bytes)),
        }
    }
}
