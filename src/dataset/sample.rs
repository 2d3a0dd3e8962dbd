//! The built-in sample: ten shapes and textures, drawn from a seed.
//!
//! Place, size, angle, colours, background and noise are drawn by lot for every image, so
//! that neither a colour nor any fixed pixel gives the class away. Only arithmetic that IEEE
//! 754 prescribes is used (angles come as points on the circle, from a rational formula), so
//! that the same seed gives the same bytes on every machine and stored features are found.

use super::{Dataset, Sample, Source};
use crate::pixels::RgbImage;
use crate::random::Random;

/// Height and width of a drawn image, as in CIFAR-10.
const SIDE: u32 = 32;
/// Training images of each class.
const TRAIN_PER_CLASS: usize = 100;
/// Test images of each class.
const TEST_PER_CLASS: usize = 20;
/// Each pixel is the mean of so many by so many points.
const POINTS: u32 = 3;
/// The classes in the order of their labels.
const CLASSES: [&str; 10] =
    ["circle", "triangle", "square", "star", "cross", "ring", "stripes", "checkerboard", "dots", "crescent"];

/// Draws the sample of `seed`: 1,000 training and 200 test images, the classes taking turns.
pub fn draw(seed: u64) -> Dataset {
    let mut random = Random::new(seed);
    let mut draw_all = |per_class: usize| -> Vec<Sample> {
        let labels = (0..per_class).flat_map(|_| 0..CLASSES.len());
        labels.map(|label| Sample::here(draw_one(label, &mut random), label as u16)).collect()
    };
    let (train, test) = (draw_all(TRAIN_PER_CLASS), draw_all(TEST_PER_CLASS));
    let classes = CLASSES.map(str::to_owned).to_vec();
    Dataset { source: Source::Drawn, classes, train, validation: None, test, notices: Vec::new() }
}

type Colour = [f32; 3];

/// A colour ramp across the image: the colour at the centre and its change along x and y.
struct Ramp {
    centre: Colour,
    along_x: Colour,
    along_y: Colour,
}

impl Ramp {
    fn new(centre: Colour, change: f32, random: &mut Random) -> Self {
        let mut slope = || std::array::from_fn(|_| random.between(-change, change));
        Self { centre, along_x: slope(), along_y: slope() }
    }

    fn at(&self, x: f32, y: f32) -> Colour {
        std::array::from_fn(|i| self.centre[i] + self.along_x[i] * x + self.along_y[i] * y)
    }
}

/// How a shape lies in the image, whose sides are from -1 to 1.
struct Pose {
    x: f32,
    y: f32,
    size: f32,
    cos: f32,
    sin: f32,
}

impl Pose {
    /// A place, a size between `small` and `large`, and an angle.
    fn new(small: f32, large: f32, random: &mut Random) -> Self {
        let size = random.between(small, large);
        let room = (0.95 - size).max(0.0);
        let (x, y) = (random.between(-room, room), random.between(-room, room));
        // ((1 - t²) / (1 + t²), 2 t / (1 + t²)) runs over half the circle for t in [-1, 1);
        // the other half is its negative.
        let t = random.between(-1.0, 1.0);
        let half = if random.bits() & 1 == 0 { 1.0 } else { -1.0 };
        let (cos, sin) = (half * (1.0 - t * t) / (1.0 + t * t), half * 2.0 * t / (1.0 + t * t));
        Self { x, y, size, cos, sin }
    }

    /// A point of the image in the shape's own frame, where it reaches from -1 to 1.
    fn to_shape(&self, x: f32, y: f32) -> (f32, f32) {
        let (x, y) = ((x - self.x) / self.size, (y - self.y) / self.size);
        (x * self.cos + y * self.sin, y * self.cos - x * self.sin)
    }
}

fn draw_one(label: usize, random: &mut Random) -> RgbImage {
    // Textures fill a patch of the image, shapes a part of it.
    let pose =
        if (6..=8).contains(&label) { Pose::new(0.75, 1.2, random) } else { Pose::new(0.45, 0.85, random) };
    let detail = random.between(0.8, 1.25);
    let (ground, figure) = colours(random);
    let ground = Ramp::new(ground, 0.18, random);
    let figure = Ramp::new(figure, 0.12, random);
    let clutter: Vec<(Pose, Colour)> = (0..random.below(4))
        .map(|_| (Pose::new(0.06, 0.16, random), std::array::from_fn(|_| random.unit())))
        .collect();
    let noise = random.between(0.02, 0.12);
    let points = SIDE * POINTS;
    let to_unit = |at: u32| (at as f32 + 0.5) * 2.0 / points as f32 - 1.0;
    RgbImage::from_fn(SIDE, SIDE, |column, row| {
        let mut sum = [0.0; 3];
        for point in 0..POINTS * POINTS {
            let x = to_unit(column * POINTS + point % POINTS);
            let y = to_unit(row * POINTS + point / POINTS);
            let (u, v) = pose.to_shape(x, y);
            let spot = clutter.iter().find(|(pose, _)| {
                let (u, v) = pose.to_shape(x, y);
                u.abs().max(v.abs()) <= 1.0
            });
            let colour = match spot {
                _ if covers(label, u, v, detail) => figure.at(x, y),
                Some((_, colour)) => *colour,
                None => ground.at(x, y),
            };
            sum.iter_mut().zip(colour).for_each(|(sum, value)| *sum += value);
        }
        sum.map(|sum: f32| {
            let value = sum / (POINTS * POINTS) as f32 + random.between(-noise, noise);
            (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
        })
    })
}

/// Two colours that differ enough to be told apart.
fn colours(random: &mut Random) -> (Colour, Colour) {
    let mut one = || std::array::from_fn(|_| random.unit());
    loop {
        let (ground, figure): (Colour, Colour) = (one(), one());
        let distance: f32 = ground.iter().zip(figure).map(|(a, b)| (a - b) * (a - b)).sum();
        if distance > 0.3 {
            return (ground, figure);
        }
    }
}

/// Whether the class's figure covers the point (u, v) of its own frame. `detail`, around 1,
/// varies its proportions.
fn covers(label: usize, u: f32, v: f32, detail: f32) -> bool {
    let square = u.abs().max(v.abs());
    let radius2 = u * u + v * v;
    let stripe = |at: f32, width: f32| (at / width).floor() as i32 & 1 == 0;
    let cell = |at: f32, width: f32| (at / width) - (at / width).floor() - 0.5;
    match label {
        0 => radius2 <= 0.8,
        1 => v <= 0.6 && v >= -0.9 + 1.75 * u.abs() * detail,
        2 => square <= 0.75,
        3 => star(u, v, radius2),
        4 => square <= 0.95 && u.abs().min(v.abs()) <= 0.26 * detail,
        5 => radius2 <= 0.9 && radius2 >= 0.35 * detail,
        6 => square <= 1.0 && stripe(u, 0.25 * detail),
        7 => square <= 1.0 && stripe(u, 0.33 * detail) != stripe(v, 0.33 * detail),
        8 => {
            let (x, y) = (cell(u, 0.5 * detail), cell(v, 0.5 * detail));
            square <= 1.0 && x * x + y * y <= 0.1
        }
        _ => radius2 <= 0.9 && (u - 0.5) * (u - 0.5) + v * v > 0.55 * detail,
    }
}

/// A star of five rays. Each ray is the region inside two of five lines (a pentagram): a
/// point belongs to it where at most one of the five lies between it and the centre.
fn star(u: f32, v: f32, radius2: f32) -> bool {
    // Unit normals of the pentagram's sides, every 72 degrees from straight up.
    const NORMALS: [(f32, f32); 5] = [
        (0.0, -1.0),
        (0.951_056_5, -0.309_017),
        (0.587_785_25, 0.809_017),
        (-0.587_785_25, 0.809_017),
        (-0.951_056_5, -0.309_017),
    ];
    let outside = NORMALS.iter().filter(|(x, y)| u * x + v * y > 0.36).count();
    outside <= 1 && radius2 <= 1.3
}
