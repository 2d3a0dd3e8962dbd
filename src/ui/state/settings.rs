//! What stands in the training cell's fields, and what it means.

use crate::head::{MOST_BATCH, MOST_EPOCHS, Preset, Settings};

/// A field of the training cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Passes over the images.
    Epochs,
    /// Where chance begins.
    Seed,
    /// Images of a step.
    Batch,
    /// Factor of each step.
    LearningRate,
    /// Share of the images that validates.
    ValidationShare,
    /// Share dropped at the convolution.
    DropoutMap,
    /// Share dropped of the means.
    DropoutPooled,
    /// Epochs to wait for a better one.
    Patience,
}

impl Field {
    /// All of them, in their order.
    pub const ALL: [Self; 8] = [
        Self::Epochs,
        Self::Seed,
        Self::Batch,
        Self::LearningRate,
        Self::ValidationShare,
        Self::DropoutMap,
        Self::DropoutPooled,
        Self::Patience,
    ];

    /// The smallest and largest whole number it takes; `None` where it takes fractions.
    pub fn whole(self) -> Option<(u32, u32)> {
        match self {
            Self::Epochs | Self::Patience => Some((1, MOST_EPOCHS)),
            Self::Batch => Some((1, MOST_BATCH)),
            Self::Seed => Some((0, u32::MAX)),
            Self::LearningRate | Self::ValidationShare | Self::DropoutMap | Self::DropoutPooled => None,
        }
    }

    /// Writes what `text` says into `settings`. `None` where it says nothing.
    fn put(self, text: &str, settings: &mut Settings) -> Option<()> {
        let text = text.trim();
        match self {
            Self::Epochs => settings.epochs = text.parse().ok()?,
            Self::Batch => settings.batch = text.parse().ok()?,
            Self::LearningRate => settings.learning_rate = text.parse().ok()?,
            Self::ValidationShare => settings.validation_share = text.parse().ok()?,
            Self::DropoutMap => settings.dropout_map = text.parse().ok()?,
            Self::DropoutPooled => settings.dropout_pooled = text.parse().ok()?,
            Self::Seed => settings.seed = text.parse::<u32>().ok()?.into(),
            Self::Patience => settings.patience = Some(text.parse().ok()?),
        }
        Some(())
    }
}

/// What stands in the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    /// The kind of head that is chosen.
    pub preset: Preset,
    /// Whether the training ends when it gets no better.
    pub stops_early: bool,
    texts: [String; Field::ALL.len()],
}

/// Epochs to wait for a better one, to begin with: a tenth of the notebook's.
const PATIENCE: u32 = 5;

impl Fields {
    /// The settings that suit `preset`.
    pub fn of(preset: Preset) -> Self {
        let settings = Settings::of(preset);
        let texts = Field::ALL.map(|field| match field {
            Field::Epochs => settings.epochs.to_string(),
            Field::Batch => settings.batch.to_string(),
            Field::LearningRate => settings.learning_rate.to_string(),
            Field::ValidationShare => settings.validation_share.to_string(),
            Field::DropoutMap => settings.dropout_map.to_string(),
            Field::DropoutPooled => settings.dropout_pooled.to_string(),
            Field::Seed => settings.seed.to_string(),
            Field::Patience => settings.patience.unwrap_or(PATIENCE).to_string(),
        });
        Self { preset, stops_early: settings.patience.is_some(), texts }
    }

    /// What stands in `field`.
    pub fn text(&self, field: Field) -> &str {
        &self.texts[field as usize]
    }

    /// The same with something else in `field`.
    pub fn with(&self, field: Field, text: String) -> Self {
        let mut next = self.clone();
        next.texts[field as usize] = text;
        next
    }

    /// The same with a training that ends when it gets no better, or with one that does not.
    pub fn stopping_early(&self, stops_early: bool) -> Self {
        Self { stops_early, ..self.clone() }
    }

    /// The fields after another preset was chosen. Only the seed stays.
    pub fn choose(&self, preset: Preset) -> Self {
        Self::of(preset).with(Field::Seed, self.text(Field::Seed).to_owned())
    }

    /// Whether `field` matters for what is chosen.
    pub fn matters(&self, field: Field) -> bool {
        match field {
            Field::DropoutMap => self.preset.has_convolution(),
            Field::Patience => self.preset.has_epochs() && self.stops_early,
            _ => self.preset.has_epochs(),
        }
    }

    /// Whether what stands in `field` cannot be used.
    pub fn is_wrong(&self, field: Field) -> bool {
        let mut settings = Settings::of(self.preset);
        let put = field.put(self.text(field), &mut settings);
        self.matters(field) && (put.is_none() || settings.check().is_err())
    }

    /// The settings; `None` where a field that matters is wrong. Where a project's takes decide which
    /// images validate, their share does not matter.
    pub fn settings(&self, by_take: bool) -> Option<Settings> {
        let mut settings = Settings::of(self.preset);
        let unused = |field: &Field| by_take && *field == Field::ValidationShare;
        for field in Field::ALL.into_iter().filter(|field| self.matters(*field) && !unused(field)) {
            field.put(self.text(field), &mut settings)?;
        }
        settings.check().ok()?;
        Some(settings)
    }
}
