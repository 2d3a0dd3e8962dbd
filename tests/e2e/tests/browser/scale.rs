//! The notebook's scale: features of full size, more of them than should be in memory at once.

use e2e::Synthetic;

/// Images to train on: 737 MB of features.
const IMAGES: u32 = 20_000;
/// Images of the exam.
const EXAM: u32 = 256;
/// Bytes that all WebAssembly memories may have together.
const MEMORY: u64 = 1_000_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn twenty_thousand_images_are_trained_on_without_being_in_memory() {
    let mut synthetic = Synthetic::start("inception_v3.json").await.unwrap();
    let seen = synthetic.train_at_scale(IMAGES, EXAM, 2).await.unwrap();
    assert_eq!(seen.computed, "0", "all of them are found");
    assert_eq!(seen.epochs.len(), 2);
    let (memory, of_what) = seen.memory;
    println!("at most {} MB of WebAssembly memory: {of_what}", memory / 1_000_000);
    assert!(of_what.contains("trainer") && of_what.contains("session"), "{of_what}");
    assert!(memory < MEMORY, "{of_what}");
}
