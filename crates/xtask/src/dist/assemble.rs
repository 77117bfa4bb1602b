//! Puts a release together: wasm, script, styles, texts, loader; each hashed, compressed
//! and listed in the manifest.

use super::desk;
use super::manifest::{File, FirstUse, Manifest, Sizes, compress, integrity, short_integrity};
use super::packed::Packed;
use super::shrink::minify;
use super::widgets::{WIDGETS, Widget};
use crate::sh;
use anyhow::{Context, Result, ensure};
use linli_texts::{Catalog, LOCALES};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The workspace's version: all crates have the same.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The one script that host pages include.
const LOADER: &str = "loader.js";

/// Where the loader's table is filled in.
const TABLE: &str = "\"LINLI_TABLE\"";

/// The locale whose texts a first use is measured with.
const REFERENCE_LOCALE: &str = "zh-Hans";

/// Writes `<out>/v<version>/` and `<out>/v1/loader.js`, replacing both.
pub(crate) fn assemble(
    packed: &Packed,
    staff: &Packed,
    out: &Path,
    shadow: &str,
    has_npm: bool,
) -> Result<()> {
    let mut contents = loadable(packed, shadow, has_npm)?;
    // Beside the suite: the loader knows nothing of it.
    contents.extend(staff.wasm.clone());
    contents.insert(desk_file("js"), staff.script.clone().into_bytes());
    contents.extend(desk::contents(has_npm)?);
    let loader = contents[LOADER].clone();
    let root = sh::root();
    contents.insert(
        "linli.d.ts".to_owned(),
        fs::read(root.join("crates/suite/linli.d.ts"))?,
    );

    let release = out.join(format!("v{VERSION}"));
    let following = out.join("v1");
    for dir in [&release, &following] {
        if dir.exists() {
            fs::remove_dir_all(dir)?;
        }
    }
    let mut files = BTreeMap::new();
    for (name, bytes) in &contents {
        let sizes = write(&release, name, bytes)?;
        files.insert(
            name.clone(),
            File {
                integrity: integrity(bytes),
                sizes,
            },
        );
    }
    write(&following, LOADER, &loader)?;

    let skipped = if has_npm {
        vec![]
    } else {
        vec!["wasm-opt".to_owned(), "minifier".to_owned()]
    };
    let mut manifest = Manifest {
        version: VERSION.to_owned(),
        skipped,
        files,
        widgets: BTreeMap::new(),
        pages: BTreeMap::new(),
    };
    for widget in WIDGETS {
        let files = first_use(packed, widget);
        let sizes = manifest.sum(&files)?;
        let first = FirstUse {
            tag: widget.tag.to_owned(),
            files,
            sizes,
        };
        manifest.widgets.insert(widget.name.to_owned(), first);
    }
    let files = [desk_file("js"), desk_file("wasm"), desk_file("css")];
    let files: Vec<String> = files
        .into_iter()
        .chain([desk::texts_file(REFERENCE_LOCALE)])
        .collect();
    let sizes = manifest.sum(&files)?;
    let page = FirstUse {
        tag: String::new(),
        files,
        sizes,
    };
    manifest.pages.insert(desk::STEM.to_owned(), page);
    fs::write(
        release.join("manifest.json"),
        serde_json::to_string_pretty(&manifest)?,
    )?;
    Ok(())
}

fn desk_file(ending: &str) -> String {
    format!("{}.{ending}", desk::STEM)
}

/// The same folders with what a page loads and nothing else: no compressed copies, no
/// manifest, nothing minified. For builds that nobody downloads.
pub(crate) fn plainly(packed: &Packed, out: &Path, shadow: &str) -> Result<()> {
    let release = out.join(format!("v{VERSION}"));
    let contents = loadable(packed, shadow, false)?;
    for (name, bytes) in &contents {
        put(&release.join(name), bytes)?;
    }
    put(&out.join("v1").join(LOADER), &contents[LOADER])
}

/// Everything that a page loads, the loader included, by path inside the release.
fn loadable(packed: &Packed, shadow: &str, has_npm: bool) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut contents = contents(packed, has_npm)?;
    let hashes = contents
        .iter()
        .map(|(name, bytes)| (name.clone(), short_integrity(bytes)))
        .collect();
    let loader = loader(&table(packed, &hashes, shadow), has_npm)?;
    contents.insert(LOADER.to_owned(), loader.into_bytes());
    Ok(contents)
}

/// Everything that the loader loads, by path inside the release.
fn contents(packed: &Packed, has_npm: bool) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut contents: BTreeMap<String, Vec<u8>> = packed.wasm.clone();
    contents.insert("suite.js".to_owned(), packed.script.clone().into_bytes());
    let root = sh::root();
    let tokens = fs::read_to_string(root.join("crates/ui/src/tokens.css"))?;
    for widget in WIDGETS {
        let style = root.join(format!("widgets/{}/style.css", widget.name));
        let style = fs::read_to_string(&style).with_context(|| style.display().to_string())?;
        let css = format!("{tokens}\n{style}");
        let css = if has_npm {
            minify(&css, "css", &[])?
        } else {
            css
        };
        contents.insert(css_file(widget), css.into_bytes());
        for locale in LOCALES {
            contents.insert(
                texts_file(widget, locale),
                texts(widget, locale)?.into_bytes(),
            );
        }
    }
    Ok(contents)
}

/// One JSON array with an array for each part, in the table's order.
fn texts(widget: &Widget, locale: &str) -> Result<String> {
    let catalog = Catalog::embedded(locale).context("a listed locale is embedded")?;
    let part = |part: &&str| {
        catalog
            .part_json(part)
            .with_context(|| format!("{} reads unknown texts {part}", widget.name))
    };
    let parts = widget.parts.iter().map(part).collect::<Result<Vec<_>>>()?;
    Ok(format!("[{}]", parts.join(",")))
}

fn css_file(widget: &Widget) -> String {
    format!("{}.css", widget.name)
}

fn texts_file(widget: &Widget, locale: &str) -> String {
    format!("texts/{locale}/{}.json", widget.name)
}

fn pieces<'a>(packed: &'a Packed, widget: &Widget) -> &'a [String] {
    packed.needs.get(widget.name).map_or(&[], Vec::as_slice)
}

/// Paths of a first use, one request each.
fn first_use(packed: &Packed, widget: &Widget) -> Vec<String> {
    let mut files: Vec<String> = [LOADER, "suite.js", "suite.wasm"].map(str::to_owned).into();
    files.extend_from_slice(pieces(packed, widget));
    files.push(css_file(widget));
    files.push(texts_file(widget, REFERENCE_LOCALE));
    files
}

/// What the loader knows of this release. Names are one letter: it is read in
/// `loader.js` alone, and every page loads it.
fn table(packed: &Packed, hashes: &BTreeMap<String, String>, shadow: &str) -> Value {
    let widgets: BTreeMap<&str, Value> = WIDGETS
        .iter()
        .map(|w| {
            (
                w.tag,
                json!([w.name, w.attribute, w.collection, pieces(packed, w)]),
            )
        })
        .collect();
    let reload: BTreeMap<&str, String> = LOCALES
        .iter()
        .filter_map(|locale| {
            let catalog = Catalog::embedded(locale)?;
            Some((*locale, catalog.text(linli_texts::suite::RELOAD).to_owned()))
        })
        .collect();
    json!({ "v": VERSION, "s": shadow, "w": widgets, "h": hashes, "r": reload })
}

fn loader(table: &Value, has_npm: bool) -> Result<String> {
    let source = fs::read_to_string(sh::root().join("crates/suite/loader.js"))?;
    ensure!(
        source.matches(TABLE).count() == 1,
        "loader.js has no place for its table"
    );
    let source = source.replace(TABLE, &table.to_string());
    if has_npm {
        minify(&source, "js", &[])
    } else {
        Ok(source)
    }
}

fn write(dir: &Path, name: &str, bytes: &[u8]) -> Result<Sizes> {
    put(&dir.join(name), bytes)?;
    let small = compress(bytes)?;
    fs::write(dir.join(format!("{name}.gz")), &small.gzip)?;
    fs::write(dir.join(format!("{name}.br")), &small.brotli)?;
    let length = |bytes: &[u8]| bytes.len() as u64;
    Ok(Sizes {
        raw: length(bytes),
        gzip: length(&small.gzip),
        brotli: length(&small.brotli),
    })
}

fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    fs::write(path, bytes).with_context(|| path.display().to_string())
}
