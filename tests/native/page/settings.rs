//! What stands in the training cell's fields, and what it means.

use bottleneck::head::{Preset, Settings};
use bottleneck::ui::state::{Field, Fields};

#[test]
fn every_preset_sets_the_fields_to_what_suits_it() {
    for preset in Preset::ALL {
        let fields = Fields::of(preset);
        assert_eq!(fields.settings(false), Some(Settings::of(preset)));
        assert!(Field::ALL.iter().all(|field| !fields.is_wrong(*field)));
        assert_eq!(Preset::from_name(preset.name()), Some(preset));
    }
    let mine = Fields::of(Preset::Notebook).with(Field::Seed, "7".into()).with(Field::Epochs, "3".into());
    let strong = mine.choose(Preset::Strong);
    assert_eq!(strong.settings(false), Some(Settings { seed: 7, ..Settings::of(Preset::Strong) }));
}

#[test]
fn what_stands_in_a_field_is_what_is_trained_with() {
    /// A field, what is typed, and what becomes of the settings.
    type Case = (Field, &'static str, fn(Settings) -> Settings);
    let cases: [Case; 8] = [
        (Field::Epochs, "1000", |base| Settings { epochs: 1_000, ..base }),
        (Field::Seed, "4294967295", |base| Settings { seed: 4_294_967_295, ..base }),
        (Field::Batch, " 64 ", |base| Settings { batch: 64, ..base }),
        (Field::LearningRate, "1e-4", |base| Settings { learning_rate: 1e-4, ..base }),
        (Field::ValidationShare, "0.25", |base| Settings { validation_share: 0.25, ..base }),
        (Field::DropoutMap, "0", |base| Settings { dropout_map: 0.0, ..base }),
        (Field::DropoutPooled, ".5", |base| Settings { dropout_pooled: 0.5, ..base }),
        (Field::Patience, "9", |base| Settings { patience: Some(9), ..base }),
    ];
    for (field, text, expected) in cases {
        let fields = Fields::of(Preset::Notebook).stopping_early(field == Field::Patience);
        let fields = fields.with(field, text.into());
        assert_eq!(fields.text(field), text);
        assert_eq!(fields.settings(false), Some(expected(Settings::notebook())), "{field:?}");
    }
}

#[test]
fn a_wrong_field_is_marked_and_no_other() {
    let cases = [
        (Field::Epochs, ["", "0", "1001", "1.5", "-1"]),
        (Field::Seed, ["", "-1", "4294967296", "0.5", "x"]),
        (Field::Batch, ["", "0", "1025", "1e2", "99999999999"]),
        (Field::LearningRate, ["", "0", "-0.1", "inf", "NaN"]),
        (Field::ValidationShare, ["", "0", "1", "-0.2", "NaN"]),
        (Field::DropoutMap, ["", "1", "-0.1", "NaN", "a"]),
        (Field::DropoutPooled, ["", "1", "-0.1", "inf", "0,5"]),
        (Field::Patience, ["", "0", "1001", "-1", "2.5"]),
    ];
    for (field, texts) in cases {
        for text in texts {
            let fields = Fields::of(Preset::Strong).stopping_early(true).with(field, text.into());
            let wrong: Vec<Field> = Field::ALL.into_iter().filter(|field| fields.is_wrong(*field)).collect();
            assert_eq!(wrong, [field], "{text}");
            assert_eq!(fields.settings(false), None, "{text}");
        }
    }
}

#[test]
fn what_does_not_matter_blocks_nothing() {
    let wrong = |preset, field| Fields::of(preset).with(field, "x".into());
    for (preset, field) in [
        (Preset::Quick, Field::DropoutMap),
        (Preset::Notebook, Field::Patience),
        (Preset::Nearest, Field::Epochs),
        (Preset::Nearest, Field::Seed),
    ] {
        assert!(!wrong(preset, field).matters(field));
        assert_eq!(wrong(preset, field).settings(false), Some(Settings::of(preset)), "{field:?}");
    }
    // A project's takes decide which images validate.
    let share = wrong(Preset::Notebook, Field::ValidationShare);
    assert_eq!(share.settings(false), None);
    assert_eq!(share.settings(true), Some(Settings::notebook()));
}
