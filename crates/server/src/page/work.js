// Solves the challenge of a poll that asks for work, so that nobody has to wait for the
// button: a counter is looked for whose SHA-256 with the challenge begins with enough zero
// bits. In slices of 8 ms, so that the page stays usable. When it is found, or the wait is
// over first, the form sends itself. Without this script the button works after the wait.
(() => {
  "use strict";
  const SLICE_MS = 8;
  const TRIES_BETWEEN_LOOKS = 256;
  const form = document.getElementById("work");
  if (!form || form.dataset.solvable === undefined) return;
  const bits = Number(form.dataset.bits);
  const challenge = form.elements.namedItem("work").value;
  const status = document.getElementById("work-status");
  const progress = document.getElementById("work-progress");
  const button = form.querySelector("button");
  const begun = performance.now();
  const waitMs = Number(form.dataset.leftMs);

  // SHA-256 by itself: the browser's own answers later, once for each try, and is missing
  // on pages without TLS.
  const primes = [];
  for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
  const fraction = (x) => ((x - Math.floor(x)) * 4294967296) | 0;
  const K = Int32Array.from(primes, (p) => fraction(Math.cbrt(p)));
  const START = Int32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)));
  const w = new Int32Array(64);
  const compress = (from, to) => {
    for (let i = 16; i < 64; i += 1) {
      const x = w[i - 15];
      const y = w[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = from;
    for (let i = 0; i < 64; i += 1) {
      const S1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + S1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const S0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (S0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    to[0] = (from[0] + a) | 0; to[1] = (from[1] + b) | 0;
    to[2] = (from[2] + c) | 0; to[3] = (from[3] + d) | 0;
    to[4] = (from[4] + e) | 0; to[5] = (from[5] + f) | 0;
    to[6] = (from[6] + g) | 0; to[7] = (from[7] + h) | 0;
  };
  const put = (text, at) => {
    for (let i = 0; i < text.length; i += 1) {
      const place = at + i;
      w[place >> 2] |= text.charCodeAt(i) << (24 - 8 * (place & 3));
    }
  };

  // The challenge fills whole blocks, which are hashed once.
  const middle = START.slice();
  for (let at = 0; at < challenge.length; at += 64) {
    w.fill(0);
    put(challenge.slice(at, at + 64), 0);
    compress(middle.slice(), middle);
  }
  const out = new Int32Array(8);
  const isSolved = (counter) => {
    const text = String(counter);
    w.fill(0, 0, 16);
    put(text, 0);
    put("\u0080", text.length);
    w[15] = (challenge.length + text.length) * 8;
    compress(middle, out);
    return Math.clz32(out[0]) >= bits;
  };

  let counter = 0;
  let isSent = false;
  const send = (found) => {
    if (isSent) return;
    isSent = true;
    form.elements.namedItem("counter").value = found;
    progress.value = 1;
    status.textContent = form.dataset.done;
    form.submit();
  };
  // Not a timer: browsers stretch those to 4 ms and more, half of the time would be lost.
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    if (isSent) return;
    const from = performance.now();
    do {
      for (let i = 0; i < TRIES_BETWEEN_LOOKS; i += 1, counter += 1) {
        if (isSolved(counter)) {
          send(String(counter));
          return;
        }
      }
    } while (performance.now() - from < SLICE_MS);
    // The chance of having found it by now: it never goes back, and slows down late.
    progress.value = 1 - Math.exp(-counter / 2 ** bits);
    if (from - begun >= waitMs + 500) send("");
    else channel.port2.postMessage(0);
  };
  status.textContent = form.dataset.busy;
  progress.hidden = false;
  button.hidden = true;
  channel.port2.postMessage(0);
})();
