//! JPEG files without any compression to speak of: one grey for each block of 8 x 8 pixels.

/// Bits, first ones first; a byte of ones is followed by a zero.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    waiting: u32,
    count: u32,
}

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        self.waiting = self.waiting << count | value;
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.waiting >> self.count) as u8;
            self.bytes.push(byte);
            if byte == 0xff {
                self.bytes.push(0);
            }
        }
        self.waiting &= (1 << self.count) - 1;
    }
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    [&[0xff, marker], &(body.len() as u16 + 2).to_be_bytes()[..], body].concat()
}

/// A baseline file of `width` x `height` whose three channels are sampled so often, across and down. The grey
/// in column `x` and row `y` of luminance's blocks is `grey(x, y)`.
pub fn greys(width: u16, height: u16, sampling: [(u8, u8); 3], grey: impl Fn(u32, u32) -> u8) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8];
    // All factors are 8: a step of the first coefficient is a grey.
    bytes.extend(segment(0xdb, &[&[0][..], &[8; 64]].concat()));
    let mut frame = vec![8];
    frame.extend([height.to_be_bytes(), width.to_be_bytes()].concat());
    frame.push(3);
    for (id, (across, down)) in (1..).zip(sampling) {
        frame.extend([id, across << 4 | down, 0]);
    }
    bytes.extend(segment(0xc0, &frame));
    // Twelve lengths of a difference, of four bits each; and one sign that ends a block, of one bit.
    let lengths: Vec<u8> = (0..12).collect();
    let table = |counts: [u8; 16], kind: u8, values: &[u8]| [&[kind][..], &counts, values].concat();
    let mut counts = [0; 16];
    counts[3] = 12;
    bytes.extend(segment(0xc4, &table(counts, 0, &lengths)));
    counts = [0; 16];
    counts[0] = 1;
    bytes.extend(segment(0xc4, &table(counts, 0x10, &[0])));
    bytes.extend(segment(0xda, &[3, 1, 0, 2, 0, 3, 0, 0, 63, 0]));

    let (across, down) = (u32::from(sampling[0].0), u32::from(sampling[0].1));
    let units = [u32::from(width).div_ceil(8 * across), u32::from(height).div_ceil(8 * down)];
    let mut bits = Bits::default();
    let mut last = 0;
    for unit in 0..units[0] * units[1] {
        let (column, row) = (unit % units[0] * across, unit / units[0] * down);
        for block in 0..across * down {
            let value = i32::from(grey(column + block % across, row + block / across)) - 128;
            let difference = value - last;
            last = value;
            let length = 32 - difference.unsigned_abs().leading_zeros();
            bits.push(length, 4);
            // Negative ones are written as what is below them (ITU-T T.81, F.1.2.1).
            let written = if difference < 0 { difference + (1 << length) - 1 } else { difference };
            bits.push(written as u32, length);
            bits.push(0, 1);
        }
        for &(across, down) in &sampling[1..] {
            (0..across * down).for_each(|_| bits.push(0, 5));
        }
    }
    bits.push(0x7f, 7);
    bytes.extend(bits.bytes);
    bytes.extend([0xff, 0xd9]);
    bytes
}
