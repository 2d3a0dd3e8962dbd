//! The map of the features on the page: what its state keeps, and where its points are on the screen.

use bottleneck::features::ImageHash;
use bottleneck::pixels::RgbImage;
use bottleneck::protocol::*;
use bottleneck::ui::map_view::{ClassRow, View, class_rows, in_sight, next_point, point_at};
use bottleneck::ui::state::{Action, MapMethod, MapProgress, MapState, State};

const SIZE: [f32; 2] = [400.0, 200.0];

fn drawn() -> MapEvent {
    let image = |number: u8| MappedImage {
        hash: ImageHash([number; 16]),
        label: u16::from(number % 2),
        test: number == 3,
        answer: Some(0),
    };
    MapEvent::Drawn(FeatureMap {
        images: (0..4).map(image).collect(),
        in_use: 4,
        classes: vec!["a".into(), "b".into()],
        components: vec![-1.0, 0.0, 1.0, 0.0, 0.0, 0.5, 0.0, -0.5],
        explained: [0.6, 0.3],
    })
}

fn after(events: impl IntoIterator<Item = MapEvent>) -> State {
    let state = State::new(true, Limits::default(), Vec::new());
    events.into_iter().fold(state, |state, event| state.reduce(Action::Said(Event::Map(event))))
}

fn moved(positions: Vec<f32>, done: u32) -> MapEvent {
    MapEvent::Moved { positions, done, total: 10 }
}

#[test]
fn positions_are_those_of_the_method_once_there_are_any() {
    let state = after([drawn()]);
    assert_eq!(state.map.progress, MapProgress::Moving(0, 0));
    assert_eq!(state.map.positions(MapMethod::Tsne), state.map.positions(MapMethod::Pca));
    let state = after([drawn(), moved(vec![5.0; 8], 3)]);
    assert_eq!(
        (state.map.progress, state.map.positions(MapMethod::Tsne)),
        (MapProgress::Moving(3, 10), &[5.0; 8][..])
    );
    assert_eq!(state.map.positions(MapMethod::Pca)[0], -1.0);
    let state = after([drawn(), moved(vec![5.0; 8], 10)]);
    assert_eq!(state.map.progress, MapProgress::Idle);
    // What does not belong to the map moves nothing.
    let state = after([drawn(), moved(vec![5.0; 6], 10)]);
    assert_eq!(state.map.moved, None);
    assert_eq!(after([moved(vec![5.0; 8], 10)]).map.positions(MapMethod::Tsne), [0.0; 0]);

    let place = MapPlace { components: [1.0, 2.0], tsne: None };
    assert_eq!(MapState::place_by(MapMethod::Pca, &place), Some([1.0, 2.0]));
    assert_eq!(MapState::place_by(MapMethod::Tsne, &place), None);
}

#[test]
fn asking_for_it_leaves_notices_and_an_end_leaves_what_is_there() {
    let state = after([]).reduce(Action::Sent(Command::Map(MapCommand::Draw { asked: true })));
    assert_eq!(state.map.progress, MapProgress::Reading(0, 0));
    let problem = Problem { kind: ProblemKind::NoMap, file: None, detail: String::new(), values: Vec::new() };
    let state = state.reduce(Action::Said(Event::Problem(problem)));
    let state = state.reduce(Action::Sent(Command::Map(MapCommand::Look(Vec::new()))));
    assert_eq!(state.notices.len(), 1, "a look at pictures puts no notice away");
    let state = after([drawn(), moved(vec![5.0; 8], 3), MapEvent::Ended]);
    assert_eq!(
        (state.map.progress, state.map.moved.is_some(), state.map.ended),
        (MapProgress::Idle, true, true)
    );
    assert_eq!(after([drawn(), MapEvent::Gone]).map, MapState::default());
}

#[test]
fn pictures_are_held_up_to_a_number_the_first_give_way() {
    let pictures = |numbers: std::ops::Range<u32>| {
        let picture = |number: u32| {
            let mut hash = [0; 16];
            hash[..4].copy_from_slice(&number.to_le_bytes());
            (ImageHash(hash), RgbImage::from_fn(2, 2, |_, _| [number as u8; 3]))
        };
        numbers.map(picture).collect::<Vec<_>>()
    };
    let state =
        after([drawn(), MapEvent::Pictures(pictures(0..600)), MapEvent::Pictures(pictures(500..1_400))]);
    let held = pictures(0..1_400).iter().filter(|(hash, _)| state.map.picture(hash).is_some()).count();
    assert_eq!(held, 1_000);
    assert!(state.map.picture(&pictures(1_399..1_400)[0].0).is_some());
    assert!(state.map.picture(&pictures(0..1)[0].0).is_none());
}

#[test]
fn the_whole_map_fits_and_places_go_there_and_back() {
    let positions = [-30.0, 5.0, 10.0, 25.0, 0.0, 15.0];
    let whole = View::whole(&positions, SIZE);
    assert_eq!(in_sight(&positions, whole, SIZE), [0, 1, 2]);
    assert_eq!(whole.centre, [-10.0, 15.0]);
    for at in [[0.0, 0.0], [13.0, 170.0]] {
        let back = whole.to_screen(whole.to_map(at, SIZE), SIZE);
        assert!(back.iter().zip(at).all(|(back, at)| (back - at).abs() < 1e-3), "{back:?} for {at:?}");
    }
    // One point, none, and points on each other.
    assert_eq!(View::whole(&[3.0, 4.0], SIZE).to_screen([3.0, 4.0], SIZE), [200.0, 100.0]);
    assert!(View::whole(&[], SIZE).scale > 0.0);
    assert!(View::whole(&[f32::NAN, 1.0, 2.0, f32::INFINITY], SIZE).scale.is_finite());
}

#[test]
fn zooming_keeps_the_place_under_the_pointer_within_limits_and_pulling_moves_with_it() {
    let positions = [-30.0, 5.0, 10.0, 25.0];
    let whole = View::whole(&positions, SIZE);
    let at = [50.0, 60.0];
    let closer = whole.zoomed(4.0, at, SIZE, whole);
    assert!((closer.scale / whole.scale - 4.0).abs() < 1e-4);
    let (before, after) = (whole.to_map(at, SIZE), closer.to_map(at, SIZE));
    assert!(before.iter().zip(after).all(|(before, after)| (before - after).abs() < 1e-3));
    assert!(closer.zoomed(1e9, at, SIZE, whole).scale <= whole.scale * 401.0);
    assert!(whole.zoomed(1e-9, at, SIZE, whole).scale >= whole.scale * 0.49);
    let place = closer.to_screen([0.0, 0.0], SIZE);
    let pulled = closer.pulled([7.0, -3.0]).to_screen([0.0, 0.0], SIZE);
    assert!((pulled[0] - place[0] - 7.0).abs() < 1e-2 && (pulled[1] - place[1] + 3.0).abs() < 1e-2);
}

#[test]
fn the_nearest_point_within_reach_is_pressed_and_arrows_go_from_one_to_the_next() {
    // A cross: middle, right, left, below, above.
    let positions = [0.0, 0.0, 10.0, 0.0, -10.0, 0.0, 0.0, 10.0, 0.0, -10.0];
    let view = View { centre: [0.0; 2], scale: 5.0 };
    assert_eq!(point_at(&positions, view, SIZE, [203.0, 104.0], 10.0), Some(0));
    assert_eq!(point_at(&positions, view, SIZE, [247.0, 100.0], 10.0), Some(1));
    assert_eq!(point_at(&positions, view, SIZE, [225.0, 100.0], 10.0), None);
    for (direction, next) in [([1.0, 0.0], 1), ([-1.0, 0.0], 2), ([0.0, 1.0], 3), ([0.0, -1.0], 4)] {
        assert_eq!(next_point(&positions, 0, direction), Some(next));
        assert_eq!(next_point(&positions, next, direction), None, "nothing lies beyond");
    }
    assert_eq!(next_point(&positions, 99, [1.0, 0.0]), None);
}

#[test]
fn the_table_says_which_classes_lie_beside_each_other() {
    // Two groups of 20 far apart; one of the second class lies in the first group.
    let point = |number: u16| [f32::from(number % 20) * 0.01 + if number < 20 { 0.0 } else { 100.0 }, 0.0];
    let mut positions: Vec<f32> = (0..40).flat_map(point).collect();
    let mut labels: Vec<u16> = (0..40).map(|number| u16::from(number >= 20)).collect();
    let row = |class, images, own, other| ClassRow { class, images, own, other };
    assert_eq!(class_rows(&positions, &labels), [row(0, 20, 1.0, None), row(1, 20, 1.0, None)]);
    positions.extend([0.2, 0.0]);
    labels.push(1);
    let rows = class_rows(&positions, &labels);
    assert_eq!(rows[1].images, 21);
    assert_eq!(rows[1].other.map(|(class, share)| (class, (share * 210.0).round())), Some((0, 10.0)));
    // Classes without images have no row, few images no ten neighbours.
    assert_eq!(
        class_rows(&[0.0, 0.0, 1.0, 0.0], &[2, 4]),
        [row(2, 1, 0.0, Some((4, 1.0))), row(4, 1, 0.0, Some((2, 1.0)))]
    );
    assert_eq!(class_rows(&[0.0, 0.0], &[3]), [row(3, 1, 0.0, None)]);
    assert_eq!(class_rows(&[], &[]), []);
}
