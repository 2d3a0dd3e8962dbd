//! Changes of a file that a parser has to stand.

use bottleneck::random::Random;

/// Numbers that lengths and counts are replaced by.
const EDGES: [u64; 10] =
    [0, 1, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0xffff_ffff, 1 << 33, i64::MAX as u64, u64::MAX];
/// Changes of one file at the most.
const MOST_CHANGES: u32 = 4;

/// One of `seeds` with one to four changes; the same `random` gives the same.
pub fn mutated(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let any = |random: &mut Random| seeds[random.below(seeds.len() as u32) as usize].clone();
    let mut bytes = any(random);
    for _ in 0..=random.below(MOST_CHANGES) {
        change(&mut bytes, random);
    }
    if random.below(16) == 0 {
        // The end of another file.
        let other = any(random);
        let (keep, from) = (below(random, bytes.len() + 1), below(random, other.len() + 1));
        bytes.truncate(keep);
        bytes.extend(&other[from..]);
    }
    bytes
}

fn below(random: &mut Random, count: usize) -> usize {
    random.below(count as u32) as usize
}

fn change(bytes: &mut Vec<u8>, random: &mut Random) {
    if bytes.is_empty() {
        return;
    }
    // Headers stand at the ends: two of three changes are there.
    let length = bytes.len();
    let near = length.min(200);
    let at = match random.below(3) {
        0 => below(random, near),
        1 => length - 1 - below(random, near),
        _ => below(random, length),
    };
    let run = (1 + below(random, 64)).min(length - at);
    match random.below(7) {
        0 => bytes[at] ^= 1 << random.below(8),
        1 => bytes[at] = random.bits() as u8,
        2 => bytes.truncate(at),
        3 => {
            let number = EDGES[below(random, EDGES.len())];
            let width = 1 << random.below(4);
            let both = [number.to_le_bytes(), (number << (64 - 8 * width)).to_be_bytes()];
            let number = &both[below(random, 2)][..width];
            bytes[at..].iter_mut().zip(number).for_each(|(byte, new)| *byte = *new);
        }
        4 => drop(bytes.splice(at..at, bytes[at..at + run].repeat(1 + below(random, 8)))),
        5 => drop(bytes.drain(at..at + run)),
        _ => {
            // A number in a text.
            let start = at + bytes[at..].iter().position(u8::is_ascii_digit).unwrap_or(0);
            let digits = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            let number = EDGES[below(random, EDGES.len())].to_string();
            drop(bytes.splice(start..start + digits, number.into_bytes()));
        }
    }
}
