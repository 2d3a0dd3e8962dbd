//! Small files that claim to be far more than they are, or become it.

use onnx_prepare::proto::{Graph, Model, Node, Tensor, ValueInfo};
use zip::CompressionMethod::{Deflated, Stored};

use bottleneck::npy::header;

use crate::seeds::{array, gzipped, tar_of, zipped};

/// For which parser, what is wrong, and the file.
pub type Bomb = (&'static str, &'static str, fn() -> Vec<u8>);

/// Bytes of what is unpacked.
const LARGE: usize = 90 << 20;

/// All of them.
pub const ALL: &[Bomb] = &[
    ("gzip", "a batch of nothing but zeros", || batch_of_zeros("data_batch_1.bin")),
    ("gzip", "the same as a pickle", || {
        let large = 60_000_000_u32;
        let pickle = [b"\x80\x02B".as_slice(), &large.to_le_bytes(), &vec![0; large as usize], b"."].concat();
        gzipped(&tar_of(&[("data_batch_1", pickle)]))
    }),
    ("gzip", "a file's name of zeros", || gzipped(&tar_with(b'L', LARGE))),
    ("gzip", "a pickle of a million values", || {
        gzipped(&tar_of(&[(
            "data_batch_1",
            [b"\x80\x04".as_slice(), &b"N\x94".repeat(499_000), b"."].concat(),
        )]))
    }),
    ("tar", "a batch with a hole of terabytes", sparse),
    ("pickle", "tuples of nothing", || [b"\x80\x02".as_slice(), &vec![b')'; 999_000], b"."].concat()),
    ("npz_cifar", "images of nothing but zeros", || {
        let images = 30_000;
        let arrays = vec![
            ("x_train.npy", array("|u1", &[images, 32, 32, 3], &vec![0; images as usize * 3072])),
            ("y_train.npy", array("|u1", &[images], &vec![0; images as usize])),
        ];
        zipped(&arrays, Deflated)
    }),
    ("npz_cifar", "a picture of nothing but zeros", || {
        let arrays = vec![
            ("x_train.npy", array("|u1", &[1, 5_000, 6_000], &vec![0; 30_000_000])),
            ("y_train.npy", array("|u1", &[1], &[0])),
        ];
        zipped(&arrays, Deflated)
    }),
    ("npz_cifar", "rows of labels of nothing but zeros", || {
        let arrays = vec![
            ("x_train.npy", array("|u1", &[90_000, 1, 1, 3], &[0; 270_000])),
            ("y_train.npy", array("|u1", &[90_000, 1_000], &vec![0; 90_000_000])),
        ];
        zipped(&arrays, Deflated)
    }),
    ("npy_pictures", "pictures that are not there", || header("<f8", &[200_000, 16_000, 16_000, 3])),
    ("npy_pictures", "pictures that are not there, in the other order", || {
        let text = String::from_utf8_lossy(&header("|u1", &[190_000, 4, 4, 3])[10..]).into_owned();
        let text = text.replace("'fortran_order': False", "'fortran_order': True ");
        [&header("|u1", &[190_000, 4, 4, 3])[..10], text.as_bytes()].concat()
    }),
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
    ("zip", "a picture's file of zeros", || {
        let bmp = [b"BM".as_slice(), &vec![0; LARGE]].concat();
        zipped(&[("a/1.bmp", bmp.clone()), ("b/1.bmp", bmp)], Deflated)
    }),
    ("picture", "a PNG of a flat gigapixel", || {
        let mut png = crate::seeds::picture().remove(0);
        png[16..24].copy_from_slice(&[31_000_u32.to_be_bytes(), 31_000_u32.to_be_bytes()].concat());
        let mut crc = flate2::Crc::new();
        crc.update(&png[12..29]);
        png[29..33].copy_from_slice(&crc.sum().to_be_bytes());
        png
    }),
    ("picture", "a photograph of gigapixels without any blocks", || claimed(65_500, 0xc0, 1 << 20)),
    ("picture", "a progressive photograph whose coefficients fill the memory", || {
        claimed(9_000, 0xc2, 250_000)
    }),
    ("picture", "a photograph of 190 megapixels that is there", || {
        crate::seeds::jpeg::greys(16_000, 12_000, [(2, 2), (1, 1), (1, 1)], |x, y| (x + y) as u8)
    }),
    ("picture", "a GIF whose screen is far larger than its picture", || {
        let mut gif = crate::seeds::picture().remove(2);
        gif[6..10].copy_from_slice(&[0, 0x78, 0, 0x78]);
        gif
    }),
    ("picture", "a WebP whose chunk is larger than itself", || {
        let mut webp = include_bytes!("../../fixtures/pictures/lossy.webp").to_vec();
        let at = webp.windows(3).position(|mark| mark == [0x9d, 0x01, 0x2a]).expect("a lossy chunk") + 3;
        webp[at..at + 4].copy_from_slice(&[0xff, 0x3f, 0xff, 0x3f]);
        webp
    }),
    ("zip", "a directory of 200,000 files", || {
        let names: Vec<String> = (0..200_000).map(|at| format!("{at:x}")).collect();
        let files: Vec<_> = names.iter().map(|name| (name.as_str(), Vec::new())).collect();
        zipped(&files, Stored)
    }),
    ("project_file", "an index of spaces", || zipped(&[("project.json", vec![b' '; 60 << 20])], Deflated)),
    ("project_file", "an index of 400,000 files", || {
        let sums: Vec<String> = (0..400_000).map(|at| format!("\"{at:x}\":\"\"")).collect();
        let index = format!("{}{{{}}}}}", before_sums(""), sums.join(","));
        zipped(&[("project.json", index.into_bytes())], Deflated)
    }),
    ("project_file", "a head of zeros", || {
        let sum = bottleneck::backbone::pieces::sha256(&vec![0; LARGE]);
        let index = format!("{}{{\"heads/1.bin\":\"{sum}\"}}}}", before_sums("\"ab\":\"heads/1.bin\""));
        zipped(&[("project.json", index.into_bytes()), ("heads/1.bin", vec![0; LARGE])], Deflated)
    }),
    ("safetensors", "a tensor of a million sides", || {
        let shape = vec!["0"; 1_000_000].join(",");
        let text = format!("{{\"a\":{{\"dtype\":\"F32\",\"shape\":[{shape}],\"data_offsets\":[0,0]}}}}");
        [(text.len() as u64).to_le_bytes().as_slice(), text.as_bytes()].concat()
    }),
    ("manifest", "a million pieces", || {
        let manifest = String::from_utf8(crate::seeds::manifest().remove(0)).expect("JSON");
        let (before, after) = manifest.split_once("\"sha256\":[").expect("pieces");
        format!("{before}\"sha256\":[{}{after}", "\"\",".repeat(1_500_000)).into_bytes()
    }),
    ("messages", "a project of a million classes", || {
        [b"\x06\x01\x01a\xc0\x84\x3d".as_slice(), &vec![0; 4_000_000]].concat()
    }),
    ("onnx", "a million empty nodes", || {
        let nodes = b"\x0a\x00".repeat(1_000_000);
        [b"\x3a\x80\x89\x7a".as_slice(), &nodes].concat()
    }),
    ("onnx", "one kernel for a thousand convolutions", || {
        network(Tensor::float("kernel", &[30_000, 1, 1, 1], &[0.5; 30_000]), 1_000)
    }),
    ("onnx", "a kernel to be packed for a thousand convolutions", || {
        network(Tensor::float("kernel", &[32_768, 3, 1, 1], &[0.5; 3 * 32_768]), 1_000)
    }),
    ("tfjs", "arrays in arrays", || {
        let nested = ["[".repeat(100_000), "]".repeat(100_000)].concat();
        format!("weightsManifest:[{{paths:{nested}}}]").into_bytes()
    }),
    ("tfjs", "a weight of a million sides", || {
        format!("weightsManifest:[{{weights:[{{name:'',shape:[{}]}}]}}]", "1,".repeat(1_000_000)).into_bytes()
    }),
    ("hdf5", "an array that is not there", || {
        let mut file = crate::seeds::hdf5().remove(0);
        claim_more(&mut file);
        file
    }),
    ("onnx", "a kernel that holds nothing", || {
        network(
            Tensor { dims: vec![1 << 40, 3, 1, 1], data_type: 7, name: "kernel".into(), ..Tensor::default() },
            1,
        )
    }),
];

/// A JPEG that claims to be so high and wide, by the frame header of this marker, and is so long.
fn claimed(side: u16, marker: u8, length: usize) -> Vec<u8> {
    let mut jpeg = crate::seeds::jpeg::greys(16, 16, [(2, 2), (1, 1), (1, 1)], |_, _| 0);
    let at = jpeg.windows(2).position(|mark| mark == [0xff, 0xc0]).expect("a frame header");
    jpeg[at + 1] = marker;
    jpeg[at + 5..at + 9].copy_from_slice(&[side.to_be_bytes(); 2].concat());
    jpeg.resize(length, 0);
    jpeg
}

fn batch_of_zeros(name: &str) -> Vec<u8> {
    gzipped(&tar_of(&[(name, vec![0; LARGE / 3073 * 3073])]))
}

/// A tar file with one entry of zeros of an unusual kind.
fn tar_with(kind: u8, length: usize) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::new(kind));
    header.set_size(length as u64);
    header.set_cksum();
    [header.as_bytes().as_slice(), &vec![b'a'; length.next_multiple_of(512)]].concat()
}

/// GNU's sparse files name the parts that are there; the rest is zeros that stand nowhere.
fn sparse() -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path("data_batch_1.bin").expect("a short name");
    header.set_entry_type(tar::EntryType::GNUSparse);
    header.set_size(0);
    let gnu = header.as_gnu_mut().expect("a header of GNU's");
    let size = format!("{:011o}\0", 0o77_777_777_777_u64);
    gnu.sparse[0].offset.copy_from_slice(size.as_bytes());
    gnu.sparse[0].numbytes.copy_from_slice(format!("{:011o}\0", 0).as_bytes());
    gnu.realsize.copy_from_slice(size.as_bytes());
    header.set_cksum();
    [header.as_bytes().as_slice(), &[0; 1024]].concat()
}

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

/// So many convolutions of the image, all with the same kernel.
fn network(kernel: Tensor, convolutions: usize) -> Vec<u8> {
    let group = onnx_prepare::proto::Attribute::int("group", if kernel.dims[1] == 1 { 3 } else { 1 });
    let names: Vec<String> = (0..convolutions).map(|at| format!("{at}")).collect();
    let node =
        names.iter().map(|name| Node::new("Conv", &["image", "kernel"], name, vec![group.clone()])).collect();
    let graph = Graph {
        node,
        initializer: vec![kernel],
        input: vec![ValueInfo::float("image", &[1, 3, 16, 16])],
        output: vec![ValueInfo::float("0", &[1, 3, 16, 16])],
        ..Graph::default()
    };
    Model { graph: Some(graph), ..Model::default() }.to_bytes()
}

/// Gives the file's largest array, whose sides are 3, 3, 3 and 2, a side of millions.
fn claim_more(file: &mut [u8]) {
    let sides: Vec<u8> = [3_u64, 3, 3, 2].iter().flat_map(|side| side.to_le_bytes()).collect();
    let at = file.windows(sides.len()).position(|window| window == sides).expect("the kernel's sides");
    file[at..at + 8].copy_from_slice(&50_000_000_u64.to_le_bytes());
}
