//! The CPU engine: a network run by the crate `convnet`.

use std::cell::RefCell;

use super::{BackboneError, Manifest, Network};

/// Images that are computed together: the small maps of a network's end are then products of a good size, and
/// its weights are read once for all of them.
const BATCH: usize = 4;
/// Values of all maps at the most, 256 MB. InceptionV3 has 2.4 million an image.
const MOST_VALUES: usize = 1 << 26;

/// A loaded network.
pub struct CpuNetwork {
    network: RefCell<convnet::Network>,
    batch: usize,
}

impl CpuNetwork {
    /// Loads the `.onnx` file that `manifest` describes.
    ///
    /// # Errors
    /// [`BackboneError::File`] where the file is no network that can be computed here, or has another input
    /// or output than the manifest says.
    pub fn load(onnx: Vec<u8>, manifest: &Manifest) -> Result<Self, BackboneError> {
        let fail = BackboneError::File;
        let network =
            convnet::Network::load(onnx, BATCH, MOST_VALUES).map_err(|error| fail(error.to_string()))?;
        let side = manifest.input_size as usize;
        let features = manifest.features;
        let (input, output) = (network.input_shape(), network.output_shape());
        if input != [3, side, side] || output != [features.channels, features.height, features.width] {
            return Err(fail(format!("an input of {input:?} and an output of {output:?}")));
        }
        Ok(Self { batch: network.batch(), network: RefCell::new(network) })
    }
}

impl Network for CpuNetwork {
    fn batch(&self) -> usize {
        self.batch
    }

    async fn run(&self, images: &[Vec<f32>]) -> Result<Vec<f32>, BackboneError> {
        let mut network = self.network.borrow_mut();
        network.run(images).ok_or_else(|| {
            let lengths: Vec<usize> = images.iter().map(Vec::len).collect();
            BackboneError::Run(format!("images of {lengths:?} values"))
        })
    }
}
