//! The staff's desk, built like the suite but as a file of its own (`crates/desk-page`):
//! for a release, or plainly with a made-up community inside the page.

use super::packed::Packed;
use super::shrink::minify;
use super::{inputs, load, pack, save};
use crate::sh;
use anyhow::{Context, Result};
use linli_texts::{Catalog, LOCALES};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Name of its files.
pub(crate) const STEM: &str = "desk";

/// Text parts, in the order of its texts file, as its wasm reads them.
const PARTS: &[&str] = include!("../../../desk-page/src/parts.in");

/// What its wasm is made of.
const INPUTS: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "package-lock.json",
    "crates/model",
    "crates/rules",
    "crates/texts",
    "crates/port",
    "crates/adapters",
    "crates/ui/Cargo.toml",
    "crates/ui/src",
    "crates/desk-page",
    "crates/xtask/src/dist",
    "widgets/desk",
];

/// A hash over what a release of it is made of.
pub(crate) fn made_from(flavour: &str) -> Result<String> {
    inputs::hash(&sh::root(), INPUTS, &[flavour])
}

/// Its wasm and script, packed where they are out of date.
pub(crate) fn packed(work: &Path, has_npm: bool, made_from: &str) -> Result<Packed> {
    let kept = work.join("packed-desk");
    if let Some(packed) = load(&kept, STEM, made_from) {
        return Ok(packed);
    }
    let beside = fs::read_to_string(sh::root().join("crates/desk-page/page.js"))?;
    let recipe = pack::Recipe {
        package: "linli-desk-page",
        stem: STEM,
        split: false,
        beside: &beside,
        optimise: has_npm,
        minify: has_npm,
        ..pack::Recipe::suite()
    };
    let packed = pack::pack(&recipe, &work.join("pack-desk"))?;
    save(&packed, STEM, &kept, made_from)?;
    Ok(packed)
}

/// Style and texts, by path inside the release.
pub(crate) fn contents(has_npm: bool) -> Result<BTreeMap<String, Vec<u8>>> {
    let root = sh::root();
    let tokens = fs::read_to_string(root.join("crates/ui/src/tokens.css"))?;
    let mut css = tokens;
    for sheet in ["style.css", "fill.css"] {
        css.push('\n');
        css.push_str(&fs::read_to_string(root.join("widgets/desk").join(sheet))?);
    }
    let css = if has_npm {
        minify(&css, "css", &[])?
    } else {
        css
    };
    let mut contents = BTreeMap::from([(format!("{STEM}.css"), css.into_bytes())]);
    for locale in LOCALES {
        let catalog = Catalog::embedded(locale).context("a listed locale is embedded")?;
        let part = |part: &&str| {
            catalog
                .part_json(part)
                .context("a part of the desk's texts")
        };
        let parts = PARTS.iter().map(part).collect::<Result<Vec<_>>>()?;
        let texts = format!("[{}]", parts.join(","));
        contents.insert(texts_file(locale), texts.into_bytes());
    }
    Ok(contents)
}

/// Where a language's texts are.
pub(crate) fn texts_file(locale: &str) -> String {
    format!("texts/{locale}/{STEM}.json")
}

/// A debug build with a made-up community inside, below `out`: `/desk/jiangpan/`, and
/// `/desk/jiangpan/join/` for invitations.
pub(crate) fn plainly(out: &Path) -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let mut cargo = sh::cargo();
    cargo.args(["build", "--quiet", "--target", TARGET]);
    cargo.args(["--package", "linli-desk-page", "--features", "memory"]);
    sh::run(&mut cargo)?;
    let wasm = sh::target_dir()
        .join(TARGET)
        .join("debug/linli_desk_page.wasm");
    let files = out.join("desk-files");
    fs::create_dir_all(&files)?;
    pack::bind_plainly(&wasm, STEM, true, &files)?;
    for (name, bytes) in contents(false)? {
        let path = files.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&files))?;
        fs::write(path, bytes)?;
    }
    let page = fs::read_to_string(sh::root().join("crates/desk-page/dev.html"))?;
    for place in ["desk/jiangpan", "desk/jiangpan/join"] {
        let place = out.join(place);
        fs::create_dir_all(&place)?;
        fs::write(place.join("index.html"), &page)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_its_texts() {
        let contents = contents(false).unwrap();
        for locale in LOCALES {
            let texts: Vec<Vec<String>> =
                serde_json::from_slice(&contents[&texts_file(locale)]).unwrap();
            assert_eq!(texts.len(), PARTS.len());
            assert!(texts.iter().all(|part| !part.is_empty()), "{locale}");
        }
    }

    #[test]
    fn the_script_starts_what_the_wasm_exports() {
        let root = sh::root();
        let script = fs::read_to_string(root.join("crates/desk-page/page.js")).unwrap();
        let source = fs::read_to_string(root.join("crates/desk-page/src/lib.rs")).unwrap();
        assert!(script.contains("start(base)"));
        assert!(source.contains("pub fn start(base: String)"));
        assert!(script.contains(&format!("\"{STEM}.wasm\"")));
    }
}
