//! Keras' HDF5 files of weights in the layout that Keras 2 writes: a group for each layer.

use std::collections::BTreeMap;

use hdf5_reader::group::Group;
use hdf5_reader::{Hdf5File, OpenOptions};

use crate::Error;
use crate::inception_v3::{ConvWeights, in_order, layer_number};

/// How deep groups may be nested: a layer, once more the layer, its weights.
const DEEPEST: usize = 4;

/// The convolutions and batch norms in an HDF5 file, in the order of their numbers. Keras does not pack
/// them: together they are no longer than the file.
///
/// # Errors
/// Where the bytes are no such file, or convolutions and norms do not pair up.
pub fn read(bytes: Vec<u8>) -> Result<Vec<ConvWeights>, Error> {
    let mut room = bytes.len();
    let options = OpenOptions {
        max_read_bytes: room,
        max_chunk_bytes: room,
        chunk_cache_bytes: 0,
        ..OpenOptions::default()
    };
    let file = Hdf5File::from_vec_with_options(bytes, options).map_err(weights)?;
    let root = file.root_group().map_err(weights)?;
    let (mut convs, mut norms) = (BTreeMap::new(), BTreeMap::<usize, [Vec<f32>; 3]>::new());
    for layer in root.groups().map_err(weights)? {
        let name = layer.name().trim_start_matches('/').to_owned();
        let (conv, norm) = (layer_number(&name, "conv2d"), layer_number(&name, "batch_normalization"));
        if conv.is_none() && norm.is_none() {
            continue;
        }
        let mut arrays = BTreeMap::new();
        collect(&layer, DEEPEST, &mut arrays, &mut room)?;
        let mut take =
            |part: &str| arrays.remove(part).ok_or_else(|| Error::Weights(format!("{name} has no {part}")));
        if let Some(number) = conv {
            convs.insert(number, take("kernel")?);
        } else if let Some(number) = norm {
            norms.insert(number, [take("beta")?.1, take("moving_mean")?.1, take("moving_variance")?.1]);
        }
    }
    in_order(convs, norms)
}

/// All float32 arrays below `group`, by their names without the `:0` of TensorFlow. They are taken off the
/// `room` that is left, in bytes.
fn collect(
    group: &Group,
    depth: usize,
    arrays: &mut BTreeMap<String, (Vec<usize>, Vec<f32>)>,
    room: &mut usize,
) -> Result<(), Error> {
    let (groups, datasets) = group.members().map_err(weights)?;
    for dataset in datasets {
        let name = dataset.name().rsplit('/').next().unwrap_or_default();
        let name = name.split(':').next().unwrap_or_default().to_owned();
        let bytes = dataset.num_elements().map_err(weights)?.saturating_mul(4);
        let left = usize::try_from(bytes).ok().and_then(|bytes| room.checked_sub(bytes));
        *room = left.ok_or_else(|| Error::Weights("the arrays are larger than the file".to_owned()))?;
        let array = dataset.read_array::<f32>().map_err(weights)?;
        arrays.insert(name, (array.shape().to_vec(), array.iter().copied().collect()));
    }
    if depth > 0 {
        for inner in groups {
            collect(&inner, depth - 1, arrays, room)?;
        }
    }
    Ok(())
}

fn weights(cause: impl ToString) -> Error {
    Error::Weights(cause.to_string())
}
