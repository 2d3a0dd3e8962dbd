//! The page's worker: carries out one [`Task`] after the other, each given and answered as JSON.

#[cfg(target_arch = "wasm32")]
mod engines;
#[cfg(target_arch = "wasm32")]
mod peak;

#[cfg(target_arch = "wasm32")]
mod worker {
    use bench_page::{CLASSES, Features, image, label};
    use bottleneck::backbone::FeatureShape;
    use bottleneck::browser::team::BrowserTeam;
    use bottleneck::browser::{now, port};
    use bottleneck::features::indexed_db::IndexedDb;
    use bottleneck::features::{FeatureSpace, FeatureStore, ImageHash, StoreError};
    use bottleneck::head::{BLOCK, InMemory, Settings, Step, Trainer};
    use bottleneck::protocol::Engine;
    use futures::StreamExt;
    use futures::channel::mpsc;
    use futures::stream;
    use serde::{Deserialize, Serialize};
    use wasm_bindgen::JsValue;
    use wasm_bindgen_futures::spawn_local;

    use super::engines::Engines;
    use super::peak;

    /// Records that are read at a time, as the page reads them.
    const AT_ONCE: usize = 4;

    /// What is asked.
    #[derive(Deserialize)]
    #[serde(tag = "task", rename_all = "snake_case")]
    enum Task {
        /// Write the features of images number 0 to `images`, `row` values each, into the product's
        /// store, under this space.
        Fill { images: u32, row: usize, space: FeatureSpace },
        /// Read them all.
        Read { images: u32, space: FeatureSpace },
        /// Forget them all.
        Clear,
        /// Multiply and add in registers for a while.
        Peak,
        /// Train the notebook's head on so many images in memory.
        Head { images: u32, workers: usize },
        /// Start so many workers of this engine with the backbone of a manifest.
        Start { engine: Engine, workers: usize, manifest: String },
        /// Give the features of the image of this number.
        Image { number: u32 },
        /// Compute and store the features of so many images.
        Extract { images: u32, batch: usize },
    }

    /// What came of it.
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Outcome {
        Rate {
            images_per_second: f64,
        },
        Peak {
            gflops: f64,
        },
        /// Milliseconds: of the median batch, and of each epoch's validation.
        Head {
            batch: f64,
            validation: f64,
        },
        Image {
            milliseconds: f64,
            features: Vec<f32>,
        },
        Took {
            milliseconds: f64,
        },
        Done,
        Failed {
            error: String,
        },
    }

    async fn fill(images: u32, row: usize, space: &FeatureSpace) -> Result<Outcome, StoreError> {
        let (store, features) = (IndexedDb::open().await?, Features::default());
        let mut writing = 0.0;
        // A record each, as the page writes them.
        for begin in (0..images).step_by(BLOCK) {
            let numbers = begin..(begin + BLOCK as u32).min(images);
            let hashes: Vec<ImageHash> =
                numbers.clone().map(|number| ImageHash::of(&image(number))).collect();
            let values: Vec<_> = numbers.flat_map(|number| features.of(number, row)).collect();
            let begun = now();
            store.write(space, &hashes, &values, &[]).await?;
            writing += now() - begun;
        }
        Ok(Outcome::Rate { images_per_second: f64::from(images) * 1000.0 / writing })
    }

    async fn read(images: u32, space: &FeatureSpace) -> Result<Outcome, StoreError> {
        let store = IndexedDb::open().await?;
        let index = store.index(space).await?;
        let mut records: Vec<u64> = index.values().map(|place| place.record).collect();
        records.sort_unstable();
        records.dedup();
        let begun = now();
        let mut reading = stream::iter(records).map(|record| store.read(record)).buffered(AT_ONCE);
        while let Some(read) = reading.next().await {
            read?;
        }
        Ok(Outcome::Rate { images_per_second: f64::from(images) * 1000.0 / (now() - begun) })
    }

    async fn head(images: u32, workers: usize) -> Outcome {
        let (shape, features) = (FeatureShape { height: 3, width: 3, channels: 2048 }, Features::default());
        let labels: Vec<u16> = (0..images).map(|number| label(number).into()).collect();
        let values = (0..images).flat_map(|number| features.of(number, shape.len())).collect();
        let settings = Settings { epochs: 3, ..Settings::notebook() };
        let failed = |error: &dyn std::fmt::Display| Outcome::Failed { error: error.to_string() };
        let mut trainer = match Trainer::new(labels, shape, CLASSES as usize, settings) {
            Ok(trainer) => trainer,
            Err(error) => return failed(&error),
        };
        let (mut blocks, mut team) = (InMemory::new(values, shape.len()), BrowserTeam::start(workers).await);
        let (mut batches, mut validation, mut epochs, mut trained) = (Vec::new(), 0.0, 0, 0);
        loop {
            let begun = now();
            let step = trainer.step(&mut blocks, &mut team).await;
            let took = now() - begun;
            match step {
                Ok(Step::Batch { done, .. }) if done > trained => {
                    trained = done;
                    batches.push(took);
                }
                Ok(Step::Batch { .. }) => validation += took,
                Ok(Step::Epoch(_)) => {
                    validation += took;
                    (epochs, trained) = (epochs + 1, 0);
                }
                Ok(Step::Done) => break,
                Err(error) => return failed(&error),
            }
        }
        batches.sort_by(f64::total_cmp);
        Outcome::Head { batch: batches[batches.len() / 2], validation: validation / f64::from(epochs) }
    }

    /// Carries out a task that is an engine's.
    async fn with_engines(task: Task, engines: &mut Option<Engines>) -> Result<Outcome, String> {
        let begun = now();
        let none = || "no engine was started".to_owned();
        match task {
            Task::Start { engine, workers, manifest } => {
                // The last one's workers end first.
                *engines = None;
                *engines = Some(Engines::start(engine, workers, &manifest).await?);
            }
            Task::Image { number } => {
                let features = engines.as_ref().ok_or_else(none)?.image(number).await?;
                return Ok(Outcome::Image { milliseconds: now() - begun, features });
            }
            Task::Extract { images, batch } => {
                engines.as_ref().ok_or_else(none)?.extract(images, batch).await?;
            }
            _ => return Err("that is no engine's task".to_owned()),
        }
        Ok(Outcome::Took { milliseconds: now() - begun })
    }

    async fn carry_out(task: &str, engines: &mut Option<Engines>) -> Outcome {
        let outcome = match serde_json::from_str(task) {
            Ok(Task::Fill { images, row, space }) => fill(images, row, &space).await,
            Ok(Task::Read { images, space }) => read(images, &space).await,
            Ok(Task::Clear) => async { IndexedDb::open().await?.clear().await }.await.map(|()| Outcome::Done),
            Ok(Task::Head { images, workers }) => return head(images, workers).await,
            Ok(task @ (Task::Start { .. } | Task::Image { .. } | Task::Extract { .. })) => {
                let outcome = with_engines(task, engines).await;
                return outcome.unwrap_or_else(|error| Outcome::Failed { error });
            }
            Ok(Task::Peak) => Ok(Outcome::Peak { gflops: peak::gflops(now) }),
            Err(error) => return Outcome::Failed { error: error.to_string() },
        };
        outcome.unwrap_or_else(|error| Outcome::Failed { error: error.to_string() })
    }

    /// Answers for as long as the page is there.
    pub fn run() {
        let (sender, mut tasks) = mpsc::unbounded();
        port::listen(move |event| {
            // The receiver lives as long as the worker.
            let _ = sender.unbounded_send(event.data().as_string().unwrap_or_default());
        });
        spawn_local(async move {
            let mut engines = None;
            while let Some(task) = tasks.next().await {
                let outcome =
                    serde_json::to_string(&carry_out(&task, &mut engines).await).unwrap_or_default();
                let _ = port::this_worker().post_message(&JsValue::from_str(&outcome));
            }
        });
    }
}

#[cfg(target_arch = "wasm32")]
fn main() {
    worker::run();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
