//! Pictures that earlier versions of the page kept smaller than this one does.

use crate::pixels::RgbImage;

/// Their height and width.
pub const EARLIER_SIDE: u32 = 224;

/// How many of these pictures of a project were reduced further than a network with an input of `size` x
/// `size` needs. What was added at exactly that size counts too, for nothing tells it apart.
pub fn reduced_too_far(pictures: &[RgbImage], size: u32) -> usize {
    let earlier = |picture: &&RgbImage| [picture.width(), picture.height()] == [EARLIER_SIDE; 2];
    if size > EARLIER_SIDE { pictures.iter().filter(earlier).count() } else { 0 }
}
