//! Shortens the names by which the wasm imports the glue's functions.
//!
//! wasm-bindgen's names end in 16 digits of a hash, which no compressor can shorten, and
//! each is there twice: in the wasm and in the glue.

use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use wasm_encoder::reencode::{Reencode, utils};
use wasm_encoder::{Import, ImportSection, Imports};

/// The wasm and the glue with short names. `module` is what the wasm calls the glue.
pub(crate) fn shorten(wasm: &[u8], glue: &str, module: &str) -> Result<(Vec<u8>, String)> {
    let mut shortener = Shortener {
        module,
        names: BTreeMap::new(),
    };
    let mut out = wasm_encoder::Module::new();
    let parser = wasmparser::Parser::new(0);
    utils::parse_core_module(&mut shortener, &mut out, parser, wasm)
        .map_err(|error| anyhow::anyhow!("{error:?}"))
        .context("the bound wasm could not be read")?;
    let names = shortener.names;
    ensure!(!names.is_empty(), "the wasm imports nothing from {module}");
    let (glue, replaced) = rename(glue, &names);
    ensure!(
        replaced >= names.len(),
        "{} imports, but only {replaced} in the glue",
        names.len()
    );
    Ok((out.finish(), glue))
}

struct Shortener<'a> {
    module: &'a str,
    names: BTreeMap<String, String>,
}

impl Reencode for Shortener<'_> {
    type Error = std::convert::Infallible;

    fn parse_imports(
        &mut self,
        section: &mut ImportSection,
        imports: wasmparser::Imports<'_>,
    ) -> Result<(), wasm_encoder::reencode::Error> {
        let wasmparser::Imports::Single(_, import) = imports else {
            return utils::parse_imports(self, section, imports);
        };
        let ty = self.entity_type(import.ty)?;
        let next = self.names.len();
        let name = if import.module == self.module {
            self.names
                .entry(import.name.to_owned())
                .or_insert_with(|| short(next))
                .as_str()
        } else {
            import.name
        };
        section.imports(Imports::Single(Import {
            module: import.module,
            name,
            ty,
        }));
        Ok(())
    }
}

/// 0 → `a`, 25 → `z`, 26 → `aa`.
fn short(index: usize) -> String {
    let digit = |n: usize| char::from(b"abcdefghijklmnopqrstuvwxyz"[n % 26]);
    if index < 26 {
        digit(index).to_string()
    } else {
        format!("{}{}", short(index / 26 - 1), digit(index))
    }
}

/// Replaces whole identifiers, and says how many.
fn rename(script: &str, names: &BTreeMap<String, String>) -> (String, usize) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut out = String::with_capacity(script.len());
    let mut replaced = 0;
    let mut rest = script;
    while let Some(start) = rest.find(is_part) {
        let (before, from) = rest.split_at(start);
        let (word, after) = from.split_at(from.find(|c| !is_part(c)).unwrap_or(from.len()));
        out.push_str(before);
        match names.get(word) {
            Some(name) => {
                out.push_str(name);
                replaced += 1;
            }
            None => out.push_str(word),
        }
        rest = after;
    }
    out.push_str(rest);
    (out, replaced)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{EntityType, Module, TypeSection};

    fn wasm() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        imports.import(
            "./x_bg.js",
            "__wbg_log_0123456789abcdef",
            EntityType::Function(0),
        );
        imports.import(
            "other",
            "__wbg_log_0123456789abcdef",
            EntityType::Function(0),
        );
        let mut module = Module::new();
        module.section(&types).section(&imports);
        module.finish()
    }

    #[test]
    fn wasm_and_glue_are_renamed_alike() {
        let glue = "imports = { __wbg_log_0123456789abcdef: f, __wbg_log_0123456789abcdef0: g }";
        let (small, renamed) = shorten(&wasm(), glue, "./x_bg.js").unwrap();
        assert_eq!(
            renamed,
            "imports = { a: f, __wbg_log_0123456789abcdef0: g }"
        );
        let text = String::from_utf8_lossy(&small);
        assert_eq!(
            text.matches("__wbg_log").count(),
            1,
            "the other module's import stays"
        );
        assert!(small.len() < wasm().len());
    }

    #[test]
    fn what_does_not_fit_together_is_an_error() {
        assert!(shorten(&wasm(), "imports = {}", "./x_bg.js").is_err());
        assert!(shorten(&wasm(), "__wbg_log_0123456789abcdef", "./y_bg.js").is_err());
        assert!(shorten(b"not wasm", "", "./x_bg.js").is_err());
    }

    #[test]
    fn short_names_do_not_repeat() {
        let names: std::collections::BTreeSet<String> = (0..1_000).map(short).collect();
        assert_eq!(names.len(), 1_000);
        assert_eq!(
            [short(0), short(25), short(26), short(702)],
            ["a", "z", "aa", "aaa"]
        );
    }
}
