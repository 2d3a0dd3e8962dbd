//! The order of a table's rows.

use std::cmp::Ordering;

use super::Summary;

/// What rows can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Their names.
    Name,
    /// The networks' names.
    Network,
    /// The kinds of head.
    Head,
    /// Their settings.
    Settings,
    /// Training images.
    Train,
    /// Test images.
    Test,
    /// Share of right answers.
    Accuracy,
    /// How long they took.
    Time,
    /// When they were made.
    Made,
}

impl Column {
    /// All of them, as they stand beside each other.
    pub const ALL: [Self; 9] = [
        Self::Name,
        Self::Accuracy,
        Self::Head,
        Self::Settings,
        Self::Network,
        Self::Train,
        Self::Test,
        Self::Time,
        Self::Made,
    ];

    /// Whether words stand in it.
    pub fn is_words(self) -> bool {
        matches!(self, Self::Name | Self::Network | Self::Head | Self::Settings)
    }

    /// Whether its largest values come first where a person first asks for it.
    fn falls_first(self) -> bool {
        matches!(self, Self::Train | Self::Test | Self::Accuracy | Self::Made)
    }
}

/// A column and a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// What the rows are ordered by.
    pub column: Column,
    /// Whether the largest come first.
    pub falls: bool,
}

impl Default for Order {
    /// The newest first.
    fn default() -> Self {
        Self { column: Column::Made, falls: true }
    }
}

impl Order {
    /// The order after a press on the head of `column`: the other way round where it was that column already.
    pub fn pressed(self, column: Column) -> Self {
        match self.column == column {
            true => Self { column, falls: !self.falls },
            false => Self { column, falls: column.falls_first() },
        }
    }

    /// What `aria-sort` says of `column`.
    pub fn aria_sort(self, column: Column) -> &'static str {
        match (self.column == column, self.falls) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        }
    }

    /// Puts `rows` in this order, equals in that of their numbers. `text` is what stands in a column of words.
    pub fn sort(self, rows: &mut [Summary], text: impl Fn(&Summary, Column) -> String) {
        let words = |row: &Summary| text(row, self.column).to_lowercase();
        let compare = |a: &Summary, b: &Summary| -> Ordering {
            match self.column {
                column if column.is_words() => words(a).cmp(&words(b)),
                Column::Train => a.train.cmp(&b.train),
                Column::Test => a.test.cmp(&b.test),
                Column::Accuracy => a.accuracy().total_cmp(&b.accuracy()),
                Column::Time => a.seconds.total_cmp(&b.seconds),
                _ => a.made.total_cmp(&b.made),
            }
        };
        rows.sort_by(|a, b| {
            let by_column = compare(a, b);
            if self.falls { by_column.reverse() } else { by_column }.then(a.id.cmp(&b.id))
        });
    }
}
