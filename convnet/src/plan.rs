//! From an ONNX graph to maps and the steps between them.
//!
//! A ReLU or Clip becomes part of the convolution before it. What is joined is computed where it is joined:
//! the inputs of a `Concat` are channels of its map.

use std::collections::HashMap;
use std::mem;

use onnx_prepare::proto::{Node, Tensor};
use onnx_prepare::shapes::{Window, refuse};
use onnx_prepare::{Constant, Error, Stored};

use crate::channelwise::{Copy, Depthwise, Kind, Pool, Sum};
use crate::convolution::{Bias, Convolution, Geometry};
use crate::map::{ALL, Bounds, POSITIVE, Size, View};
use crate::network::{Operation, Step};
use crate::tiles::{self, Tiles};

/// Groups of channels, of a convolution that is not depthwise, at the most.
const MOST_GROUPS: usize = 1024;

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
    let bounds = fuse(&mut stored);
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
    // A map of none is nothing to compute with.
    let fits = values.filter(|values| *values > 0 && maps.sizes.iter().all(|size| size.len() > 0));
    let fitting = fits.map_or(0, |values| most_values as u64 / values);
    if fitting == 0 {
        return Err(Error::Structure(format!("maps of more than {most_values} values, or of none")));
    }
    let batch = batch.clamp(1, fitting.min(1 << 10) as usize);
    let mut steps = Vec::new();
    let mut weights = Weights { left: uses(&stored), constants: mem::take(&mut stored.constants) };
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

/// How often each value is taken, the output once more.
fn uses(stored: &Stored) -> HashMap<String, usize> {
    let mut uses = HashMap::from([(stored.output.clone(), 1)]);
    for input in stored.nodes.iter().flat_map(|node| &node.input) {
        *uses.entry(input.clone()).or_default() += 1;
    }
    uses
}

/// Takes away each ReLU and Clip whose input is a convolution's output that nothing else takes; the
/// convolution makes its output. The bounds of each node that is left.
fn fuse(stored: &mut Stored) -> Vec<Bounds> {
    let uses = uses(stored);
    let mut nodes: Vec<Node> = Vec::with_capacity(stored.nodes.len());
    let mut all_bounds = Vec::with_capacity(stored.nodes.len());
    let mut convolutions: HashMap<String, usize> = HashMap::new();
    for node in mem::take(&mut stored.nodes) {
        let bounds = bounds(&node, &stored.constants);
        let source = node.input.first().filter(|source| uses.get(*source) == Some(&1));
        if let (Some(bounds), Some(&at)) = (bounds, source.and_then(|source| convolutions.get(source))) {
            nodes[at].output = node.output;
            all_bounds[at] = bounds;
            continue;
        }
        if node.op_type == "Conv" {
            convolutions.insert(made(&node).to_owned(), nodes.len());
        }
        all_bounds.push(bounds.unwrap_or(ALL));
        nodes.push(node);
    }
    stored.nodes = nodes;
    all_bounds
}

/// The bounds that a node keeps values in; `None` of nodes that do something else.
fn bounds(node: &Node, constants: &HashMap<String, Tensor>) -> Option<Bounds> {
    let end = |index: usize, name: &str, open: f32| {
        let constant = node.input.get(index).and_then(|name| constants.get(name));
        let value = constant.and_then(|tensor| Constant::of(tensor).ok()?.values.first().copied());
        value.or(node.attribute(name).map(|attribute| attribute.f)).unwrap_or(open)
    };
    match node.op_type.as_str() {
        "Relu" => Some(POSITIVE),
        "Clip" => Some(Bounds { least: end(1, "min", ALL.least), most: end(2, "max", ALL.most) }),
        "Identity" => Some(ALL),
        _ => None,
    }
}

/// Where all values of a network are.
struct Maps {
    sizes: Vec<Size>,
    /// Map, first channel and channels of each value.
    places: HashMap<String, (usize, usize, usize)>,
}

impl Maps {
    /// Finds a place for the input and for each node's output. From the last node to the first: where a
    /// `Concat` is, is known before what it joins.
    fn of(stored: &Stored) -> Result<Self, Error> {
        let mut maps = Self { sizes: Vec::new(), places: HashMap::new() };
        let uses = uses(stored);
        let made_once: HashMap<&str, bool> = stored.nodes.iter().fold(HashMap::new(), |mut seen, node| {
            seen.entry(made(node)).and_modify(|once| *once = false).or_insert(true);
            seen
        });
        if made_once.values().any(|once| !once) || made_once.contains_key(stored.input.as_str()) {
            return Err(Error::Structure("a value that two nodes make".to_owned()));
        }
        maps.add(&stored.input, stored)?;
        for node in stored.nodes.iter().rev() {
            maps.add(made(node), stored)?;
            if node.op_type != "Concat" {
                continue;
            }
            let (map, mut first, _) = maps.places[made(node)];
            for input in &node.input {
                let [channels, ..] = image(input, stored)?;
                let alone = uses.get(input) == Some(&1) && made_once.contains_key(input.as_str());
                if alone {
                    maps.places.insert(input.clone(), (map, first, channels));
                }
                first += channels;
            }
        }
        Ok(maps)
    }

    /// Gives a value a map of its own, if it is in none.
    fn add(&mut self, name: &str, stored: &Stored) -> Result<(), Error> {
        if !self.places.contains_key(name) {
            let [channels, height, width] = image(name, stored)?;
            self.places.insert(name.to_owned(), (self.sizes.len(), 0, channels));
            self.sizes.push(Size { height, width, channels, border: [0; 4] });
        }
        Ok(())
    }

    /// Makes the borders as wide as the convolutions want them.
    fn widen_borders(&mut self, stored: &Stored) -> Result<(), Error> {
        for node in stored.nodes.iter().filter(|node| node.op_type == "Conv") {
            // That it has inputs is known from its shapes.
            let from = self.view(node.input.first().map_or("", String::as_str))?;
            let to = self.view(made(node))?;
            let (geometry, far) = geometry(node, stored)?;
            let far = match way(node, &geometry, [from, to]) {
                Way::Plain => continue,
                Way::Depthwise => far,
                Way::Tiles(far) => far,
            };
            let border = &mut self.sizes[from.map].border;
            let wanted = [geometry.pads[0], geometry.pads[1], far[0], far[1]];
            border.iter_mut().zip(wanted).for_each(|(border, wanted)| *border = wanted.max(*border));
        }
        Ok(())
    }

    fn view(&self, name: &str) -> Result<View, Error> {
        let place = self.places.get(name).ok_or_else(|| Error::Structure(format!("no value `{name}`")))?;
        let (map, first, channels) = *place;
        Ok(View { map, size: self.sizes[map], first, channels })
    }
}

/// Channels, height and width of a value.
fn image(name: &str, stored: &Stored) -> Result<[usize; 3], Error> {
    match stored.shapes.get(name).map(Vec::as_slice) {
        Some(&[1, channels, height, width]) => Ok([channels, height, width]),
        other => Err(Error::Structure(format!("`{name}` of shape {other:?} instead of 1 x C x H x W"))),
    }
}

fn group(node: &Node) -> usize {
    node.attribute("group").map_or(1, |group| group.i.max(0) as usize)
}

/// How a convolution is computed.
enum Way {
    Plain,
    Depthwise,
    /// With a border of so many places at the bottom and at the right.
    Tiles([usize; 2]),
}

/// How the convolution `node` is computed.
fn way(node: &Node, geometry: &Geometry, [from, to]: [View; 2]) -> Way {
    let sides = |view: View| [view.size.height, view.size.width];
    match group(node) {
        1 => match tiles::border(geometry, from.channels, sides(from), sides(to)) {
            Some(far) => Way::Tiles(far),
            None => Way::Plain,
        },
        groups if groups == from.channels && groups == to.channels => Way::Depthwise,
        _ => Way::Plain,
    }
}

/// Where a node's windows are, and its pads at the bottom and at the right.
fn geometry(node: &Node, stored: &Stored) -> Result<(Geometry, [usize; 2]), Error> {
    let kernel = node.input.get(1).and_then(|name| stored.shapes.get(name)).filter(|dims| dims.len() == 4);
    let sides = kernel.map(|dims| [dims[2], dims[3]]);
    let Window { kernel, strides, pads: [top, left, bottom, right], dilations } = Window::of(node, sides)?;
    if sides.is_some_and(|sides| sides != kernel) {
        return Err(refuse(node, "has a kernel of another shape than it says"));
    }
    Ok((Geometry { kernel, strides, pads: [top, left], dilations }, [bottom, right]))
}

/// The constants, each for as long as a node is left that takes it.
struct Weights {
    left: HashMap<String, usize>,
    constants: HashMap<String, Tensor>,
}

impl Weights {
    /// The values of the input `index` of `node`: none where it has no such input.
    fn take(&mut self, node: &Node, index: usize) -> Result<Vec<f32>, Error> {
        let Some(name) = node.input.get(index).filter(|name| !name.is_empty()) else { return Ok(Vec::new()) };
        let tensor =
            self.constants.get(name).ok_or_else(|| refuse(node, format!("takes `{name}`, no constant")))?;
        let values = Constant::of(tensor)?.values;
        let left = self.left.entry(name.clone()).or_default();
        *left = left.saturating_sub(1);
        if *left == 0 {
            self.constants.remove(name);
        }
        Ok(values)
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
            let (kernel, bias) = (weights.take(node, 1)?, weights.take(node, 2)?);
            let groups = group(node);
            let a_filter = from.channels / groups.max(1) * geometry.kernel.iter().product::<usize>();
            if kernel.len() != to.channels * a_filter || !to.channels.is_multiple_of(groups.max(1)) {
                return Err(refuse(node, "has a kernel that does not fit"));
            }
            if !bias.is_empty() && bias.len() != to.channels {
                return Err(refuse(node, "has a bias that does not fit"));
            }
            let bias = if bias.is_empty() { vec![0.0; to.channels] } else { bias };
            let whole = || Bias::new(&bias, bounds);
            match way(node, &geometry, [from, to]) {
                Way::Tiles(_) => {
                    let tiles = Tiles::new(&kernel, whole(), geometry, [from, to], batch);
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
                    let (inputs, filters) = (from.channels / groups.max(1), to.channels / groups.max(1));
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
            let (geometry, far_pads) = geometry(node, stored)?;
            let border = node.attribute("count_include_pad").is_some_and(|include| include.i != 0);
            let kind = if node.op_type == "MaxPool" { Kind::Largest } else { Kind::Mean { border } };
            add(Operation::Pool(Pool { kind, geometry, far_pads, from, to }), [from; 2]);
        }
        "GlobalAveragePool" => {
            let from = from(0)?;
            let kernel = [from.size.height, from.size.width];
            let geometry = Geometry { kernel, strides: [1; 2], pads: [0; 2], dilations: [1; 2] };
            let kind = Kind::Mean { border: false };
            add(Operation::Pool(Pool { kind, geometry, far_pads: [0; 2], from, to }), [from; 2]);
        }
        "Add" => {
            let from = [from(0)?, from(1)?];
            add(Operation::Sum(Sum { from, to }), from);
        }
        "Concat" => {
            let mut first = to.first;
            for index in 0..node.input.len() {
                let from = from(index)?;
                let to = View { first, channels: from.channels, ..to };
                first += from.channels;
                if from.map != to.map {
                    add(Operation::Copy(Copy { bounds: ALL, from, to }), [from; 2]);
                }
            }
        }
        "Relu" | "Clip" | "Identity" => {
            let from = from(0)?;
            add(Operation::Copy(Copy { bounds, from, to }), [from; 2]);
        }
        _ => return Err(refuse(node, "is none of the operators that are computed here")),
    }
    Ok(())
}
