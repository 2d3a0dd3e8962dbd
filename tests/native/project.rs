//! Projects by themselves: names and numbers, the split by take, the file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use bottleneck::features::{FeatureSpace, ImageHash};
use bottleneck::pixels::RgbImage;
use bottleneck::project::archive::{ArchiveError, ArchiveReader, ArchiveWriter};
use bottleneck::project::split::{Rule, Split, in_two_classes, split, takes};
use bottleneck::project::{LONGEST_NAME, MOST_CLASSES, MOST_PICTURES, Project, ProjectError, name_of_folder};
use bottleneck::random::Random;
use half::f16;

fn project() -> Project {
    Project::new("Fruit", ["apple", "pear"]).unwrap()
}

/// A project whose classes have takes of these lengths.
fn with_takes(lengths: &[&[usize]]) -> Project {
    let mut project = project();
    while project.classes.len() < lengths.len() {
        project.add_class(&format!("class {}", project.classes.len())).unwrap();
    }
    for (class, lengths) in lengths.iter().enumerate() {
        for &length in *lengths {
            let id = project.classes[class].id;
            project.add_pictures(id, None, length).unwrap();
        }
    }
    project
}

#[test]
fn names_are_tidied_and_stand_once() {
    let mut project = project();
    let plum = project.add_class("  plum\t\n").unwrap();
    assert_eq!(project.classes[2].name, "plum");
    assert_eq!(project.add_class("pear"), Err(ProjectError::SameName("pear".into())));
    assert_eq!(project.rename_class(plum, "apple"), Err(ProjectError::SameName("apple".into())));
    // Its own name is no other class's.
    assert_eq!(project.rename_class(plum, "plum"), Ok(()));
    for none in ["", "   ", "\n", &"x".repeat(LONGEST_NAME + 1)] {
        assert_eq!(project.add_class(none), Err(ProjectError::Name(none.into())));
        assert_eq!(project.rename(none), Err(ProjectError::Name(none.into())));
    }
    assert_eq!(project.rename_class(99, "fig"), Err(ProjectError::Unknown(99)));
}

#[test]
fn folders_names_become_names_of_classes_and_stay_different() {
    let long = "x".repeat(LONGEST_NAME);
    let mut taken: Vec<String> = Vec::new();
    for (folder, name) in [
        ("cats", "cats"),
        ("cats ", "cats 2"),
        (&format!("{long}1"), long.as_str()),
        (&format!("{long}2"), &format!("{} 2", "x".repeat(LONGEST_NAME - 12))),
        ("\u{7}", "2"),
    ] {
        let given = name_of_folder(folder, &taken);
        assert_eq!(given, name);
        taken.push(given);
    }
    let mut project = project();
    for name in &taken {
        project.add_class(name).unwrap();
    }
}

#[test]
fn a_picture_in_two_classes_is_in_no_take() {
    let project = with_takes(&[&[1, 1, 1], &[2, 1], &[1]]);
    let ids: Vec<u32> = project.pictures().map(|picture| picture.id).collect();
    // The first of the first class is the first of the second.
    let identity = |id: u32| if id == ids[3] { ids[0] } else { id };
    assert_eq!(in_two_classes(&project, identity), [ids[0], ids[3]]);
    let lengths: Vec<usize> = takes(&project, identity).iter().map(Vec::len).collect();
    assert_eq!(lengths, [2, 2, 1]);
    let mut apart = project.clone();
    apart.enable_class(project.classes[1].id, false).unwrap();
    assert!(in_two_classes(&apart, identity).is_empty(), "a class that takes no part robs none");
}

#[test]
fn there_is_an_end_to_classes_and_pictures() {
    let mut project = project();
    for number in 2..MOST_CLASSES {
        project.add_class(&number.to_string()).unwrap();
    }
    assert_eq!(project.add_class("one more"), Err(ProjectError::TooManyClasses));
    let class = project.classes[0].id;
    project.add_pictures(class, None, MOST_PICTURES).unwrap();
    assert_eq!(project.add_pictures(class, None, 1), Err(ProjectError::TooManyPictures));
    assert_eq!(project.pictures().count(), MOST_PICTURES);
}

#[test]
fn classes_and_pictures_move_and_go() {
    let mut project = with_takes(&[&[2, 1], &[1], &[1]]);
    let ids: Vec<u32> = project.classes.iter().map(|class| class.id).collect();
    project.move_class(ids[0], 9).unwrap();
    let order: Vec<u32> = project.classes.iter().map(|class| class.id).collect();
    assert_eq!(order, [ids[1], ids[2], ids[0]]);

    let moved = project.classes[2].pictures[0];
    project.move_pictures(&[moved.id, 12_345], ids[1]).unwrap();
    assert_eq!(project.classes[0].pictures.last(), Some(&moved), "its take goes with it");
    assert_eq!(project.move_pictures(&[moved.id], 99), Err(ProjectError::Unknown(99)));
    assert_eq!(project.pictures().count(), 5, "nothing is lost where the class is unknown");
    project.delete_pictures(&[moved.id]);
    project.delete_class(ids[2]).unwrap();
    assert_eq!(project.pictures().count(), 3);
    // No number is given twice, so that no stored picture is taken for another.
    let before: BTreeSet<u32> = (0..50).collect();
    let added = project.add_pictures(ids[0], None, 3).unwrap();
    assert!(added.iter().all(|picture| picture.id > moved.id && before.contains(&picture.id)));
}

#[test]
fn stored_projects_are_read_back_and_odd_ones_refused() {
    let project = with_takes(&[&[3, 2], &[4]]);
    let bytes = project.to_bytes().unwrap();
    assert_eq!(Project::from_bytes(&bytes), Ok(project.clone()));
    for length in 0..bytes.len() {
        assert!(Project::from_bytes(&bytes[..length]).is_err(), "cut after {length} bytes");
    }
    let mut random = Random::new(1);
    for _ in 0..2_000 {
        let mut odd = bytes.clone();
        let at = random.below(odd.len() as u32) as usize;
        odd[at] ^= 1 << random.below(8);
        // Whatever still is a project keeps the rules of one.
        if let Ok(read) = Project::from_bytes(&odd) {
            let ids: BTreeSet<u32> = read.pictures().map(|picture| picture.id).collect();
            assert_eq!(ids.len(), read.pictures().count());
            assert_eq!(Project::from_bytes(&read.to_bytes().unwrap()), Ok(read));
        }
    }
}

fn sides(split: &Split) -> [BTreeSet<u32>; 3] {
    [&split.train, &split.validation, &split.test].map(|side| side.iter().map(|(id, _)| *id).collect())
}

#[test]
fn no_take_stands_on_two_sides() {
    let mut random = Random::new(7);
    for _ in 0..200 {
        let lengths: Vec<Vec<usize>> = (0..2 + random.below(4))
            .map(|_| (0..random.below(12)).map(|_| 1 + random.below(40) as usize).collect())
            .collect();
        let lengths: Vec<&[usize]> = lengths.iter().map(Vec::as_slice).collect();
        let project = with_takes(&lengths);
        let takes = takes(&project, |id| id);
        let split = split(&takes, Rule::ByTake);
        let [train, validation, test] = sides(&split);
        assert_eq!(train.len() + validation.len() + test.len(), project.pictures().count());
        for (class, takes) in takes.iter().enumerate() {
            for take in takes {
                let on = [&train, &validation, &test].map(|side| take.iter().all(|id| side.contains(id)));
                assert_eq!(on.iter().filter(|whole| **whole).count(), 1, "{take:?}");
            }
            let enough = takes.len() >= 3;
            for side in [&split.train, &split.validation, &split.test] {
                let has = side.iter().any(|(_, label)| usize::from(*label) == class);
                assert!(has || !enough, "class {class} of {} takes is missing on a side", takes.len());
            }
        }
    }
}

#[test]
fn many_small_takes_are_split_in_the_usual_shares() {
    let ones = [1; 100];
    let project = with_takes(&[&ones, &ones]);
    let split = split(&takes(&project, |id| id), Rule::ByTake);
    assert_eq!((split.train.len(), split.validation.len(), split.test.len()), (128, 32, 40));
    // The classes take turns: any stretch holds both.
    assert!(split.test.chunks(2).all(|two| two[0].1 != two[1].1), "{:?}", split.test);
}

#[test]
fn equal_pictures_join_their_takes() {
    let project = with_takes(&[&[2, 2, 2, 1], &[1, 1, 1]]);
    let first: Vec<u32> = project.classes[0].pictures.iter().map(|picture| picture.id).collect();
    // The third take's first picture equals the first take's last.
    let identity = |id: u32| if id == first[4] { first[1] } else { id };
    let found = takes(&project, identity);
    assert_eq!(found[0].len(), 3);
    let joined = found[0].iter().find(|take| take.contains(&first[0])).unwrap();
    let joined: BTreeSet<u32> = joined.iter().copied().collect();
    assert_eq!(joined, BTreeSet::from([first[0], first[1], first[4], first[5]]));
}

#[test]
fn a_leaky_split_has_the_same_sizes_and_tears_takes_apart() {
    let project = with_takes(&[&[20, 20, 20], &[30, 10, 20]]);
    let takes = takes(&project, |id| id);
    let (honest, leaky) = (split(&takes, Rule::ByTake), split(&takes, Rule::Leaky));
    let sizes = |split: &Split| [split.train.len(), split.validation.len(), split.test.len()];
    assert_eq!(sizes(&honest), sizes(&leaky));
    let [_, _, test] = sides(&leaky);
    let torn = takes.iter().flatten().filter(|take| {
        let held = take.iter().filter(|id| test.contains(id)).count();
        held > 0 && held < take.len()
    });
    assert_eq!(torn.count(), 6);
}

#[test]
fn disabled_classes_take_no_part() {
    let mut project = with_takes(&[&[1, 1, 1], &[1, 1, 1], &[1, 1, 1]]);
    let second = project.classes[1].id;
    project.enable_class(second, false).unwrap();
    let takes = takes(&project, |id| id);
    assert_eq!(takes.len(), 2);
    let split = split(&takes, Rule::ByTake);
    let off: Vec<u32> = project.classes[1].pictures.iter().map(|picture| picture.id).collect();
    assert!(sides(&split).iter().flatten().all(|id| !off.contains(id)));
}

/// Everything a project's file holds.
#[derive(Debug, PartialEq)]
struct Whole {
    project: Project,
    pictures: Vec<(u32, Vec<u8>)>,
    /// Backbone, images, values.
    features: Vec<(FeatureSpace, Vec<ImageHash>, Vec<f16>)>,
    heads: BTreeMap<String, Vec<u8>>,
}

impl Whole {
    fn to_zip(&self) -> Vec<u8> {
        let mut writer = ArchiveWriter::new(&self.project);
        let mut bytes = Vec::new();
        for (id, png) in &self.pictures {
            writer.picture(*id, png).unwrap();
            bytes.extend(writer.take());
        }
        for (space, images, values) in &self.features {
            writer.features(space, images, values).unwrap();
        }
        for (backbone, head) in &self.heads {
            writer.head(backbone, head).unwrap();
        }
        bytes.extend(writer.finish().unwrap());
        bytes
    }

    fn from_zip(bytes: &[u8]) -> Result<Self, ArchiveError> {
        let mut reader = ArchiveReader::open(Cursor::new(bytes))?;
        let pictures = (0..reader.pictures()).map(|at| reader.picture(at)).collect::<Result<_, _>>()?;
        let mut heads = BTreeMap::new();
        for backbone in reader.heads() {
            let head = reader.head(&backbone)?;
            heads.insert(backbone, head);
        }
        let mut features = Vec::new();
        for at in 0..reader.feature_entries() {
            let mut entry = reader.features(at)?;
            let (mut images, mut values) = (Vec::new(), Vec::new());
            while let Some((some, block)) = entry.next_block()? {
                images.extend(some);
                values.extend(block);
            }
            features.push((entry.space.clone(), images, values));
        }
        Ok(Self { project: reader.project().clone(), pictures, features, heads })
    }
}

fn archive() -> Whole {
    let mut project = with_takes(&[&[3], &[2]]);
    project.rename("Obst & Gemüse / №1").unwrap();
    let images: Vec<_> = project
        .pictures()
        .map(|picture| (picture.id, RgbImage::from_fn(8, 8, |x, y| [x as u8, y as u8, picture.id as u8])))
        .collect();
    let hashes: Vec<ImageHash> = images.iter().map(|(_, image)| ImageHash::of(image)).collect();
    let values = (0..hashes.len() * 4).map(|value| f16::from_f32(value as f32)).collect();
    Whole {
        pictures: images.iter().map(|(id, image)| (*id, image.to_png().unwrap())).collect(),
        features: vec![(FeatureSpace { backbone: "ab".repeat(32), preprocessing: 1 }, hashes, values)],
        heads: BTreeMap::from([("ab".repeat(32), vec![1, 2, 3])]),
        project,
    }
}

#[test]
fn a_project_file_comes_back_the_same() {
    let archive = archive();
    let bytes = archive.to_zip();
    assert_eq!(bytes, archive.to_zip(), "the same project, the same bytes");
    assert_eq!(Whole::from_zip(&bytes).unwrap(), archive);
}

#[test]
fn broken_project_files_are_refused_or_whole() {
    let archive = archive();
    let bytes = archive.to_zip();
    let mut refused = 0;
    let mut random = Random::new(3);
    for number in 0..600 {
        let mut broken = bytes.clone();
        match number % 3 {
            0 => {
                let at = random.below(broken.len() as u32) as usize;
                broken[at] ^= 1 << random.below(8);
            }
            1 => broken.truncate(random.below(broken.len() as u32) as usize),
            _ => {
                let at = random.below(broken.len() as u32) as usize;
                let end = (at + 1 + random.below(64) as usize).min(broken.len());
                broken.drain(at..end);
            }
        }
        match Whole::from_zip(&broken) {
            // A bit that says nothing about the content, such as a time stamp's.
            Ok(read) => assert_eq!(read, archive),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 500, "{refused} of 600 were refused");
}

#[test]
fn foreign_files_are_told_from_damaged_ones() {
    let read = |bytes: &[u8]| Whole::from_zip(bytes).unwrap_err();
    assert!(matches!(read(b""), ArchiveError::Foreign(_)));
    assert!(matches!(read(b"no zip at all"), ArchiveError::Foreign(_)));
    let zip = |name: &str, content: &str| {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut writer, content.as_bytes()).unwrap();
        writer.finish().unwrap().into_inner()
    };
    assert!(matches!(read(&zip("cat/1.png", "")), ArchiveError::Foreign(_)));
    assert!(matches!(read(&zip("project.json", "{}")), ArchiveError::Foreign(_)));
    assert!(matches!(
        read(&zip("project.json", r#"{"format":"other","version":1}"#)),
        ArchiveError::Foreign(_)
    ));
    let newer = zip("project.json", r#"{"format":"bottleneck-project","version":2}"#);
    assert!(matches!(read(&newer), ArchiveError::Version(2)));
    let hollow = zip("project.json", r#"{"format":"bottleneck-project","version":1}"#);
    assert!(matches!(read(&hollow), ArchiveError::Damaged(_)));
}

#[test]
fn features_of_many_images_stand_in_entries_that_fit_into_memory() {
    let project = with_takes(&[&[1], &[1]]);
    let png = RgbImage::from_fn(2, 2, |_, _| [1; 3]).to_png().unwrap();
    let images: Vec<ImageHash> = (0..40).map(|number| ImageHash([number; 16])).collect();
    // Forty images of 300,000 values: 24 MB.
    let values: Vec<f16> =
        (0..40 * 300_000_u32).map(|value| f16::from_bits((value % 1_000) as u16)).collect();
    let space = FeatureSpace { backbone: "ab".repeat(32), preprocessing: 1 };
    let mut writer = ArchiveWriter::new(&project);
    project.pictures().for_each(|picture| writer.picture(picture.id, &png).unwrap());
    writer.features(&space, &images, &values).unwrap();
    let bytes = writer.finish().unwrap();
    let mut reader = ArchiveReader::open(Cursor::new(&bytes)).unwrap();
    let (mut found, mut same) = (Vec::<ImageHash>::new(), Vec::<f16>::new());
    for at in 0..reader.feature_entries() {
        let mut entry = reader.features(at).unwrap();
        assert_eq!((entry.row, entry.space), (300_000, &space));
        while let Some((images, values)) = entry.next_block().unwrap() {
            assert!(values.len() * 2 <= 8 << 20, "{}", values.len());
            found.extend(images);
            same.extend(values);
        }
    }
    assert!(found == images && same == values);
    let missing = ArchiveWriter::new(&project).finish();
    assert!(matches!(missing, Err(ArchiveError::Damaged(_))), "a picture is missing");
}
