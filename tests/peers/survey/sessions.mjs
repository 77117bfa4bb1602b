// What survey-core makes of random definitions and answers, step by step, as JSON.
//
//   node sessions.mjs SEED COUNT
//
// After each step: pages and questions that show, the current page, errors, data.

process.env.TZ = "Etc/GMT-8";
import { chance } from "./random.mjs";
const core = await import("survey-oracle");
console.warn = () => {};
const [seed, count] = process.argv.slice(2).map(Number);
const { below, pick, odds } = chance(seed);

const TYPES = ["text", "text", "text", "comment", "radiogroup", "dropdown", "checkbox", "tagbox", "boolean", "rating", "matrix", "expression", "html"];
const CHOICES = ["a", "b", "c", 1, 2];
const condition = (names) => {
  const one = () => {
    const name = pick(names);
    return pick([
      `{${name}} = ${pick(["'a'", "1", "2", "true", "'b'", "5"])}`,
      `{${name}} notempty`,
      `{${name}} empty`,
      `{${name}} contains ${pick(["'a'", "1"])}`,
      `{${name}} > ${below(6)}`,
      `{${name}} anyof ['a', 'b', 1]`,
      `!({${name}} = 'a')`,
      `{${name}}`,
    ]);
  };
  return odds(0.25) ? `${one()} ${pick(["and", "or"])} ${one()}` : one();
};
const validators = (type) => {
  const list = [];
  if (odds(0.12)) list.push({ type: "numeric", ...(odds(0.7) && { minValue: below(4) }), ...(odds(0.7) && { maxValue: 3 + below(5) }) });
  if (odds(0.12)) list.push({ type: "text", ...(odds(0.7) && { minLength: 1 + below(3) }), ...(odds(0.5) && { maxLength: 2 + below(4) }), ...(odds(0.3) && { allowDigits: false }) });
  if (odds(0.08)) list.push({ type: "regex", regex: pick(["^[a-c]+$", "\\d", "^A", "x?"]), ...(odds(0.4) && { caseInsensitive: true }) });
  if (odds(0.05)) list.push({ type: "email" });
  if (["checkbox", "tagbox"].includes(type) && odds(0.4)) list.push({ type: "answercount", ...(odds(0.7) && { minCount: 1 + below(3) }), ...(odds(0.5) && { maxCount: 1 + below(3) }) });
  return list;
};
const SELECTS = ["radiogroup", "dropdown", "checkbox", "tagbox"];
const anything = (names) => pick([`{${pick(names)}}`, `{${pick(names)}} + 1`, `iif({${pick(names)}} notempty, 'a', 'b')`, "'a'", `iif({${pick(names)}} = 'b', 2, {${pick(names)}})`]);
// Results that are no choice are listed as a difference.
const chosen = (names) => pick(["'a'", "'b'", `iif({${pick(names)}} notempty, 'a', 'b')`]);
const formulas = (made, before) => {
  const isFree = ["text", "comment"].includes(made.type);
  if (!isFree && !SELECTS.includes(made.type)) return;
  const result = isFree ? anything : chosen;
  if (odds(0.35)) made.defaultValueExpression = result(before);
  if (odds(0.25)) made.setValueIf = condition(before);
  if (odds(0.35)) made.setValueExpression = result(before);
  if (odds(0.25)) made.resetValueIf = condition(before);
};
const trigger = (all, names) => {
  if (!names.length) return { type: "complete", expression: condition(all) };
  const when = odds(0.85) ? { expression: condition(all) } : {};
  return pick([
    () => ({ type: "complete", expression: condition(all) }),
    () => ({ type: "setvalue", ...when, setValue: pick(["a", 1, 5, null, ["a"]]), ...(odds(0.2) ? { setToName: "extra", isVariable: true } : { setToName: pick([...names, "extra"]) }) }),
    () => ({ type: "copyvalue", ...when, setToName: pick(names), fromName: pick(all) }),
    () => ({ type: "skip", expression: condition(all), gotoName: pick(all) }),
    () => ({ type: "runexpression", ...when, ...(odds(0.9) && { setToName: pick([...names, "extra"]) }), runExpression: anything(all) }),
  ])();
};
// Where an outcome empties an answer, conditions read what comes before alone: circles end
// after ten rounds in survey-core and in a refusal here.
const question = (index, all, earlier, emptiesHidden) => {
  const names = emptiesHidden ? all.slice(0, Math.max(index, 1)) : all;
  const before = all.slice(0, Math.max(index, 1));
  const type = index === 0 ? "text" : pick(TYPES);
  const made = { type, name: all[index] };
  if (type === "html") return { ...made, html: "<p>x</p>" };
  if (index > 0 && odds(0.35)) made.visibleIf = condition(names);
  else if (odds(0.08)) made.visible = false;
  if (odds(0.1)) made.enableIf = condition(names);
  if (odds(0.05)) made.readOnly = true;
  if (type === "expression") {
    made.expression = earlier.length
      ? pick([`{${pick(earlier)}} + 1`, `iif({${pick(earlier)}} notempty, 'yes', 'no')`, `sum({${pick(earlier)}}, {${pick(earlier)}})`, `{${pick(earlier)}}`, `round({${pick(earlier)}} / 3, 2)`])
      : "1 + 1";
    if (odds(0.2)) made.precision = below(3);
    return made;
  }
  if (index > 0 && odds(0.3)) formulas(made, before);
  if (odds(0.25)) made.isRequired = true;
  else if (odds(0.15)) made.requiredIf = condition(names);
  const checks = validators(type);
  if (odds(0.08)) checks.push({ type: "expression", expression: condition(names) });
  if (checks.length) made.validators = checks;
  if (type === "text") {
    made.inputType = pick(["text", "text", "number", "email"]);
    if (made.inputType === "number" && odds(0.5)) made.min = below(3);
    if (made.inputType === "number" && odds(0.5)) made.max = 3 + below(4);
    if (odds(0.12)) made.defaultValue = made.inputType === "number" ? 3 : "a";
  }
  if (["radiogroup", "dropdown", "checkbox", "tagbox"].includes(type)) {
    made.choices = CHOICES.slice(0, 2 + below(4)).map((value) => (odds(0.3) ? { value, text: `text ${value}` } : value));
    if (!made.defaultValueExpression && !made.setValueExpression && odds(0.3)) made.choices = made.choices.map((one) => (odds(0.4) ? { value: one.value ?? one, visibleIf: condition(before) } : one));
    if (odds(0.3)) made[pick(["showOtherItem", "hasOther"])] = true;
    if (odds(0.3)) made[pick(["showNoneItem", "hasNone"])] = true;
    if (odds(0.1)) made.showRefuseItem = true;
    const isSome = ["checkbox", "tagbox"].includes(type);
    if (isSome && odds(0.3)) made.minSelectedChoices = 2;
    if (odds(0.15)) made.defaultValue = isSome ? ["a"] : "a";
  }
  if (type === "boolean") {
    if (odds(0.3)) Object.assign(made, { valueTrue: "yes", valueFalse: "no" });
    if (odds(0.3)) made.defaultValue = pick(["true", "false", true]);
  }
  if (type === "matrix") {
    made.columns = ["c1", "c2", { value: 3, text: "third" }];
    made.rows = ["r1", { value: "r2", text: "second" }];
    if (odds(0.4)) made[pick(["eachRowRequired", "isAllRowRequired"])] = true;
    if (odds(0.2)) made.eachRowUnique = true;
  }
  return made;
};
const definition = () => {
  const total = 2 + below(9);
  const names = Array.from({ length: total }, (_, index) => `q${index + 1}`);
  const elements = [];
  const earlier = [];
  const mode = odds(0.3) ? pick(["none", "onHidden", "onComplete"]) : undefined;
  for (let index = 0; index < total; index++) {
    const made = question(index, names, earlier, mode === "onHidden");
    elements.push(made);
    if (made.type !== "html") earlier.push(made.name);
  }
  const pages = [];
  while (elements.length) {
    let part = elements.splice(0, 1 + below(4));
    if (odds(0.3)) part = [{ type: "panel", name: `panel${pages.length}`, ...(odds(0.25) && (odds(0.5) ? { isRequired: true } : { requiredIf: condition(names) })), ...(odds(0.6) && { visibleIf: condition(names) }), elements: part }];
    pages.push({ name: `p${pages.length + 1}`, ...(odds(0.08) && { isRequired: true }), ...(odds(0.2) && { visibleIf: condition(names) }), elements: part });
  }
  const made = { pages };
  if (odds(0.3)) made.triggers = Array.from({ length: 1 + below(3) }, () => trigger(names, made.pages.flatMap((page) => page.elements).flatMap((one) => one.elements ?? one).filter((one) => ["text", "comment"].includes(one.type)).map((one) => one.name)));
  if (mode) made.clearInvisibleValues = mode;
  if (odds(0.25)) {
    made.calculatedValues = [{ name: "calc", expression: `${pick(["sum", "count", "max"])}({${pick(names)}}, {${pick(names)}})`, ...(odds(0.5) && { includeIntoResult: true }) }];
    for (const page of made.pages) if (odds(0.3)) page.visibleIf = `{calc} > ${below(4)}`;
  }
  return made;
};
const answerFor = (question) => {
  const values = [];
  const type = question.getType();
  if (odds(0.12)) return undefined;
  if (type === "text" && question.inputType === "number") values.push("3", 4, "x", 0, "12", -1, "2.5");
  else if (type === "text" || type === "comment") values.push("a", "b", "abc", "1", "5", "  ", "a@b.cc", "A1", "2");
  else if (type === "boolean") return pick([question.getValueTrue(), question.getValueFalse()]);
  else if (type === "rating") values.push(1, 2, 3, 4, 5);
  else if (type === "matrix") return Object.fromEntries(["r1", "r2"].filter(() => odds(0.7)).map((row) => [row, pick(["c1", "c2", 3])]));
  else {
    const offered = question.visibleChoices.map((one) => one.value).filter((one) => one !== undefined);
    if (!offered.length) return undefined;
    if (["checkbox", "tagbox"].includes(type)) return offered.filter(() => odds(0.4));
    return pick(offered);
  }
  return pick(values);
};

const told = (survey, errors) => ({
  pages: survey.visiblePages.map((page) => page.name),
  questions: survey.getAllQuestions().filter((one) => one.isVisible && one.isParentVisible).map((one) => one.name),
  current: survey.currentPage ? survey.currentPage.name : null,
  data: JSON.parse(JSON.stringify(survey.data)),
  errors,
  ...(survey.state === "completed" && { done: true }),
});
const errorsOf = (survey) => [...survey.getAllQuestions(), ...survey.getAllPanels(), survey.currentPage]
  .filter((one) => one === survey.currentPage || one.page === survey.currentPage)
  .flatMap((one) => one.errors.map((error) => [one.name, error.getErrorType()]));

const record = (json) => {
  const survey = new core.SurveyModel(JSON.parse(JSON.stringify(json)));
  const steps = [{ do: "start", after: told(survey, []) }];
  for (let step = 0; step < 10 && survey.state === "running"; step++) {
    const open = survey.getAllQuestions().filter((one) => one.isVisible && one.isParentVisible && !one.isReadOnly && !["html", "expression"].includes(one.getType()));
    // A jump waits for its page to be drawn, which nobody does here.
    survey.focusingQuestionInfo = undefined;
    const action = pick(["answer", "answer", "answer", "answer", "comment", "next", "previous", "complete"]);
    if (action === "answer" && open.length) {
      const question = pick(open);
      const value = answerFor(question);
      question.value = value;
      steps.push({ do: "answer", name: question.name, value: value === undefined ? null : value, after: told(survey, []) });
    } else if (action === "comment") {
      const question = open.find((one) => one.isOtherSelected);
      if (!question) continue;
      const value = pick(["more", "", " "]);
      question.comment = value;
      steps.push({ do: "comment", name: question.name, value, after: told(survey, []) });
    } else if (action === "next" && !survey.isLastPage) {
      const moved = survey.nextPage();
      steps.push({ do: "next", after: told(survey, moved ? [] : errorsOf(survey)) });
    } else if (action === "previous") {
      survey.prevPage();
      steps.push({ do: "previous", after: told(survey, []) });
    } else if (action === "complete" && survey.isLastPage && step > 4) {
      const done = survey.completeLastPage();
      steps.push({ do: "complete", after: told(survey, done ? [] : errorsOf(survey)) });
    }
  }
  return { json, steps };
};

// Where survey-core throws (`precision` over text) there is nothing to compare with.
const cases = [];
let thrown = 0;
while (cases.length < count) {
  try {
    cases.push(record(definition()));
  } catch {
    thrown += 1;
  }
}
process.stderr.write(`survey-core threw in ${thrown}\n`);
process.stdout.write("[\n" + cases.map((one) => JSON.stringify(one)).join(",\n") + "\n]\n");
