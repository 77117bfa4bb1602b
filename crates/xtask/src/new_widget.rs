//! `cargo xtask new-widget NAME`: a widget that compiles, shows a topic's title, and
//! has a first test of each kind. What it writes is in `new_widget/template/`.

use crate::sh;
use anyhow::{Context, Result, bail, ensure};
use pico_args::Arguments;
use std::fs;
use std::path::Path;

/// Creates the folder, the texts and the suite's lines.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let name: String = args
        .free_from_str()
        .context("usage: cargo xtask new-widget NAME")?;
    sh::no_more(args)?;
    create(&sh::root(), &name)?;
    println!("widgets/{name} is there; try: cargo test -p linli-{name}");
    Ok(())
}

/// Path in the widget's folder, and what goes there.
const FILES: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        include_str!("new_widget/template/Cargo.toml.txt"),
    ),
    (
        "README.md",
        include_str!("new_widget/template/README.md.txt"),
    ),
    (
        "style.css",
        include_str!("new_widget/template/style.css.txt"),
    ),
    ("src/lib.rs", include_str!("new_widget/template/lib.rs.txt")),
    (
        "src/state.rs",
        include_str!("new_widget/template/state.rs.txt"),
    ),
    (
        "src/view.rs",
        include_str!("new_widget/template/view.rs.txt"),
    ),
    (
        "tests/reducer.rs",
        include_str!("new_widget/template/reducer.rs.txt"),
    ),
];
const PROPS: &str = include_str!("new_widget/template/props.rs.txt");
const TEXTS_CHINESE: &str = include_str!("new_widget/template/texts.zh-Hans.json.txt");
/// Also for locales that nobody has translated yet.
const TEXTS_ENGLISH: &str = include_str!("new_widget/template/texts.en.json.txt");

fn create(root: &Path, name: &str) -> Result<()> {
    let is_word = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    ensure!(is_word, "a widget's name is one lowercase word: {name}");
    let folder = root.join("widgets").join(name);
    ensure!(!folder.exists(), "widgets/{name} exists");
    for (path, template) in FILES {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().context("a file in a folder")?)?;
        fs::write(path, fill(template, name))?;
    }
    for locale in fs::read_dir(root.join("crates/texts/locales"))? {
        let locale = locale?;
        let is_chinese = locale.file_name() == "zh-Hans";
        let texts = if is_chinese {
            TEXTS_CHINESE
        } else {
            TEXTS_ENGLISH
        };
        fs::write(locale.path().join(format!("{name}.json")), texts)?;
    }
    let after = |path: &str, line: &str, more: &str| insert_after(&root.join(path), line, more);
    let dependency = format!("linli-{name} = {{ path = \"widgets/{name}\" }}\n");
    after("Cargo.toml", "linli-deliberation = ", &dependency)?;
    after(
        "crates/suite/Cargo.toml",
        "linli-deliberation",
        &format!("linli-{name}.workspace = true\n"),
    )?;
    let registry = format!(
        "    {name}: linli_{name}::{}, \"linli-{name}\", \"topic\" in \"topics\", [\"{name}\"];\n",
        capital(name)
    );
    after(
        "crates/suite/src/registry/table.rs",
        "    deliberation: ",
        &registry,
    )?;
    let props = root.join("crates/suite/src/props.rs");
    let text = fs::read_to_string(&props)? + &fill(PROPS, name);
    fs::write(props, text)?;
    Ok(())
}

fn fill(template: &str, name: &str) -> String {
    template
        .replace("__name__", name)
        .replace("__Name__", &capital(name))
}

fn capital(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + chars.as_str()
    })
}

/// Puts `more` behind the first line that starts with `start`.
fn insert_after(path: &Path, start: &str, more: &str) -> Result<()> {
    let text = fs::read_to_string(path)?;
    let mut out = String::with_capacity(text.len() + more.len());
    let mut done = false;
    for line in text.split_inclusive('\n') {
        out.push_str(line);
        if !done && line.starts_with(start) {
            out.push_str(more);
            done = true;
        }
    }
    if !done {
        bail!("{} has no line that starts with {start:?}", path.display());
    }
    fs::write(path, out)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            if entry.path().is_dir() {
                copy(&entry.path(), &target);
            } else {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }

    /// A copy of what cargo reads, in the target folder. Always in the same place and
    /// with a target folder of its own: what it builds must neither be built anew each
    /// time nor replace what the real house has built.
    fn house(folder: &Path) -> std::path::PathBuf {
        let house = folder.join("house");
        if house.exists() {
            fs::remove_dir_all(&house).unwrap();
        }
        for folder in ["crates", "widgets", "tests"] {
            copy(&sh::root().join(folder), &house.join(folder));
        }
        for file in ["Cargo.toml", "Cargo.lock", "rustfmt.toml", "clippy.toml"] {
            fs::copy(sh::root().join(file), house.join(file)).unwrap();
        }
        house
    }

    #[test]
    fn a_new_widget_compiles_passes_its_tests_and_is_in_the_suite() {
        let folder = sh::target_dir().join("xtask/new-widget");
        let house = house(&folder);
        create(&house, "sample").unwrap();
        assert!(
            create(&house, "sample").is_err(),
            "an existing widget is not overwritten"
        );
        let cargo = |args: &[&str]| {
            let mut cargo = sh::cargo();
            cargo
                .current_dir(&house)
                .env("CARGO_TARGET_DIR", folder.join("target"))
                .env("CARGO_NET_OFFLINE", "true");
            // Captured: its own test results are not ours.
            sh::output(cargo.args(args))
        };
        let tested = cargo(&["test", "-p", "linli-sample"]);
        let linted = cargo(&[
            "clippy",
            "--no-deps",
            "--target",
            "wasm32-unknown-unknown",
            "-p",
            "linli-sample",
            "-p",
            "linli-suite",
            "--",
            "-D",
            "warnings",
        ]);
        fs::remove_dir_all(&house).unwrap();
        tested.unwrap();
        linted.unwrap();
    }

    #[test]
    fn names_are_one_lowercase_word() {
        for bad in ["", "Sample", "two-words", "1st", "调查", "../x"] {
            assert!(create(Path::new("/nowhere"), bad).is_err(), "{bad}");
        }
    }
}
