// A real `linli` process with its own data folder.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { linliBin } from "./paths.ts";

export class Linli {
  private constructor(
    readonly origin: string,
    readonly data: string,
    readonly database: string | undefined,
    private child: ChildProcess,
    private log: () => string,
  ) {}

  /** Starts `linli serve` on a free port over a copy of `template`, or over an empty
   * PostgreSQL `database` with the keys of `template`. `settings` are further ones. */
  static async start(dist: string, template: string, database?: string, settings: NodeJS.ProcessEnv = {}): Promise<Linli> {
    const data = fs.mkdtempSync(path.join(os.tmpdir(), "linli-e2e-"));
    execFileSync("cp", ["-a", `${template}/.`, data]);
    const env = { ...environment(data, database), LINLI_LISTEN: "127.0.0.1:0", LINLI_STATIC_DIR: dist, ...settings };
    const child = spawn(linliBin, ["serve"], { env, cwd: data, stdio: ["ignore", "pipe", "pipe"] });
    let log = "";
    const origin = await new Promise<string>((done, fail) => {
      const read = (chunk: Buffer) => {
        log += chunk;
        const address = /(?:http:\/\/)?127\.0\.0\.1:(\d+)/.exec(log);
        if (address && address[1] !== "0") done(`http://127.0.0.1:${address[1]}`);
      };
      child.stdout.on("data", read);
      child.stderr.on("data", read);
      child.on("error", fail);
      child.on("exit", (code) => fail(new Error(`linli serve ended with ${code}:\n${log}`)));
    });
    for (;;) {
      const ready = await fetch(`${origin}/health/ready`).catch(() => undefined);
      if (ready?.ok) break;
      if (child.exitCode !== null) throw new Error(log);
    }
    return new Linli(origin, data, database, child, () => log);
  }

  /** `linli import`, also while it serves. */
  import(file: object) {
    importInto(this.data, file, this.database);
  }

  async stop() {
    const ended = new Promise((done) => this.child.once("exit", done));
    this.child.kill("SIGTERM");
    await ended;
    fs.rmSync(this.data, { recursive: true });
    if (this.child.exitCode !== 0) throw new Error(`linli serve ended with ${this.child.exitCode}:\n${this.log()}`);
  }
}

/** `linli import` into a data folder. */
export function importInto(data: string, file: object, database?: string) {
  const at = path.join(data, `import-${process.hrtime.bigint()}.json`);
  fs.writeFileSync(at, JSON.stringify(file));
  execFileSync(linliBin, ["import", at], { env: environment(data, database), cwd: data, stdio: ["ignore", "ignore", "pipe"] });
  fs.rmSync(at);
}

/** `linli admin create`, also while it serves: the link of an invitation. */
export function adminCreate(linli: Linli, community: string, name: string): string {
  const env = { ...environment(linli.data, linli.database), LINLI_PUBLIC_URLS: JSON.stringify([linli.origin]) };
  const args = ["admin", "create", community, "--name", name];
  return execFileSync(linliBin, args, { env, cwd: linli.data, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** Only what the process is meant to read: the tests' own variables are not settings. */
function environment(data: string, database?: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("LINLI_"));
  return { ...Object.fromEntries(kept), LINLI_DATA_DIR: data, ...(database && { LINLI_DATABASE_URL: database }) };
}
