//! The CPU engine: a network run by rten.

use onnx_prepare::{Detached, WEIGHTS};
use rten::{Model, ModelOptions, NodeId, op_registry};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

use super::{BackboneError, Manifest, Network};

/// A loaded network.
pub struct RtenNetwork {
    model: Model,
    input: NodeId,
    output: NodeId,
    input_size: usize,
}

impl RtenNetwork {
    /// Loads the `.onnx` file that `manifest` describes.
    ///
    /// # Errors
    /// [`BackboneError::File`] where the file is no network that rten can run, or has other
    /// inputs and outputs than the manifest says.
    pub fn load(onnx: Vec<u8>, manifest: &Manifest) -> Result<Self, BackboneError> {
        let fail = |cause: String| BackboneError::File(cause);
        let Detached { network, weights } =
            onnx_prepare::detach(onnx).map_err(|error| fail(error.to_string()))?;
        let network = onnx_prepare::leaky_relus(&network).map_err(|error| fail(error.to_string()))?;
        // What `onnx_prepare` lets through: the others would be half of the engine's program.
        let operators =
            op_registry!(Add, AveragePool, Clip, Concat, Conv, GlobalAveragePool, LeakyRelu, MaxPool);
        let mut options = ModelOptions::with_ops(operators);
        // Laying the weights out for the kernels once costs memory and saves time at every run.
        options.prepack_weights(true);
        options.external_data(WEIGHTS, weights);
        let model = options.load(network).map_err(|error| fail(error.to_string()))?;
        let node = |name: &str| model.node_id(name).map_err(|error| fail(error.to_string()));
        let (input, output) = (node(&manifest.input)?, node(&manifest.output)?);
        Ok(Self { model, input, output, input_size: manifest.input_size as usize })
    }
}

impl Network for RtenNetwork {
    async fn run(&self, input: &[f32]) -> Result<Vec<f32>, BackboneError> {
        let size = self.input_size;
        if input.len() != 3 * size * size {
            return Err(BackboneError::Run(format!("{} input values", input.len())));
        }
        let image = NdTensor::from_data([1, 3, size, size], input.to_vec());
        let outputs = self.model.run(vec![(self.input, image.into())], &[self.output], None);
        let mut outputs = outputs.map_err(|error| BackboneError::Run(error.to_string()))?;
        let output = outputs.pop().ok_or_else(|| BackboneError::Run("no output".to_owned()))?;
        let values: NdTensor<f32, 4> =
            output.try_into().map_err(|_| BackboneError::Run("an output that is no map".to_owned()))?;
        // No zero keeps the sign that its ReLU has left it.
        Ok(values.iter().map(|value| value + 0.0).collect())
    }
}
