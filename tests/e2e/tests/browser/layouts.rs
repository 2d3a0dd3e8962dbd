//! What a person's zips say, in a browser: notices in cell 2, a flat zip on a class card.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use bottleneck::dataset::sample;
use e2e::Browser;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A zip of drawn pictures: the folder, the class of the drawing, and how many.
fn zip(file: PathBuf, folders: &[(&str, u16, usize)]) -> PathBuf {
    let drawn = sample::draw(5);
    let mut zip = ZipWriter::new(File::create(&file).unwrap());
    for &(folder, label, count) in folders {
        let of_class = drawn.train.iter().filter(|sample| sample.label == label).take(count);
        for (number, picture) in of_class.enumerate() {
            zip.start_file(format!("{folder}{number}.png"), SimpleFileOptions::default()).unwrap();
            zip.write_all(&picture.image().unwrap().to_png().unwrap()).unwrap();
        }
    }
    zip.finish().unwrap();
    file
}

/// A folder of one's own, as it is on the disk: read, its classes renamed, learnt from, and the exam knows the new
/// name.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_read_and_its_classes_are_renamed() {
    let folder = tempfile::tempdir().unwrap();
    let drawn = sample::draw(5);
    for (name, label) in [("n01", 0), ("n02", 6)] {
        let class = folder.path().join("set").join(name);
        std::fs::create_dir_all(&class).unwrap();
        let of_class = drawn.train.iter().filter(|sample| sample.label == label).take(10);
        for (number, picture) in of_class.enumerate() {
            let png = picture.image().unwrap().to_png().unwrap();
            std::fs::write(class.join(format!("{number}.png")), png).unwrap();
        }
    }
    let browser = Browser::start().await.unwrap();
    browser.open("?lang=en").await.unwrap();
    browser.choose("dataset-folder", &[&folder.path().join("set")]).await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 30, |count| count == "16").await.unwrap();
    browser.script("document.querySelector('[data-testid=dataset-names]').open = true").await.unwrap();
    browser.fill("dataset-class-1", "dots").await.unwrap();
    let examples =
        "[...document.querySelectorAll('#data .examples span')].map(name => name.textContent).join()";
    browser.until("the name is there", &format!("{examples} === 'n01,dots'")).await.unwrap();
    // One that another class has is refused, and said so.
    browser.fill("dataset-class-0", "dots").await.unwrap();
    browser.wait_for_problem("problem-project-name", 30).await.unwrap();
    browser.dismiss_errors().await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 120, |phase| phase == "complete").await.unwrap();
    browser.fill("epochs", "2").await.unwrap();
    browser.click("train-start").await.unwrap();
    browser.wait_for("test-accuracy", "data-value", 120, |_| true).await.unwrap();
    browser.fill("dataset-class-0", "circles").await.unwrap();
    browser.until("the name is there", &format!("{examples} === 'circles,dots'")).await.unwrap();
    let picture = folder.path().join("set/n01/0.png");
    browser.choose("classify-input", &[&picture]).await.unwrap();
    let named = "['circles', 'dots'].includes(document.querySelector('[data-testid=classify-result]')?.dataset.class)";
    browser.until("the answer has a new name", named).await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn zips_say_what_is_left_out_and_fill_a_class() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let first = zip(at("1.zip"), &[("set/train/circles/", 0, 6), ("set/test/", 3, 4)]);
    let second = zip(
        at("2.zip"),
        &[("set/train/dots/", 6, 6), ("set/train/@eaDir/", 3, 1), ("set/valid/dots/", 9, 3)],
    );
    let flat = zip(at("flat.zip"), &[("", 0, 5)]);
    let browser = Browser::start().await.unwrap();
    browser.open("?lang=en").await.unwrap();
    browser.choose("dataset-input", &[&flat]).await.unwrap();
    browser.wait_for_problem("problem-no-class-folders", 30).await.unwrap();
    browser.dismiss_errors().await.unwrap();

    browser.choose("dataset-input", &[first.as_path(), second.as_path()]).await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 30, |_| true).await.unwrap();
    let kinds = "JSON.stringify([...document.querySelectorAll('[data-testid=dataset-notice]')]
        .map(notice => [notice.dataset.kind, notice.dataset.count]))";
    let expected = r#"[["data-notice-no-class","4"],["data-notice-no-test-part","2"]]"#;
    let told = browser.script(&format!("return {kinds};")).await.unwrap();
    assert_eq!(told.as_str(), Some(expected));

    browser.make_project().await.unwrap();
    let card = "document.querySelector('[data-testid=class-card]').dataset";
    let id = browser.script(&format!("return {card}.classId;")).await.unwrap();
    browser.choose(&format!("class-files-{}", id.as_str().unwrap()), &[&flat]).await.unwrap();
    browser.until("the class is full", &format!("{card}.count === '5'")).await.unwrap();
    assert_eq!(browser.text("error").await.unwrap(), "");
    browser.close().await.unwrap();
}
