// The server of other people's pages, on an origin of its own: `demo-site` by the four
// rules of its README, and pages that a test puts there.

import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { demoSite, root, yewHost } from "./paths.ts";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};
const MOUNTS: [string, string][] = [
  ["/vendor/bootstrap/", path.join(root, "node_modules/bootstrap/dist")],
  ["/vendor/weui/", path.join(root, "node_modules/weui/dist/style")],
  ["/yew/yew_host", path.join(yewHost, "yew_host")],
  ["/", demoSite],
];

type Page = { html: string; headers: Record<string, string> };

export class Site {
  readonly origin: string;
  #server: http.Server;
  #pages = new Map<string, Page>();
  #linli = "";

  static async start(): Promise<Site> {
    const server = http.createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return new Site(server);
  }

  private constructor(server: http.Server) {
    this.#server = server;
    this.origin = `http://localhost:${(server.address() as AddressInfo).port}`;
    server.on("request", (request, response) => this.#answer(request.url ?? "/", response));
  }

  /** Which `linli serve` the pages load from. */
  use(linli: string) {
    this.#linli = linli;
  }

  /** Puts a page; `body` is around a loader, `head` beside it. Gives its address. */
  put(name: string, page: { body: string; head?: string; lang?: string; loader?: string; headers?: Record<string, string> }): string {
    const loader = page.loader ?? `<script async src="__LINLI__/v1/loader.js"></script>`;
    const html = `<!doctype html><html lang="${page.lang ?? "zh-CN"}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${name}</title>
${page.head ?? ""}${loader}</head><body>${page.body}</body></html>`;
    const at = `/${name}`;
    this.#pages.set(at, { html, headers: page.headers ?? {} });
    return this.origin + at;
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #fill(text: string): string {
    return text.replaceAll("__LINLI__", this.#linli);
  }

  #answer(url: string, response: http.ServerResponse) {
    const at = decodeURIComponent(new URL(url, this.origin).pathname);
    const page = this.#pages.get(at);
    if (page) {
      for (const [name, value] of Object.entries(page.headers)) response.setHeader(name, this.#fill(value));
      response.setHeader("Content-Type", TYPES[".html"]);
      return void response.end(this.#fill(page.html));
    }
    const file = this.#file(at);
    if (!file) {
      response.statusCode = 404;
      return void response.end();
    }
    for (const [name, value] of headersFor(at)) response.setHeader(name, this.#fill(value));
    response.setHeader("Content-Type", TYPES[path.extname(file)] ?? "application/octet-stream");
    response.setHeader("Cache-Control", "no-cache");
    const bytes = fs.readFileSync(file);
    response.end(file.endsWith(".html") ? this.#fill(bytes.toString()) : bytes);
  }

  #file(at: string): string | undefined {
    const [prefix, folder] = MOUNTS.find(([prefix]) => at.startsWith(prefix))!;
    // A mount may end inside a name: what follows is appended to the text.
    const rest = at.slice(prefix.length);
    const joined = prefix.endsWith("/") ? path.join(folder, rest) : folder + rest;
    const file = at.endsWith("/") ? path.join(joined, "index.html") : joined;
    return fs.existsSync(file) && fs.statSync(file).isFile() ? file : undefined;
  }
}

/** `_headers`, as static hosts read it. */
function headersFor(at: string): [string, string][] {
  const lines = fs.readFileSync(path.join(demoSite, "_headers"), "utf8").split("\n");
  const found: [string, string][] = [];
  let applies = false;
  for (const line of lines) {
    if (!line.trim() || line.startsWith("#")) continue;
    if (!/^\s/.test(line)) {
      const pattern = line.trim();
      applies = pattern.endsWith("*") ? at.startsWith(pattern.slice(0, -1)) : at === pattern;
    } else if (applies) {
      const [name, ...value] = line.trim().split(":");
      found.push([name, value.join(":").trim()]);
    }
  }
  return found;
}
