//! Which of the splitter's pieces are released as files of their own.
//!
//! The splitter makes a piece for every set of widgets that share something: most are
//! tiny. Those, and the one that every widget uses, go into the base. Why:
//! `crates/suite/README.md`, by `cargo xtask sizes --packing`.

use super::merge;
use super::packed::Packed;
use super::shrink::optimise;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// A shared piece below this many bytes (raw) is tiny.
const TINY_BYTES: usize = 8_192;

/// The pieces that widgets share.
pub(crate) fn shared(packed: &Packed) -> Vec<String> {
    let pieces = packed.wasm.keys();
    pieces
        .filter(|name| name.starts_with("chunk_"))
        .cloned()
        .collect()
}

/// The one that most of `points` use. Rarer points (backends) come on top of a widget:
/// they decide nothing.
pub(crate) fn widest(packed: &Packed, points: &[String]) -> Option<String> {
    let uses = |point: &String, chunk: &String| {
        let files = packed.needs.get(point);
        files.is_some_and(|files| files.contains(chunk))
    };
    let users = |chunk: &String| points.iter().filter(|point| uses(point, chunk)).count();
    shared(packed)
        .into_iter()
        .max_by_key(|chunk| (users(chunk), packed.wasm[chunk].len()))
}

/// What goes into the base.
pub(crate) fn common(packed: &Packed, points: &[String]) -> Vec<String> {
    let widest = widest(packed, points);
    let is_tiny = |chunk: &String| packed.wasm[chunk].len() < TINY_BYTES;
    let mut chunks = shared(packed);
    chunks.retain(|chunk| is_tiny(chunk) || Some(chunk) == widest.as_ref());
    chunks
}

/// `packed` with the pieces `from` inside `into`.
pub(crate) fn merged(
    packed: &Packed,
    from: &[String],
    into: &str,
    shrink: bool,
    stage: &Path,
) -> Result<Packed> {
    let piece = |name: &str| packed.wasm.get(name).context("no such piece");
    let others = from.iter().map(|name| Ok(piece(name)?.as_slice()));
    let merged = merge::merge(piece(into)?, &others.collect::<Result<Vec<_>>>()?)?;
    let mut wasm = packed.wasm.clone();
    wasm.retain(|name, _| !from.contains(name));
    if shrink {
        let out = stage.join("merged.wasm");
        fs::write(&out, merged)?;
        wasm.extend(optimise([(into.to_owned(), out)].into())?);
    } else {
        wasm.insert(into.to_owned(), merged);
    }
    let is_base = !into.starts_with("chunk_");
    let moved = |files: &Vec<String>| {
        let mut moved: Vec<String> = Vec::new();
        for file in files {
            let file = match (from.contains(file), is_base) {
                (true, true) => continue,
                (true, false) => into,
                (false, _) => file.as_str(),
            };
            if !moved.iter().any(|known| known == file) {
                moved.push(file.to_owned());
            }
        }
        moved
    };
    let needs = packed
        .needs
        .iter()
        .map(|(point, files)| (point.clone(), moved(files)));
    let target = (!is_base).then(|| loader_of(into));
    let loaders: Vec<String> = from.iter().map(|name| loader_of(name)).collect();
    Ok(Packed {
        script: merge_loaders(&packed.script, &loaders, target.as_deref())?,
        needs: needs.collect(),
        wasm,
    })
}

/// `chunk_3.wasm` → `__chunk_3`, as the link script calls it.
fn loader_of(piece: &str) -> String {
    format!("__{}", piece.trim_end_matches(".wasm"))
}

/// Takes the loaders `from` out of the script; who waited for them waits for `into`.
fn merge_loaders(script: &str, from: &[String], into: Option<&str>) -> Result<String> {
    let mut script = script.to_owned();
    for loader in from {
        let head = format!("const {loader} = makeLoad(");
        let start = script.find(&head).with_context(|| format!("no {loader}"))?;
        let rest = script.get(start..).unwrap_or_default();
        let end = rest.find(", []);").context("an unknown end of a loader")? + ", []);".len();
        script.replace_range(start..start + end, "");
    }
    let mut out = String::with_capacity(script.len());
    let mut rest = script.as_str();
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        out.push('[');
        let Some((list, tail)) = after.split_once(']') else {
            rest = after;
            continue;
        };
        if !list.starts_with("__chunk_") {
            rest = after;
            continue;
        }
        let mut kept: Vec<&str> = Vec::new();
        for loader in list.split(", ") {
            let is_moved = from.iter().any(|moved| moved == loader);
            let loader = if is_moved { into } else { Some(loader) };
            kept.extend(loader.filter(|loader| !kept.contains(loader)));
        }
        out.push_str(&kept.join(", "));
        out.push(']');
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "/* a, b */\nconst __chunk_1 = makeLoad(() => {\n x([1]);\n}\n, []);\n\
        const __chunk_2 = makeLoad(() => {}\n, []);\n\
        const __wasm_split_load_a = wrapAsyncCb(makeLoad(() => {}\n, [__chunk_1, __chunk_2]));\n\
        const __wasm_split_load_b = wrapAsyncCb(makeLoad(() => {}\n, [__chunk_2]));\n";

    #[test]
    fn who_waited_for_a_merged_piece_waits_for_what_it_is_in() {
        let from = ["__chunk_2".to_owned()];
        let merged = merge_loaders(SCRIPT, &from, Some("__chunk_1")).unwrap();
        assert!(!merged.contains("__chunk_2"), "{merged}");
        assert_eq!(merged.matches(", [__chunk_1]))").count(), 2, "{merged}");
        let from = ["__chunk_1".to_owned(), "__chunk_2".to_owned()];
        let merged = merge_loaders(SCRIPT, &from, None).unwrap();
        assert!(!merged.contains("__chunk_"), "{merged}");
        assert_eq!(merged.matches(", []))").count(), 2, "{merged}");
    }

    #[test]
    fn a_loader_that_is_not_there_is_an_error() {
        assert!(merge_loaders(SCRIPT, &["__chunk_9".to_owned()], None).is_err());
    }
}
