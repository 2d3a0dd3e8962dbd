//! What folders say: the class of a path, what it is for, and what becomes of it.

use std::collections::BTreeMap;

use bottleneck::dataset::DatasetError;
use bottleneck::dataset::layouts::split::{Arranged, Found, arrange};
use bottleneck::dataset::layouts::{Role, is_of_the_system, layout};
use bottleneck::dataset::notices::{MOST_NAMES, Notice, NoticeKind, Tally};

/// The class and role of each path.
fn said(paths: &[&str]) -> Vec<Option<(String, Role)>> {
    layout(paths, &[]).pictures.into_iter().map(|said| said.map(|said| (said.class, said.role))).collect()
}

fn some(class: &str, role: Role) -> Option<(String, Role)> {
    Some((class.to_owned(), role))
}

#[test]
fn the_folder_on_top_is_the_class_below_the_root_that_all_share() {
    let unsaid = |class: &str| some(class, Role::Unsaid);
    for (paths, classes) in [
        (["cats/1.jpg", "dogs/1.jpg"], ["cats", "dogs"]),
        (["pets/cats/persian/1.jpg", "pets/dogs/poodle/1.jpg"], ["cats", "dogs"]),
        (["a/b/c/cats/1.jpg", "a/b/c/dogs/x/y/1.jpg"], ["cats", "dogs"]),
        (["./cats//1.jpg", "./dogs/1.jpg"], ["cats", "dogs"]),
        // One class with a folder in it, not a root with one class.
        (["cats/1.jpg", "cats/persian/1.jpg"], ["cats", "cats"]),
        (["pets/cats/1.jpg", "pets/cats/2.jpg"], ["cats", "cats"]),
        // Classes may be called as parts are.
        (["vehicles/train/steam/1.jpg", "vehicles/car/1.jpg"], ["train", "car"]),
        (["train/1.jpg", "train/2.jpg"], ["train", "train"]),
    ] {
        assert_eq!(said(&paths), classes.map(unsaid), "{paths:?}");
    }
}

#[test]
fn pictures_beside_the_class_folders_are_of_no_class() {
    let paths = ["pets/cover.jpg", "pets/cats/1.jpg", "pets/dogs/1.jpg", "../up/1.jpg", "loose.jpg"];
    let alone = said(&paths[..3]);
    assert_eq!(alone, [None, some("cats", Role::Unsaid), some("dogs", Role::Unsaid)]);
    assert_eq!(said(&["1.jpg", "2.jpg"]), [None, None]);
    assert_eq!(said(&[paths[3], paths[1]])[0], None);
}

#[test]
fn parts_are_understood_anywhere_above_the_classes() {
    let (train, test, valid) = (Role::Train, Role::Test, Role::Validation);
    let cases = [
        (["train/cats/1.jpg", "test/cats/1.jpg"], [some("cats", train), some("cats", test)]),
        (["a/Train/x/cats/1.jpg", "a/TEST/x/dogs/1.jpg"], [some("cats", train), some("dogs", test)]),
        (
            ["training_set/training_set/cats/1.jpg", "test_set/test_set/cats/1.jpg"],
            [some("cats", train), some("cats", test)],
        ),
        (
            ["seg_train/seg_train/sea/1.jpg", "seg_test/seg_test/sea/1.jpg"],
            [some("sea", train), some("sea", test)],
        ),
        (["train/cats/persian/1.jpg", "valid/dogs/1.jpg"], [some("cats", train), some("dogs", valid)]),
        // Below each class.
        (["cats/train/1.jpg", "dogs/val/1.jpg"], [some("cats", train), some("dogs", valid)]),
        // Flat ones have no class.
        (["train/cats/1.jpg", "test/1.jpg"], [some("cats", train), None]),
        (["train/cat.1.jpg", "test/1.jpg"], [None, None]),
    ];
    for (paths, expected) in cases {
        // The classes are two, so that none is the root.
        let more = paths[0].replace("cats", "dogs").replace("sea", "forest").replace("1.jpg", "2.jpg");
        assert_eq!(said(&[paths[0], paths[1], &more])[..2], expected, "{paths:?}");
    }
    // What stands beside the parts is neither.
    let beside = said(&["train/cats/1.jpg", "train/dogs/1.jpg", "test/cats/1.jpg", "pred/pred/1.jpg"]);
    assert_eq!(beside[3], None);
    for (name, role) in
        [("Validation Images", Some(valid)), ("trains", None), ("test-train", None), ("", None)]
    {
        assert_eq!(Role::of(name), role, "{name}");
    }
}

#[test]
fn what_systems_add_is_known_by_its_name() {
    for path in
        ["@eaDir/1.jpg", "a/.thumbnails/1.png", "__MACOSX/a/._1.jpg", "a/Thumbs.db", ".DS_Store", "a/.1.jpg"]
    {
        assert!(is_of_the_system(path), "{path}");
    }
    for path in ["cats/1.jpg", "./cats/1.jpg", "a.b/c.jpg", "thumbs/1.jpg"] {
        assert!(!is_of_the_system(path), "{path}");
    }
}

#[test]
fn empty_folders_are_told_where_a_class_would_stand() {
    let empty = |paths: &[&str], folders: &[&str]| layout(paths, folders).empty;
    let paths = ["set/cats/1.jpg", "set/dogs/1.jpg"];
    assert_eq!(empty(&paths, &["set/birds/", "other/", "set/cats/", "set/fish/small/"]), ["birds", "fish"]);
    let parts = ["train/cats/1.jpg", "train/dogs/1.jpg", "test/cats/1.jpg"];
    assert_eq!(empty(&parts, &["train/birds/", "test/dogs/"]), ["birds"]);
}

/// A dataset of pictures by path, each beside what it shows.
fn arranged(pictures: &[(String, u32)]) -> Result<Arranged<String>, DatasetError> {
    let found =
        pictures.iter().map(|(path, shows)| Found { path: path.clone(), key: *shows, item: path.clone() });
    arrange(found.collect(), &[], &[], Tally::default())
}

/// `count` pictures in `folder`, different ones from `first` on.
fn folder(folder: &str, count: u32, first: u32) -> Vec<(String, u32)> {
    (0..count).map(|at| (format!("{folder}/{at}.jpg"), first + at)).collect()
}

/// Training images, of which those that validate, and test images of each class.
fn counts(arranged: &Arranged<String>) -> BTreeMap<&str, [usize; 3]> {
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let validate = arranged.train.len() - arranged.validation.unwrap_or(0);
    let train = arranged.train.iter().enumerate().flat_map(|(at, (_, label))| {
        [Some((0, label)), (at >= validate).then_some((1, label))].into_iter().flatten()
    });
    for (side, label) in train.chain(arranged.test.iter().map(|(_, label)| (2, label))) {
        counts.entry(&arranged.classes[usize::from(*label)]).or_default()[side] += 1;
    }
    counts
}

fn notice(kind: NoticeKind, count: u32, names: &[&str]) -> Notice {
    Notice { kind, count, names: names.iter().map(|&name| name.to_owned()).collect() }
}

#[test]
fn without_a_test_part_every_fifth_picture_is_held_out() {
    let plain = arranged(&[folder("cats", 10, 0), folder("dogs", 6, 100)].concat()).unwrap();
    assert_eq!(counts(&plain), BTreeMap::from([("cats", [8, 0, 2]), ("dogs", [5, 0, 1])]));
    assert_eq!(plain.notices, []);

    let sides = [folder("train/cats", 6, 0), folder("train/dogs", 6, 10), folder("valid/cats", 6, 20)];
    let valid = arranged(&[sides.concat(), folder("valid/dogs", 3, 30)].concat()).unwrap();
    assert_eq!(counts(&valid), BTreeMap::from([("cats", [11, 6, 1]), ("dogs", [8, 3, 1])]));
    assert_eq!(valid.notices, [notice(NoticeKind::NoTestPart, 2, &[])]);
    let last = valid.train.iter().rev().take(9).all(|(path, _)| path.starts_with("valid/"));
    assert!(last, "the folder's pictures validate");

    let untrained = [folder("test/cats", 5, 0), folder("test/dogs", 5, 10), folder("val/cats", 5, 20)];
    let untrained = arranged(&untrained.concat()).unwrap();
    assert_eq!(counts(&untrained), BTreeMap::from([("cats", [8, 0, 2]), ("dogs", [4, 0, 1])]));
    assert_eq!(untrained.notices, [notice(NoticeKind::NoTrainPart, 3, &[])]);
}

#[test]
fn a_picture_in_two_classes_is_in_none() {
    // Half of the dogs are cats, too.
    let half = [folder("cats", 6, 0), folder("dogs", 8, 3)].concat();
    let half = arranged(&half).unwrap();
    assert_eq!(counts(&half), BTreeMap::from([("cats", [2, 0, 1]), ("dogs", [4, 0, 1])]));
    let named = ["cats/3.jpg", "dogs/0.jpg", "cats/4.jpg", "dogs/1.jpg", "cats/5.jpg"];
    assert_eq!(half.notices, [notice(NoticeKind::InTwoClasses, 6, &named)]);

    // All of them: there is nothing left to learn.
    for (pictures, robbed) in [
        ([folder("cats", 6, 0), folder("dogs", 6, 0)].concat(), "cats, dogs"),
        ([folder("hand", 4, 0), folder("nothing", 9, 0)].concat(), "hand"),
    ] {
        let error = arranged(&pictures).unwrap_err();
        assert!(matches!(&error, DatasetError::SamePictures(found) if found == robbed), "{error:?}");
    }
    let third = [folder("hand", 4, 0), folder("nothing", 9, 0), folder("foot", 5, 50)].concat();
    let third = arranged(&third).unwrap();
    assert_eq!(third.classes, ["foot", "nothing"]);
    assert_eq!(third.notices[1], notice(NoticeKind::EmptyClass, 1, &["hand"]));
}

#[test]
fn a_picture_in_two_parts_stays_in_the_later_one() {
    let sides =
        [folder("train/a", 6, 0), folder("train/b", 6, 10), folder("test/a", 3, 5), folder("test/b", 3, 20)];
    let arranged = arranged(&sides.concat()).unwrap();
    assert_eq!(counts(&arranged), BTreeMap::from([("a", [5, 0, 3]), ("b", [6, 0, 3])]));
    assert_eq!(arranged.notices, [notice(NoticeKind::InTwoParts, 1, &["train/a/5.jpg"])]);
}

#[test]
fn equal_pictures_of_a_class_stay_on_one_side() {
    let copies: Vec<_> = (0..5).flat_map(|copy| folder(&format!("cats/{copy}"), 6, 0)).collect();
    let arranged = arranged(&[copies, folder("dogs", 6, 10)].concat()).unwrap();
    assert_eq!(counts(&arranged)["cats"], [25, 0, 5]);
    let shows = |side: &[(String, u16)]| -> Vec<String> {
        let cats = side.iter().filter(|(path, _)| path.starts_with("cats"));
        cats.filter_map(|(path, _)| Some(path.rsplit_once('/')?.1.to_owned())).collect()
    };
    let test = shows(&arranged.test);
    assert!(shows(&arranged.train).iter().all(|shown| !test.contains(shown)));
}

#[test]
fn a_class_with_too_few_pictures_is_named_first() {
    let rare =
        [folder("a", 10, 0), folder("b", 10, 10), folder("rare", 1, 20), folder("two", 2, 30)].concat();
    let rare = arranged(&rare).unwrap();
    assert_eq!(counts(&rare)["rare"], [1, 0, 0]);
    assert_eq!(
        rare.notices,
        [
            notice(NoticeKind::TooFew, 2, &["rare (1/3)", "two (2/3)"]),
            notice(NoticeKind::NotExamined, 1, &["rare"]),
        ]
    );
    for (count, listed) in [(1, "a: 1, b: 1, c: 1"), (2, "a: 2, b: 2, c: 2")] {
        let few = [folder("a", count, 0), folder("b", count, 10), folder("c", count, 20)].concat();
        let error = arranged(&few).unwrap_err();
        assert!(matches!(&error, DatasetError::TooFewPictures(found) if found == listed), "{error:?}");
    }
    // The test part has no dogs.
    let lacks =
        [folder("train/cats", 5, 0), folder("train/dogs", 5, 10), folder("test/cats", 5, 20)].concat();
    let lacks = arranged(&lacks).unwrap();
    assert_eq!(lacks.notices, [notice(NoticeKind::NotExamined, 1, &["dogs"])]);
    // The part to learn from has none.
    let lacks =
        [folder("train/a", 5, 0), folder("train/b", 5, 10), folder("test/a", 5, 20), folder("test/c", 5, 30)];
    let lacks = arranged(&lacks.concat()).unwrap();
    assert_eq!((lacks.classes.len(), lacks.test.len()), (2, 5));
    assert_eq!(lacks.notices[0], notice(NoticeKind::EmptyClass, 1, &["c"]));
}

#[test]
fn names_are_one_after_nfc_and_never_otherwise() {
    let names = ["pi\u{f1}as", "pin\u{303}as", "cats", "Cats", "cats "];
    let long = "x".repeat(70);
    let longs = [format!("{long}1"), format!("{long}2")];
    let names: Vec<&str> = names.into_iter().chain(longs.iter().map(String::as_str)).collect();
    let pictures: Vec<_> = (0..).zip(&names).flat_map(|(at, name)| folder(name, 4, 10 * at)).collect();
    let arranged = arranged(&pictures).unwrap();
    assert_eq!(arranged.classes.len(), 6);
    assert_eq!(counts(&arranged)["pi\u{f1}as"], [7, 0, 1]);
    assert_eq!(
        arranged.notices,
        [
            notice(NoticeKind::AlikeNames, 2, &["Cats", "cats"]),
            notice(NoticeKind::OneName, 1, &["pi\u{f1}as"]),
        ]
    );
}

#[test]
fn folders_that_make_no_classes_are_told_why() {
    let flat = arranged(&[("1.jpg".to_owned(), 1), ("2.jpg".to_owned(), 2)]).unwrap_err();
    assert!(matches!(flat, DatasetError::NoClassFolders(2)), "{flat:?}");
    let one = arranged(&folder("cats", 9, 0)).unwrap_err();
    assert!(matches!(one, DatasetError::Classes(1)), "{one:?}");
    let many: Vec<_> = (0..101).flat_map(|class| folder(&class.to_string(), 3, class * 5)).collect();
    let many = arranged(&many).unwrap_err();
    assert!(matches!(many, DatasetError::Classes(101)), "{many:?}");
}

#[test]
fn notices_stay_short_whatever_they_count() {
    let mut tally = Tally::default();
    for at in 0..300_000 {
        tally.add(NoticeKind::NoClass, &format!("{at}/{}\u{7}", "x".repeat(100)));
    }
    let [notice] = &tally.notices()[..] else { panic!("one kind") };
    assert_eq!((notice.count, notice.names.len()), (300_000, MOST_NAMES));
    assert!(notice.names.iter().all(|name| name.chars().count() <= 81 && !name.contains('\u{7}')));
}
