// What survey-core makes of random expressions, as JSON: the oracle of `rules::survey`.
//
//   node expressions.mjs SEED COUNT
//
// The clock is fixed and the zone is UTC+8 without summer time, as the Rust side has it.

process.env.TZ = "Etc/GMT-8";
import { chance } from "./random.mjs";
const core = await import("survey-oracle");

const NOW_MS = Date.UTC(2026, 10, 25, 1, 30, 15, 250);
const [seed, count] = process.argv.slice(2).map(Number);
const { below, pick, odds } = chance(seed);

// Listed differences: what survey-core does there depends on the browser, or is refused
// by us when the text is read.
let listed;
console.warn = (text) => {
  if (String(text).startsWith("Unknown function")) listed = "unknown function";
};
const dateToString = Date.prototype.toString;
Date.prototype.toString = function () {
  listed = "a date as text";
  return dateToString.call(this);
};
const dateToPrimitive = Date.prototype[Symbol.toPrimitive];
Object.defineProperty(Date.prototype, Symbol.toPrimitive, {
  value(hint) {
    if (hint !== "number") listed = "a date as text";
    return dateToPrimitive.call(this, hint);
  },
});
const ISO = /^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?$/;
core.settings.onDateCreated = (date, reason, from) => {
  const isOwnFormat = typeof from === "string" && !ISO.test(from) && !Number.isNaN(date.getTime());
  if (isOwnFormat || Array.isArray(from)) listed = "a date that is not ISO 8601";
  return date;
};

const scalars = [0, 1, 2, -3, 2.5, 0.1, 0.2, 10, 100, true, false, "", "a", "b", "A", " a ", "abc", "1", "2", "2.50", "007",
  "0.5", "1,5", "true", "FALSE", "'q'", "item1", "2020-02-29", "2024-12-31", "2026-11-25", "2026-11-25T08:30", "你好", "12-3",
  "5%", "1e3", "0x10", "undefined", null, "1234567890123456"];
const scalar = () => pick(scalars);
const list = (of, most = 4) => Array.from({ length: below(most + 1) }, of);
const row = () => ({ col: pick([1, 2, 3, "4", "x", null, 2.5]), other: scalar(), Big: below(9) });
const names = ["a", "b", "c", "q1", "Q 2", "d.e", "list", "rows", "m", "date", "text"];
const makeValues = () => {
  const values = {};
  for (const name of names) if (odds(0.7)) values[name] = scalar();
  if (odds(0.7)) values.list = list(scalar);
  if (odds(0.7)) values.rows = list(row);
  if (odds(0.6)) values.m = { r1: scalar(), R2: scalar(), deep: { x: scalar(), list: list(scalar) } };
  if (odds(0.7)) values.date = pick(["2020-02-29", "2024-12-31", "2026-11-25", "2026-11-25T08:30", "1999-01-31T23:59:58.123Z"]);
  if (odds(0.6)) values.text = pick(["hello", "Hello World", "abc", "12", ""]);
  return values;
};
const paths = [...names, "A", "q 2", "m.r1", "m.r2", "m.deep.x", "m.deep.list[0]", "list[0]", "list[-1]", "list[9]", "rows[0].col",
  "rows[1].big", "rows.length", "list.length", "none.length", "none", "text.length", "#a", "#date", "m.deep", '"k": 1', "rows[0]", "list.0"];
const space = () => pick(["", " ", " ", "  "]);
const variable = () => `{${pick(paths)}}`;
const constant = () => pick(["0", "1", "2", "10", "2.5", "0.1", "-3", "0x10", "true", "false", "'a'", "'b'", '"abc"', "''", "'1'", "'007'",
  "item1", "yes", "'2026-11-25'", "'2020-02-29'", "null", "undefined", "'a b'", "'it\\'s'", "'true'", "100"]);
const atom = () => (odds(0.6) ? variable() : constant());
const unary = (depth) => pick([() => `!${factor(depth)}`, () => `negate ${factor(depth)}`, () => `${atom()} empty`, () => `${atom()} notempty`])();
const dates = () => pick(["{date}", "'2020-02-29'", "today()", "currentDate()", "getDate({date})", "getDate('2024-12-31')", "dateAdd({date}, 1)"]);
const unit = () => pick(["'days'", "'months'", "'years'", "'hours'", "'minutes'", "'seconds'"]);
const condition = () => pick(["", ", {col} > 1", ", '{other} = 1'", ", {col} notempty", ", {a} = 1", ", 'other'", ", 'Big', {col} >= 2"]);
const calls = [
  (d) => `${pick(["sum", "min", "max", "count", "avg"])}(${list(() => sum(d - 1)).join(", ")})`,
  (d) => `${pick(["round", "trunc"])}(${sum(d - 1)}${pick(["", ", 1", ", 2", ", 0"])})`,
  (d) => `iif(${expression(d - 1)}, ${sum(d - 1)}${pick([", " + sum(d - 1), ""])})`,
  () => `${pick(["sum", "min", "max", "count", "avg"])}InArray({${pick(["rows", "rows", "list", "m", "none"])}}, '${pick(["col", "other", "Big"])}'${condition()})`,
  () => `age(${dates()}${pick(["", ", 'years'", ", 'months'", ", 'days'"])})`,
  () => `dateDiff(${dates()}, ${dates()}${pick(["", ", " + unit()])})`,
  () => `dateAdd(${dates()}, ${pick(["1", "-1", "13", "40", "{a}"])}, ${unit()})`,
  () => `diffDays(${dates()}, ${dates()})`,
  () => `${pick(["year", "month", "day", "weekday", "getYear", "getDate"])}(${pick(["", dates(), dates()])})`,
  () => pick(["today()", "today(1)", "today(-40)", "currentYear()", "currentDate()"]),
  () => `substring({text}, ${pick(["0", "1", "2", "-1", "{a}"])}${pick(["", ", 3", ", 1", ", 99"])})`,
];
const factor = (depth) => {
  if (depth <= 0) return atom();
  return pick([atom, atom, () => `(${space()}${expression(depth - 1)}${space()})`, () => unary(depth - 1), () => pick(calls)(depth),
    () => `[${list(atom).join(", ")}]`])();
};
const chain = (next, signs, likely) => (depth) => {
  let text = next(depth);
  while (odds(likely)) text += `${pick([" ", " ", "  "])}${pick(signs)}${pick([" ", " ", "  "])}${next(depth)}`;
  return text;
};
const membership = chain(factor, ["contains", "notcontains", "anyof", "allof", "noneof", "*=", "contain", "AnyOf"], 0.12);
const power = chain(membership, ["^"], 0.03);
const product = chain(power, ["*", "/", "%"], 0.08);
const sum = chain(product, ["+", "-", "+"], 0.12);
const comparison = chain(sum, ["=", "==", "!=", "<>", "<", ">", "<=", ">=", "=>", "=<", "equals", "equal", "notequal", "less", "greater",
  "lessorequal", "greaterorequal", "notequals"], 0.35);
const conjunction = chain(comparison, ["and", "&&", "AND"], 0.15);
const expression = chain(conjunction, ["or", "||", "Or"], 0.15);

const spoilt = (text) => {
  const at = below(text.length + 1);
  return pick([
    () => text.slice(0, at) + text.slice(at + 1),
    () => text.slice(0, at) + pick(["(", ")", "{", "}", "'", "\"", "[", "]", "=", "!", " ", "0", "x", ",", "."]) + text.slice(at),
    () => text.slice(0, at),
  ])();
};

const told = (value) => {
  if (value === undefined) return { $: "undefined" };
  if (typeof value === "number" && !Number.isFinite(value)) return { $: String(value) };
  if (value instanceof Date) return { $: "date", ms: Number.isNaN(value.getTime()) ? null : value.getTime() };
  if (Array.isArray(value)) return value.map(told);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, told(one)]));
  return value;
};
const run = (text, values) => {
  const parser = new core.ConditionsParser();
  let operand;
  try {
    operand = parser.parseExpression(text);
  } catch {
    return { fault: "throws" };
  }
  if (!operand) return { fault: parser.error ? "syntax" : "null" };
  const context = { getValue: (params) => new core.VariableGetterContext(values).getValue(params) };
  const survey = { dateProvider: { now: () => NOW_MS }, getQuestionByName: () => null, getValueGetterContext: () => context };
  try {
    const result = new core.ExpressionRunner(text).runValues(values, { survey });
    const holds = new core.ConditionRunner(text).runValues(values, { survey });
    return { result: told(result), holds };
  } catch {
    return { fault: "throws" };
  }
};

const cases = [];
while (cases.length < count) {
  const values = makeValues();
  let text = expression(1 + below(3));
  if (odds(0.15)) text = spoilt(text);
  if (text.length > 300) continue;
  listed = undefined;
  const outcome = run(text, values);
  const used = Object.fromEntries(Object.entries(values).filter(([name]) => text.toLowerCase().includes(name.toLowerCase())));
  cases.push({ text, values: used, ...outcome, listed });
}
process.stdout.write("[\n" + cases.map((one) => JSON.stringify(one)).join(",\n") + "\n]\n");
