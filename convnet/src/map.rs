//! Maps: the values between the steps of a network, one image's after the other's, each row by row and place
//! by place, all channels of a place side by side. Around each image's places is a border of zeros, as wide as
//! the convolutions by tiles and the depthwise ones want it, which look for no edge.

/// The size of a map, of one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub height: usize,
    pub width: usize,
    pub channels: usize,
    /// Places of the border: top, left, bottom, right.
    pub border: [usize; 4],
}

impl Size {
    /// Values from one row of places to the next.
    pub fn row(&self) -> usize {
        (self.border[1] + self.width + self.border[3]) * self.channels
    }

    /// Values of an image, with its border.
    pub fn len(&self) -> usize {
        (self.border[0] + self.height + self.border[2]) * self.row()
    }

    /// Where the values of an image's place stand; rows and columns begin at the first one of the border.
    fn at(&self, image: usize, row: usize, column: usize) -> usize {
        image * self.len() + row * self.row() + column * self.channels
    }
}

/// Some channels of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Which map it is.
    pub map: usize,
    pub size: Size,
    /// The first of the channels.
    pub first: usize,
    /// How many they are.
    pub channels: usize,
}

impl View {
    /// Height and width.
    pub fn sides(&self) -> [usize; 2] {
        [self.size.height, self.size.width]
    }

    /// Where the values of each place of `images` images stand, in order.
    pub fn offsets(&self, images: usize) -> Vec<usize> {
        self.window([0; 2], [1; 2], self.sides(), images)
    }

    /// Where a window stands in each of `positions` (rows and columns of them), `strides` apart, the first one
    /// `pads` (top, left) into the border.
    pub fn window(
        &self,
        pads: [usize; 2],
        strides: [usize; 2],
        positions: [usize; 2],
        images: usize,
    ) -> Vec<usize> {
        let [top, left] = [self.size.border[0] - pads[0], self.size.border[1] - pads[1]];
        let mut offsets = Vec::with_capacity(images * positions[0] * positions[1]);
        for image in 0..images {
            for row in 0..positions[0] {
                let at = |column| self.size.at(image, top + row * strides[0], left + column * strides[1]);
                offsets.extend((0..positions[1]).map(|column| at(column) + self.first));
            }
        }
        offsets
    }
}

/// How many of the images are computed that there is room for.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    pub images: usize,
    pub of: usize,
}

impl Share {
    /// The part of a list that is about them. It has equally many entries for each image, one image's after the
    /// other's.
    pub fn part<T>(self, list: &[T]) -> &[T] {
        &list[..list.len() / self.of * self.images]
    }
}
