//! The HTML that a definition may bring along (`html`, `completedHtml`, descriptions), as a
//! tree of few kinds that a view builds node by node: no foreign markup is ever inserted as
//! such. Of an element that is not known its content stays; of one that acts nothing does.
//!
//! Written here and not taken from a library, since the widget's wasm reads it too, and a
//! whole HTML parser weighs more than the rest of it.

/// A piece of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Text, to be shown as it is.
    Text(String),
    /// A line ends.
    Break,
    /// An element with what is in it.
    Element {
        /// Which.
        tag: Tag,
        /// What is in it.
        children: Vec<Node>,
    },
    /// A link with what is in it.
    Link {
        /// An absolute address: `https:`, `http:`, `mailto:` or `tel:`.
        href: String,
        /// What is in it.
        children: Vec<Node>,
    },
}

/// An element that may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// `p`, and a `div`.
    Paragraph,
    /// `h1` to `h6`: the view decides on the level.
    Heading,
    /// `strong` and `b`.
    Strong,
    /// `em` and `i`.
    Emphasis,
    /// `ul`.
    List,
    /// `ol`.
    NumberedList,
    /// `li`.
    Item,
    /// `blockquote`.
    Quote,
}

/// How deep elements may be nested; what is deeper goes into the one around it.
pub const MARKUP_DEPTH_MAX: usize = 16;
/// Characters of HTML that are read; the rest is left out.
pub const MARKUP_CHARS_MAX: usize = 50_000;

/// Elements whose content is not for reading.
const SILENT: [&str; 12] = [
    "script", "style", "template", "iframe", "object", "embed", "noscript", "textarea", "title",
    "select", "svg", "math",
];

/// Reads HTML.
pub fn read(html: &str) -> Vec<Node> {
    let end = html.char_indices().nth(MARKUP_CHARS_MAX).map(|(at, _)| at);
    let mut rest = &html[..end.unwrap_or(html.len())];
    let mut builder = Builder::default();
    while let Some(at) = rest.find('<') {
        builder.text(&rest[..at]);
        rest = &rest[at..];
        let Some((token, length)) = Token::read(rest) else {
            // No tag: a sign that stands for itself.
            builder.text("<");
            rest = &rest[1..];
            continue;
        };
        rest = &rest[length..];
        if let Some(name) = builder.take(token) {
            rest = behind(rest, &name);
        }
    }
    builder.text(rest);
    builder.finish()
}

/// Whether there is anything to read in it.
pub fn is_blank(nodes: &[Node]) -> bool {
    nodes.iter().all(|node| match node {
        Node::Text(text) => text.trim().is_empty(),
        Node::Break => true,
        Node::Element { children, .. } | Node::Link { children, .. } => is_blank(children),
    })
}

enum Token<'a> {
    Open {
        name: String,
        attributes: &'a str,
    },
    Close {
        name: String,
    },
    /// A comment or declaration.
    Nothing,
}

impl<'a> Token<'a> {
    /// The tag at the start of `text`, and how many bytes it takes.
    fn read(text: &'a str) -> Option<(Self, usize)> {
        if let Some(comment) = text.strip_prefix("<!--") {
            let end = comment.find("-->").map(|at| at + "<!---->".len());
            return Some((Self::Nothing, end.unwrap_or(text.len())));
        }
        let inside = text.strip_prefix('<')?;
        let is_close = inside.starts_with('/');
        let inside = inside.strip_prefix('/').unwrap_or(inside);
        let first = inside.chars().next()?;
        if matches!(first, '!' | '?') {
            let end = text.find('>').map_or(text.len(), |at| at + 1);
            return Some((Self::Nothing, end));
        }
        if !first.is_ascii_alphabetic() {
            return None;
        }
        let name_end = inside
            .find(|one: char| !one.is_ascii_alphanumeric())
            .unwrap_or(inside.len());
        let name = inside[..name_end].to_ascii_lowercase();
        let (attributes, behind) = attributes(&inside[name_end..]);
        let length = text.len() - behind.len();
        let token = if is_close {
            Self::Close { name }
        } else {
            Self::Open { name, attributes }
        };
        Some((token, length))
    }
}

/// Attributes up to the tag's end, which quotes may hold as well, and what is behind it.
fn attributes(text: &str) -> (&str, &str) {
    let mut quote = None;
    for (at, one) in text.char_indices() {
        match (quote, one) {
            (None, '>') => return (&text[..at], &text[at + 1..]),
            (None, '"' | '\'') => quote = Some(one),
            (Some(open), _) if open == one => quote = None,
            _ => {}
        }
    }
    (text, "")
}

/// What follows the end of an element that is left out with its content.
fn behind<'a>(text: &'a str, name: &str) -> &'a str {
    let is_end = |at: &usize| {
        let found = text.as_bytes()[at + 2..].get(..name.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
    };
    let mut ends = text.match_indices("</").map(|(at, _)| at);
    let Some(at) = ends.find(is_end) else {
        return "";
    };
    text[at..].find('>').map_or("", |end| &text[at + end + 1..])
}

/// The value of one attribute, decoded.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes;
    loop {
        rest = rest.trim_start_matches(|one: char| one.is_whitespace() || one == '/');
        let end = rest
            .find(|one: char| one.is_whitespace() || one == '=' || one == '/')
            .unwrap_or(rest.len());
        if end == 0 {
            // A stray sign of equality is no attribute.
            rest = rest.strip_prefix('=')?;
            continue;
        }
        let found = rest[..end].eq_ignore_ascii_case(name);
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(given) = rest.strip_prefix('=') {
            let given = given.trim_start();
            (value, rest) = match given.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    given[1..].split_once(quote).unwrap_or((&given[1..], ""))
                }
                _ => {
                    let end = given.find(char::is_whitespace).unwrap_or(given.len());
                    given.split_at(end)
                }
            };
        }
        if found {
            return Some(decoded(value));
        }
    }
}

/// What is open while the tree is built.
enum Open {
    Known(Tag),
    Link(String),
    /// Its content goes into what is around it.
    Through,
}

#[derive(Default)]
struct Builder {
    /// What is at the top, then inside of each open element.
    levels: Vec<(String, Open, Vec<Node>)>,
    top: Vec<Node>,
}

impl Builder {
    fn level(&mut self) -> &mut Vec<Node> {
        self.levels
            .last_mut()
            .map_or(&mut self.top, |(_, _, nodes)| nodes)
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let text = decoded(text);
        match self.level().last_mut() {
            Some(Node::Text(before)) => before.push_str(&text),
            _ => self.level().push(Node::Text(text)),
        }
    }

    /// Takes a tag; the name of an element whose content is to be left out.
    fn take(&mut self, token: Token<'_>) -> Option<String> {
        match token {
            Token::Nothing => None,
            Token::Close { name } => {
                if self.levels.iter().any(|(open, ..)| *open == name) {
                    while self.close() != Some(name.clone()) {}
                }
                None
            }
            Token::Open { name, .. } if SILENT.contains(&&*name) => Some(name),
            Token::Open { name, attributes } => {
                self.open(name, attributes);
                None
            }
        }
    }

    fn open(&mut self, name: String, attributes: &str) {
        // What HTML ends by itself.
        let ended_by = |open: &str| match &*name {
            "li" => open == "li",
            "p" | "div" | "ul" | "ol" | "blockquote" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                open == "p"
            }
            _ => false,
        };
        if self.levels.last().is_some_and(|(open, ..)| ended_by(open)) {
            self.close();
        }
        let open = match &*name {
            "br" | "hr" => {
                self.level().push(Node::Break);
                return;
            }
            "img" => {
                let alt = attribute(attributes, "alt").unwrap_or_default();
                if !alt.is_empty() {
                    self.level().push(Node::Text(alt));
                }
                return;
            }
            "input" | "link" | "meta" | "base" | "source" | "track" | "wbr" | "col" | "area" => {
                return;
            }
            "a" => match attribute(attributes, "href").and_then(|href| address(&href)) {
                Some(href) => Open::Link(href),
                None => Open::Through,
            },
            "p" | "div" => Open::Known(Tag::Paragraph),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Open::Known(Tag::Heading),
            "strong" | "b" => Open::Known(Tag::Strong),
            "em" | "i" => Open::Known(Tag::Emphasis),
            "ul" => Open::Known(Tag::List),
            "ol" => Open::Known(Tag::NumberedList),
            "li" => Open::Known(Tag::Item),
            "blockquote" => Open::Known(Tag::Quote),
            _ => Open::Through,
        };
        let is_deep = self.levels.len() >= MARKUP_DEPTH_MAX;
        if !is_deep {
            self.levels.push((name, open, Vec::new()));
        }
    }

    /// Closes the innermost element, and tells its name.
    fn close(&mut self) -> Option<String> {
        let (name, open, children) = self.levels.pop()?;
        let level = self.level();
        match open {
            Open::Known(tag) => level.push(Node::Element { tag, children }),
            Open::Link(href) => level.push(Node::Link { href, children }),
            Open::Through => level.extend(children),
        }
        Some(name)
    }

    fn finish(mut self) -> Vec<Node> {
        while self.close().is_some() {}
        self.top
    }
}

/// An address that only leads somewhere. Control characters, which browsers leave out when
/// they look for the scheme, make it none.
fn address(href: &str) -> Option<String> {
    let href = href.trim();
    let lower = href.to_ascii_lowercase();
    let schemes = ["https://", "http://", "mailto:", "tel:"];
    let is_good = schemes.iter().any(|scheme| lower.starts_with(scheme))
        && !href
            .chars()
            .any(|one| one.is_control() || one.is_whitespace());
    is_good.then(|| href.to_owned())
}

/// Text with its character references resolved.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match reference(rest) {
            Some((one, length)) => {
                out.push(one);
                rest = &rest[length..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// Longest reference that is looked for, `&#x10ffff;`.
const REFERENCE_BYTES_MAX: usize = 10;

fn reference(text: &str) -> Option<(char, usize)> {
    let end = text
        .bytes()
        .take(REFERENCE_BYTES_MAX)
        .position(|one| one == b';')?;
    let name = &text[1..end];
    let one = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "middot" => '·',
        "mdash" => '—',
        "ndash" => '–',
        "hellip" => '…',
        "ldquo" => '“',
        "rdquo" => '”',
        "copy" => '©',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => digits.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    };
    Some((one, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree as text, tags in brackets.
    fn told(html: &str) -> String {
        fn tell(nodes: &[Node]) -> String {
            let each = nodes.iter().map(|node| match node {
                Node::Text(text) => text.clone(),
                Node::Break => "[/]".to_owned(),
                Node::Element { tag, children } => format!("[{tag:?} {}]", tell(children)),
                Node::Link { href, children } => format!("[{href} {}]", tell(children)),
            });
            each.collect()
        }
        tell(&read(html))
    }

    #[test]
    fn what_is_meant_for_reading_stays() {
        for (html, want) in [
            ("谢谢", "谢谢"),
            ("<p>谢谢<br>再见</p>", "[Paragraph 谢谢[/]再见]"),
            ("<h3>谢谢</h3><b>好</b>", "[Heading 谢谢][Strong 好]"),
            ("<ul><li>一<li>二</ul>", "[List [Item 一][Item 二]]"),
            ("<p>一<p>二", "[Paragraph 一][Paragraph 二]"),
            ("<font color=red>红</font>", "红"),
            (
                "3 < 4 &amp;&lt;b&gt; &#20013;&#x6587; &copy",
                "3 < 4 &<b> 中文 &copy",
            ),
            ("<img src=x onerror=alert(1) alt='图'>", "图"),
            (
                "<a href='https://a.cn/?b=1&amp;c=2'>去</a>",
                "[https://a.cn/?b=1&c=2 去]",
            ),
            ("<a title=\"a>b\" href=tel:12345>打</a>", "[tel:12345 打]"),
            ("a<!-- <b>x</b> -->b<!doctype x>c", "abc"),
            ("</p>a</b>", "a"),
            ("<b><i>x</b>y", "[Strong [Emphasis x]]y"),
            ("a <", "a <"),
            ("<b", "[Strong ]"),
        ] {
            assert_eq!(told(html), want, "{html}");
        }
    }

    /// Known ways around filters: OWASP's XSS filter evasion cheat sheet.
    #[test]
    fn what_acts_goes() {
        for html in [
            "<script>alert(1)</script>",
            "<SCRIPT SRC=//a.cn/x.js></SCRIPT>",
            "<style>*{background:url(javascript:x)}</style>",
            "<svg/onload=alert(1)>x</svg>",
            "<iframe srcdoc='<script>1</script>'></iframe>",
            "<textarea><script>1</script></textarea>",
            "<script>",
        ] {
            assert!(is_blank(&read(html)), "{html}: {:?}", read(html));
        }
        for html in [
            "<a href='javascript:alert(1)'>x</a>",
            "<a href='JaVaScRiPt:alert(1)'>x</a>",
            "<a href=' java&#10;script:alert(1)'>x</a>",
            "<a href='data:text/html,x'>x</a>",
            "<a href='//a.cn'>x</a>",
            "<a href='https://a.cn/\u{1}'>x</a>",
            "<a onclick=alert(1)>x</a>",
        ] {
            assert_eq!(told(html), "x", "{html}");
        }
    }

    #[test]
    fn depth_and_length_are_bounded() {
        let deep = "<b>".repeat(5_000) + "x";
        assert_eq!(told(&deep).matches("Strong").count(), MARKUP_DEPTH_MAX);
        let long = "好".repeat(MARKUP_CHARS_MAX + 9);
        assert_eq!(told(&long).chars().count(), MARKUP_CHARS_MAX);
    }
}
