//! ReLU and Clip as bounds of what the node before them makes.

use std::collections::HashMap;
use std::mem;

use crate::proto::{Node, Tensor};
use crate::shapes::refuse;
use crate::{Constant, Error, Stored};

/// Between what a value is kept when it is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Nothing is less.
    pub least: f32,
    /// Nothing is more.
    pub most: f32,
}

impl Bounds {
    /// Everything.
    pub const ALL: Self = Self { least: f32::NEG_INFINITY, most: f32::INFINITY };
    /// What ReLU keeps.
    pub const POSITIVE: Self = Self { least: 0.0, most: f32::INFINITY };

    /// `value`, or the bound that it is beyond. What is not a number stays.
    #[inline(always)]
    pub fn clamp(self, value: f32) -> f32 {
        let value = if value < self.least { self.least } else { value };
        if value > self.most { self.most } else { value }
    }

    /// What is between these bounds and then between `others`.
    fn then(self, others: Self) -> Self {
        Self { least: others.clamp(self.least), most: others.clamp(self.most) }
    }

    /// The bounds that a node keeps values in; `None` of nodes that do something else.
    fn of(node: &Node, constants: &HashMap<String, Tensor>) -> Result<Option<Self>, Error> {
        // An input, or an attribute in files of an older version.
        let bound = |index: usize, name: &str, open: f32| -> Result<f32, Error> {
            let Some(input) = node.input.get(index).filter(|input| !input.is_empty()) else {
                return Ok(node.attribute(name).map_or(open, |attribute| attribute.f));
            };
            let tensor = constants.get(input).filter(|tensor| tensor.dims.iter().all(|side| *side == 1));
            let values = tensor.map(Constant::of).transpose()?.map(|constant| constant.values);
            match values.as_deref() {
                Some([value]) => Ok(*value),
                _ => Err(refuse(node, format!("has a {name} that is no float32 constant"))),
            }
        };
        Ok(match node.op_type.as_str() {
            "Relu" => Some(Self::POSITIVE),
            "Clip" => Some(Self {
                least: bound(1, "min", Self::ALL.least)?,
                most: bound(2, "max", Self::ALL.most)?,
            }),
            "Identity" => Some(Self::ALL),
            _ => None,
        })
    }
}

impl Stored {
    /// How often each value is taken, the output once more.
    pub fn uses(&self) -> HashMap<String, usize> {
        let mut uses = HashMap::from([(self.output.clone(), 1)]);
        for input in self.nodes.iter().flat_map(|node| &node.input) {
            *uses.entry(input.clone()).or_default() += 1;
        }
        uses
    }

    /// Takes away each ReLU, Clip and Identity whose input is made by a node that `keeps` bounds, where nothing
    /// else takes it; that node makes its output, and so on. The bounds of each node that is left, those of a ReLU
    /// too.
    ///
    /// # Errors
    /// Where a Clip's bound is no float32 constant.
    pub fn fuse_bounds(&mut self, keeps: impl Fn(&Self, &Node) -> bool) -> Result<Vec<Bounds>, Error> {
        let uses = self.uses();
        let mut nodes: Vec<Node> = Vec::with_capacity(self.nodes.len());
        let mut all_bounds: Vec<Bounds> = Vec::with_capacity(self.nodes.len());
        let mut keeping: HashMap<String, usize> = HashMap::new();
        for node in mem::take(&mut self.nodes) {
            let bounds = Bounds::of(&node, &self.constants)?;
            let source = node.input.first().filter(|source| uses.get(*source) == Some(&1));
            let before = source.and_then(|source| keeping.get(source)).copied();
            let made = node.output.first().cloned();
            if let (Some(bounds), Some(at)) = (bounds, before) {
                nodes[at].output = node.output;
                all_bounds[at] = all_bounds[at].then(bounds);
                keeping.extend(made.map(|made| (made, at)));
                continue;
            }
            if keeps(self, &node) {
                keeping.extend(made.map(|made| (made, nodes.len())));
            }
            all_bounds.push(bounds.unwrap_or(Bounds::ALL));
            nodes.push(node);
        }
        self.nodes = nodes;
        Ok(all_bounds)
    }
}
