//! Words with markup that a definition brings along, as elements of our own making: a few
//! tags and the addresses of links, nothing else. Foreign markup never becomes part of
//! the page as it is.
//!
//! Written here and not taken: a sanitiser for whole documents is larger than the widget.

use linli_ui::el::{El, el};
use yew::prelude::*;

/// Tags that become elements, and as which.
const TAGS: [(&str, &str); 20] = [
    ("p", "p"),
    ("div", "div"),
    ("br", "br"),
    ("hr", "hr"),
    ("b", "strong"),
    ("strong", "strong"),
    ("i", "em"),
    ("em", "em"),
    ("u", "u"),
    ("s", "s"),
    ("small", "small"),
    ("ul", "ul"),
    ("ol", "ol"),
    ("li", "li"),
    ("h1", "h3"),
    ("h2", "h3"),
    ("h3", "h3"),
    ("h4", "h4"),
    ("blockquote", "blockquote"),
    ("a", "a"),
];
/// Tags without an end.
const VOID: [&str; 2] = ["br", "hr"];
/// Tags whose content goes with them.
const SILENT: [&str; 8] = [
    "script", "style", "template", "iframe", "object", "noscript", "svg", "title",
];
/// Deeper markup is shown as if it were not nested.
const DEPTH_MAX: usize = 16;

/// The words as nodes.
pub(super) fn nodes(source: &str) -> Vec<Html> {
    let mut open: Vec<(&'static str, El)> = Vec::new();
    let mut done: Vec<Html> = Vec::new();
    let mut rest = source;
    while !rest.is_empty() {
        let (text, after) = match rest.find('<') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        if !text.is_empty() {
            put(&mut open, &mut done, Html::from(entities(text)));
        }
        rest = after;
        let Some((tag, after)) = tag(rest) else {
            // A `<` that begins no tag is one.
            if let Some(after) = rest.strip_prefix('<') {
                put(&mut open, &mut done, Html::from("<"));
                rest = after;
            }
            continue;
        };
        rest = after;
        let name = tag.name.to_ascii_lowercase();
        if !tag.is_end && SILENT.contains(&name.as_str()) {
            rest = after_end(rest, &name);
            continue;
        }
        let Some((_, ours)) = TAGS.iter().find(|(theirs, _)| *theirs == name) else {
            continue;
        };
        if tag.is_end {
            close(&mut open, &mut done, ours);
        } else if VOID.contains(ours) {
            put(&mut open, &mut done, el(ours).into());
        } else if open.len() < DEPTH_MAX {
            open.push((ours, started(ours, tag.inside)));
        }
    }
    while let Some((_, last)) = open.pop() {
        put(&mut open, &mut done, last.into());
    }
    done
}

fn started(ours: &'static str, inside: &str) -> El {
    let one = el(ours);
    let link = (ours == "a").then(|| attribute(inside, "href")).flatten();
    match link.filter(|link| is_link(link)) {
        Some(link) => one
            .attr("href", link)
            .attr("target", "_blank")
            .attr("rel", "noopener noreferrer"),
        None => one,
    }
}

fn put(open: &mut [(&'static str, El)], done: &mut Vec<Html>, node: Html) {
    match open.last_mut() {
        Some((_, last)) => last.add(node),
        None => done.push(node),
    }
}

/// Ends the innermost element of this name, and what was left open in it.
fn close(open: &mut Vec<(&'static str, El)>, done: &mut Vec<Html>, name: &str) {
    if !open.iter().any(|(known, _)| *known == name) {
        return;
    }
    while let Some((known, last)) = open.pop() {
        put(open, done, last.into());
        if known == name {
            return;
        }
    }
}

struct Tag<'a> {
    name: &'a str,
    is_end: bool,
    inside: &'a str,
}

/// The tag at the start, and what follows; a comment is a tag without a name.
fn tag(text: &str) -> Option<(Tag<'_>, &str)> {
    let inner = text.strip_prefix('<')?;
    if let Some(comment) = inner.strip_prefix("!--") {
        let after = comment.split_once("-->").map_or("", |(_, after)| after);
        return Some((
            Tag {
                name: "",
                is_end: false,
                inside: "",
            },
            after,
        ));
    }
    let (is_end, inner) = match inner.strip_prefix('/') {
        Some(inner) => (true, inner),
        None => (false, inner),
    };
    if !inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!') {
        return None;
    }
    let end = end_of(inner)?;
    let (inside, after) = (&inner[..end], &inner[end + 1..]);
    let name_end = inside
        .find(|c: char| c.is_ascii_whitespace() || c == '/')
        .unwrap_or(inside.len());
    let (name, inside) = inside.split_at(name_end);
    Some((
        Tag {
            name,
            is_end,
            inside,
        },
        after,
    ))
}

/// Where a tag ends: a `>` outside quotes.
fn end_of(inner: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in inner.bytes().enumerate() {
        match (byte, quote) {
            (b'>', None) => return Some(at),
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            _ => {}
        }
    }
    None
}

fn after_end<'a>(text: &'a str, name: &str) -> &'a str {
    let lower = text.to_ascii_lowercase();
    let Some(at) = lower.find(&format!("</{name}")) else {
        return "";
    };
    text[at..].split_once('>').map_or("", |(_, after)| after)
}

fn attribute(inside: &str, name: &str) -> Option<String> {
    let lower = inside.to_ascii_lowercase();
    let at = lower.find(&format!("{name}="))? + name.len() + 1;
    let rest = &inside[at..];
    let value = match rest.as_bytes().first()? {
        quote @ (b'"' | b'\'') => rest[1..].split(char::from(*quote)).next()?,
        _ => rest.split(|c: char| c.is_ascii_whitespace()).next()?,
    };
    Some(entities(value).trim().to_owned())
}

fn is_link(address: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    ["https://", "http://", "mailto:", "tel:"]
        .iter()
        .any(|scheme| lower.starts_with(scheme))
}

/// Whether an address may be that of a picture.
pub(super) fn is_picture(address: &str) -> bool {
    let lower = address.trim().to_ascii_lowercase();
    let is_ours = lower.starts_with('/') || lower.starts_with("data:image/");
    is_ours || lower.starts_with("https://") || lower.starts_with("http://")
}

/// Characters written as entities.
fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let known = after
            .split_once(';')
            .filter(|(name, _)| name.len() <= 8)
            .and_then(|(name, tail)| Some((entity(name)?, tail)));
        match known {
            Some((one, tail)) => {
                out.push(one);
                rest = tail;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    linli_rules::text::displayable(&out).into_owned()
}

fn entity(name: &str) -> Option<char> {
    let number = name.strip_prefix('#').map(|digits| {
        let hexadecimal = digits.strip_prefix(['x', 'X']);
        match hexadecimal {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => digits.parse(),
        }
    });
    if let Some(number) = number {
        return char::from_u32(number.ok()?);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "middot" => '·',
        "hellip" => '…',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, PartialEq, Properties)]
    struct Given {
        source: String,
    }

    #[component]
    fn Shown(given: &Given) -> Html {
        linli_ui::el::list(nodes(&given.source))
    }

    fn shown(source: &str) -> String {
        let given = Given {
            source: source.to_owned(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let renderer = yew::LocalServerRenderer::<Shown>::with_props(given).hydratable(false);
        tokio::task::LocalSet::new().block_on(&runtime, renderer.render())
    }

    #[test]
    fn a_few_tags_stay_and_nothing_that_runs() {
        for (source, expected) in [
            ("<b>谢谢</b>您", "<strong>谢谢</strong>您"),
            ("<p>一<br/>二</p>", "<p>一<br>二</p>"),
            ("<h1 onclick=\"x()\">题</h1>", "<h3>题</h3>"),
            ("a<script>alert(1)</script>b", "ab"),
            ("<SCRIPT>alert(1)</SCRIPT >c", "c"),
            ("<style>p{}</style>d", "d"),
            ("<img src=x onerror=alert(1)>e", "e"),
            ("<a href='javascript:alert(1)'>f</a>", "<a>f</a>"),
            (
                "<a href=\"https://x.example/?a=1&amp;b\">g</a>",
                "<a href=\"https://x.example/?a=1&amp;b\" target=\"_blank\" rel=\"noopener noreferrer\">g</a>",
            ),
            ("1 < 2 && 3 > 2", "1 &lt; 2 &amp;&amp; 3 &gt; 2"),
            ("&lt;b&gt;&#20320;&nbsp;", "&lt;b&gt;你\u{a0}"),
            ("<ul><li>一<li>二</ul>", "<ul><li>一<li>二</li></li></ul>"),
            ("</p>x<b>y", "x<strong>y</strong>"),
            ("<!-- <script> -->z", "z"),
            ("<b", "&lt;b"),
        ] {
            assert_eq!(shown(source), expected, "{source}");
        }
    }

    #[test]
    fn deep_nesting_ends() {
        let deep = "<div>".repeat(10_000) + "x";
        assert!(shown(&deep).contains('x'));
    }
}
