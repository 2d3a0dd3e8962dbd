//! Small files that claim to be far more than they are, or become it.

use zip::CompressionMethod::{Deflated, Stored};

use crate::seeds::{array, zipped};

/// For which parser, what is wrong, and the file.
pub type Bomb = (&'static str, &'static str, fn() -> Vec<u8>);

/// All of them.
pub const ALL: &[Bomb] = &[
    ("npz_features", "features of nothing but zeros", || {
        let images = 7_000_000;
        zipped(&[("a.npy", array("<f2", &[images, 1, 2, 3], &vec![0; images as usize * 12]))], Deflated)
    }),
    ("npy", "a number of ten thousand digits", || {
        let text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({},), }}", "9".repeat(9_900));
        [b"\x93NUMPY\x01\x00".as_slice(), &(text.len() as u16).to_le_bytes(), text.as_bytes()].concat()
    }),
    ("npy", "lists in lists", || {
        let text = "[".repeat(9_900);
        [b"\x93NUMPY\x01\x00".as_slice(), &(text.len() as u16).to_le_bytes(), text.as_bytes()].concat()
    }),
    ("npy", "signs before a number", || {
        let text = "-".repeat(9_900);
        [b"\x93NUMPY\x01\x00".as_slice(), &(text.len() as u16).to_le_bytes(), text.as_bytes()].concat()
    }),
    ("zip", "a directory of 200,000 files", || {
        let names: Vec<String> = (0..200_000).map(|at| format!("{at:x}")).collect();
        let files: Vec<_> = names.iter().map(|name| (name.as_str(), Vec::new())).collect();
        zipped(&files, Stored)
    }),
    ("project_file", "an index of 400,000 files", || {
        let sums: Vec<String> = (0..400_000).map(|at| format!("\"{at:x}\":\"\"")).collect();
        let index = format!("{}{{{}}}}}", before_sums(""), sums.join(","));
        zipped(&[("project.json", index.into_bytes())], Deflated)
    }),
];

/// A project's index up to the sums of its files.
fn before_sums(heads: &str) -> String {
    let class = |id: u32| format!("{{\"id\":{id},\"name\":\"{id}\",\"enabled\":true,\"pictures\":[]}}");
    format!(
        "{{\"format\":\"bottleneck-project\",\"version\":1,\"project\":{{\"version\":1,\"name\":\"a\",\
         \"classes\":[{},{}],\"next\":2}},\"pictures\":[],\"features\":[],\"heads\":{{{heads}}},\"sha256\":",
        class(0),
        class(1)
    )
}
