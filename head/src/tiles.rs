//! The convolution by tiles of 2 x 2 outputs, with 9 products where its windows take 16.
//!
//! This is Winograd's F(2 x 2, 2 x 2) (S. Winograd, Arithmetic Complexity of Computations, 1980; A. Lavin and
//! S. Gray, Fast Algorithms for Convolutional Neural Networks, 2016). Of three neighbours d on a map and two
//! taps g, two outputs y take three products in place of four:
//!
//! ```text
//! v = (d0 - d1, d1, d2 - d1)     u = (g0, g0 + g1, g1)     y = (u0 v0 + u1 v1, u1 v1 + u2 v2)
//! ```
//!
//! In two directions a tile has 3 x 3 *points*, and each point is a matrix product over the channels. The
//! way back is as long: `du = v dz` with `dz = (dy0, dy0 + dy1, dy1)`, and `dg = (du0 + du1, du1 + du2)`.
//!
//! An image has as many tiles as cover its outputs, row by row; what lies beyond the map counts as zero.

use super::windows::places;
use super::{WINDOW, matmul};
use crate::FeatureShape;

/// Outputs of a tile each way, and as many taps.
const STEP: usize = 2;
/// Points of a tile each way, and as many places of the map.
const SIDE: usize = STEP + WINDOW - 1;
const POINTS: usize = SIDE * SIDE;

/// Of a square of 2 x 2 values, those that a point sums.
const SPREAD: [&[usize]; POINTS] =
    [&[0], &[0, 1], &[1], &[0, 2], &[0, 1, 2, 3], &[1, 3], &[2], &[2, 3], &[3]];

/// Memory for products, which several convolutions use one after the other.
#[derive(Default)]
pub(super) struct Room {
    spread: Vec<f32>,
    products: Vec<f32>,
}

impl Room {
    /// So many values for a kernel at a point, and so many at all points.
    fn of(&mut self, spread: usize, products: usize) -> (&mut [f32], &mut [f32]) {
        self.spread.resize(spread, 0.0);
        self.products.resize(products, 0.0);
        (&mut self.spread, &mut self.products)
    }
}

/// V: maps at their points, points x tiles x channels.
pub(super) struct Tiles {
    values: Vec<f32>,
    shape: FeatureShape,
}

impl Tiles {
    /// Those of no maps yet, which will have this shape.
    pub fn new(shape: FeatureShape) -> Self {
        Self { values: Vec::new(), shape }
    }

    /// Those of the images whose `maps` these are, places x channels each, in place of what it held.
    pub fn cut(&mut self, maps: &[f32]) {
        let (channels, row) = (self.shape.channels, self.shape.len());
        let places: Vec<_> = tiled(self.shape, SIDE).collect();
        let tiles = maps.len() / row * places.len() / POINTS;
        let beyond = vec![0.0; channels];
        self.values.resize(POINTS * tiles * channels, 0.0);
        for (point, values) in self.values.chunks_exact_mut(tiles * channels).enumerate() {
            let tiles =
                maps.chunks_exact(row).flat_map(|map| places.chunks_exact(POINTS).map(move |at| (map, at)));
            for ((map, places), values) in tiles.zip(values.chunks_exact_mut(channels)) {
                let at = |y: usize, x: usize| match places[y * SIDE + x] {
                    Some(place) => &map[place * channels..][..channels],
                    None => &beyond[..],
                };
                let centre = at(1, 1);
                match (point / SIDE, point % SIDE) {
                    (1, 1) => values.copy_from_slice(centre),
                    (1, x) => subtract(at(1, x), centre, values),
                    (y, 1) => subtract(at(y, 1), centre, values),
                    (y, x) => cross(at(y, x), centre, at(y, 1), at(1, x), values),
                }
            }
        }
    }

    /// The sums of a convolution with a kernel of filters x (2 x 2 x channels): images · places x filters.
    pub fn convolve(&self, kernel: &[f32], filters: usize, room: &mut Room) -> Vec<f32> {
        let (channels, tiles) = (self.shape.channels, self.tiles());
        let (spread, products) = room.of(filters * channels, POINTS * filters * tiles);
        for (point, product) in products.chunks_exact_mut(filters * tiles).enumerate() {
            let rows = kernel.chunks_exact(STEP * STEP * channels).zip(spread.chunks_exact_mut(channels));
            rows.for_each(|(taps, spread)| {
                sum(point, std::array::from_fn(|tap| &taps[tap * channels..][..channels]), spread)
            });
            matmul::a_bt(spread, self.at(point), product, [filters, channels, tiles]);
        }
        self.outputs(products, filters)
    }

    /// `gradient` becomes that of the kernel, filters x (2 x 2 x channels).
    pub fn back(&self, derivative: &Derivative, gradient: &mut [f32], room: &mut Room) {
        let (channels, tiles, filters) = (self.shape.channels, self.tiles(), derivative.filters);
        let (_, products) = room.of(0, POINTS * filters * channels);
        for (point, product) in products.chunks_exact_mut(filters * channels).enumerate() {
            matmul::a_b(derivative.at(point), self.at(point), product, [filters, tiles, channels]);
        }
        for (filter, taps) in gradient.chunks_exact_mut(STEP * STEP * channels).enumerate() {
            let at = |point: usize| &products[(point * filters + filter) * channels..][..channels];
            taps.chunks_exact_mut(channels).enumerate().for_each(|(tap, values)| gather(tap, at, values));
        }
    }

    /// All tiles at a point, tiles x channels.
    fn at(&self, point: usize) -> &[f32] {
        let point_len = self.values.len() / POINTS;
        &self.values[point * point_len..][..point_len]
    }

    fn tiles(&self) -> usize {
        self.values.len() / POINTS / self.shape.channels
    }

    /// Y of the products at its points, points x filters x tiles.
    fn outputs(&self, products: &[f32], filters: usize) -> Vec<f32> {
        let (tiles, outputs) = (self.tiles(), places(self.shape));
        let places: Vec<_> = tiled(self.shape, STEP).collect();
        let images = tiles * STEP * STEP / places.len();
        let mut sums = vec![0.0; images * outputs * filters];
        let mut values = vec![0.0; tiles];
        for filter in 0..filters {
            let at = |point: usize| &products[(point * filters + filter) * tiles..][..tiles];
            for corner in 0..STEP * STEP {
                gather(corner, at, &mut values);
                let tiles_of_images = values.chunks_exact(places.len() / STEP / STEP).enumerate();
                for (image, values) in tiles_of_images {
                    let places = places.iter().skip(corner).step_by(STEP * STEP);
                    for (value, place) in values.iter().zip(places) {
                        if let Some(place) = place {
                            sums[(image * outputs + place) * filters + filter] = *value;
                        }
                    }
                }
            }
        }
        sums
    }
}

/// dZ: the derivative of a convolution's sums at the points of its tiles, points x filters x tiles.
pub(super) struct Derivative {
    values: Vec<f32>,
    filters: usize,
}

impl Derivative {
    /// That of the sums of maps of this shape, of which `sums`, images · places x filters, is the derivative.
    pub fn of(sums: &[f32], filters: usize, shape: FeatureShape) -> Self {
        let outputs = places(shape);
        let places: Vec<_> = tiled(shape, STEP).collect();
        let images = sums.len() / filters / outputs;
        let tiles = images * places.len() / STEP / STEP;
        let mut values = vec![0.0; POINTS * filters * tiles];
        let mut corners = vec![vec![0.0; tiles]; STEP * STEP];
        for filter in 0..filters {
            for (corner, values) in corners.iter_mut().enumerate() {
                let places = (0..images).flat_map(|image| {
                    places.iter().skip(corner).step_by(STEP * STEP).map(move |place| (image, place))
                });
                for (value, (image, place)) in values.iter_mut().zip(places) {
                    *value = place.map_or(0.0, |place| sums[(image * outputs + place) * filters + filter]);
                }
            }
            for point in 0..POINTS {
                let row = &mut values[(point * filters + filter) * tiles..][..tiles];
                sum(point, std::array::from_fn(|corner| &corners[corner][..]), row);
            }
        }
        Self { values, filters }
    }

    /// That at a point, filters x tiles.
    fn at(&self, point: usize) -> &[f32] {
        let point_len = self.values.len() / POINTS;
        &self.values[point * point_len..][..point_len]
    }
}

/// Of the tiles of an image, one after the other, the places on a map that is as much larger than the outputs
/// as `side` is larger than [`STEP`]; `None` beyond it.
fn tiled(shape: FeatureShape, side: usize) -> impl Iterator<Item = Option<usize>> {
    let outputs = [shape.height, shape.width].map(|places| places + 1 - WINDOW);
    let [height, width] = outputs.map(|outputs| outputs + side - STEP);
    let [down, across] = outputs.map(|outputs| outputs.div_ceil(STEP));
    let corners = (0..down).flat_map(move |y| (0..across).map(move |x| (y * STEP, x * STEP)));
    corners.flat_map(move |(top, left)| {
        (0..side * side).map(move |place| {
            let (y, x) = (top + place / side, left + place % side);
            (y < height && x < width).then_some(y * width + x)
        })
    })
}

/// Of four values of a square, what a point has of them.
fn sum(point: usize, square: [&[f32]; STEP * STEP], out: &mut [f32]) {
    match *SPREAD[point] {
        [a] => out.copy_from_slice(square[a]),
        [a, b] => out.iter_mut().zip(square[a].iter().zip(square[b])).for_each(|(out, (a, b))| *out = a + b),
        _ => add(square, out),
    }
}

/// The reverse: of values `at` the points, what one of a square's four has of them.
fn gather<'a>(corner: usize, at: impl Fn(usize) -> &'a [f32], out: &mut [f32]) {
    let first = corner / STEP * SIDE + corner % STEP;
    add([first, first + 1, first + SIDE, first + SIDE + 1].map(at), out);
}

fn add([a, b, c, d]: [&[f32]; 4], out: &mut [f32]) {
    let (upper, lower) = (a.iter().zip(b), c.iter().zip(d));
    out.iter_mut().zip(upper.zip(lower)).for_each(|(out, ((a, b), (c, d)))| *out = (a + b) + (c + d));
}

fn subtract(outer: &[f32], centre: &[f32], out: &mut [f32]) {
    out.iter_mut().zip(outer.iter().zip(centre)).for_each(|(out, (outer, centre))| *out = outer - centre);
}

fn cross(corner: &[f32], centre: &[f32], beside: &[f32], above: &[f32], out: &mut [f32]) {
    let (diagonal, straight) = (corner.iter().zip(centre), beside.iter().zip(above));
    out.iter_mut()
        .zip(diagonal.zip(straight))
        .for_each(|(out, ((corner, centre), (beside, above)))| *out = (corner - beside) - (above - centre));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn random(count: usize, random: &mut Random) -> Vec<f32> {
        (0..count).map(|_| random.unit() - 0.5).collect()
    }

    /// Calls `with` with the numbers of an output's, a tap's and a map's values that belong together.
    fn for_each_product(
        images: usize,
        filters: usize,
        shape: FeatureShape,
        mut with: impl FnMut(usize, usize, usize),
    ) {
        let [down, across] = [shape.height - 1, shape.width - 1];
        for (image, filter) in (0..images).flat_map(|image| (0..filters).map(move |filter| (image, filter))) {
            for (y, x) in (0..down).flat_map(|y| (0..across).map(move |x| (y, x))) {
                for (tap, channel) in
                    (0..4).flat_map(|tap| (0..shape.channels).map(move |channel| (tap, channel)))
                {
                    let place = (image * shape.height + y + tap / 2) * shape.width + x + tap % 2;
                    let output = (image * down + y) * across + x;
                    let taps = (filter * 4 + tap) * shape.channels + channel;
                    with(output * filters + filter, taps, place * shape.channels + channel);
                }
            }
        }
    }

    fn near(ours: &[f32], exact: &[f64]) {
        assert_eq!(ours.len(), exact.len());
        let scale = exact.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
        for (ours, exact) in ours.iter().zip(exact) {
            assert!((f64::from(*ours) - exact).abs() < 2e-6 * scale, "{ours} {exact}");
        }
    }

    #[test]
    fn sums_and_gradients_are_those_of_the_windows() {
        for [height, width, channels, images, filters] in
            [[3, 3, 16, 5, 7], [2, 2, 3, 1, 1], [4, 4, 9, 3, 10], [2, 5, 4, 2, 3], [7, 6, 2, 2, 5]]
        {
            let shape = FeatureShape { height, width, channels };
            let mut numbers = Random::new(1);
            let maps = random(images * shape.len(), &mut numbers);
            let kernel = random(filters * 4 * channels, &mut numbers);
            let derivative = random(images * places(shape) * filters, &mut numbers);
            let mut tiles = Tiles::new(shape);
            // What it held before does not matter.
            tiles.cut(&random(9 * shape.len(), &mut numbers));
            tiles.cut(&maps);
            let mut gradient = vec![f32::NAN; kernel.len()];
            tiles.back(&Derivative::of(&derivative, filters, shape), &mut gradient, &mut Room::default());
            let (mut exact_sums, mut exact_gradient) = (vec![0.0; derivative.len()], vec![0.0; kernel.len()]);
            for_each_product(images, filters, shape, |output, tap, value| {
                exact_sums[output] += f64::from(kernel[tap]) * f64::from(maps[value]);
                exact_gradient[tap] += f64::from(derivative[output]) * f64::from(maps[value]);
            });
            near(&tiles.convolve(&kernel, filters, &mut Room::default()), &exact_sums);
            near(&gradient, &exact_gradient);
        }
    }
}
