//! Pickles as NumPy's versions and Python's protocols write them.

use super::PIXELS;

/// Opcodes of protocol 2 to 3, with text as Python 3 writes it.
fn text(text: &str) -> Vec<u8> {
    [b"X".as_slice(), &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat()
}

fn raw(bytes: &[u8]) -> Vec<u8> {
    [b"B".as_slice(), &(bytes.len() as u32).to_le_bytes(), bytes].concat()
}

/// A batch of one image, with the array as `_reconstruct` and a state make it.
fn reconstructed() -> Vec<u8> {
    [
        b"\x80\x02}q\x00(".as_slice(),
        &text("labels"),
        b"]q\x01(K\x03e",
        &text("data"),
        b"cnumpy.core.multiarray\n_reconstruct\nq\x02cnumpy\nndarray\nK\x00\x85",
        &raw(b"b"),
        b"\x87Rq\x03(K\x01K\x01M\x00\x0c\x86cnumpy\ndtype\n",
        &text("u1"),
        b"K\x00K\x01\x87R(K\x03",
        &text("|"),
        b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89",
        &raw(&[5; PIXELS]),
        b"tbu.",
    ]
    .concat()
}

/// The same as protocol 5 has it, with frames, the memo and short lengths.
fn from_buffer() -> Vec<u8> {
    [
        b"\x80\x05\x95\x00\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x06labels\x94]\x94K\x03a\x8c\x04data\x94".as_slice(),
        b"\x8c\x12numpy.core.numeric\x94\x8c\x0b_frombuffer\x94\x93\x94(\x96",
        &(PIXELS as u64).to_le_bytes(),
        &[5; PIXELS],
        b"\x94\x8c\x05numpy\x94\x8c\x05dtype\x94\x93\x94\x8c\x02u1\x94\x89\x88\x87\x94R\x94K\x01\x8a\x02\x00\x0c\x86\x94",
        b"\x8c\x01C\x94t\x94R\x94u.",
    ]
    .concat()
}

/// Bytes as Python 3 writes them for Python 2.
fn encoded() -> Vec<u8> {
    let pixels = "\u{e5}".repeat(PIXELS);
    let plain = reconstructed();
    let before = plain.len() - PIXELS - 5 - 4;
    let call = [b"c_codecs\nencode\n".as_slice(), &text(&pixels), &text("latin1"), b"\x86R"].concat();
    [&plain[..before], &call, &plain[plain.len() - 4..]].concat()
}

/// What `batches.meta` holds.
pub fn names() -> Vec<u8> {
    [b"\x80\x02}(".as_slice(), &text("label_names"), b"](U\x05appleU\x04pearehq\x00"[..16].as_ref(), b"eu."]
        .concat()
}

pub fn pickle() -> Vec<Vec<u8>> {
    vec![reconstructed(), from_buffer(), encoded()]
}
