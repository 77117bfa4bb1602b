// What RegExp makes of random patterns and texts, as JSON: the oracle of the server's engine.
//
//   node patterns.mjs SEED COUNT
//
// Without the `u` flag, as survey-core has it. Texts are short: RegExp backtracks.

import { chance } from "./random.mjs";
const [seed, count] = process.argv.slice(2).map(Number);
const { below, pick, odds } = chance(seed);

const UNITS = ["a", "b", "c", "A", "k", "s", "1", "9", "_", " ", "\n", "好", "é", "É", "ß", "ſ", "\u212a", "😀", "\ud83d", "-", ".", "{", "/", "\u3000", "Σ", "ς"];
const atom = (depth) => pick([
  () => pick(["a", "b", "c", "A", "k", "s", "好", "é", "ß", "😀", "1", "-", "/", "{", "}", "]", ","]),
  () => pick(["\\d", "\\D", "\\w", "\\W", "\\s", "\\S", ".", "\\b", "\\B", "^", "$"]),
  () => pick(["\\u597d", "\\x61", "\\t", "\\n", "\\cJ", "\\0", "\\u{61}", "\\p{L}", "\\-", "\\.", "\\/", "\\e", "\\k", "\\1", "\\2", "\\07", "\\ud83d", "\\u"]),
  () => `[${odds(0.3) ? "^" : ""}${Array.from({ length: below(4) }, () => pick(["a", "b-k", "A-Z", "0-9", "\\d", "\\w", "\\W", "\\s", "\\b", "好", "\\u4e00-\\u9fa5", "-", "]", "^", "😀", "\\x41-\\x5a", "ß", ".", "\\-", "[", "&&"])).join("")}]`,
  () => (depth > 0 ? `${pick(["(", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?<n>"])}${pattern(depth - 1)})` : "b"),
])();
const counted = (depth) => atom(depth) + (odds(0.35) ? pick(["*", "+", "?", "{2}", "{1,}", "{0,2}", "{,2}", "{1,2", "*?", "+?", "??", "{2,1}"]) : "");
const pattern = (depth) => {
  const one = () => Array.from({ length: 1 + below(4) }, () => counted(depth)).join("");
  return odds(0.2) ? `${one()}|${one()}` : one();
};

const cases = [];
while (cases.length < count) {
  let text = pattern(2);
  if (odds(0.3)) text = `^${text}$`;
  if (odds(0.05)) text = text.slice(0, below(text.length));
  const ignoresCase = odds(0.4);
  const subject = Array.from({ length: below(8) }, () => pick(UNITS)).join("");
  // A text of Rust holds no half of a pair.
  if (!subject.isWellFormed() || !text.isWellFormed()) continue;
  let found = null;
  try {
    found = new RegExp(text, ignoresCase ? "i" : "").test(subject);
  } catch {}
  cases.push([text, ignoresCase, subject, found]);
}
process.stdout.write("[\n" + cases.map((one) => JSON.stringify(one)).join(",\n") + "\n]\n");
