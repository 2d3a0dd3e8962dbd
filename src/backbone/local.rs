//! A network on this thread as a [`Backbone`].

use half::f16;

use super::{Backbone, BackboneError, FeatureShape, Manifest, Network, PROBE_TOLERANCE, Probe, Scaling};
use crate::pixels::{self, RgbImage};

/// A network that passed its probe, with what must be done before and after it.
pub struct Local<N> {
    network: N,
    input_size: u32,
    scaling: Scaling,
    shape: FeatureShape,
}

impl<N: Network> Local<N> {
    /// Lets `network` show that it computes rightly. Also returns the probe's error, a share
    /// of the output's largest value.
    ///
    /// # Errors
    /// [`BackboneError::Probe`] where the error is above [`PROBE_TOLERANCE`], and whatever
    /// running the network gives.
    pub async fn new(network: N, manifest: &Manifest) -> Result<(Self, f32), BackboneError> {
        let output = network.run(&[Probe::input(manifest.input_size)]).await?;
        let error = manifest.probe.error(&output);
        if error > PROBE_TOLERANCE || output.len() != manifest.features.len() {
            return Err(BackboneError::Probe { error });
        }
        let local = Self {
            network,
            input_size: manifest.input_size,
            scaling: manifest.scaling,
            shape: manifest.features,
        };
        Ok((local, error))
    }
}

impl<N: Network> Backbone for Local<N> {
    async fn extract(&self, images: &[RgbImage]) -> Result<Vec<f16>, BackboneError> {
        let mut features = Vec::with_capacity(images.len() * self.shape.len());
        for images in images.chunks(self.network.batch()) {
            let input = |image| pixels::network_input(image, self.input_size, self.scaling);
            let inputs: Vec<Vec<f32>> = images.iter().map(input).collect();
            let outputs = self.network.run(&inputs).await?;
            if outputs.len() != images.len() * self.shape.len() {
                return Err(BackboneError::Run(format!("{} output values", outputs.len())));
            }
            for output in outputs.chunks_exact(self.shape.len()) {
                push_channels_last(output, self.shape, &mut features);
            }
        }
        Ok(features)
    }
}

/// Appends `output` (channels x height x width) to `features` as height x width x channels.
fn push_channels_last(output: &[f32], shape: FeatureShape, features: &mut Vec<f16>) {
    let places = shape.height * shape.width;
    for place in 0..places {
        features.extend(output.iter().skip(place).step_by(places).map(|&value| f16::from_f32(value)));
    }
}
