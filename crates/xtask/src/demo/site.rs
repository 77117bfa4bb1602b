//! Serves `demo-site/` on an origin of its own, as its README says: `__LINLI__` is our
//! origin, `_headers` is obeyed, frameworks come from `node_modules`.

use super::inside;
use crate::sh;
use anyhow::{Result, anyhow};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use tiny_http::{Header, Request, Response, Server, StatusCode};

/// The pages and where their parts are.
pub(crate) struct Site {
    linli: String,
    yew: PathBuf,
    rules: Vec<Rule>,
}

/// Headers for a path, or for all below it.
#[derive(Debug, PartialEq, Eq)]
struct Rule {
    path: String,
    below: bool,
    headers: Vec<(String, String)>,
}

impl Site {
    /// `linli` is our server's origin, `yew` the folder of the packed Yew app.
    pub(crate) fn new(linli: &str, yew: PathBuf) -> Result<Self> {
        let headers = fs::read_to_string(sh::root().join("demo-site/_headers"))?;
        let rules = rules(&headers.replace(PLACEHOLDER, linli));
        Ok(Self {
            linli: linli.to_owned(),
            yew,
            rules,
        })
    }

    fn file(&self, url: &str) -> Option<PathBuf> {
        let root = sh::root();
        let (root, rest) = match url {
            "/yew/yew_host.js" | "/yew/yew_host_bg.wasm" => {
                (self.yew.clone(), &url["/yew".len()..])
            }
            _ => {
                let vendor = [
                    ("/vendor/bootstrap/", "node_modules/bootstrap/dist"),
                    ("/vendor/weui/", "node_modules/weui/dist/style"),
                ];
                let found = vendor
                    .iter()
                    .find_map(|(at, dir)| Some((root.join(dir), url.strip_prefix(at)?)));
                found.unwrap_or((root.join("demo-site"), url))
            }
        };
        let path = inside(&root, rest)?;
        let path = if path.is_dir() {
            path.join("index.html")
        } else {
            path
        };
        path.is_file().then_some(path)
    }

    fn answer(&self, request: Request) -> std::io::Result<()> {
        let url = request
            .url()
            .split(['?', '#'])
            .next()
            .unwrap_or_default()
            .to_owned();
        let Some(path) = self.file(&url) else {
            return request
                .respond(Response::from_string("not here").with_status_code(StatusCode(404)));
        };
        let kind = mime(&path);
        let mut body = fs::read(&path)?;
        if kind.starts_with("text/html") {
            body = String::from_utf8_lossy(&body)
                .replace(PLACEHOLDER, &self.linli)
                .into_bytes();
        }
        let mut response = Response::from_data(body);
        let rules = self.rules.iter().filter(|rule| rule.covers(&url));
        let given = rules
            .flat_map(|rule| &rule.headers)
            .map(|(n, v)| (n.as_str(), v.as_str()));
        for (name, value) in [("Content-Type", kind), ("Cache-Control", "no-cache")]
            .into_iter()
            .chain(given)
        {
            if let Ok(header) = Header::from_bytes(name, value) {
                response.add_header(header);
            }
        }
        request.respond(response)
    }
}

impl Rule {
    fn covers(&self, url: &str) -> bool {
        if self.below {
            url.starts_with(&self.path)
        } else {
            url == self.path
        }
    }
}

const PLACEHOLDER: &str = "__LINLI__";
/// A page loads several files at once, and a browser keeps connections open.
const THREADS: usize = 8;

/// Serves until the process ends.
pub(crate) fn serve(site: Site, port: u16) -> Result<Vec<JoinHandle<()>>> {
    let server =
        Server::http(("127.0.0.1", port)).map_err(|error| anyhow!("port {port}: {error}"))?;
    let (server, site) = (Arc::new(server), Arc::new(site));
    let worker = || {
        let (server, site) = (Arc::clone(&server), Arc::clone(&site));
        thread::spawn(move || {
            while let Ok(request) = server.recv() {
                // A browser that went away meanwhile is nobody's error.
                let _ = site.answer(request);
            }
        })
    };
    Ok((0..THREADS).map(|_| worker()).collect())
}

fn rules(text: &str) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
    {
        if line.starts_with(char::is_whitespace) {
            let header = line.trim().split_once(": ");
            if let (Some(rule), Some((name, value))) = (rules.last_mut(), header) {
                rule.headers
                    .push((name.to_owned(), value.trim().to_owned()));
            }
        } else {
            let path = line.trim();
            let below = path.ends_with('*');
            let path = path.trim_end_matches('*').to_owned();
            rules.push(Rule {
                path,
                below,
                headers: Vec::new(),
            });
        }
    }
    rules
}

fn mime(path: &Path) -> &'static str {
    match path
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default()
    {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "wasm" => "application/wasm",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_cover_a_path_or_all_below_it() {
        let rules = rules("# words\n/strict/*\n  A: 1; x: y\n  B: 2\n\n/one\n  C: 3\n");
        assert_eq!(rules.len(), 2);
        assert_eq!(
            rules[0].headers,
            [("A".into(), "1; x: y".into()), ("B".into(), "2".into())]
        );
        assert!(rules[0].covers("/strict/") && rules[0].covers("/strict/gov.css"));
        assert!(!rules[0].covers("/cms/"));
        assert!(rules[1].covers("/one") && !rules[1].covers("/one/two"));
    }
}
