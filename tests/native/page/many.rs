//! A project of many pictures on the page, and readings that come to nothing.

use std::ops::Range;

use bottleneck::backbone::Purpose;
use bottleneck::pixels::RgbImage;
use bottleneck::project::Project;
use bottleneck::protocol::{Command, Event, ProjectInfo};
use bottleneck::ui::state::{MOST_THUMBNAILS, State, Work, page};

use crate::page_events::{after, backbone};

fn opened() -> State {
    after([backbone(Purpose::ImageNet)])
}

fn project(id: u32) -> Event {
    let project = Project::new("Fruit", ["apple", "pear"]).unwrap();
    let info = ProjectInfo { id, project, takes: vec![0, 0], can_undo: false, notices: Vec::new() };
    Event::Project(Some(info))
}

fn picture(shade: u32) -> RgbImage {
    RgbImage::from_fn(1, 1, |_, _| [shade as u8; 3])
}

fn look(ids: Range<u32>) -> Event {
    Event::Thumbnails(ids.map(|id| (id, picture(id))).collect())
}

#[test]
fn small_pictures_are_held_in_a_bounded_number_and_by_project() {
    let mut state = opened();
    state.apply(project(1));
    state.apply(look(0..1_500));
    state.apply(look(1_500..3_000));
    let thumbnails = &state.projects.thumbnails;
    assert_eq!(thumbnails.len(), MOST_THUMBNAILS);
    assert_eq!((thumbnails.get(0), thumbnails.get(2_999)), (None, Some(&picture(2_999))));
    // Another project's pictures have the same numbers.
    state.apply(project(2));
    assert!(state.projects.thumbnails.is_empty());
    // All classes together show less than is held.
    for classes in 1..=100 {
        let shown = classes * page(classes);
        assert!(
            (12..=48).contains(&page(classes)) && shown < MOST_THUMBNAILS,
            "{shown} of {classes} classes"
        );
    }
}

#[test]
fn a_reading_that_comes_to_nothing_gives_the_page_back() {
    let mut state = opened();
    state.sent(&Command::UseFiles(Vec::new()));
    state.apply(Event::DatasetProgress { done: 3, total: 9, pictures: 2, seconds_left: Some(1.0) });
    assert!(matches!(state.work(), Some(Work::Reading { pictures: 2, .. })));
    state.apply(Event::NothingRead);
    assert_eq!(state.work(), Some(&Work::NoData));
    state.apply(Event::Adding { done: 2, total: 9, seconds_left: None });
    assert_eq!(state.projects.adding.map(|adding| (adding.done, adding.total)), Some((2, 9)));
    state.apply(Event::Adding { done: 9, total: 9, seconds_left: None });
    assert_eq!(state.projects.adding, None);
}
