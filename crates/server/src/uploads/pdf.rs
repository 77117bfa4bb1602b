//! PDFs: kept as they are if nothing in them acts, refused otherwise.
//!
//! Written ourselves: a library reads the objects that the file's table names, and
//! readers differ in what else they find when that table is damaged or names a place
//! inside of other data. So this looks at every byte, however a reader would come by it:
//! the file as it lies, and every stream of it unpacked. It knows one packing (Flate) and
//! the packings of pictures; a stream packed in another way is refused, because it cannot
//! be looked into.

use flate2::{Decompress, FlushDecompress, Status};
use linli_model::upload::UploadRefusal;

/// Memory for one check.
pub(super) const COST_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes that all streams of a file may have, unpacked. A bomb ends here.
const UNPACKED_BYTES_MAX: usize = 256 * 1024 * 1024;
const CHUNK_BYTES: usize = 64 * 1024;
/// Streams of a file. A scanned paper has a few for each page.
const STREAMS_MAX: usize = 50_000;
/// A dictionary before `stream` is looked for this far back.
const DICTIONARY_BYTES_MAX: usize = 16 * 1024;
/// The end of the file is looked for this far back, as readers do.
const TAIL_BYTES: usize = 1_024;

/// Names (without their slash) of what acts, carries other files, or hides from us.
const ACTIVE: &[&[u8]] = &[
    b"JavaScript",
    b"JS",
    b"Launch",
    b"EmbeddedFile",
    b"EmbeddedFiles",
    b"Filespec",
    b"RichMedia",
    b"XFA",
    b"SubmitForm",
    b"ImportData",
    b"GoToE",
    b"GoToR",
    b"Rendition",
    b"Movie",
    b"Encrypt",
    b"Crypt",
];
/// Short names come up in packed pictures by chance. An action that has one of these has
/// a long one as well.
const SHORT_CHARS: usize = 2;

/// Packings that [`check`] can look into, or that hold nothing but pixels.
const FILTERS: &[&[u8]] = &[
    b"FlateDecode",
    b"Fl",
    b"DCTDecode",
    b"JPXDecode",
    b"CCITTFaxDecode",
    b"JBIG2Decode",
];

/// Refuses a PDF that is damaged or that acts.
pub(super) fn check(bytes: &[u8]) -> Result<(), UploadRefusal> {
    let tail = &bytes[bytes.len().saturating_sub(TAIL_BYTES)..];
    if !bytes.starts_with(b"%PDF-1.") && !bytes.starts_with(b"%PDF-2.")
        || find(tail, b"%%EOF").is_none()
    {
        return Err(UploadRefusal::UploadUnreadable);
    }
    refuse_active(bytes, true)?;
    let mut left = UNPACKED_BYTES_MAX;
    let (mut at, mut streams) = (0, 0);
    while let Some(found) = find(&bytes[at..], b"stream") {
        let keyword = at + found;
        at = keyword + b"stream".len();
        if bytes[..keyword].ends_with(b"end") {
            continue;
        }
        streams += 1;
        if streams > STREAMS_MAX {
            return Err(UploadRefusal::UploadPdfActive);
        }
        let dictionary = dictionary(&bytes[..keyword]);
        let data = skip_line_end(&bytes[at..]);
        look_into(dictionary, data, &mut left)?;
    }
    Ok(())
}

/// What stands before `stream`, back to the object's beginning.
fn dictionary(before: &[u8]) -> &[u8] {
    let near = &before[before.len().saturating_sub(DICTIONARY_BYTES_MAX)..];
    let start = near.windows(3).rposition(|window| window == b"obj");
    &near[start.unwrap_or(0)..]
}

fn skip_line_end(data: &[u8]) -> &[u8] {
    let data = data.strip_prefix(b"\r").unwrap_or(data);
    data.strip_prefix(b"\n").unwrap_or(data)
}

fn look_into(dictionary: &[u8], data: &[u8], left: &mut usize) -> Result<(), UploadRefusal> {
    let names = names(dictionary);
    let refused = |why| {
        tracing::debug!(why, "a PDF was not taken");
        Err(UploadRefusal::UploadPdfActive)
    };
    let mut filters = names.iter().filter(|name| {
        name.ends_with(b"Decode")
            || matches!(
                &***name,
                b"Fl" | b"LZW" | b"RL" | b"AHx" | b"A85" | b"DCT" | b"CCF"
            )
    });
    if filters.any(|filter| !FILTERS.contains(&&**filter)) {
        return refused("a stream is packed in a way that cannot be looked into");
    }
    let has = |wanted: &[u8]| names.iter().any(|name| &**name == wanted);
    // Where the packing is said elsewhere in the file, nobody can tell by the dictionary.
    let by_reference = has(b"Filter") && !names.iter().any(|name| FILTERS.contains(&&**name));
    if by_reference && !is_empty_filter(dictionary) {
        return refused("a stream's packing is not told where it stands");
    }
    // Predictors stir the bytes of pictures and tables; objects behind one would be
    // unseen here.
    if has(b"Predictor") && has(b"First") {
        return refused("objects are packed with a predictor");
    }
    unpack(data, left)
}

fn is_empty_filter(dictionary: &[u8]) -> bool {
    let Some(at) = find(dictionary, b"/Filter") else {
        return false;
    };
    let rest = &dictionary[at + 7..];
    let packed: Vec<u8> = rest
        .iter()
        .copied()
        .filter(|b| !b.is_ascii_whitespace())
        .take(4)
        .collect();
    packed.starts_with(b"[]") || packed.starts_with(b"null")
}

/// Unpacks whatever begins here, if it is packed by Flate; a reader that does not trust
/// the dictionary would as well.
fn unpack(data: &[u8], left: &mut usize) -> Result<(), UploadRefusal> {
    let mut unpacker = Decompress::new(true);
    let mut out = vec![0; CHUNK_BYTES];
    let mut kept: Vec<u8> = Vec::new();
    let (mut read, mut wrote) = (0, 0);
    loop {
        let status = unpacker.decompress(&data[read..], &mut out, FlushDecompress::None);
        let (now_read, now_wrote) = (total(unpacker.total_in()), total(unpacker.total_out()));
        let fresh = now_wrote - wrote;
        *left = left
            .checked_sub(fresh)
            .ok_or(UploadRefusal::UploadPdfActive)?;
        kept.extend_from_slice(&out[..fresh]);
        refuse_active(&kept, false)?;
        // A name may lie across two chunks.
        kept.drain(..kept.len().saturating_sub(128));
        let stuck = now_read == read && fresh == 0;
        (read, wrote) = (now_read, now_wrote);
        match status {
            Ok(Status::Ok | Status::BufError) if !stuck => {}
            // Not packed, damaged, or at its end: what came out was looked at.
            _ => return Ok(()),
        }
    }
}

fn total(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Looks for names in `bytes`. In the file itself, short names are looked for outside of
/// streams' data only, where chance does not write them.
fn refuse_active(bytes: &[u8], is_file: bool) -> Result<(), UploadRefusal> {
    let mut at = 0;
    while let Some(found) = find(&bytes[at..], b"/") {
        at += found + 1;
        let name = name(&bytes[at..]);
        let active = ACTIVE.contains(&&*name);
        let by_chance = is_file && name.len() <= SHORT_CHARS;
        if active && !by_chance {
            tracing::debug!(name = %String::from_utf8_lossy(&name), "a PDF was not taken");
            return Err(UploadRefusal::UploadPdfActive);
        }
    }
    Ok(())
}

/// Every name of a dictionary.
fn names(dictionary: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(slash) = find(&dictionary[at..], b"/") {
        at += slash + 1;
        found.push(name(&dictionary[at..]));
    }
    found
}

/// The name that begins here, with `#4a` read as the byte that it stands for.
fn name(bytes: &[u8]) -> Vec<u8> {
    let mut name = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let ends = byte.is_ascii_whitespace() || *byte == 0 || b"()<>[]{}/%".contains(byte);
        if ends || name.len() > 32 {
            break;
        }
        let escaped = (*byte == b'#').then(|| bytes.get(at + 1..at + 3)).flatten();
        let read = escaped
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        name.push(read.unwrap_or(*byte));
        at += if read.is_some() { 3 } else { 1 };
    }
    name
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    let first = needle[0];
    let mut at = 0;
    while let Some(next) = bytes[at..].iter().position(|byte| *byte == first) {
        at += next;
        if bytes[at..].starts_with(needle) {
            return Some(at);
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn pdf(objects: &[u8]) -> Vec<u8> {
        [
            b"%PDF-1.7\n",
            objects,
            b"\ntrailer <</Root 1 0 R>>\nstartxref\n9\n%%EOF\n",
        ]
        .concat()
    }

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(text).unwrap();
        packer.finish().unwrap()
    }

    fn stream(dictionary: &str, data: &[u8]) -> Vec<u8> {
        [
            b"4 0 obj <<",
            dictionary.as_bytes(),
            b">>\nstream\n",
            data,
            b"\nendstream endobj\n",
        ]
        .concat()
    }

    #[test]
    fn papers_are_kept() {
        let page = b"1 0 obj <</Type/Catalog/Pages 2 0 R/OpenAction[3 0 R/Fit]>> endobj\n";
        assert_eq!(check(&pdf(page)), Ok(()));
        let text = stream(
            "/Filter/FlateDecode/Length 9",
            &packed(b"BT /F1 12 Tf (hello) Tj ET"),
        );
        assert_eq!(check(&pdf(&text)), Ok(()));
        let objects = stream(
            "/Type/ObjStm/N 1/First 4/Filter[/FlateDecode]",
            &packed(b"5 0 <</Type/Page>>"),
        );
        assert_eq!(check(&pdf(&objects)), Ok(()));
        let image = stream(
            "/Subtype/Image/Filter/DCTDecode",
            b"\xff\xd8\xff\xe0 /JS( \xff\xd9",
        );
        assert_eq!(check(&pdf(&image)), Ok(()), "chance writes short names");
        let plain = stream("/Length 3/Filter []", b"abc");
        assert_eq!(check(&pdf(&plain)), Ok(()));
    }

    #[test]
    fn what_acts_or_hides_is_refused() {
        let script = b"5 0 <</S/JavaScript/JS(app.alert(1))>>";
        let cases: Vec<(&str, Vec<u8>)> = vec![
            ("script", pdf(b"1 0 obj <</S/JavaScript/JS(x)>> endobj")),
            (
                "name in escapes",
                pdf(b"1 0 obj <</S/J#61va#53cript>> endobj"),
            ),
            ("program", pdf(b"1 0 obj <</S/Launch/F(cmd.exe)>> endobj")),
            (
                "other files",
                pdf(b"1 0 obj <</Type /EmbeddedFile>> endobj"),
            ),
            (
                "form with a program",
                pdf(b"1 0 obj <</AcroForm <</XFA 3 0 R>>>> endobj"),
            ),
            ("locked", pdf(b"trailer <</Encrypt 9 0 R>>")),
            (
                "in packed objects",
                pdf(&stream(
                    "/Type/ObjStm/N 1/First 4/Filter/FlateDecode",
                    &packed(script),
                )),
            ),
            (
                "under another type",
                pdf(&stream(
                    "/Type/Metadata/Filter/FlateDecode",
                    &packed(script),
                )),
            ),
            (
                "without a packing's name",
                pdf(&stream("/Length 40", &packed(script))),
            ),
            (
                "unpacked inside a stream",
                pdf(&stream("/Length 40", script)),
            ),
            (
                "packed twice",
                pdf(&stream("/Filter[/ASCIIHexDecode/FlateDecode]", b"789c")),
            ),
            ("packed by LZW", pdf(&stream("/Filter/LZWDecode", b"x"))),
            (
                "packing said elsewhere",
                pdf(&stream("/Filter 9 0 R", b"x")),
            ),
            (
                "behind a predictor",
                pdf(&stream(
                    "/First 4/Filter/FlateDecode/DecodeParms<</Predictor 12>>",
                    &packed(b"x"),
                )),
            ),
        ];
        for (reason, bytes) in cases {
            assert_eq!(
                check(&bytes),
                Err(UploadRefusal::UploadPdfActive),
                "{reason}"
            );
        }
        // Behind as much as one chunk, and a bomb.
        let mut late = vec![b' '; CHUNK_BYTES - 7];
        late.extend(script);
        let late = pdf(&stream("/Filter/FlateDecode", &packed(&late)));
        assert_eq!(check(&late), Err(UploadRefusal::UploadPdfActive));
        let bomb = packed(&vec![b' '; UNPACKED_BYTES_MAX / 4 + 1]);
        let bomb = stream("/Filter/FlateDecode", &bomb).repeat(4);
        assert_eq!(check(&pdf(&bomb)), Err(UploadRefusal::UploadPdfActive));
    }

    #[test]
    fn what_is_no_pdf_is_refused() {
        for bytes in [&b"%PDF-1.7"[..], b"%PDF-", b"%PDF-9.0 %%EOF", b""] {
            assert_eq!(check(bytes), Err(UploadRefusal::UploadUnreadable));
        }
    }

    #[test]
    fn any_bytes_are_answered() {
        let seed = u64::from_le_bytes(crate::seal::chance::<8>()) | 1;
        println!("seed {seed}");
        let mut state = seed;
        let whole = pdf(&stream(
            "/Filter/FlateDecode/A#4",
            &packed(b"BT (hello) Tj ET"),
        ));
        for _ in 0..2_000 {
            let mut damaged = whole.clone();
            for _ in 0..4 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let at = usize::try_from(state >> 33).unwrap() % damaged.len();
                damaged[at] = state.to_le_bytes()[5];
            }
            let _ = check(&damaged);
        }
    }
}
