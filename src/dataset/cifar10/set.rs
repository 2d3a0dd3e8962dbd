//! The two data sets of that size, and how their records differ.

use super::PIXELS;
use crate::dataset::Source;

/// CIFAR-10 or CIFAR-100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// Ten classes.
    Ten,
    /// A hundred classes, which twenty coarser ones hold; those are not read.
    Hundred,
}

impl Set {
    /// Bytes of a record's labels in the binary layout; the last one counts, the finer one.
    pub const fn labels(self) -> usize {
        match self {
            Self::Ten => 1,
            Self::Hundred => 2,
        }
    }

    /// Bytes of a record in the binary layout.
    pub const fn record(self) -> usize {
        self.labels() + PIXELS
    }

    /// The classes in the order of their labels, for files without the list of them.
    pub fn classes(self) -> &'static [&'static str] {
        match self {
            Self::Ten => &TEN,
            Self::Hundred => &HUNDRED,
        }
    }

    /// Which data set it is.
    pub fn source(self) -> Source {
        match self {
            Self::Ten => Source::Cifar10,
            Self::Hundred => Source::Cifar100,
        }
    }

    /// The set whose records make up `length` bytes; `hint` where both do or neither.
    pub fn of_length(length: u64, hint: Self) -> Self {
        let makes_up = |set: Self| length.is_multiple_of(set.record() as u64);
        match (makes_up(Self::Ten), makes_up(Self::Hundred)) {
            (true, false) => Self::Ten,
            (false, true) => Self::Hundred,
            _ => hint,
        }
    }

    /// The set that has files of this name.
    pub fn hinted(name: &str) -> Self {
        let words = super::words(name);
        if words.contains("data_batch") || words.contains("test_batch") {
            return Self::Ten;
        }
        let has = |wanted: [&str; 2]| words.split('_').any(|word| wanted.contains(&word));
        if has(["train", "test"]) { Self::Hundred } else { Self::Ten }
    }
}

const TEN: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// As `fine_label_names.txt` has them.
#[rustfmt::skip]
const HUNDRED: [&str; 100] = [
    "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle",
    "bowl", "boy", "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle",
    "chair", "chimpanzee", "clock", "cloud", "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur",
    "dolphin", "elephant", "flatfish", "forest", "fox", "girl", "hamster", "house", "kangaroo", "keyboard",
    "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster", "man", "maple_tree", "motorcycle", "mountain",
    "mouse", "mushroom", "oak_tree", "orange", "orchid", "otter", "palm_tree", "pear", "pickup_truck", "pine_tree",
    "plain", "plate", "poppy", "porcupine", "possum", "rabbit", "raccoon", "ray", "road", "rocket",
    "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper", "snail", "snake", "spider",
    "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank", "telephone", "television", "tiger", "tractor",
    "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf", "woman", "worm",
];
