// A backend that is not ours: a small server on an origin of its own, with CORS, that
// keeps what it was asked and answers as a test says.

import http from "node:http";
import type { AddressInfo } from "node:net";

export type Asked = { method: string; path: string; headers: http.IncomingHttpHeaders; body: unknown };
type Answer = { status: number; body?: unknown };
type Handler = (asked: Asked) => Answer | Promise<Answer>;

export class Backend {
  readonly origin: string;
  /** Without the browser's own questions for permission. */
  readonly asked: Asked[] = [];
  /** How often the browser asked for permission. */
  preflights = 0;
  answer: Handler = () => ({ status: 200 });

  private constructor(
    private server: http.Server,
    private allowed: string,
  ) {
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("request", (request, response) => void this.#serve(request, response));
  }

  /** `allowed` is the one origin whose pages may read the answers. */
  static async start(allowed: string): Promise<Backend> {
    const server = http.createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return new Backend(server, allowed);
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** Bodies that were posted to `path`, oldest first. */
  posted<Body = Record<string, unknown>>(path: string): Body[] {
    return this.asked.filter((asked) => asked.path === path && asked.method === "POST").map((asked) => asked.body as Body);
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse) {
    response.setHeader("Access-Control-Allow-Origin", this.allowed);
    response.setHeader("Vary", "Origin");
    if (request.method === "OPTIONS") {
      this.preflights++;
      response.setHeader("Access-Control-Allow-Methods", "POST");
      response.setHeader("Access-Control-Allow-Headers", "Content-Type");
      response.statusCode = 204;
      return void response.end();
    }
    let text = "";
    for await (const chunk of request) text += chunk;
    const path = new URL(request.url!, this.origin).pathname;
    const asked = { method: request.method!, path, headers: request.headers, body: text ? JSON.parse(text) : undefined };
    this.asked.push(asked);
    const { status, body } = await this.answer(asked);
    response.statusCode = status;
    response.setHeader("Content-Type", "application/json");
    response.end(body === undefined ? "" : JSON.stringify(body));
  }
}
