//! What a project learns of a picture's file is what is classified of it.

use bottleneck::pixels::RgbImage;
use bottleneck::project::ProjectStore;
use bottleneck::project::earlier::reduced_too_far;
use bottleneck::protocol::*;
use futures::executor::block_on;

use super::file;
use crate::pictures::{animations, drawn, encoded, halves, plain};
use crate::visit::{FAKE, SharedStore, Visit};

#[test]
fn a_picture_is_classified_as_it_was_learnt() {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    visit.record(3, 5);
    visit.train();
    let class = visit.project().unwrap().project.classes[0].id;
    let frames = [plain(600, 400, [255; 4]), halves(600, 400, [200, 0, 0])];
    let [gif, png, webp] = animations(&frames);
    let photo = encoded(drawn(1_500, 1_400, 3), image::ImageFormat::Jpeg);
    for (id, bytes) in
        (10..).zip([photo, encoded(drawn(500, 390, 1), image::ImageFormat::Png), gif, png, webp])
    {
        let kept = RgbImage::kept(&bytes).unwrap();
        let files = vec![file(&visit, id, "one", bytes.clone())];
        visit.tell(ProjectCommand::AddFiles { class, files });
        let info = visit.project().unwrap();
        let picture = info.project.classes[0].pictures.last().unwrap().id;
        let stored = block_on(store.pictures(info.id, &[picture])).unwrap().remove(0).unwrap();
        assert!(RgbImage::decode(&stored).as_ref() == Ok(&kept), "picture {id} is stored otherwise");
        let again = file(&visit, id, "one", bytes);
        visit.send(Command::Classify(again));
        let seen = visit.last(|event| match event {
            Event::Classified(classified) => Some(classified.image.clone()),
            _ => None,
        });
        assert!(seen.as_ref() == Some(&kept), "picture {id} is classified otherwise");
        visit.send(Command::ClassifyFrame(kept.clone()));
        let seen = visit.last(|event| match event {
            Event::Classified(classified) => Some(classified.image.clone()),
            _ => None,
        });
        assert!(seen == Some(kept), "picture {id} of the camera is classified otherwise");
    }
}

#[test]
fn pictures_that_were_kept_smaller_than_the_network_sees_are_counted() {
    let picture = |width, height| RgbImage::from_fn(width, height, |x, y| [x as u8, y as u8, 0]);
    let pictures =
        [picture(224, 224), picture(331, 331), picture(100, 224), picture(224, 224), picture(90, 90)];
    assert_eq!([139, 224, 225, 299].map(|input| reduced_too_far(&pictures, input)), [0, 0, 2, 2]);
    assert_eq!(reduced_too_far(&[], 299), 0);
}

#[test]
fn they_are_told_once_however_they_come() {
    let mut visit = Visit::new(&SharedStore::default());
    visit.world.input.set(Some(299));
    visit.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
    let classes = ["red".to_owned(), "green".to_owned()];
    visit.tell(ProjectCommand::Create { name: "Earlier".into(), classes });
    let class = visit.project().unwrap().project.classes[0].id;
    let picture = |number: u8| RgbImage::from_fn(224, 224, |x, y| [x as u8, y as u8, number]);
    let files: Vec<FileRef> =
        (1..=3).map(|id| file(&visit, id, "a.png", picture(id as u8).to_png().unwrap())).collect();
    // The person does something else in the middle of it.
    visit.on(|event| matches!(event, Event::Extraction(state) if state.done > 0), vec![Command::Workers(2)]);
    visit.tell(ProjectCommand::AddFiles { class, files });
    visit.tell(ProjectCommand::AddFrame { class, recording: 1, image: picture(9) });
    let told = visit.all(|event| match event {
        Event::Problem(problem) => Some((problem.kind, problem.values.clone())),
        _ => None,
    });
    let values = [("count", "3"), ("size", "299")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(told, [(ProblemKind::PicturesSmall, values.to_vec())]);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
}
