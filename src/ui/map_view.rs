//! Which part of a map is seen, and which of its points are where: pure geometry.
//!
//! Points lie as x, y, x, y in the map's own units; places on the screen are CSS pixels from the drawing's upper
//! left corner.

/// Share of the drawing that the whole map takes.
const FILLED: f32 = 0.88;
/// How much smaller and larger than the whole map it can be drawn.
const ZOOM: [f32; 2] = [0.5, 400.0];
/// Neighbours in the map by which a class is compared with others.
const COMPARED: usize = 10;
/// What lies this much further aside than ahead is in another direction.
const ASIDE: f32 = 1.2;

/// A part of the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// The place in the map that is in the middle of the drawing.
    pub centre: [f32; 2],
    /// Pixels of a unit.
    pub scale: f32,
}

impl View {
    /// All of the map in a drawing of this `size`.
    pub fn whole(positions: &[f32], size: [f32; 2]) -> Self {
        let mut bounds = [[f32::INFINITY, f32::NEG_INFINITY]; 2];
        for point in positions.as_chunks::<2>().0 {
            for (bounds, value) in bounds.iter_mut().zip(point) {
                *bounds = [bounds[0].min(*value), bounds[1].max(*value)];
            }
        }
        if bounds.iter().any(|[low, high]| !(low.is_finite() && high.is_finite())) {
            return Self { centre: [0.0; 2], scale: 1.0 };
        }
        let centre = bounds.map(|[low, high]| low + (high - low) / 2.0);
        // Points that lie on each other have no extent.
        let scales = bounds.iter().zip(size).map(|([low, high], size)| size * FILLED / (high - low));
        let scale = scales.filter(|scale| scale.is_finite() && *scale > 0.0).fold(f32::INFINITY, f32::min);
        Self { centre, scale: if scale.is_finite() { scale } else { 1.0 } }
    }

    /// Where a place of the map is on the screen.
    pub fn to_screen(self, at: [f32; 2], size: [f32; 2]) -> [f32; 2] {
        std::array::from_fn(|axis| (at[axis] - self.centre[axis]) * self.scale + size[axis] / 2.0)
    }

    /// Which place of the map is there on the screen.
    pub fn to_map(self, at: [f32; 2], size: [f32; 2]) -> [f32; 2] {
        std::array::from_fn(|axis| (at[axis] - size[axis] / 2.0) / self.scale + self.centre[axis])
    }

    /// The view after the map was pulled so many pixels along.
    pub fn pulled(self, by: [f32; 2]) -> Self {
        Self { centre: std::array::from_fn(|axis| self.centre[axis] - by[axis] / self.scale), ..self }
    }

    /// The view `factor` times as large, with the place `at` where it is. `whole` says what sizes there are.
    pub fn zoomed(self, factor: f32, at: [f32; 2], size: [f32; 2], whole: Self) -> Self {
        let scale = (self.scale * factor).clamp(whole.scale * ZOOM[0], whole.scale * ZOOM[1]);
        let fixed = self.to_map(at, size);
        let centre = std::array::from_fn(|axis| fixed[axis] - (at[axis] - size[axis] / 2.0) / scale);
        Self { centre, scale }
    }
}

/// The point that is nearest to a place of the screen, within `reach` pixels; the first of equals.
pub fn point_at(positions: &[f32], view: View, size: [f32; 2], at: [f32; 2], reach: f32) -> Option<usize> {
    let screen = positions.as_chunks::<2>().0.iter().map(|point| view.to_screen(*point, size));
    let squared = screen.map(|point| (point[0] - at[0]).powi(2) + (point[1] - at[1]).powi(2)).enumerate();
    let near = squared.filter(|(_, squared)| *squared <= reach * reach);
    near.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(point, _)| point)
}

/// The points that are seen.
pub fn in_sight(positions: &[f32], view: View, size: [f32; 2]) -> Vec<usize> {
    let seen = |point: &[f32; 2]| {
        view.to_screen(*point, size).iter().zip(size).all(|(at, size)| (0.0..=size).contains(at))
    };
    let points = positions.as_chunks::<2>().0.iter().enumerate();
    points.filter(|(_, point)| seen(point)).map(|(number, _)| number).collect()
}

/// The next point from `from` on in a `direction` (-1, 0 or 1 along each axis): the nearest of those that lie more
/// ahead than aside.
pub fn next_point(positions: &[f32], from: usize, direction: [f32; 2]) -> Option<usize> {
    let points = positions.as_chunks::<2>().0;
    let begin = points.get(from)?;
    let ahead = points.iter().enumerate().filter_map(|(number, point)| {
        let [x, y] = [point[0] - begin[0], point[1] - begin[1]];
        let along = x * direction[0] + y * direction[1];
        let aside = (x * direction[1] - y * direction[0]).abs();
        (number != from && along > 0.0 && aside <= along * ASIDE).then_some((along + 2.0 * aside, number))
    });
    ahead.min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, number)| number)
}

/// What the map shows of a class.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassRow {
    /// A place among the classes.
    pub class: u16,
    /// Its images in the map.
    pub images: u32,
    /// Of its images' ten nearest neighbours in the map the share that is of the class itself, in [0, 1].
    pub own: f64,
    /// The other class that most of the rest are of, and its share of all neighbours; the first of equals.
    pub other: Option<(u16, f64)>,
}

/// What a map with these positions shows of each class that has images in it.
pub fn class_rows(positions: &[f32], labels: &[u16]) -> Vec<ClassRow> {
    let points = positions.as_chunks::<2>().0;
    let classes = labels.iter().max().map_or(0, |class| usize::from(*class) + 1);
    let mut counts = vec![vec![0_u32; classes]; classes];
    let mut images = vec![0_u32; classes];
    let mut found: Vec<(f32, u16)> = Vec::with_capacity(points.len());
    for ((number, point), &label) in points.iter().enumerate().zip(labels) {
        images[usize::from(label)] += 1;
        found.clear();
        let others = points.iter().zip(labels).enumerate().filter(|(other, _)| *other != number);
        found.extend(others.map(|(_, (other, label))| {
            ((other[0] - point[0]).powi(2) + (other[1] - point[1]).powi(2), *label)
        }));
        if found.len() > COMPARED {
            found.select_nth_unstable_by(COMPARED, |(a, _), (b, _)| a.total_cmp(b));
            found.truncate(COMPARED);
        }
        found.iter().for_each(|(_, other)| counts[usize::from(label)][usize::from(*other)] += 1);
    }
    let row = |(class, counts): (usize, &Vec<u32>)| {
        let all = f64::from(counts.iter().sum::<u32>().max(1));
        let others = counts.iter().enumerate().filter(|(other, count)| *other != class && **count > 0);
        let most = others.fold(None, |best: Option<(usize, u32)>, (other, &count)| {
            if best.is_some_and(|(_, most)| most >= count) { best } else { Some((other, count)) }
        });
        ClassRow {
            class: class as u16,
            images: images[class],
            own: f64::from(counts[class]) / all,
            other: most.map(|(other, count)| (other as u16, f64::from(count) / all)),
        }
    };
    counts.iter().enumerate().map(row).filter(|row| row.images > 0).collect()
}
