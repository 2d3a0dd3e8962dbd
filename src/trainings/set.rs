//! A set of places, a bit each.

use serde::{Deserialize, Serialize};

/// Places in a table, from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Set(#[serde(with = "serde_bytes")] Vec<u8>);

impl Set {
    /// Whether the place is in it.
    pub(super) fn has(&self, place: usize) -> bool {
        self.0.get(place / 8).is_some_and(|byte| byte >> (place % 8) & 1 == 1)
    }

    /// How many there are.
    pub(super) fn len(&self) -> u32 {
        self.0.iter().map(|byte| byte.count_ones()).sum()
    }

    /// All of them, in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        (0..self.0.len() * 8).filter(|place| self.has(*place))
    }

    /// Whether all of them are below `places`.
    pub(super) fn fits(&self, places: usize) -> bool {
        self.0.len() <= places.div_ceil(8) && self.iter().all(|place| place < places)
    }
}

impl FromIterator<usize> for Set {
    fn from_iter<I: IntoIterator<Item = usize>>(places: I) -> Self {
        let mut bytes: Vec<u8> = Vec::new();
        for place in places {
            if bytes.len() <= place / 8 {
                bytes.resize(place / 8 + 1, 0);
            }
            bytes[place / 8] |= 1 << (place % 8);
        }
        Self(bytes)
    }
}
