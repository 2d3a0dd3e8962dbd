//! Shapes of all values of a network of batch 1.

use std::collections::HashMap;

use crate::Error;
use crate::proto::Node;

/// A value's shape.
pub type Shape = Vec<usize>;

/// No side of any value is longer; a file that claims one is not computed with.
pub const LONGEST: usize = 1 << 20;

/// The window of a convolution or a pool; sides are height and width.
pub struct Window {
    /// Its sides, in values.
    pub kernel: [usize; 2],
    /// How far it moves.
    pub strides: [usize; 2],
    /// Places around the input: top, left, bottom, right.
    pub pads: [usize; 4],
    /// How far apart its values are.
    pub dilations: [usize; 2],
}

/// An error that names `node`.
pub fn refuse(node: &Node, why: impl Into<String>) -> Error {
    let name = node.output.first().unwrap_or(&node.name).clone();
    Error::Node { node: name, op: node.op_type.clone(), why: why.into() }
}

impl Window {
    /// The window of a convolution or pool whose pads are explicit; `kernel` where it is not
    /// among the attributes.
    ///
    /// # Errors
    /// Where there is none, or a side is missing, 0 or longer than [`LONGEST`].
    pub fn of(node: &Node, kernel: Option<[usize; 2]>) -> Result<Self, Error> {
        let read = |name: &str, fallback: &[usize]| -> Result<Vec<usize>, Error> {
            let Some(values) = node.ints(name) else { return Ok(fallback.to_vec()) };
            let sides: Option<Vec<usize>> = values
                .iter()
                .map(|&side| usize::try_from(side).ok().filter(|side| *side <= LONGEST))
                .collect();
            sides.ok_or_else(|| refuse(node, format!("has {name} {values:?}")))
        };
        let pair = |name: &str, fallback: [usize; 2]| -> Result<[usize; 2], Error> {
            let sides = read(name, &fallback)?;
            <[usize; 2]>::try_from(sides).map_err(|_| refuse(node, format!("needs two {name}")))
        };
        let kernel = match node.ints("kernel_shape") {
            Some(_) => pair("kernel_shape", [1, 1])?,
            None => kernel.ok_or_else(|| refuse(node, "has no kernel_shape"))?,
        };
        let pads = read("pads", &[0; 4])?;
        let pads = <[usize; 4]>::try_from(pads).map_err(|_| refuse(node, "needs four pads"))?;
        let (strides, dilations) = (pair("strides", [1, 1])?, pair("dilations", [1, 1])?);
        if [kernel, strides, dilations].concat().contains(&0) {
            return Err(refuse(node, "has a side of length 0"));
        }
        Ok(Self { kernel, strides, pads, dilations })
    }

    /// How many places it reaches over.
    pub(crate) fn extent(&self, side: usize) -> usize {
        (self.kernel[side] - 1).saturating_mul(self.dilations[side]).saturating_add(1)
    }

    /// The output's height and width for an input's.
    fn slide(&self, node: &Node, input: &[usize]) -> Result<[usize; 2], Error> {
        let mut output = [0; 2];
        for side in 0..2 {
            let padded = input[side] + self.pads[side] + self.pads[side + 2];
            let steps = padded
                .checked_sub(self.extent(side))
                .ok_or_else(|| refuse(node, "is larger than its input"))?;
            output[side] = steps / self.strides[side] + 1;
        }
        Ok(output)
    }
}

/// Groups of a convolution's channels.
///
/// # Errors
/// Where they are fewer than one.
pub fn groups(node: &Node) -> Result<usize, Error> {
    let groups = node.attribute("group").map_or(1, |group| group.i);
    let groups = usize::try_from(groups).ok().filter(|groups| *groups > 0);
    groups.ok_or_else(|| refuse(node, "has no groups"))
}

/// Adds the shape of `node`'s output to `shapes`, which hold those of all its inputs.
///
/// # Errors
/// Where an input is missing or does not fit, or the operator is none of those that are understood here.
pub fn infer(node: &Node, shapes: &mut HashMap<String, Shape>) -> Result<(), Error> {
    let shape_of = |index: usize| -> Result<&Shape, Error> {
        let name = node.input.get(index).ok_or_else(|| refuse(node, format!("has no input {index}")))?;
        shapes.get(name).ok_or_else(|| refuse(node, format!("takes `{name}`, which nothing makes")))
    };
    let image = |index: usize| -> Result<[usize; 4], Error> {
        let shape = shape_of(index)?;
        <[usize; 4]>::try_from(shape.clone()).map_err(|_| refuse(node, format!("takes shape {shape:?}")))
    };
    let output = match node.op_type.as_str() {
        "Conv" => {
            let ([batch, channels, height, width], kernel) = (image(0)?, image(1)?);
            if kernel[1].checked_mul(groups(node)?) != Some(channels) {
                return Err(refuse(node, format!("takes {channels} channels with a kernel of {kernel:?}")));
            }
            let window = Window::of(node, Some([kernel[2], kernel[3]]))?;
            let [height, width] = window.slide(node, &[height, width])?;
            vec![batch, kernel[0], height, width]
        }
        "MaxPool" | "AveragePool" => {
            let [batch, channels, height, width] = image(0)?;
            if node.attribute("ceil_mode").is_some_and(|mode| mode.i != 0) {
                return Err(refuse(node, "rounds its size up (ceil_mode)"));
            }
            let [height, width] = Window::of(node, None)?.slide(node, &[height, width])?;
            vec![batch, channels, height, width]
        }
        "GlobalAveragePool" => {
            let [batch, channels, ..] = image(0)?;
            vec![batch, channels, 1, 1]
        }
        "Relu" | "Clip" | "Identity" => image(0)?.to_vec(),
        "Add" => {
            let shape = image(0)?;
            if image(1)? != shape {
                return Err(refuse(node, "adds maps of different shape"));
            }
            shape.to_vec()
        }
        "Concat" => {
            let mut shape = image(0)?;
            if node.attribute("axis").is_none_or(|axis| axis.i != 1 && axis.i != -3) {
                return Err(refuse(node, "does not join channels"));
            }
            for index in 1..node.input.len() {
                let [batch, channels, height, width] = image(index)?;
                if [batch, height, width] != [shape[0], shape[2], shape[3]] {
                    return Err(refuse(node, "joins maps of different size"));
                }
                shape[1] = shape[1].saturating_add(channels);
            }
            shape.to_vec()
        }
        _ => return Err(refuse(node, "is none of the operators that are understood here")),
    };
    if output.iter().any(|side| *side > LONGEST) {
        return Err(refuse(node, format!("makes shape {output:?}")));
    }
    let name = node.output.first().ok_or_else(|| refuse(node, "has no output"))?;
    shapes.insert(name.clone(), output);
    Ok(())
}
