// An authenticator app: RFC 6238 with SHA-1, six digits, 30 seconds. Each step is used
// once, so that a second code waits for the next one, as a person would.

import crypto from "node:crypto";

const STEP_MS = 30_000;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function bytes(secret: string): Buffer {
  let bits = "";
  for (const letter of secret.replaceAll(/\s|=/g, "")) bits += BASE32.indexOf(letter).toString(2).padStart(5, "0");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}

export class Authenticator {
  #used = 0;

  constructor(private secret: string) {}

  /** The next code that has not been used: one step ahead is accepted as well. */
  async code(): Promise<string> {
    const now = () => Math.floor(Date.now() / STEP_MS);
    const step = Math.max(now(), this.#used + 1);
    // The server takes one step to either side; further ahead we wait for the clock.
    while (step > now() + 1) await new Promise((done) => setTimeout(done, 200));
    this.#used = step;
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const hash = crypto.createHmac("sha1", bytes(this.secret)).update(counter).digest();
    const at = hash[hash.length - 1] & 15;
    return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
  }
}
