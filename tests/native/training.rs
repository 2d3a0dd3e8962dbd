//! Trainings in parts: shared out among members, streamed in blocks, broken off and gone on with.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
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
        for members in [2, 3, 5, 8, 20] {
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
            let division = Division::even(channels, members);
            let shares: Vec<_> = (0..members).map(|member| division.of_member(member)).collect();
            assert!(shares.iter().cloned().flatten().eq(0..slices), "{channels} channels, {members} members");
            let counts: Vec<usize> = shares.iter().map(ExactSizeIterator::len).collect();
            let (fewest, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
            assert!(*fewest > 0 && most - fewest < 2, "{counts:?}");
        }
    }
    assert_eq!((most_members(2048, 3), most_members(2048, 100), most_members(3, 8)), (3, 8, 2));
}

#[test]
fn slices_go_to_the_members_that_are_faster() {
    let counts = |division: &Division| -> Vec<usize> {
        (0..division.members()).map(|member| division.of_member(member).len()).collect()
    };
    let even = |members| Division::even(2048, members);
    for (members, times, wanted) in [
        (2, &[10.0, 19.0][..], &[5, 3][..]),
        (2, &[300.0, 100.0], &[2, 6]),
        (2, &[1e-9, 1e9], &[7, 1]),
        (4, &[10.0, 10.0, 40.0, 40.0], &[3, 3, 1, 1]),
        (8, &[1.0; 8], &[1; 8]),
    ] {
        let better = even(members).better(times);
        assert_eq!(better.as_ref().map_or_else(|| counts(&even(members)), counts), wanted, "{times:?}");
    }
    // Where the slower one is as fast as the other again, they come back.
    let uneven = even(2).better(&[10.0, 19.0]).unwrap();
    assert_eq!(uneven.better(&[10.0, 12.0]), None, "it is as it should be");
    assert_eq!(uneven.better(&[12.5, 7.5]).unwrap(), even(2));
    for times in [&[10.0, 10.5][..], &[10.0, 12.0], &[0.0, 1.0], &[f64::NAN, 1.0], &[-1.0, 1.0], &[1.0], &[]]
    {
        assert_eq!(even(2).better(times), None, "{times:?}");
    }
}

#[test]
fn the_members_nodes_are_what_the_sum_is_made_of() {
    for members in 1..=8 {
        let mut division = Division::even(2048, members);
        for times in [[1.0; 8], [8.0, 1.0, 7.0, 2.0, 6.0, 3.0, 5.0, 4.0]] {
            division = division.better(&times[..members]).unwrap_or(division);
            let parts: Vec<Vec<_>> =
                (0..members).map(|member| nodes(0..8, &division.of_member(member))).collect();
            assert_eq!(parts.concat(), division.nodes());
            for (member, parts) in parts.iter().enumerate() {
                assert!(parts.iter().cloned().flatten().eq(division.of_member(member)));
                assert!(parts.iter().all(|part| part.start.is_multiple_of(part.len())), "{parts:?}");
            }
            // Values for which the order of the additions matters.
            let value = |slice: usize| [1e8_f32, 1.0, -1e8, 0.3, 7e7, 1e-3, -7e7, 5.0][slice];
            let whole = |range: &std::ops::Range<usize>| (range.len() == 1).then(|| vec![value(range.start)]);
            let sum = |range| total(range, &mut |range| whole(range));
            let mut given = division.nodes().into_iter().map(|node| (node.clone(), sum(node))).peekable();
            let together = total(0..8, &mut |range| given.next_if(|(node, _)| node == range)?.1);
            assert_eq!(together, sum(0..8));
        }
    }
    assert_eq!(total(0..2, &mut |range| (range.start == 0 && range.len() == 1).then(Vec::new)), None);
}

#[test]
fn sliced_features_are_each_member_s_in_one_stretch() {
    let shape = FeatureShape { height: 2, width: 3, channels: 21 };
    let (features, _) = examples(4, shape, 2, 1);
    let sliced = Sliced::of(&features, shape.channels);
    for members in [1, 2, 3, 8] {
        let division = Division::even(shape.channels, members);
        let mut end = 0;
        for member in 0..members {
            let range = sliced.of_slices(&division.of_member(member));
            assert_eq!(range.start, end);
            end = range.end;
            let wanted = division.of_member(member).flat_map(|slice| {
                let own = channels_of(shape.channels, slice);
                features.chunks(shape.channels).flat_map(move |place| &place[own.clone()])
            });
            assert!(sliced.values()[range].iter().eq(wanted), "{member} of {members}");
        }
        assert_eq!(end, features.len());
    }
    assert_eq!(Sliced::default().of_slices(&(1..2)), 0..0);
}

#[test]
fn a_member_refuses_what_does_not_fit() {
    let failed = |reply| matches!(reply, Some(TeamReply::Failed(_)));
    let mut member = Member::default();
    let slices = slices(SMALL.channels);
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
        TeamMessage::Begin(Box::new(beginning), 0..slices / 2)
    };
    assert!(failed(member.answer(&begin(&|begin| begin.shape.channels += 1), &[])));
    assert!(failed(member.answer(&begin(&|begin| begin.shape.channels = usize::MAX), &[])));
    assert!(failed(member.answer(&begin(&|begin| begin.weights.bias.clear()), &[])));
    assert!(failed(member.answer(&begin(&|begin| begin.weights.gamma.clear()), &[])));
    assert!(failed(member.answer(&begin(&|begin| begin.statistics.mean.push(0.0)), &[])));
    assert!(failed(member.answer(&begin(&|begin| begin.settings.dropout_map = 2.0), &[])));
    assert!(failed(member.answer(&begin(&|begin| begin.settings.preset = Preset::Quick), &[])));
    for wrong in [0..0, 0..slices + 1, usize::MAX - 1..usize::MAX] {
        let TeamMessage::Begin(beginning, _) = begin(&|_| ()) else { unreachable!() };
        assert!(failed(member.answer(&TeamMessage::Begin(beginning, wrong), &[])), "no such slices");
    }
    assert_eq!(member.answer(&begin(&|_| ()), &[]), Some(TeamReply::Begun));
    let sliced = Sliced::of(&features, SMALL.channels);
    let own = &sliced.values()[sliced.of_slices(&(0..slices / 2))];
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
    // It gives what it has, and takes what is of this convolution and not its own already.
    assert!(failed(member.answer(&TeamMessage::Give(slices / 2..slices), &[])));
    let Some(TeamReply::Shares(shares)) = member.answer(&TeamMessage::Give(1..slices / 2), &[]) else {
        panic!("nothing given");
    };
    assert_eq!(shares.len(), slices / 2 - 1);
    let take = |first, change: &dyn Fn(&mut Share)| {
        let mut shares = shares.clone();
        change(&mut shares[0]);
        TeamMessage::Take(first, shares)
    };
    assert!(failed(member.answer(&take(0, &|_| ()), &[])));
    assert!(failed(member.answer(&take(slices, &|_| ()), &[])));
    assert!(failed(member.answer(&take(usize::MAX, &|_| ()), &[])));
    assert!(failed(member.answer(&take(1, &|share| share.weights.kernel.truncate(1)), &[])));
    assert!(failed(member.answer(&take(1, &|share| share.weights.gamma.clear()), &[])));
    assert!(failed(member.answer(&take(1, &|share| share.statistics.mean.push(0.0)), &[])));
    assert_eq!(member.answer(&take(1, &|_| ()), &[]), None);
    assert!(matches!(member.answer(&forward, own), Some(TeamReply::Sums(_))));
    assert!(matches!(member.answer(&TeamMessage::Give(0..slices / 2), &[]), Some(TeamReply::Shares(_))));
    assert!(failed(member.answer(&forward, own)), "nothing is left");
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

/// A team whose members' paces change as they are told to, and which is lost at the message of a certain number.
struct Unsteady {
    team: LocalTeam,
    paces: VecDeque<Option<Vec<f64>>>,
    left: u32,
}

impl Unsteady {
    fn fleeting(members: usize, left: u32) -> Self {
        Self { team: LocalTeam::new(members), paces: VecDeque::new(), left }
    }

    fn count(&mut self) -> Result<(), TeamError> {
        self.left = self.left.checked_sub(1).ok_or_else(|| TeamError("a member is lost".to_owned()))?;
        Ok(())
    }
}

impl Team for Unsteady {
    fn members(&self) -> usize {
        self.team.members()
    }

    fn division(&self) -> &Division {
        self.team.division()
    }

    fn divide(&mut self, division: Division) {
        self.team.divide(division);
    }

    fn times(&mut self) -> Option<Vec<f64>> {
        let paces = self.paces.pop_front()??;
        let slices = |member| self.team.division().of_member(member).len() as f64;
        Some(paces.iter().enumerate().map(|(member, pace)| slices(member) / pace).collect())
    }

    fn send(&mut self, member: usize, message: &TeamMessage) -> Result<(), TeamError> {
        self.count()?;
        self.team.send(member, message)
    }

    fn tell(&mut self, message: &TeamMessage, features: &Sliced) -> Result<(), TeamError> {
        self.count()?;
        self.team.tell(message, features)
    }

    async fn answer(&mut self, member: usize) -> Result<TeamReply, TeamError> {
        self.team.answer(member).await
    }
}

/// Trains to the end, with another team where one is lost.
fn with_teams(
    mut trainer: Trainer,
    features: Vec<f16>,
    mut team: Unsteady,
) -> (Best, Vec<EpochReport>, Unsteady) {
    let mut blocks = InMemory::new(features, SMALL.len());
    let mut reports = Vec::new();
    loop {
        match block_on(trainer.step(&mut blocks, &mut team)) {
            Ok(Step::Batch { .. }) => {}
            Ok(Step::Epoch(report)) => reports.push(report),
            Ok(Step::Done) => break,
            Err(error) => {
                assert!(matches!(error, TrainError::Team(_)), "{error}");
                trainer.restart();
                team = Unsteady::fleeting(1, u32::MAX);
            }
        }
    }
    (block_on(trainer.best(&mut blocks)).unwrap().unwrap(), reports, team)
}

#[test]
fn slices_move_in_the_middle_of_a_training_and_change_no_bit() {
    let (features, labels) = examples(90, SMALL, 3, 1);
    for preset in [Preset::Notebook, Preset::Strong] {
        let settings = settings(preset);
        let whole = outcome(Training::new(features.clone(), labels.clone(), SMALL, 3, settings).unwrap());
        let mut team = Unsteady::fleeting(3, u32::MAX);
        // Five channels make four slices. The first epoch has three batches.
        let paces =
            [None, Some(vec![1.0, 1.0, 9.0]), None, Some(vec![1.0, 9.0, 1.0]), Some(vec![9.0, 1.0, 1.0])];
        team.paces = paces.into();
        let trainer = Trainer::new(labels.clone(), SMALL, 3, settings).unwrap();
        let (best, reports, team) = with_teams(trainer, features.clone(), team);
        assert_eq!((best, reports), whole, "{preset:?}");
        assert_eq!(team.division().of_member(0), 0..2, "{preset:?}");
        assert!(team.paces.is_empty());
    }
}

#[test]
fn a_lost_team_costs_the_epoch_and_no_bit() {
    let (features, labels) = examples(90, SMALL, 3, 1);
    let settings = settings(Preset::Strong);
    let whole = outcome(Training::new(features.clone(), labels.clone(), SMALL, 3, settings).unwrap());
    for after in 0..40 {
        let trainer = Trainer::new(labels.clone(), SMALL, 3, settings).unwrap();
        let mut team = Unsteady::fleeting(2, after);
        team.paces = vec![None, Some(vec![1.0, 9.0]), None, Some(vec![9.0, 1.0])].into();
        let (best, reports, _) = with_teams(trainer, features.clone(), team);
        assert_eq!((best, reports), whole.clone(), "lost after {after} messages");
    }
}
