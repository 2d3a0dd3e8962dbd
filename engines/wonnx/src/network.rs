//! A network that wonnx runs on WebGPU.

use std::collections::HashMap;

use bottleneck::backbone::{BackboneError, Manifest, Network};
use onnx_prepare::packed::pack;
use wonnx::Session;
use wonnx::utils::{InputTensor, OutputTensor};

/// A loaded network. wonnx computes zeros where a shader fails, which is what the probe is for.
pub struct WonnxNetwork {
    session: Session,
    input: String,
    output: String,
    input_length: usize,
}

impl WonnxNetwork {
    /// Loads the `.onnx` file that `manifest` describes.
    ///
    /// # Errors
    /// [`BackboneError::File`] where the file is none, [`BackboneError::Start`] where wonnx
    /// cannot run it.
    ///
    /// # Panics
    /// In wonnx, where the browser gives no adapter: to be asked before.
    pub async fn load(onnx: Vec<u8>, manifest: &Manifest) -> Result<Self, BackboneError> {
        let fail = |error: onnx_prepare::Error| BackboneError::File(error.to_string());
        let packed = pack(onnx).map_err(fail)?;
        let session = Session::from_bytes(&packed).await;
        let size = manifest.input_size as usize;
        Ok(Self {
            session: session.map_err(|error| BackboneError::Start(error.to_string()))?,
            input: manifest.input.clone(),
            output: manifest.output.clone(),
            input_length: 3 * size * size,
        })
    }
}

impl Network for WonnxNetwork {
    async fn run(&self, images: &[Vec<f32>]) -> Result<Vec<f32>, BackboneError> {
        // wonnx does not check an input's length itself.
        let [image] = images else {
            return Err(BackboneError::Run(format!("{} images at a time", images.len())));
        };
        if image.len() != self.input_length {
            return Err(BackboneError::Run(format!("{} input values", image.len())));
        }
        let inputs = HashMap::from([(self.input.clone(), InputTensor::F32(image.into()))]);
        let outputs = self.session.run(&inputs).await;
        let mut outputs = outputs.map_err(|error| BackboneError::Run(error.to_string()))?;
        match outputs.remove(&self.output) {
            Some(OutputTensor::F32(values)) => Ok(values),
            _ => Err(BackboneError::Run(format!("no output `{}`", self.output))),
        }
    }
}
