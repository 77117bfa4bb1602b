//! Text files with separators: which encoding, which separator, which rows.

use super::table::{Cell, Origin, Sink};
use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use linli_model::desk::roll::{COLUMNS_MAX, FileFault, RowFault};

/// Reads every row into `sink`. A row's number is the line on which it begins.
pub(super) fn read(bytes: &[u8], sink: &mut Sink<'_>) -> Result<Origin, FileFault> {
    let (text, encoding) = decode(bytes)?;
    let (separator, skipped) = separator(&text);
    let body = text
        .lines()
        .take(skipped)
        .map(|line| line.len())
        .sum::<usize>();
    let mut body = &text[body.min(text.len())..];
    if skipped > 0 {
        body = body
            .trim_start_matches('\r')
            .strip_prefix('\n')
            .unwrap_or(body);
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(body.as_bytes());
    let mut record = csv::StringRecord::new();
    loop {
        let more = reader.read_record(&mut record);
        // The text is UTF-8 and rows may differ in length: nothing else can fail.
        if !more.map_err(|_| FileFault::EncodingUnknown)? {
            break;
        }
        let line = record.position().map_or(0, csv::Position::line) + skipped as u64;
        // Empty columns at the end are no columns.
        let blank = |index: usize| record.get(index).is_none_or(|cell| cell.trim().is_empty());
        let used = (0..record.len()).rev().find(|index| !blank(*index));
        let used = used.map_or(0, |last| last + 1).min(COLUMNS_MAX + 1);
        let cells: Vec<Cell> = record.iter().take(used).map(cell).collect();
        sink(u32::try_from(line).unwrap_or(u32::MAX), &cells)?;
    }
    Ok(Origin {
        encoding,
        ..Origin::default()
    })
}

fn cell(text: &str) -> Cell {
    if text.contains('\u{FFFD}') {
        Cell::Bad(RowFault::NotText)
    } else if text.trim().is_empty() {
        Cell::Empty
    } else {
        Cell::Text(text.to_owned())
    }
}

/// A mark at the start decides; else UTF-16 where signs of the beginning look like it,
/// UTF-8 where the bytes allow it, and last GB18030, which reads GBK and GB2312.
fn decode(bytes: &[u8]) -> Result<(String, &'static str), FileFault> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(&bytes[mark..]);
        return Ok((text.into_owned(), name(encoding)));
    }
    if let Some(encoding) = without_mark(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        return Ok((text.into_owned(), name(encoding)));
    }
    if bytes.contains(&0) {
        return Err(FileFault::EncodingUnknown);
    }
    for encoding in [UTF_8, GB18030] {
        let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
        if let Some(text) = text {
            return Ok((text.into_owned(), name(encoding)));
        }
    }
    Err(FileFault::EncodingUnknown)
}

/// In UTF-16 the separators, digits and ends of lines have a zero beside them. Other
/// zeros say nothing: 一 has one as well.
fn without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    const LOOKED_AT: usize = 1_024;
    let is_sign = |byte: u8| matches!(byte, b',' | b';' | b'\t' | b'\r' | b'\n' | b'0'..=b'9');
    let (mut little, mut big) = (0, 0);
    for pair in bytes[..bytes.len().min(LOOKED_AT)].chunks_exact(2) {
        little += usize::from(pair[1] == 0 && is_sign(pair[0]));
        big += usize::from(pair[0] == 0 && is_sign(pair[1]));
    }
    if little >= 2 && big == 0 {
        Some(UTF_16LE)
    } else if big >= 2 && little == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn name(encoding: &'static Encoding) -> &'static str {
    if encoding == UTF_16LE {
        "utf-16le"
    } else if encoding == UTF_16BE {
        "utf-16be"
    } else if encoding == GB18030 {
        "gb18030"
    } else {
        "utf-8"
    }
}

/// The separator that the first lines use most, outside of quotes; and how many lines
/// only name it (`sep=;`, as Excel writes).
fn separator(text: &str) -> (u8, usize) {
    let first = text.lines().next().unwrap_or_default();
    if let Some(named) = first.trim().strip_prefix("sep=")
        && let [byte @ (b',' | b';' | b'\t')] = named.as_bytes()
    {
        return (*byte, 1);
    }
    let mut counts = [(b',', 0u32), (b';', 0), (b'\t', 0)];
    let mut is_quoted = false;
    for byte in text.lines().take(5).flat_map(str::bytes) {
        if byte == b'"' {
            is_quoted = !is_quoted;
        }
        for (separator, count) in &mut counts {
            *count += u32::from(!is_quoted && byte == *separator);
        }
    }
    // The first of the most frequent: a comma where nothing separates.
    let mut best = counts[0];
    for next in &counts[1..] {
        if next.1 > best.1 {
            best = *next;
        }
    }
    (best.0, 0)
}
