//! Heads as bytes, whole and damaged.

use std::collections::HashMap;

use bottleneck::head::{Head, HeadError, Preset, Settings, Trainer};
use bottleneck::random::Random;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::head::{SMALL, examples, fresh, run, shake};

/// A head of every kind, small.
fn one_of_each() -> Vec<Head> {
    let each = Preset::ALL.map(|preset| {
        let mut head = fresh(preset, SMALL, 3, 4);
        if preset == Preset::Nearest {
            let (features, labels) = examples(7, SMALL, 3, 1);
            let mut trainer = Trainer::new(features, labels, SMALL, 3, Settings::of(preset)).unwrap();
            run(&mut trainer).unwrap();
            head = trainer.into_best().unwrap().unwrap().head;
        }
        shake(&mut head);
        head
    });
    each.into()
}

#[test]
fn bytes_come_back_as_the_same_head_or_not_at_all() {
    let (features, _) = examples(2, SMALL, 3, 1);
    for head in one_of_each() {
        let bytes = head.to_bytes().unwrap();
        assert_eq!(Head::from_bytes(&bytes), Ok(head.clone()));
        for length in 0..bytes.len() {
            assert!(Head::from_bytes(&bytes[..length]).is_err(), "cut after {length} bytes");
        }
        let mut random = Random::new(3);
        for _ in 0..5_000 {
            let mut broken = bytes.clone();
            let at = random.below(broken.len() as u32) as usize;
            broken[at] = random.bits() as u8;
            // A changed weight is a head all the same; it must fit its shape and not panic.
            if let Ok(other) = Head::from_bytes(&broken)
                && other.shape() == SMALL
            {
                let answers = other.probabilities(&features).unwrap();
                assert_eq!(answers.len(), 2 * other.classes());
                other.contributions(&features[..SMALL.len()], 0).unwrap();
            }
        }
    }
}

/// What is said about a head, and its tensors: all that a damaged one may get wrong.
type Parts = (HashMap<String, String>, Vec<(String, Dtype, Vec<usize>, Vec<u8>)>);

/// The bytes of `head` after a change of its parts.
fn changed(head: &Head, change: &dyn Fn(&mut Parts)) -> Vec<u8> {
    let bytes = head.to_bytes().unwrap();
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap().tensors();
    let tensors = tensors
        .into_iter()
        .map(|(name, tensor)| (name, tensor.dtype(), tensor.shape().to_vec(), tensor.data().to_vec()));
    let mut parts = (metadata.metadata().clone().unwrap(), tensors.collect());
    change(&mut parts);
    let views = parts.1.iter().map(|(name, kind, shape, data)| {
        (name.clone(), TensorView::new(*kind, shape.clone(), data).unwrap())
    });
    safetensors::serialize(views, Some(parts.0)).unwrap()
}

#[test]
fn a_head_of_impossible_sizes_is_refused() {
    let huge = usize::MAX.to_string();
    for head in one_of_each() {
        assert_eq!(Head::from_bytes(&changed(&head, &|_| ())), Ok(head.clone()));
        // Nothing at a place, no place for a window, sizes whose product leaves 32 or 64 bits, other
        // sizes than the weights', and what is no number. The version before had the same weights.
        for (key, value) in [
            ("version", "1"),
            ("version", "2"),
            ("version", "4"),
            ("preset", "weakest"),
            ("height", "1"),
            ("height", "-3"),
            ("width", "0"),
            ("width", "65536"),
            ("width", ""),
            ("height", &huge),
            ("channels", "0"),
            ("channels", "6"),
            ("channels", &huge),
            ("classes", "0"),
            ("classes", &huge),
        ] {
            let said = |parts: &mut Parts| drop(parts.0.insert(key.into(), value.into()));
            let found = Head::from_bytes(&changed(&head, &said));
            assert!(matches!(found, Err(HeadError::Unreadable(_))), "{key} {value}: {found:?}");
            let silent = |parts: &mut Parts| drop(parts.0.remove(key));
            assert!(Head::from_bytes(&changed(&head, &silent)).is_err(), "no {key}");
        }
        let names: Vec<String> = {
            let bytes = head.to_bytes().unwrap();
            SafeTensors::deserialize(&bytes).unwrap().names().into_iter().map(str::to_owned).collect()
        };
        for name in &names {
            /// What is broken, and what breaks it.
            type Break<'a> = (&'a str, &'a dyn Fn(&mut Parts));
            let breaks: [Break; 4] = [
                ("gone", &|parts| parts.1.retain(|tensor| tensor.0 != *name)),
                ("turned", &|parts| of(parts, name).2.insert(0, 1)),
                ("empty", &|parts| {
                    let tensor = of(parts, name);
                    tensor.2[0] = 0;
                    tensor.3.clear();
                }),
                ("of another type", &|parts| {
                    let tensor = of(parts, name);
                    tensor.1 = if tensor.1 == Dtype::F32 { Dtype::I32 } else { Dtype::I16 };
                }),
            ];
            for (how, change) in breaks {
                // A head that knows nothing of what it learnt from is one all the same.
                if (how, name.as_str()) == ("gone", "familiar") {
                    continue;
                }
                let found = Head::from_bytes(&changed(&head, change));
                assert!(matches!(found, Err(HeadError::Unreadable(_))), "{name} {how}: {found:?}");
            }
            // Not a number in float32 and float16; a label beyond the classes.
            let wild = |parts: &mut Parts| of(parts, name).3[..4].fill(0xff);
            assert!(Head::from_bytes(&changed(&head, &wild)).is_err(), "{name} out of range");
        }
        let below = |parts: &mut Parts| {
            of(parts, "moving_variance").3[..4].copy_from_slice(&(-1f32).to_le_bytes());
        };
        if names.iter().any(|name| name == "moving_variance") {
            assert!(Head::from_bytes(&changed(&head, &below)).is_err());
        }
    }
}

fn of<'a>(parts: &'a mut Parts, name: &str) -> &'a mut (String, Dtype, Vec<usize>, Vec<u8>) {
    parts.1.iter_mut().find(|tensor| tensor.0 == name).unwrap()
}
