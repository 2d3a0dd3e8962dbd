//! Finished trainings as they are kept, ordered, compared, and given as a table.

use bottleneck::features::ImageHash;
use bottleneck::head::{Preset, Settings};
use bottleneck::metrics::mcnemar;
use bottleneck::trainings::{
    Answered, Cell, Column, MOST, Order, Summary, Training, Trainings, Verdict, csv,
};

fn image(number: u32) -> ImageHash {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    ImageHash(bytes)
}

/// A training that learnt from `learnt` and answered for the images from 1,000 on: `right` says of each whether well.
fn training(learnt: std::ops::Range<u32>, right: &[bool]) -> Training {
    let answered = |(number, right): (u32, &bool)| Answered {
        image: image(1_000 + number),
        label: (number % 3) as u16,
        answer: if *right { (number % 3) as u16 } else { ((number + 1) % 3) as u16 },
    };
    let exam: Vec<Answered> = (0..).zip(right).map(answered).collect();
    let correct = right.iter().filter(|right| **right).count() as u32;
    Training {
        id: 0,
        name: String::new(),
        network: "a network".into(),
        settings: Settings::of(Preset::Quick),
        seconds: 1.5,
        made: 1.7e12,
        counts: [learnt.len() as u32, right.len() as u32, correct],
        learnt: learnt.map(image).collect(),
        exam,
    }
}

fn kept(list: &Trainings) -> Trainings {
    Trainings::from_bytes(&list.to_bytes().unwrap()).unwrap().expect("of this version")
}

#[test]
fn mcnemar_s_test_equals_statsmodels() {
    let cases: Vec<(u32, u32, f64)> =
        serde_json::from_str(include_str!("../fixtures/mcnemar_statsmodels.json")).unwrap();
    assert!(cases.len() > 40);
    for (first, second, expected) in cases {
        let got = mcnemar(first, second);
        assert!(
            (got - expected).abs() <= 1e-11 * expected.max(1e-300),
            "{first} {second}: {got}, {expected}"
        );
    }
    assert_eq!(mcnemar(u32::MAX, 0), 0.0);
}

#[test]
fn what_is_kept_comes_back_and_takes_little_room() {
    let mut list = Trainings::default();
    for at in 0..50 {
        let right: Vec<bool> = (0..200).map(|number| number % 7 != at % 7).collect();
        assert_eq!(list.add(training(0..800 - at, &right)), (at + 1, 0));
    }
    assert!(list.rename(7, "with more light"));
    assert!(!list.rename(99, "nobody"));
    let again = kept(&list);
    assert_eq!(again, list);
    let rows = again.summaries();
    assert_eq!((rows[6].name.as_str(), rows[6].train, rows[6].test), ("with more light", 794, 200));
    assert_eq!(rows[0].correct, 200 - 29);
    // 1,000 identities once, and some 600 bytes a row.
    let bytes = list.to_bytes().unwrap().len();
    assert!(bytes < 16_000 + 50 * 700, "{bytes}");
}

#[test]
fn beyond_200_the_oldest_make_room_and_no_number_is_given_twice() {
    let mut list = Trainings::default();
    for at in 0..MOST as u32 {
        assert_eq!(list.add(training(0..10, &[true])), (at + 1, 0));
    }
    assert_eq!(list.add(training(5_000..5_010, &[true])), (201, 1));
    let rows = list.summaries();
    assert_eq!((rows.len(), rows[0].id, rows[199].id), (MOST, 2, 201));
    // Taken out and put back, it is where it was, whole.
    let before = kept(&list);
    let gone = list.remove(77).expect("it is there");
    assert_eq!(list.remove(77), None);
    assert_eq!(list.summaries().len(), MOST - 1);
    assert_eq!(list.add(gone), (77, 0));
    assert_eq!(list.summaries(), before.summaries());
    assert_eq!(list.compare([77, 201]), before.compare([77, 201]));
    let newest = list.remove(201).expect("it is there");
    assert_eq!(list.add(training(0..10, &[true])).0, 202, "a number is never given twice");
    assert_eq!(list.add(newest), (201, 1), "the oldest makes room");
}

#[test]
fn images_that_no_row_names_are_forgotten() {
    let mut list = Trainings::default();
    list.add(training(0..10, &[true, false]));
    let small = list.to_bytes().unwrap();
    list.add(training(5_000..9_000, &[true; 500]));
    assert!(list.to_bytes().unwrap().len() > 60_000);
    let gone = list.remove(2).expect("it is there");
    let mut without = kept(&list);
    assert_eq!(without.to_bytes().unwrap().len(), small.len());
    // It comes back into a list that has other images by now.
    without.add(training(100..120, &[false; 3]));
    without.add(gone.clone());
    assert_eq!(without.remove(2), Some(gone));
}

#[test]
fn two_are_compared_on_what_both_answered_for_and_neither_learnt_from() {
    let mut list = Trainings::default();
    // 40 images; the second one has learnt from the last 10 of them.
    let first: Vec<bool> = (0..40).map(|at| at % 4 != 0).collect();
    let second: Vec<bool> = (0..40).map(|at| at % 4 != 1).collect();
    list.add(training(0..100, &first));
    list.add(training(1_030..1_050, &second));
    let found = list.compare([1, 2]).expect("both are there");
    assert_eq!((found.images, found.correct, found.alone, found.relabelled), (30, [22, 22], [8, 8], 0));
    assert_eq!((found.chance(), found.verdict()), (Some(1.0), Verdict::Open));
    assert_eq!(list.compare([1, 3]), None);

    // Of 24 images nothing is said, of 25 it is.
    for (images, verdict) in [(24, Verdict::TooFew), (25, Verdict::Better(0))] {
        let mut list = Trainings::default();
        list.add(training(0..5, &vec![true; images]));
        list.add(training(0..5, &vec![false; images]));
        assert_eq!(list.compare([1, 2]).expect("both").verdict(), verdict);
    }
    let mut list = Trainings::default();
    list.add(training(0..5, &[false; 30]));
    list.add(training(0..5, &[true; 30]));
    list.add(training(0..5, &[true; 30]));
    assert_eq!(list.compare([1, 2]).expect("both").verdict(), Verdict::Better(1));
    assert_eq!(list.compare([2, 3]).expect("both").verdict(), Verdict::Same);
    // With itself, or with one of an exam of its own: nothing breaks.
    assert_eq!(list.compare([2, 2]).expect("both").verdict(), Verdict::Same);
}

#[test]
fn classes_may_be_moved_and_labels_corrected_in_between() {
    let mut list = Trainings::default();
    let right = vec![true; 60];
    list.add(training(0..5, &right));
    let mut moved = training(0..5, &right);
    for one in &mut moved.exam {
        (one.label, one.answer) = ((one.label + 1) % 3, (one.answer + 1) % 3);
    }
    // Two images are something else by now.
    moved.exam[4].label = 0;
    moved.exam[5].label = 1;
    moved.counts[2] = 58;
    list.add(moved);
    let found = list.compare([1, 2]).expect("both");
    assert_eq!((found.images, found.correct, found.relabelled), (58, [58, 58], 2));
}

#[test]
fn what_is_damaged_is_refused_and_another_version_is_none() {
    let mut list = Trainings::default();
    list.add(training(0..30, &[true, false, true]));
    list.add(training(0..20, &[true, false, true, true]));
    let bytes = list.to_bytes().unwrap();
    let mut older = bytes.clone();
    older[0] = 0;
    assert_eq!(Trainings::from_bytes(&older), Ok(None));
    assert!(Trainings::from_bytes(&[]).is_err());
    for cut in 1..bytes.len() {
        assert!(Trainings::from_bytes(&bytes[..cut]).is_err(), "cut to {cut}");
    }
    assert!(Trainings::from_bytes(&[bytes.clone(), vec![0]].concat()).is_err());
    // Whatever byte is another one: it is refused, or what it says can be counted and compared.
    for at in 1..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            if let Ok(Some(mut found)) = Trainings::from_bytes(&damaged) {
                let rows = found.summaries();
                assert!(rows.len() <= 2 && rows.iter().all(|row| row.accuracy() <= 1.0));
                rows.iter().for_each(|row| assert!(found.compare([rows[0].id, row.id]).is_some()));
                rows.iter().for_each(|row| assert!(found.remove(row.id).is_some()));
            }
        }
    }
}

fn summaries() -> Vec<Summary> {
    let mut list = Trainings::default();
    for (at, right) in [(3, 5), (1, 7), (2, 5)] {
        let right: Vec<bool> = (0..10).map(|number| number < right).collect();
        let one = training(0..10 * at, &right);
        list.add(Training { made: 1.7e12 + f64::from(at), seconds: f64::from(9 - at), ..one });
    }
    list.rename(1, "beta");
    list.rename(2, "Alpha");
    list.rename(3, "gamma");
    list.summaries()
}

#[test]
fn rows_are_ordered_by_any_column_both_ways() {
    let words = |row: &Summary, _: Column| row.name.clone();
    let order_of = |order: Order| -> Vec<u32> {
        let mut rows = summaries();
        order.sort(&mut rows, words);
        rows.iter().map(|row| row.id).collect()
    };
    let newest_first = Order::default();
    assert_eq!(order_of(newest_first), [1, 3, 2]);
    assert_eq!(newest_first.aria_sort(Column::Made), "descending");
    let expected = [
        (Column::Name, [2, 1, 3]),
        (Column::Accuracy, [2, 1, 3]),
        (Column::Train, [1, 3, 2]),
        (Column::Time, [1, 3, 2]),
        // All equal: by their numbers, either way.
        (Column::Test, [1, 2, 3]),
    ];
    for (column, ids) in expected {
        let order = newest_first.pressed(column);
        assert_eq!(order_of(order), ids, "{column:?}");
        let other = order.pressed(column);
        assert_ne!(order.aria_sort(column), other.aria_sort(column));
        assert_eq!(order.aria_sort(Column::Made), "none");
        let mut back: Vec<u32> = ids.to_vec();
        if !matches!(column, Column::Test | Column::Accuracy) {
            back.reverse();
            assert_eq!(order_of(other), back, "{column:?}");
        }
    }
    assert_eq!(order_of(newest_first.pressed(Column::Accuracy).pressed(Column::Accuracy)), [1, 3, 2]);
    for column in Column::ALL {
        assert_eq!(order_of(newest_first.pressed(column)).len(), 3);
    }
}

#[test]
fn the_table_is_a_proper_csv_file_and_no_text_of_it_a_formula() {
    let text = |text: &str| Cell::Text(text.into());
    let lines = [
        vec![text("Name"), text("Accuracy")],
        vec![text("a, \"b\"\nc"), Cell::Number(0.25)],
        vec![text("=1+1"), Cell::Number(-1.0)],
        vec![text("  @cmd"), Cell::Number(1e-9)],
        vec![text("-"), text("+34 600")],
        vec![text("\u{ff1d}1"), text("a=b")],
        vec![text(""), text("ñ")],
    ];
    let expected = "Name,Accuracy\r\n\
        \"a, \"\"b\"\"\nc\",0.25\r\n\
        '=1+1,-1\r\n\
        '  @cmd,0.000000001\r\n\
        '-,'+34 600\r\n\
        '\u{ff1d}1,a=b\r\n\
        ,ñ\r\n";
    assert_eq!(csv(&lines), expected);
    assert_eq!(csv(&[]), "");
}
