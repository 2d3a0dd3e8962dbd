//! From an ONNX graph to maps and the steps between them.
//!
//! A ReLU or Clip becomes part of the convolution before it. What is joined is computed where it is joined:
//! the inputs of a `Concat` are channels of its map.

use std::collections::{HashMap, HashSet};
use std::mem;

use onnx_prepare::proto::{Node, Tensor};
use onnx_prepare::shapes::{Window, groups, refuse};
use onnx_prepare::{Bounds, Constant, Error, Stored};

use crate::block::COLUMNS;
use crate::channelwise::{Clamp, Depthwise, Kind, Pool, Sum};
use crate::convolution::{Bias, Convolution, Geometry};
use crate::map::{Size, View};
use crate::network::{Operation, Step};
use crate::tiles::{Fit, Tiles};

/// Groups of channels, of a convolution that is not depthwise, at the most.
const MOST_GROUPS: usize = 1024;
/// Sides of a window at the most, but for the one of a whole map.
const MOST_TAPS: usize = 64;
/// Weights as they are computed with, at the most: so many for each of the file's, and so many more. Those of
/// InceptionV3 are 1.1 times as many.
const MOST_WEIGHTS: [usize; 2] = [4, 1 << 22];

/// What a network is computed by.
pub struct Plan {
    pub steps: Vec<Step>,
    /// Values of each map.
    pub lengths: Vec<usize>,
    pub input: View,
    pub output: View,
    /// Images in each map.
    pub batch: usize,
}

/// The plan for up to `batch` images at a time, whose maps take no more than `most_values` values.
pub fn of(mut stored: Stored, batch: usize, most_values: usize) -> Result<Plan, Error> {
    let bounds = stored.fuse_bounds(|_, node| node.op_type == "Conv")?;
    let mut maps = Maps::of(&stored)?;
    maps.widen_borders(&stored)?;
    let values = maps.sizes.iter().try_fold(0_u64, |sum, size| {
        let sides = [
            size.border[0] + size.height + size.border[2],
            size.border[1] + size.width + size.border[3],
            size.channels,
        ];
        let values = sides.iter().try_fold(1_u64, |product, side| product.checked_mul(*side as u64));
        sum.checked_add(values?)
    });
    let fitting = values.map_or(0, |values| most_values as u64 / values.max(1));
    if fitting == 0 {
        return Err(Error::Structure(format!("maps of more than {most_values} values")));
    }
    let batch = batch.clamp(1, fitting.min(1 << 10) as usize);
    let mut steps = Vec::new();
    let mut weights = Weights::of(mem::take(&mut stored.constants), stored.uses());
    for (node, bounds) in stored.nodes.iter().zip(bounds) {
        add_steps(&mut steps, node, bounds, &maps, &stored, &mut weights, batch)?;
    }
    Ok(Plan {
        steps,
        lengths: maps.sizes.iter().map(|size| size.len() * batch).collect(),
        input: maps.view(&stored.input)?,
        output: maps.view(&stored.output)?,
        batch,
    })
}

fn made(node: &Node) -> &str {
    node.output.first().map_or("", String::as_str)
}

/// Where all values of a network are.
struct Maps {
    sizes: Vec<Size>,
    places: HashMap<String, Place>,
}

/// Where a value is: some channels of a map.
#[derive(Clone, Copy)]
struct Place {
    map: usize,
    first: usize,
    channels: usize,
}

impl Maps {
    /// Finds a place for the input and for each node's output. From the last node to the first: where a
    /// `Concat` is, is known before what it joins.
    fn of(stored: &Stored) -> Result<Self, Error> {
        let mut maps = Self { sizes: Vec::new(), places: HashMap::new() };
        let uses = stored.uses();
        let made_here: HashSet<&str> = stored.nodes.iter().map(made).collect();
        maps.add(&stored.input, stored)?;
        for node in stored.nodes.iter().rev() {
            let Place { map, mut first, .. } = maps.add(made(node), stored)?;
            if node.op_type != "Concat" {
                continue;
            }
            for input in &node.input {
                let [channels, ..] = image(input, stored)?;
                if uses.get(input) == Some(&1) && made_here.contains(input.as_str()) {
                    maps.places.insert(input.clone(), Place { map, first, channels });
                }
                first += channels;
            }
        }
        Ok(maps)
    }

    /// The place of a value: a map of its own, if it has none yet.
    fn add(&mut self, name: &str, stored: &Stored) -> Result<Place, Error> {
        if let Some(place) = self.places.get(name) {
            return Ok(*place);
        }
        let [channels, height, width] = image(name, stored)?;
        let place = Place { map: self.sizes.len(), first: 0, channels };
        self.places.insert(name.to_owned(), place);
        self.sizes.push(Size { height, width, channels, border: [0; 4] });
        Ok(place)
    }

    /// Makes the borders as wide as the convolutions by tiles and the depthwise ones want them.
    fn widen_borders(&mut self, stored: &Stored) -> Result<(), Error> {
        for node in stored.nodes.iter().filter(|node| node.op_type == "Conv") {
            // That it has inputs is known from its shapes.
            let from = self.view(node.input.first().map_or("", String::as_str))?;
            let to = self.view(made(node))?;
            let (geometry, far) = geometry(node, stored)?;
            let far = match way(node, &geometry, [from, to])? {
                Way::Plain => continue,
                Way::Depthwise => far,
                Way::Tiles(fit) => fit.border,
            };
            let border = &mut self.sizes[from.map].border;
            let wanted = [geometry.pads[0], geometry.pads[1], far[0], far[1]];
            border.iter_mut().zip(wanted).for_each(|(border, wanted)| *border = wanted.max(*border));
        }
        Ok(())
    }

    fn view(&self, name: &str) -> Result<View, Error> {
        let place = self.places.get(name).ok_or_else(|| Error::Structure(format!("no value `{name}`")))?;
        let Place { map, first, channels } = *place;
        Ok(View { map, size: self.sizes[map], first, channels })
    }
}

/// Channels, height and width of a value.
fn image(name: &str, stored: &Stored) -> Result<[usize; 3], Error> {
    match stored.shapes.get(name).map(Vec::as_slice) {
        Some(&[1, channels, height, width]) if [channels, height, width].iter().all(|side| *side > 0) => {
            Ok([channels, height, width])
        }
        other => Err(Error::Structure(format!("`{name}` of shape {other:?} instead of 1 x C x H x W"))),
    }
}

/// How a convolution is computed.
enum Way {
    Plain,
    Depthwise,
    Tiles(Fit),
}

/// How the convolution `node` is computed.
fn way(node: &Node, geometry: &Geometry, [from, to]: [View; 2]) -> Result<Way, Error> {
    Ok(match (groups(node)?, Fit::of(geometry, [from, to])) {
        (1, Some(fit)) => Way::Tiles(fit),
        (groups, _) if groups > 1 && groups == from.channels && groups == to.channels => Way::Depthwise,
        _ => Way::Plain,
    })
}

/// Where a node's windows are, and its pads at the bottom and at the right.
fn geometry(node: &Node, stored: &Stored) -> Result<(Geometry, [usize; 2]), Error> {
    let kernel = node.input.get(1).and_then(|name| stored.shapes.get(name)).filter(|dims| dims.len() == 4);
    let sides = kernel.map(|dims| [dims[2], dims[3]]);
    let Window { kernel, strides, pads: [top, left, bottom, right], dilations } = Window::of(node, sides)?;
    if sides.is_some_and(|sides| sides != kernel) {
        return Err(refuse(node, "has a kernel of another shape than it says"));
    }
    if kernel.iter().any(|side| *side > MOST_TAPS) {
        return Err(refuse(node, format!("has a window of {kernel:?}")));
    }
    Ok((Geometry { kernel, strides, pads: [top, left], dilations }, [bottom, right]))
}

/// The constants, each for as long as a node is left that takes it.
struct Weights {
    constants: HashMap<String, Tensor>,
    left: HashMap<String, usize>,
    /// How many more there may be as they are computed with.
    room: usize,
}

impl Weights {
    fn of(constants: HashMap<String, Tensor>, left: HashMap<String, usize>) -> Self {
        // As if all were float16, which is what large ones are.
        let values = |tensor: &Tensor| tensor.raw_data.len() / 2 + tensor.float_data.len();
        let values: usize = constants.values().map(values).sum();
        let [times, more] = MOST_WEIGHTS;
        Self { constants, left, room: values.saturating_mul(times).saturating_add(more) }
    }

    /// The values of the input `index` of `node`; `None` where it is left out.
    fn take(&mut self, node: &Node, index: usize) -> Result<Option<Vec<f32>>, Error> {
        let Some(name) = node.input.get(index).filter(|name| !name.is_empty()) else { return Ok(None) };
        let tensor = self.constants.get(name);
        let values = tensor.map(Constant::of).transpose()?.map(|constant| constant.values);
        let values = values.filter(|values| !values.is_empty());
        let values = values.ok_or_else(|| refuse(node, format!("takes `{name}`, no float32 constant")))?;
        let left = self.left.entry(name.clone()).or_default();
        *left = left.saturating_sub(1);
        if *left == 0 {
            self.constants.remove(name);
        }
        Ok(Some(values))
    }

    /// Takes up room for `rows` x `columns` weights.
    fn hold(&mut self, node: &Node, rows: usize, columns: usize) -> Result<(), Error> {
        let held = rows.checked_mul(columns.next_multiple_of(COLUMNS));
        let room = held.and_then(|held| self.room.checked_sub(held));
        self.room = room.ok_or_else(|| refuse(node, "makes the weights too many"))?;
        Ok(())
    }
}

/// Adds what computes `node`.
fn add_steps(
    steps: &mut Vec<Step>,
    node: &Node,
    bounds: Bounds,
    maps: &Maps,
    stored: &Stored,
    weights: &mut Weights,
    batch: usize,
) -> Result<(), Error> {
    let to = maps.view(made(node))?;
    let from = |index: usize| {
        maps.view(node.input.get(index).ok_or_else(|| refuse(node, format!("has no input {index}")))?)
    };
    let mut add = |operation, from: [View; 2]| {
        steps.push(Step { operation, from: from.map(|view| view.map), to: to.map })
    };
    match node.op_type.as_str() {
        "Conv" => {
            let from = from(0)?;
            let (geometry, _) = geometry(node, stored)?;
            let groups = groups(node)?;
            let kernel = weights.take(node, 1)?.ok_or_else(|| refuse(node, "has no kernel"))?;
            let bias = weights.take(node, 2)?.unwrap_or_else(|| vec![0.0; to.channels]);
            let a_filter = from.channels / groups * geometry.kernel.iter().product::<usize>();
            if a_filter.checked_mul(to.channels) != Some(kernel.len()) || !to.channels.is_multiple_of(groups)
            {
                return Err(refuse(node, "has a kernel that does not fit"));
            }
            if bias.len() != to.channels {
                return Err(refuse(node, "has a bias that does not fit"));
            }
            let whole = || Bias::new(&bias, bounds);
            match way(node, &geometry, [from, to])? {
                Way::Tiles(fit) => {
                    weights.hold(node, fit.rows(from.channels), to.channels)?;
                    let tiles = Tiles::new(&kernel, whole(), geometry, fit, [from, to], batch);
                    add(Operation::Tiles(tiles), [from; 2]);
                }
                Way::Depthwise => {
                    let depthwise = Depthwise::new(&kernel, whole(), geometry, [from, to], batch);
                    add(Operation::Depthwise(depthwise), [from; 2]);
                }
                Way::Plain if groups > MOST_GROUPS => {
                    return Err(refuse(node, format!("has {groups} groups")));
                }
                Way::Plain => {
                    let (inputs, filters) = (from.channels / groups, to.channels / groups);
                    weights.hold(node, a_filter * groups, filters)?;
                    for group in 0..groups {
                        let part = |view: View, channels| View {
                            first: view.first + group * channels,
                            channels,
                            ..view
                        };
                        let views = [part(from, inputs), part(to, filters)];
                        let bias = Bias::new(&bias[group * filters..][..filters], bounds);
                        let kernel = &kernel[group * filters * a_filter..][..filters * a_filter];
                        let convolution = Convolution::new(kernel, bias, geometry, views, batch);
                        add(Operation::Convolution(convolution), [from; 2]);
                    }
                }
            }
        }
        "MaxPool" | "AveragePool" => {
            let from = from(0)?;
            let (geometry, _) = geometry(node, stored)?;
            let empty = |side: usize| {
                let taps = |at| geometry.within(side, at, from.sides()[side]).0;
                (0..to.sides()[side]).any(|at| taps(at).is_empty())
            };
            if empty(0) || empty(1) {
                return Err(refuse(node, "has windows beyond its input"));
            }
            let pads = node.attribute("count_include_pad").is_some_and(|include| include.i != 0);
            let kind = if node.op_type == "MaxPool" { Kind::Largest } else { Kind::Mean { pads } };
            add(Operation::Pool(Pool::new(kind, geometry, [from, to], batch)), [from; 2]);
        }
        "GlobalAveragePool" => {
            let from = from(0)?;
            let geometry =
                Geometry { kernel: from.sides(), strides: [1; 2], pads: [0; 2], dilations: [1; 2] };
            let kind = Kind::Mean { pads: false };
            add(Operation::Pool(Pool::new(kind, geometry, [from, to], batch)), [from; 2]);
        }
        "Add" => {
            let from = [from(0)?, from(1)?];
            add(Operation::Sum(Sum::new(from, to, batch)), from);
        }
        "Concat" => {
            let mut first = to.first;
            for index in 0..node.input.len() {
                let from = from(index)?;
                let to = View { first, channels: from.channels, ..to };
                first += from.channels;
                if from.map != to.map {
                    add(Operation::Clamp(Clamp::new(Bounds::ALL, [from, to], batch)), [from; 2]);
                }
            }
        }
        "Relu" | "Clip" | "Identity" => {
            let from = from(0)?;
            add(Operation::Clamp(Clamp::new(bounds, [from, to], batch)), [from; 2]);
        }
        _ => return Err(refuse(node, "is none of the operators that are computed here")),
    }
    Ok(())
}
