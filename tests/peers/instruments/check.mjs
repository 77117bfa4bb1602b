// Loads every shipped instrument with SurveyJS: no errors, both languages complete, low
// scores ask for the reason, and what the sidecar names is there.
// node check.mjs [FOLDER OF OTHER DEFINITIONS, loaded only]
import { readFileSync, readdirSync } from "node:fs";
import { Model } from "survey-core";

const folder = new URL("../../../crates/rules/instruments/", import.meta.url);
const read = (name, base = folder) => JSON.parse(readFileSync(new URL(name, base)));
const faults = [];
const han = /\p{Script=Han}/u;

function load(name, definition) {
  const survey = new Model(definition);
  for (const error of survey.jsonErrors ?? []) faults.push(`${name}: ${error.message}`);
  return survey;
}

function words(survey) {
  const shown = [survey.processedTitle];
  for (const question of survey.getAllQuestions()) {
    shown.push(question.title, question.minRateDescription, question.maxRateDescription);
    for (const list of [question.choices, question.columns, question.rows]) {
      for (const item of Array.isArray(list) ? list : []) shown.push(item.text);
    }
    for (const [is, text] of [["showOtherItem", "otherText"], ["showDontKnowItem", "dontKnowText"]]) {
      if (question[is]) shown.push(question[text]);
    }
  }
  return shown.filter(Boolean);
}

for (const file of readdirSync(folder).filter((name) => name.endsWith(".meta.json"))) {
  const sidecar = read(file);
  const survey = load(sidecar.id, read(`${sidecar.id}.json`));
  if (survey.getAllQuestions().length > 12) faults.push(`${sidecar.id}: too long`);
  for (const text of words(survey)) if (!han.test(text)) faults.push(`${sidecar.id}: not Chinese: ${text}`);
  survey.locale = "en";
  for (const text of words(survey)) if (han.test(text)) faults.push(`${sidecar.id}: not English: ${text}`);
  for (const { question, row } of sidecar.items) {
    const found = survey.getQuestionByName(question);
    if (!found) faults.push(`${sidecar.id}: no question ${question}`);
    else if (row && !found.rows.some((one) => one.value === row)) faults.push(`${sidecar.id}: no row ${row}`);
  }
  const low = sidecar.low_score_asks;
  const reasons = survey.getQuestionByName(low.reasons);
  for (const [score, is] of [[low.at_most, true], [low.at_most + 1, false]]) {
    survey.setValue(low.question, score);
    if (reasons?.isVisible !== is) faults.push(`${sidecar.id}: ${low.reasons} at ${score}`);
  }
  const asked = survey.getAllQuestions().find((question) => question.showDontKnowItem);
  const code = asked?.dontKnowItem?.value;
  if (code && !sidecar.dont_know.includes(code)) faults.push(`${sidecar.id}: don't know is ${code}`);
}
const others = process.argv[2];
if (others) {
  const base = new URL(`file://${others}/`);
  for (const name of readdirSync(base).filter((name) => name.endsWith(".json"))) {
    const { definition } = read(name, base);
    if (definition) load(name, definition);
  }
}
for (const fault of faults) console.log(fault);
if (faults.length > 0) process.exit(1);
console.log("every instrument loads");
