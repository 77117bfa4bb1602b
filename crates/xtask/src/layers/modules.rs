//! Cycles between the modules of one crate, found in its sources.
//!
//! Children and parents may speak to each other: a file and the folder beside it are
//! one thing. Siblings, on every level, must form a graph without cycles. Test modules
//! do not count. Paths are read from tokens, so that those inside macros count too;
//! what a crate's root re-exports counts as the root's.

use anyhow::{Context, Result, anyhow};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A module's path from the crate's root; empty for the root.
type ModulePath = Vec<String>;

/// One line per cycle, with the uses that close it.
pub(super) fn cycles(src: &Path) -> Result<Vec<String>> {
    let mut sources = BTreeMap::new();
    if src.exists() {
        collect(src, &[], &mut sources)?;
    }
    let sources = sources.into_iter().map(|(path, text)| {
        let tokens = text.parse::<TokenStream>();
        let tokens =
            tokens.map_err(|e| anyhow!("{} in {}: {e}", path.join("::"), src.display()))?;
        Ok((path, tokens.into_iter().collect()))
    });
    Ok(cycles_of(&sources.collect::<Result<_>>()?))
}

fn collect(dir: &Path, at: &[String], sources: &mut BTreeMap<ModulePath, String>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .context("file without a name")?;
        let below = |name: &str| [at, &[name.to_owned()]].concat();
        if path.is_dir() {
            // Programs beside the main one are crates of their own.
            if !(at.is_empty() && stem == "bin") {
                collect(&path, &below(stem), sources)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let is_root = at.is_empty() && matches!(stem, "lib" | "main");
            let module = if is_root || stem == "mod" {
                at.to_vec()
            } else {
                below(stem)
            };
            let text = fs::read_to_string(&path)?;
            sources.entry(module).or_default().push_str(&text);
        }
    }
    Ok(())
}

type Sources = BTreeMap<ModulePath, Vec<TokenTree>>;

/// Sibling → sibling that it uses → one place where it does.
type Uses = BTreeMap<ModulePath, BTreeMap<ModulePath, String>>;

fn cycles_of(sources: &Sources) -> Vec<String> {
    let mut reading = Reading::default();
    for (module, tokens) in sources {
        reading.modules.insert(module.clone());
        reading.walk(tokens, module);
    }
    let uses = sibling_uses(&reading);
    let mut found = Vec::new();
    let mut done = BTreeSet::new();
    for start in uses.keys() {
        if done.contains(start) {
            continue;
        }
        if let Some(cycle) = way_back(&uses, start) {
            done.extend(cycle.iter().cloned());
            found.push(describe(&uses, &cycle));
        }
    }
    found
}

fn sibling_uses(reading: &Reading) -> Uses {
    let is_test = |path: &ModulePath| reading.tests.iter().any(|test| path.starts_with(test));
    let mut uses = Uses::new();
    for (from, to) in &reading.references {
        let exists = |length: &usize| reading.modules.contains(&to[..*length]);
        let depth = (0..=to.len()).rev().find(exists).unwrap_or(0);
        let target = &to[..depth];
        let shared = from.iter().zip(target).take_while(|(a, b)| a == b).count();
        if is_test(from) || shared >= from.len() || shared >= target.len() {
            continue;
        }
        let (a, b) = (from[..=shared].to_vec(), target[..=shared].to_vec());
        let place = format!("{} uses {}", from.join("::"), to.join("::"));
        uses.entry(a).or_default().entry(b).or_insert(place);
    }
    uses
}

/// The shortest way from `start` back to itself.
fn way_back(uses: &Uses, start: &ModulePath) -> Option<Vec<ModulePath>> {
    let mut ways = std::collections::VecDeque::from([vec![start.clone()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in way
            .last()
            .and_then(|last| uses.get(last))
            .into_iter()
            .flat_map(BTreeMap::keys)
        {
            if next == start {
                return Some(way);
            }
            if seen.insert(next.clone()) {
                ways.push_back([way.as_slice(), std::slice::from_ref(next)].concat());
            }
        }
    }
    None
}

fn describe(uses: &Uses, cycle: &[ModulePath]) -> String {
    let ring = cycle.iter().chain(cycle.first());
    let names: Vec<String> = ring.clone().map(|module| module.join("::")).collect();
    let pairs = ring.clone().zip(ring.skip(1));
    let places: Vec<&str> = pairs
        .filter_map(|(a, b)| Some(uses.get(a)?.get(b)?.as_str()))
        .collect();
    format!("cycle {} ({})", names.join(" → "), places.join("; "))
}

/// What has been read so far.
#[derive(Default)]
struct Reading {
    modules: BTreeSet<ModulePath>,
    tests: BTreeSet<ModulePath>,
    references: Vec<(ModulePath, ModulePath)>,
}

impl Reading {
    fn walk(&mut self, tokens: &[TokenTree], at: &[String]) {
        let mut i = 0;
        while let Some(token) = tokens.get(i) {
            if is_test_attribute(token) && i > 0 && is_punct(tokens.get(i - 1), '#') {
                i = self.skip_test_item(tokens, i + 1, at);
                continue;
            }
            if let Some((name, body)) = inline_module(tokens, i) {
                let inner = [at, &[name]].concat();
                self.modules.insert(inner.clone());
                self.walk(&body, &inner);
                i += 3;
                continue;
            }
            match token {
                TokenTree::Group(group) => self.walk(&trees(group.stream()), at),
                TokenTree::Ident(_) if starts_path(tokens, i) => {
                    if let Some((base, next)) = anchor(tokens, i, at) {
                        self.path(tokens, next, base, at);
                    }
                }
                _ => {}
            }
            i += 1;
        }
    }

    /// Steps over the item behind `#[cfg(test)]`, remembering a test module's name.
    fn skip_test_item(&mut self, tokens: &[TokenTree], mut i: usize, at: &[String]) -> usize {
        while let Some(token) = tokens.get(i) {
            if let (true, Some(TokenTree::Ident(name))) =
                (is_ident(token, "mod"), tokens.get(i + 1))
            {
                self.tests.insert([at, &[name.to_string()]].concat());
            }
            i += 1;
            let is_body =
                matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
            if is_body || is_punct(Some(token), ';') {
                break;
            }
        }
        i
    }

    /// Reads the rest of a path from `i`, branching where braces do.
    fn path(&mut self, tokens: &[TokenTree], mut i: usize, mut path: ModulePath, from: &[String]) {
        loop {
            match tokens.get(i) {
                Some(TokenTree::Ident(ident)) => path.push(ident.to_string()),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    let inner = trees(group.stream());
                    for branch in inner.split(|token| is_punct(Some(token), ',')) {
                        self.path(branch, 0, path.clone(), from);
                    }
                    return;
                }
                _ => break,
            }
            if !is_separator(tokens, i + 1) {
                break;
            }
            i += 3;
        }
        self.references.push((from.to_vec(), path));
    }
}

/// Where a path that starts at `i` begins, and the index of its first own segment.
fn anchor(tokens: &[TokenTree], mut i: usize, at: &[String]) -> Option<(ModulePath, usize)> {
    if is_ident(&tokens[i], "crate") {
        return Some((Vec::new(), i + 3));
    }
    let mut base = at.to_vec();
    if is_ident(&tokens[i], "self") {
        return Some((base, i + 3));
    }
    while tokens.get(i).is_some_and(|token| is_ident(token, "super")) && is_separator(tokens, i + 1)
    {
        base.pop()?;
        i += 3;
    }
    Some((base, i))
}

fn starts_path(tokens: &[TokenTree], i: usize) -> bool {
    let anchored = ["crate", "super", "self"]
        .iter()
        .any(|word| is_ident(&tokens[i], word));
    let continues = i >= 1 && is_punct(tokens.get(i - 1), ':');
    anchored && !continues && is_separator(tokens, i + 1)
}

fn inline_module(tokens: &[TokenTree], i: usize) -> Option<(String, Vec<TokenTree>)> {
    match tokens.get(i..i + 3)? {
        [word, TokenTree::Ident(name), TokenTree::Group(body)]
            if is_ident(word, "mod") && body.delimiter() == Delimiter::Brace =>
        {
            Some((name.to_string(), trees(body.stream())))
        }
        _ => None,
    }
}

/// `[cfg(test)]`, also with more conditions beside it.
fn is_test_attribute(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else {
        return false;
    };
    let inner = trees(group.stream());
    let names_test = |token: &TokenTree| matches!(token, TokenTree::Group(args) if has_word(args.stream(), "test") && !has_word(args.stream(), "not"));
    group.delimiter() == Delimiter::Bracket
        && inner.first().is_some_and(|token| is_ident(token, "cfg"))
        && inner.get(1).is_some_and(names_test)
}

fn has_word(stream: TokenStream, word: &str) -> bool {
    stream.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => has_word(group.stream(), word),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

fn trees(stream: TokenStream) -> Vec<TokenTree> {
    stream.into_iter().collect()
}

fn is_ident(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn is_punct(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

/// `::` at `i`.
fn is_separator(tokens: &[TokenTree], i: usize) -> bool {
    is_punct(tokens.get(i), ':') && is_punct(tokens.get(i + 1), ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let read = |(path, text): &(&str, &str)| {
            let path = path
                .split("::")
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect();
            (path, trees(text.parse().unwrap()))
        };
        cycles_of(&files.iter().map(read).collect())
    }

    #[test]
    fn two_files_that_use_each_other_are_a_cycle() {
        let cycle = found(&[
            ("", "mod a; mod b;"),
            ("a", "use crate::b::B;"),
            ("b", "fn f() { crate::a::g() }"),
        ]);
        assert_eq!(cycle, ["cycle a → b → a (a uses b::B; b uses a::g)"]);
    }

    #[test]
    fn the_long_way_round_is_a_cycle_too() {
        let files = [
            ("a", "use crate::{x, b::B};"),
            ("b", "use super::c::{C, D};"),
            ("c", "use crate::a;"),
        ];
        assert_eq!(found(&files).len(), 1);
    }

    #[test]
    fn folders_are_judged_as_wholes() {
        let files = [
            ("a", ""),
            ("a::inner", "use crate::b::deep::X;"),
            ("b", ""),
            ("b::deep", "use crate::a::Y;"),
        ];
        assert_eq!(found(&files).len(), 1);
    }

    #[test]
    fn siblings_below_a_module_count() {
        let files = [
            ("v", ""),
            ("v::a", "use super::b::B;"),
            ("v::b", "use crate::v::a::A;"),
        ];
        assert_eq!(found(&files).len(), 1);
    }

    #[test]
    fn paths_inside_macros_count() {
        let files = [
            ("a", "html! { <p>{ crate::b::text() }</p> }"),
            ("b", "use crate::a::A;"),
        ];
        assert_eq!(found(&files).len(), 1);
    }

    #[test]
    fn parents_and_children_may_speak() {
        let files = [
            ("v", "mod a; use self::a::A; use crate::v::a::B;"),
            ("v::a", "use super::Looks; use crate::State;"),
        ];
        assert_eq!(found(&files), Vec::<String>::new());
    }

    #[test]
    fn one_direction_is_fine_and_tests_do_not_count() {
        let files = [
            ("", "mod a; mod b;"),
            ("a", "use crate::b::B; #[cfg(test)] mod tests;"),
            ("a::tests", "use crate::b::B;"),
            (
                "b",
                "#[cfg(test)] mod tests { use crate::a::A; } #[cfg(all(test, unix))] mod more;",
            ),
            ("b::more", "use crate::a::A;"),
        ];
        assert_eq!(found(&files), Vec::<String>::new());
    }

    #[test]
    fn what_is_left_out_of_tests_counts() {
        let files = [
            ("a", "#[cfg(not(test))] use crate::b::B;"),
            ("b", "use crate::a::A;"),
        ];
        assert_eq!(found(&files).len(), 1);
    }
}
