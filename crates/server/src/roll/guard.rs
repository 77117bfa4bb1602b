//! What must hold of an XLSX file before its reader may see it: how much it unpacks to,
//! and that no number in it makes the reader ask for memory that nothing in the file
//! needs. Counts what is really unpacked: sizes in the archive's directory may lie.

use linli_model::desk::roll::FileFault;
use quick_xml::events::{BytesStart, Event};
use std::io::{BufReader, Cursor, Read};
use zip::ZipArchive;

/// Bytes of all parts together, unpacked: five times what the largest roll needs.
pub(super) const UNPACKED_BYTES_MAX: u64 = 160 * 1024 * 1024;
/// Parts in the archive.
const PARTS_MAX: usize = 1_000;
/// Largest count or number that an element of the formats' own may name.
const NUMBER_MAX: u64 = 2_000_000;
/// Merged regions in the workbook.
const MERGED_MAX: u32 = 200_000;

/// Rows that the workbook hides.
pub(super) fn check(bytes: &[u8]) -> Result<u32, FileFault> {
    let damaged = |_| FileFault::Damaged;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > PARTS_MAX {
        return Err(FileFault::UnpacksTooLarge);
    }
    let (mut left, mut seen) = (UNPACKED_BYTES_MAX, Seen::default());
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(damaged)?;
        let mut counted = part.take(left + 1);
        // Whatever its name: the workbook says which parts are sheets.
        seen.part(&mut counted)?;
        std::io::copy(&mut counted, &mut std::io::sink()).map_err(|_| FileFault::Damaged)?;
        // What is left of the limit, less the one byte beyond it.
        left = counted
            .limit()
            .checked_sub(1)
            .ok_or(FileFault::UnpacksTooLarge)?;
    }
    Ok(seen.hidden_rows)
}

#[derive(Default)]
struct Seen {
    hidden_rows: u32,
    merged: u32,
}

impl Seen {
    fn part(&mut self, part: impl Read) -> Result<(), FileFault> {
        let mut xml = quick_xml::Reader::from_reader(BufReader::new(part));
        // As the reader of the cells is set: what one of them reads, both do.
        let config = xml.config_mut();
        config.check_end_names = false;
        config.check_comments = false;
        config.expand_empty_elements = true;
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match xml.read_event_into(&mut buffer) {
                Ok(Event::Start(element) | Event::Empty(element)) => self.element(&element)?,
                Ok(Event::Eof) => return Ok(()),
                // Themes and drawings are never read: whether a part is good enough is
                // the reader's to say. Where this stops, that stops as well.
                Err(_) => return Ok(()),
                Ok(_) => {}
            }
        }
    }

    fn element(&mut self, element: &BytesStart<'_>) -> Result<(), FileFault> {
        match element.local_name().as_ref() {
            "sst" | "f" => {
                let raw = element.attributes_raw();
                let numbers = raw.split(|c: char| !c.is_ascii_digit());
                let is_large = |digits: &str| {
                    !digits.is_empty() && !digits.parse::<u64>().is_ok_and(|n| n <= NUMBER_MAX)
                };
                // `xmlns` holds years, which are small enough.
                if numbers.into_iter().any(is_large) {
                    return Err(FileFault::Damaged);
                }
            }
            "row" => {
                let hidden = element.try_get_attribute("hidden").ok().flatten();
                let is_hidden = hidden.is_some_and(|a| matches!(&*a.value, "1" | "true"));
                self.hidden_rows += u32::from(is_hidden);
            }
            "mergeCell" => {
                self.merged += 1;
                if self.merged > MERGED_MAX {
                    return Err(FileFault::UnpacksTooLarge);
                }
            }
            _ => {}
        }
        Ok(())
    }
}
