//! Makes one script of two: wasm-bindgen's glue and the splitter's loaders import each
//! other, and each would need its own hash and request.
//!
//! The splitter's loaders fetch on their own, without a hash and without a way out
//! where a server sends the wrong MIME type. They are rewritten to ask the loader for
//! the file (which fetches with `integrity`) and to use wasm-bindgen's instantiation.
//! Both tools may change what they write: every pattern that is not found is an error.

use anyhow::{Result, bail, ensure};

/// What the splitter is told that the glue is called; it never exists as a file.
pub(crate) const MAIN_MODULE: &str = "./main.js";
/// What the wasm imports the loaders from; it never exists as a file.
pub(crate) const LINK_MODULE: &str = "./__wasm_split.js";

const FETCH: (&str, &str) = ("fetch(new URL(\"./", "\", import.meta.url))");
const INSTANTIATE: &str = "(WebAssembly.instantiateStreaming(src, imports))";
const EXPORT: &str = "export const ";

/// One script without imports that exports the glue's names and `pieces(fetcher)`,
/// where `fetcher(file)` gives a promise of a Response.
pub(crate) fn merge(glue: &str, link: Option<&str>) -> Result<String> {
    let mut out =
        String::from("let piece;\nexport function pieces(fetcher) { piece = fetcher; }\n");
    let Some(link) = link else {
        out.push_str(glue);
        check(&out)?;
        return Ok(out);
    };
    let import = format!("import {{ initSync }} from \"{MAIN_MODULE}\";");
    let link = replace_once(link, &import, "")?;
    let (link, loaders) = unexport(&link);
    ensure!(!loaders.is_empty(), "the link script has no loaders");
    out.push_str(&rewrite_fetches(&link)?);
    let (glue, names) = take_link_imports(glue)?;
    for name in names {
        out.push_str(&format!("const {name} = {{ {} }};\n", loaders.join(", ")));
    }
    out.push_str(&glue);
    check(&out)?;
    Ok(out)
}

/// Sends every fetch through `piece` and every instantiation through the glue's.
fn rewrite_fetches(link: &str) -> Result<String> {
    let mut out = String::with_capacity(link.len());
    let mut rest = link;
    let mut fetches = 0;
    while let Some((before, after)) = rest.split_once(FETCH.0) {
        let Some((file, after)) = after.split_once(FETCH.1) else {
            bail!("a fetch of the link script ends in an unknown way");
        };
        out.push_str(before);
        out.push_str(&format!("piece(\"{file}\")"));
        rest = after;
        fetches += 1;
    }
    out.push_str(rest);
    ensure!(
        fetches > 0,
        "the link script fetches nothing in the known way"
    );
    let instantiations = out.matches(INSTANTIATE).count();
    ensure!(
        instantiations == fetches,
        "{fetches} fetches, but {instantiations} instantiations in the known way"
    );
    Ok(out.replace(INSTANTIATE, "__wbg_load(await src, imports)"))
}

/// `export const x = …` → `const x = …`, and the names.
fn unexport(link: &str) -> (String, Vec<String>) {
    let names = link
        .lines()
        .filter_map(|line| line.strip_prefix(EXPORT)?.split_once(' '));
    let names = names.map(|(name, _)| name.to_owned()).collect();
    (link.replace(EXPORT, "const "), names)
}

/// Takes out the glue's imports of the link script, one for each loader; gives the
/// names that they were bound to.
fn take_link_imports(glue: &str) -> Result<(String, Vec<String>)> {
    let end = format!(" from \"{LINK_MODULE}\"");
    let name = |line: &str| {
        let name = line.strip_prefix("import * as ")?.strip_suffix(&end)?;
        Some(name.to_owned())
    };
    let names: Vec<String> = glue.lines().filter_map(name).collect();
    ensure!(
        !names.is_empty(),
        "the glue does not import the link script in the known way"
    );
    let others: Vec<&str> = glue.lines().filter(|line| name(line).is_none()).collect();
    Ok((others.join("\n"), names))
}

fn replace_once(text: &str, pattern: &str, by: &str) -> Result<String> {
    ensure!(
        text.matches(pattern).count() == 1,
        "expected exactly one `{pattern}`"
    );
    Ok(text.replacen(pattern, by, 1))
}

/// What must not be left in a file that is to stand alone.
fn check(script: &str) -> Result<()> {
    let imports = script.lines().find(|line| line.starts_with("import "));
    ensure!(
        imports.is_none(),
        "an import is left: {}",
        imports.unwrap_or_default()
    );
    ensure!(!script.contains("import.meta"), "import.meta is left");
    ensure!(
        script.contains("async function __wbg_load(module, imports)"),
        "the glue cannot instantiate pieces"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = "import * as import1 from \"./__wasm_split.js\"\n\
        import * as import2 from \"./__wasm_split.js\"\n\
        async function __wbg_load(module, imports) {}\nfunction initSync(module) {}\n\
        export { initSync, __wbg_init as default };\n";
    const LINK: &str = "import { initSync } from \"./main.js\";\n\
        const __chunk_1 = makeLoad(() => {\n\
        const src = fetch(new URL(\"./chunk_1.wasm\", import.meta.url));\n\
        return async (imports) => (WebAssembly.instantiateStreaming(src, imports));\n}, []);\n\
        export const __wasm_split_load_a = wrapAsyncCb(makeLoad(() => {\n\
        const src = fetch(new URL(\"./split_a.wasm\", import.meta.url));\n\
        return async (imports) => (WebAssembly.instantiateStreaming(src, imports));\n}, [__chunk_1]));\n";

    #[test]
    fn two_scripts_become_one_that_fetches_nothing_itself() {
        let merged = merge(GLUE, Some(LINK)).unwrap();
        assert!(merged.contains("const src = piece(\"split_a.wasm\");"));
        assert!(merged.contains("const src = piece(\"chunk_1.wasm\");"));
        assert!(merged.contains("const import1 = { __wasm_split_load_a };"));
        assert!(merged.contains("const import2 = { __wasm_split_load_a };"));
        assert_eq!(merged.matches("__wbg_load(await src, imports)").count(), 2);
        assert!(!merged.contains("fetch("));
    }

    #[test]
    fn what_is_not_recognised_is_an_error() {
        let cases = [
            (
                GLUE.to_owned(),
                LINK.replace("fetch(new URL(", "fetch(makeUrl("),
                "fetch",
            ),
            (
                GLUE.to_owned(),
                LINK.replace("instantiateStreaming", "instantiate"),
                "instantiation",
            ),
            (
                GLUE.to_owned(),
                LINK.replace("import { initSync }", "import { init }"),
                "import of the glue",
            ),
            (
                GLUE.to_owned(),
                LINK.replace("export const", "export let"),
                "exports",
            ),
            (
                GLUE.replace("import * as import1", "import import1"),
                LINK.to_owned(),
                "import of the link script",
            ),
            (
                GLUE.replace("__wbg_load", "__load"),
                LINK.to_owned(),
                "instantiation of the glue",
            ),
            (
                format!("import {{ x }} from './snippets/x.js';\n{GLUE}"),
                LINK.to_owned(),
                "another import",
            ),
        ];
        for (glue, link, what) in cases {
            assert!(merge(&glue, Some(&link)).is_err(), "{what}");
        }
    }

    #[test]
    fn an_unsplit_glue_keeps_its_shape() {
        let glue = "async function __wbg_load(module, imports) {}\nexport { initSync };\n";
        assert!(merge(glue, None).unwrap().ends_with(glue));
    }
}
