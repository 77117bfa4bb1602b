// The survey engine in wasm and survey-core, in turns, in one process.
//
//   node measure.mjs FOLDER PAIRS
//
// FOLDER holds the wasm with its glue. Prints JSON: for each shape and size, and each side,
// load and time per answer of every pair.

import { createRequire } from "node:module";
import { resolve } from "node:path";

const [folder, pairs] = process.argv.slice(2);
const { Survey } = createRequire(import.meta.url)(resolve(folder, "engine.js"));
const core = await import("survey-oracle");
console.warn = () => {};

const names = (size) => Array.from({ length: size }, (_, at) => `q${at}`);
const text = (name, more) => ({ type: "text", name, ...more });
const SHAPES = {
  // Each shows when the one before is answered; all are answered in order.
  chained: (size) => ({
    elements: names(size).map((name, at) => text(name, at && { visibleIf: `{q${at - 1}} notempty` })),
    answers: names(size),
  }),
  // All read the first, which is answered over and over.
  "one for all": (size) => ({
    elements: names(size).map((name, at) => text(name, at && { visibleIf: `{q0} = 'x${at % 7}'` })),
    answers: Array.from({ length: 20 }, () => "q0"),
  }),
  // Sums of sums: the first answer goes through all.
  sums: (size) => ({
    elements: names(size).map((name, at) => (at ? { type: "expression", name, expression: `{q${at - 1}} + 1` } : text(name, { inputType: "number" }))),
    answers: Array.from({ length: 20 }, () => "q0"),
  }),
};

const answerAt = (shape, at) => (shape === "sums" ? String(at + 1) : `x${at % 7}`);
const timed = (work) => {
  const start = performance.now();
  const value = work();
  return [performance.now() - start, value];
};

const ours = (json, shape, answers) => {
  const [load_ms, survey] = timed(() => new Survey(json));
  let visible = 0;
  let worst_ms = 0;
  const [all_ms] = timed(() => {
    answers.forEach((name, at) => {
      const [one_ms] = timed(() => (visible = survey.answer(name, answerAt(shape, at))));
      worst_ms = Math.max(worst_ms, one_ms);
    });
  });
  const data = survey.data();
  survey.free();
  return { load_ms, answer_ms: all_ms / answers.length, worst_ms, visible, data };
};

const theirs = (json, shape, answers) => {
  const [load_ms, survey] = timed(() => new core.SurveyModel(JSON.parse(json)));
  const questions = answers.map((name) => survey.getQuestionByName(name));
  let worst_ms = 0;
  const [all_ms] = timed(() => {
    questions.forEach((question, at) => {
      const [one_ms] = timed(() => (question.value = answerAt(shape, at)));
      worst_ms = Math.max(worst_ms, one_ms);
    });
  });
  const visible = survey.getAllQuestions().filter((one) => one.isVisible && one.isParentVisible).length;
  const data = JSON.stringify(survey.data);
  survey.dispose();
  return { load_ms, answer_ms: all_ms / answers.length, worst_ms, visible, data };
};

// The deepest that is read must fit the stack that widgets have.
const deepest = (open, close) => {
  for (let depth = 64; depth > 0; depth--) {
    const expression = `${open.repeat(depth)}{q0}${close.repeat(depth)}`;
    try {
      return new Survey(JSON.stringify({ elements: [text("q0"), text("q1", { visibleIf: expression }), { type: "expression", name: "q2", expression }] }));
    } catch (error) {
      if (!String(error).includes("nested too deep")) throw error;
    }
  }
};
for (const [open, close] of [["(", ")"], ["!", ""], ["[", "]"], ["iif(", ")"], ["(1 + ", ")"], ["sum([", "])"], ["!iif([(1 = ", ")])"]]) {
  deepest(open, close).answer("q0", "1");
}
let panel = text("q0");
for (let depth = 0; depth < 32; depth++) panel = { type: "panel", name: `p${depth}`, elements: [panel] };
new Survey(JSON.stringify({ elements: [panel] })).answer("q0", "1");

const sorted = (data) => JSON.stringify(Object.entries(JSON.parse(data)).sort(([a], [b]) => (a < b ? -1 : 1)));
const report = [];
for (const [shape, make] of Object.entries(SHAPES)) {
  for (const size of [30, 100, 300]) {
    const { elements, answers } = make(size);
    const json = JSON.stringify({ elements });
    const runs = [];
    for (let pair = 0; pair < Number(pairs); pair++) {
      const sides = pair % 2 ? { ours, theirs } : { theirs, ours };
      const run = {};
      for (const [side, measure] of Object.entries(sides)) run[side] = measure(json, shape, answers);
      if (run.ours.visible !== run.theirs.visible || sorted(run.ours.data) !== sorted(run.theirs.data)) {
        throw new Error(`${shape} ${size}: ${run.ours.visible} and ${run.theirs.visible} show\n${run.ours.data}\n${run.theirs.data}`);
      }
      for (const side of Object.values(run)) delete side.data;
      runs.push(run);
    }
    report.push({ shape, size, runs });
  }
}
process.stdout.write(JSON.stringify({ node: process.version, report }));
