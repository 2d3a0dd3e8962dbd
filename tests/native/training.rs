//! Trainings in parts: shared out among members, streamed in blocks, broken off and gone on with.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use bottleneck::backbone::FeatureShape;
use bottleneck::head::*;
use futures::executor::block_on;
use half::f16;

use crate::head::{SMALL, Training, examples};

/// Settings of a small training in which everything takes part: dropout, shuffling, a last batch that is
/// not full.
fn settings(preset: Preset) -> Settings {
    Settings { epochs: 3, batch: 32, filters: 52, seed: 3, ..Settings::of(preset) }
}

/// The best epoch and all reports.
fn outcome(mut training: Training) -> (Best, Vec<EpochReport>) {
    let reports = training.run().unwrap();
    (training.best(), reports)
}

#[test]
fn any_number_of_members_gives_the_same_bits() {
    // Wide enough for every kernel of the matrix products to be used in full and in part.
    let shape = FeatureShape { height: 3, width: 4, channels: 67 };
    let (features, labels) = examples(150, shape, 3, 1);
    for preset in [Preset::Notebook, Preset::Strong] {
        let train = |members: usize| {
            let trainer = Trainer::new(labels.clone(), shape, 3, settings(preset)).unwrap();
            let mut training = Training::of(trainer, features.clone(), shape);
            training.team = LocalTeam::new(members);
            outcome(training)
        };
        let alone = train(1);
        for members in [2, 4, 8] {
            assert_eq!(train(members), alone, "{preset:?} with {members} members");
        }
    }
}

#[test]
fn channels_are_shared_out_whole_and_evenly() {
    for channels in [1, 2, 3, 7, 8, 9, 67, 1280, 2048] {
        let slices = slices(channels);
        let ranges: Vec<_> = (0..slices).map(|slice| channels_of(channels, slice)).collect();
        assert_eq!((ranges[0].start, ranges[slices - 1].end), (0, channels));
        assert!(ranges.windows(2).all(|two| two[0].end == two[1].start));
        let widths: Vec<usize> = ranges.iter().map(ExactSizeIterator::len).collect();
        let (smallest, largest) = (widths.iter().min().unwrap(), widths.iter().max().unwrap());
        assert!(*smallest > 0 && largest - smallest < 2, "{channels}: {widths:?}");
        for wanted in 0..20 {
            let members = most_members(channels, wanted);
            assert!((1..=wanted.max(1)).contains(&members) && members <= 8);
            let shares = (0..members).flat_map(|member| share(channels, member, members));
            assert!(shares.eq(0..slices), "{channels} channels, {members} members");
        }
    }
    assert_eq!((most_members(2048, 3), most_members(2048, 100), most_members(3, 8)), (2, 8, 2));
}

#[test]
fn sliced_features_are_each_member_s_in_one_stretch() {
    let shape = FeatureShape { height: 2, width: 3, channels: 21 };
    let (features, _) = examples(4, shape, 2, 1);
    let sliced = Sliced::of(&features, shape.channels);
    for members in [1, 2, 4, 8] {
        let mut end = 0;
        for member in 0..members {
            let range = sliced.of_member(member, members);
            assert_eq!(range.start, end);
            end = range.end;
            let wanted = share(shape.channels, member, members).flat_map(|slice| {
                let own = channels_of(shape.channels, slice);
                features.chunks(shape.channels).flat_map(move |place| &place[own.clone()])
            });
            assert!(sliced.values()[range].iter().eq(wanted), "{member} of {members}");
        }
        assert_eq!(end, features.len());
    }
    assert_eq!(Sliced::default().of_member(1, 2), 0..0);
}

#[test]
fn a_member_refuses_what_does_not_fit() {
    let failed = |reply| matches!(reply, Some(TeamReply::Failed(_)));
    let mut member = Member::new(0, 2);
    let forward = TeamMessage::Forward(0);
    assert!(failed(member.answer(&forward, &[])), "nothing has begun");
    let (features, labels) = examples(8, SMALL, 2, 1);
    let settings = settings(Preset::Strong);
    let trainer = Trainer::new(labels, SMALL, 2, settings).unwrap();
    let progress = trainer.progress();
    let begin = |change: &dyn Fn(&mut Beginning)| {
        let (weights, statistics) = (progress.head.weights.clone(), progress.head.statistics.clone());
        let optimizer = Optimizer::new(&settings, &weights, 1);
        let mut beginning = Beginning { shape: SMALL, settings, weights, statistics, optimizer };
        change(&mut beginning);
        TeamMessage::Begin(Box::new(beginning))
    };
    assert!(failed(member.answer(&begin(&|begin| begin.shape.channels += 1), &[])));
    assert!(failed(member.answer(&begin(&|begin| begin.shape.channels = usize::MAX), &[])));
    assert!(failed(member.answer(&begin(&|begin| begin.weights.bias.clear()), &[])));
    assert!(failed(member.answer(&begin(&|begin| begin.weights.gamma.clear()), &[])));
    assert!(failed(member.answer(&begin(&|begin| begin.statistics.mean.push(0.0)), &[])));
    assert!(failed(member.answer(&begin(&|begin| begin.settings.dropout_map = 2.0), &[])));
    assert!(failed(member.answer(&begin(&|begin| begin.settings.preset = Preset::Quick), &[])));
    assert!(failed(Member::new(2, 2).answer(&begin(&|_| ()), &[])), "no such member");
    assert!(failed(Member::new(0, 3).answer(&begin(&|_| ()), &[])), "three cannot share");
    assert_eq!(member.answer(&begin(&|_| ()), &[]), Some(TeamReply::Begun));
    let sliced = Sliced::of(&features, SMALL.channels);
    let own = &sliced.values()[member.own(&sliced)];
    assert!(failed(member.answer(&forward, &own[1..])));
    assert!(failed(member.answer(&forward, &[])));
    let outputs = 8 * (SMALL.height - 1) * (SMALL.width - 1) * 52;
    let backward = |values: usize| TeamMessage::Backward(vec![0.0; values]);
    assert!(failed(member.answer(&backward(outputs), &[])), "no batch waits");
    let sums = member.answer(&forward, own);
    assert!(matches!(sums, Some(TeamReply::Sums(sums)) if sums.len() == outputs));
    assert!(failed(member.answer(&backward(outputs - 1), &[])));
    assert!(failed(member.answer(&backward(outputs), &[])), "that batch is gone");
    assert!(matches!(member.answer(&forward, own), Some(TeamReply::Sums(_))));
    assert_eq!(member.answer(&backward(outputs), &[]), None);
    assert!(failed(member.answer(&TeamMessage::Evaluate, &own[1..])));
    assert!(matches!(member.answer(&TeamMessage::Evaluate, own), Some(TeamReply::Sums(_))));
}

#[test]
fn a_training_goes_on_from_any_epoch_with_the_same_bits() {
    let (features, labels) = examples(90, SMALL, 3, 1);
    for preset in [Preset::Notebook, Preset::Quick, Preset::Strong] {
        let whole =
            outcome(Training::new(features.clone(), labels.clone(), SMALL, 3, settings(preset)).unwrap());
        let mut training =
            Training::new(features.clone(), labels.clone(), SMALL, 3, settings(preset)).unwrap();
        let mut reports = Vec::new();
        while reports.len() < 3 {
            let Step::Epoch(report) = training.step().unwrap() else { continue };
            reports.push(report);
            let bytes = training.trainer.progress().to_bytes().unwrap();
            let progress = Progress::from_bytes(&bytes).unwrap();
            assert_eq!(&progress, training.trainer.progress());
            let trainer = Trainer::go_on(labels.clone(), progress, settings(preset)).unwrap();
            let (best, rest) = outcome(Training::of(trainer, features.clone(), SMALL));
            assert_eq!(best, whole.0, "{preset:?} after {} epochs", reports.len());
            assert_eq!(rest, whole.1[reports.len()..]);
        }
    }
}

#[test]
fn damaged_progress_is_refused() {
    let (features, labels) = examples(40, SMALL, 3, 1);
    let mut training = Training::new(features, labels, SMALL, 3, settings(Preset::Strong)).unwrap();
    while !matches!(training.step().unwrap(), Step::Epoch(_)) {}
    let bytes = training.trainer.progress().to_bytes().unwrap();
    for length in [0, 1, 10, bytes.len() / 2, bytes.len() - 1] {
        assert!(Progress::from_bytes(&bytes[..length]).is_err(), "{length} bytes");
    }
    let mut other = bytes.clone();
    other[0] = 9;
    assert!(matches!(Progress::from_bytes(&other), Err(HeadError::Unreadable(_))));
    // Changed numbers may be right ones; nothing else may come of it than an error.
    let mut refused = 0;
    for at in (0..bytes.len()).step_by(bytes.len() / 500) {
        let mut changed = bytes.clone();
        changed[at] ^= 0xff;
        refused += usize::from(Progress::from_bytes(&changed).is_err());
    }
    assert!(refused > 0);
}

/// Blocks of features in memory that note what is asked of them, and now and then fail.
struct Noting {
    blocks: InMemory,
    asked: Vec<u32>,
    /// Calls until one fails; each is then followed by one that does not.
    fails_every: Option<usize>,
    failed: bool,
}

impl Blocks for Noting {
    type Error = &'static str;

    async fn read(&mut self, number: u32, next: &[u32]) -> Result<Rc<Vec<f16>>, Self::Error> {
        if self.fails_every.is_some_and(|every| self.asked.len() % every == every - 1) && !self.failed {
            self.failed = true;
            return Err("not now");
        }
        self.failed = false;
        assert!(!next.contains(&number));
        self.asked.push(number);
        self.blocks.read(number, next).await.map_err(|never| match never {})
    }
}

fn noting(features: Vec<f16>, fails_every: Option<usize>) -> Noting {
    Noting { blocks: InMemory::new(features, 1), asked: Vec::new(), fails_every, failed: false }
}

/// Images that are known by their only value. float16 has 2048 whole numbers in a row.
fn numbered(images: usize) -> Vec<f16> {
    (0..images).map(|image| f16::from_f32((image % 2048) as f32)).collect()
}

/// All batches of an epoch.
fn epoch(shuffle: &mut Shuffle, number: u32, blocks: &mut Noting) -> Vec<Batch> {
    shuffle.begin(number);
    let mut batches = Vec::new();
    loop {
        match block_on(shuffle.draw(50, blocks)) {
            Ok(batch) if batch.images.is_empty() => return batches,
            Ok(batch) => batches.push(batch),
            Err(error) => assert_eq!(error, TrainError::Blocks("not now")),
        }
    }
}

fn check_epoch(batches: &[Batch], images: usize) {
    let numbers: BTreeSet<u32> = batches.iter().flat_map(|batch| &batch.images).copied().collect();
    assert_eq!(numbers.len(), images, "every image");
    assert_eq!(batches.iter().map(|batch| batch.images.len()).sum::<usize>(), images, "once");
    for batch in batches {
        let values = batch.images.iter().map(|image| f16::from_f32((image % 2048) as f32));
        assert!(values.eq(batch.features.iter().copied()), "each image with its own features");
    }
}

#[test]
fn an_epoch_has_every_image_once_in_an_order_of_its_own() {
    let images = 30 * BLOCK + 77;
    for capacity in [images, 16 * BLOCK, 16 * BLOCK + 5, BLOCK, 1] {
        let mut blocks = noting(numbered(images), None);
        let mut shuffle = Shuffle::new(images, 1, capacity, 9, true);
        let mut first = epoch(&mut shuffle, 1, &mut blocks);
        check_epoch(&first, images);
        assert_eq!(blocks.asked.len(), 31, "no block is read twice");
        let second = epoch(&mut shuffle, 2, &mut blocks);
        check_epoch(&second, images);
        assert_eq!(blocks.asked.len(), if capacity == images { 31 } else { 62 });
        assert_ne!(first, second);
        // An epoch's order depends on its number only, and not on what failed on the way.
        assert_eq!(epoch(&mut Shuffle::new(images, 1, capacity, 9, true), 2, &mut blocks), second);
        let mut failing = noting(numbered(images), Some(3));
        assert_eq!(epoch(&mut Shuffle::new(images, 1, capacity, 9, true), 2, &mut failing), second);
        assert_ne!(epoch(&mut Shuffle::new(images, 1, capacity, 8, true), 2, &mut blocks), second);
        // One that was broken off leaves nothing behind.
        first.truncate(1);
        shuffle.begin(1);
        assert_eq!(block_on(shuffle.draw(50, &mut blocks)), Ok(first.remove(0)));
        assert_eq!(epoch(&mut shuffle, 2, &mut blocks), second);
    }
}

#[test]
fn without_shuffling_images_come_as_they_are() {
    let images = 3 * BLOCK + 7;
    for capacity in [images, BLOCK, 10] {
        let mut shuffle = Shuffle::new(images, 1, capacity, 9, false);
        for number in 1..=2 {
            let batches = epoch(&mut shuffle, number, &mut noting(numbered(images), None));
            assert!(batches.iter().flat_map(|batch| &batch.images).copied().eq(0..images as u32));
        }
    }
}

/// The first batches, too, are drawn from 16 blocks, and no block's images stay together.
#[test]
fn a_stream_is_mixed_across_at_least_sixteen_blocks() {
    let images = 60 * BLOCK;
    let mut shuffle = Shuffle::new(images, 1, buffer_images(18_432), 9, true);
    assert!(!shuffle.keeps_all());
    let batches = epoch(&mut shuffle, 1, &mut noting(numbered(images), None));
    let whole_buffers = (images - buffer_images(18_432)) / 50;
    for batch in &batches[..whole_buffers] {
        let mut blocks = BTreeMap::<u32, u32>::new();
        batch.images.iter().for_each(|image| *blocks.entry(image / BLOCK as u32).or_default() += 1);
        // Of 50 images of 16 equally frequent blocks, 15.4 are expected to be seen.
        assert!(blocks.len() >= 10 && blocks.values().all(|count| *count <= 15), "{blocks:?}");
    }
    // Where an image is drawn has little to do with where its block stands: over the epoch a block's
    // images are spread over many batches.
    let mut seen = vec![Vec::new(); 60];
    for (at, batch) in batches.iter().enumerate() {
        batch.images.iter().for_each(|image| seen[*image as usize / BLOCK].push(at));
    }
    let spread = seen.iter().map(|batches| batches[batches.len() - 1] - batches[0]).min().unwrap();
    assert!(spread >= 40, "{spread}");
}

#[test]
fn the_notebook_s_features_fit_the_buffer_s_bounds() {
    // 3 x 3 x 2048 and 3 x 3 x 1280 float16 values.
    assert_eq!(buffer_images(18_432), (192 << 20) / 36_864);
    assert!(buffer_images(18_432) >= 16 * BLOCK);
    assert!(buffer_images(11_520) >= 8_000, "the whole subset");
    assert_eq!(buffer_images(1 << 20), 16 * BLOCK, "sixteen blocks whatever they weigh");
}

/// A team that is lost at the message of a certain number.
struct Fleeting {
    team: LocalTeam,
    left: Rc<Cell<u32>>,
}

impl Team for Fleeting {
    fn tell(&mut self, message: &TeamMessage, features: &Sliced) -> Result<(), TeamError> {
        if self.left.get() == 0 {
            return Err(TeamError("a member is lost".to_owned()));
        }
        self.left.set(self.left.get() - 1);
        self.team.tell(message, features)
    }

    async fn answers(&mut self) -> Result<Vec<TeamReply>, TeamError> {
        self.team.answers().await
    }
}

#[test]
fn a_lost_team_costs_the_epoch_and_no_bit() {
    let (features, labels) = examples(90, SMALL, 3, 1);
    let settings = settings(Preset::Strong);
    let whole = outcome(Training::new(features.clone(), labels.clone(), SMALL, 3, settings).unwrap());
    for after in 0..30 {
        let mut trainer = Trainer::new(labels.clone(), SMALL, 3, settings).unwrap();
        let mut blocks = InMemory::new(features.clone(), SMALL.len());
        let mut team = Fleeting { team: LocalTeam::new(2), left: Rc::new(Cell::new(after)) };
        let mut reports = Vec::new();
        loop {
            match block_on(trainer.step(&mut blocks, &mut team)) {
                Ok(Step::Batch { .. }) => {}
                Ok(Step::Epoch(report)) => reports.push(report),
                Ok(Step::Done) => break,
                Err(error) => {
                    assert!(matches!(error, TrainError::Team(_)), "{error}");
                    trainer.restart();
                    team = Fleeting { team: LocalTeam::new(1), left: Rc::new(Cell::new(u32::MAX)) };
                }
            }
        }
        let best = block_on(trainer.best(&mut blocks)).unwrap().unwrap();
        assert_eq!((best, reports), whole.clone(), "lost after {after} messages");
    }
}
