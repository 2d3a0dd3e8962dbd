//! The product's engines, started and fed as the session does it.

use bench_page::image;
use bottleneck::backbone::pool::Pool;
use bottleneck::backbone::{Backbone, BackboneError, Manifest};
use bottleneck::browser::download;
use bottleneck::browser::remote::WorkerLauncher;
use bottleneck::features::indexed_db::IndexedDb;
use bottleneck::features::{FeatureSpace, FeatureStore, ImageHash};
use bottleneck::pixels::RgbImage;
use bottleneck::protocol::Engine;
use futures::{StreamExt, TryStreamExt, stream};

/// Workers of one engine with a backbone.
pub struct Engines {
    pool: Pool<WorkerLauncher>,
    manifest: Manifest,
}

impl Engines {
    /// Starts so many workers with the backbone whose manifest stands at `address`.
    pub async fn start(engine: Engine, workers: usize, address: &str) -> Result<Self, String> {
        let text = |error: BackboneError| error.to_string();
        let manifest = download::bytes(address).await.map_err(|error| error.to_string())?;
        let manifest = Manifest::parse(&manifest).map_err(text)?;
        let folder = address.rsplit_once('/').map_or("", |(folder, _)| folder);
        let model = download::blob(&format!("{folder}/{}", manifest.file), &|_, _| ()).await;
        let model = model.map_err(|error| error.to_string())?;
        let launcher = WorkerLauncher::new(engine, manifest.clone(), model);
        let pool = Pool::start(launcher, workers).await.map_err(text)?;
        Ok(Self { pool, manifest })
    }

    /// Features of the image of this number: height x width x channels.
    pub async fn image(&self, number: u32) -> Result<Vec<f32>, String> {
        let features = self.pool.extract(&[image(number)]).await.map_err(|error| error.to_string())?;
        Ok(features.into_iter().map(f32::from).collect())
    }

    /// Computes the features of the first so many images, `batch` at a time a worker, and stores them.
    pub async fn extract(&self, images: u32, batch: usize) -> Result<(), String> {
        let images: Vec<RgbImage> = (0..images).map(image).collect();
        let batches = stream::iter(images.chunks(batch)).map(|batch| self.pool.extract(batch));
        let features: Vec<_> = batches
            .buffered(self.pool.width())
            .try_collect()
            .await
            .map_err(|error: BackboneError| error.to_string())?;
        let hashes: Vec<ImageHash> = images.iter().map(ImageHash::of).collect();
        let space = FeatureSpace::of(&self.manifest);
        let write = async { IndexedDb::open().await?.write(&space, &hashes, &features.concat(), &[]).await };
        write.await.map(|_| ()).map_err(|error| error.to_string())
    }
}
