//! What can be chosen about a training, and what a good choice is.

use serde::{Deserialize, Serialize};

use super::HeadError;

/// Most epochs of a training.
pub const MOST_EPOCHS: u32 = 1_000;
/// Most images of a batch: their maps, 3 x 3 x 2048 values each, fill 75 MB.
pub const MOST_BATCH: u32 = 1_024;
/// Most filters of a convolution.
const MOST_FILTERS: usize = 4_096;

/// The kinds of head, each with settings that suit it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Preset {
    /// The notebook's head: Conv2D(100, 2 x 2), dropout 0.4, mean over the places, dropout 0.3,
    /// dense layer with softmax; RMSprop.
    #[default]
    Notebook,
    /// Mean over the places, batch norm, dropout 0.5, dense layer with softmax; AdamW.
    Quick,
    /// Batch norm, dropout 0.5, Conv2D(256, 2 x 2) with ReLU, mean over the places, dropout 0.5,
    /// dense layer with softmax; AdamW.
    Strong,
    /// The most similar training images vote. Nothing is optimized.
    Nearest,
}

impl Preset {
    /// All of them, the default first.
    pub const ALL: [Self; 4] = [Self::Notebook, Self::Quick, Self::Strong, Self::Nearest];

    /// Its name in bytes, tests and links.
    pub fn name(self) -> &'static str {
        match self {
            Self::Notebook => "notebook",
            Self::Quick => "quick",
            Self::Strong => "strong",
            Self::Nearest => "nearest",
        }
    }

    /// The preset of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.name() == name)
    }

    /// Whether it is trained by gradients, in epochs.
    pub fn has_epochs(self) -> bool {
        self != Self::Nearest
    }

    /// Whether it has a convolution, and with it a dropout on a map.
    pub fn has_convolution(self) -> bool {
        matches!(self, Self::Notebook | Self::Strong)
    }

    /// Whether batch norm comes first.
    pub(super) fn has_norm(self) -> bool {
        matches!(self, Self::Quick | Self::Strong)
    }
}

/// How a head is trained.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The kind of head. [`Preset::Nearest`] uses none of the other settings.
    pub preset: Preset,
    /// Passes over the training images, 1 to [`MOST_EPOCHS`].
    pub epochs: u32,
    /// Images whose mean gradient makes a step, 1 to [`MOST_BATCH`].
    pub batch: u32,
    /// Factor of each step, above 0; AdamW's goes down to 0 along half a cosine.
    pub learning_rate: f32,
    /// Share of the images, the last ones as given, that only choose the best epoch; in (0, 1).
    pub validation_share: f64,
    /// Share of the convolution's outputs (in [`Preset::Strong`]: of its inputs) that is dropped
    /// in training, in [0, 1).
    pub dropout_map: f32,
    /// Share of the means that is dropped in training, in [0, 1).
    pub dropout_pooled: f32,
    /// Filters of the convolution, 1 to 4096.
    pub filters: usize,
    /// Whether each epoch takes the images in a new order.
    pub shuffle: bool,
    /// Seed of the first weights, the order and the dropout.
    pub seed: u64,
    /// Ends the training after so many epochs in a row without a lower validation loss, 1 to
    /// [`MOST_EPOCHS`]; `None` trains to the last epoch.
    pub patience: Option<u32>,
}

impl Settings {
    /// The notebook's settings; the seed is ours, the notebook has none.
    pub const fn notebook() -> Self {
        Self {
            preset: Preset::Notebook,
            epochs: 50,
            batch: 50,
            learning_rate: 1e-3,
            validation_share: 0.2,
            dropout_map: 0.4,
            dropout_pooled: 0.3,
            filters: 100,
            shuffle: true,
            seed: 1,
            patience: None,
        }
    }

    /// The settings that suit `preset`.
    pub fn of(preset: Preset) -> Self {
        let base = Self { preset, ..Self::notebook() };
        match preset {
            Preset::Notebook | Preset::Nearest => base,
            Preset::Quick => Self { epochs: 12, batch: 100, dropout_map: 0.0, dropout_pooled: 0.5, ..base },
            Preset::Strong => Self {
                epochs: 10,
                batch: 100,
                learning_rate: 5e-4,
                dropout_map: 0.5,
                dropout_pooled: 0.5,
                filters: 256,
                ..base
            },
        }
    }

    /// Whether every setting is in its range.
    ///
    /// # Errors
    /// [`HeadError::Setting`] names the first one that is not, by its field's name here.
    pub fn check(&self) -> Result<(), HeadError> {
        let share = |value: f32| (0.0..1.0).contains(&value);
        let checks = [
            ((1..=MOST_EPOCHS).contains(&self.epochs), "epochs"),
            ((1..=MOST_BATCH).contains(&self.batch), "batch"),
            (self.learning_rate.is_finite() && self.learning_rate > 0.0, "learning_rate"),
            (self.validation_share > 0.0 && self.validation_share < 1.0, "validation_share"),
            (share(self.dropout_map), "dropout_map"),
            (share(self.dropout_pooled), "dropout_pooled"),
            ((1..=MOST_FILTERS).contains(&self.filters), "filters"),
            (self.patience.is_none_or(|epochs| (1..=MOST_EPOCHS).contains(&epochs)), "patience"),
        ];
        match checks.iter().find(|(holds, _)| !holds) {
            Some((_, name)) => Err(HeadError::Setting(name)),
            None => Ok(()),
        }
    }
}
