//! Heads of every kind, whole and half trained, and messages.

use bottleneck::backbone::FeatureShape;
use bottleneck::features::ImageHash;
use bottleneck::head::{
    Beginning, Head, InMemory, LocalTeam, Optimizer, Preset, Progress, Settings, Share, Statistics, Step,
    TeamMessage, TeamReply, Trainer,
};
use bottleneck::pixels::RgbImage;
use bottleneck::project::Project;
use bottleneck::protocol::{
    Command, EngineMessage, EngineReply, EngineRequest, Event, Problem, ProblemKind, encode,
};
use bottleneck::trainings::{Answered, Training, Trainings};
use futures::executor::block_on;
use half::f16;

const SMALL: FeatureShape = FeatureShape { height: 2, width: 2, channels: 3 };

/// A training of twelve images after its first epoch.
fn trained(preset: Preset) -> Progress {
    let settings = Settings { epochs: 2, batch: 4, filters: 4, ..Settings::of(preset) };
    let labels: Vec<u16> = (0..12).map(|at| at % 2).collect();
    let features = (0..12 * SMALL.len()).map(|at| f16::from_f32((at % 5) as f32)).collect();
    let mut blocks = InMemory::new(features, SMALL.len());
    let mut team = LocalTeam::new(1);
    let mut trainer = Trainer::new(labels, SMALL, 2, settings).expect("a training");
    while let Step::Batch { .. } = block_on(trainer.step(&mut blocks, &mut team)).expect("a step") {}
    trainer.progress().clone()
}

fn heads() -> Vec<Head> {
    Preset::ALL.into_iter().map(|preset| trained(preset).head).collect()
}

pub fn safetensors() -> Vec<Vec<u8>> {
    heads().iter().filter_map(|head| head.to_bytes().ok()).collect()
}

pub fn progress() -> Vec<Vec<u8>> {
    Preset::ALL.into_iter().filter_map(|preset| trained(preset).to_bytes().ok()).collect()
}

/// A list of two finished trainings.
pub fn trainings() -> Vec<u8> {
    let image = |number: u8| ImageHash([number; 16]);
    let mut list = Trainings::default();
    for at in 0..2 {
        list.add(Training {
            id: 0,
            name: String::new(),
            network: "a network".into(),
            settings: Settings::of(Preset::Quick),
            seconds: 1.5,
            made: 1.7e12,
            counts: [9, 2, 1],
            learnt: (0..9).map(image).collect(),
            exam: [20, 21].map(|number| Answered { image: image(number), label: at, answer: 1 }).to_vec(),
        });
    }
    list.to_bytes().expect("in memory")
}

/// Each with its kind in front, see [`crate::parse::messages`].
pub fn messages() -> Vec<Vec<u8>> {
    let progress = trained(Preset::Notebook);
    let settings = Settings { filters: 4, ..Settings::of(Preset::Notebook) };
    let weights = progress.head.weights.clone();
    let optimizer = Optimizer::new(&settings, &weights, 1);
    let image = RgbImage::from_fn(2, 3, |x, y| [x as u8, y as u8, 1]);
    let open = Command::Open { backbone: Some("models/a.json".into()), engine: EngineRequest::Cpu };
    let statistics = Statistics::default();
    let share =
        Share { weights: weights.clone(), statistics: statistics.clone(), optimizer: optimizer.clone() };
    let beginning = Beginning { shape: SMALL, settings, weights, statistics, optimizer };
    let messages = [
        (0, encode(&open)),
        (1, encode(&Event::Problem(Problem::new(ProblemKind::FeaturesMissing, "image 7")))),
        (2, encode(&EngineMessage::Extract { id: 1, images: vec![image] })),
        (3, encode(&EngineReply::Extracted { id: 1, features: vec![f16::ONE; 5] })),
        (4, encode(&TeamMessage::Begin(Box::new(beginning), 0..2))),
        (4, encode(&TeamMessage::Take(1, vec![share]))),
        (4, encode(&TeamMessage::Backward(vec![0.5; 3]))),
        (5, encode(&TeamReply::Sums(vec![0.5; 6]))),
        (
            6,
            Ok(Project::new("Fruit", ["apple", "pear"])
                .and_then(|project| project.to_bytes())
                .expect("in memory")),
        ),
        (7, Ok(trainings())),
    ];
    messages.into_iter().map(|(kind, bytes)| [vec![kind], bytes.expect("in memory")].concat()).collect()
}
