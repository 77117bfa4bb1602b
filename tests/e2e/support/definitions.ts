// Surveys as staff write them, for the tests.

import fs from "node:fs";
import path from "node:path";
import { root } from "./paths.ts";

/** Three pages with most kinds of questions; the widget's own tests use it too. */
export const property = JSON.parse(fs.readFileSync(path.join(root, "widgets/survey/tests/definitions/property.json"), "utf8")) as object;

/** 好差评 after a service: one rate, a low one asks why. */
export const service = {
  elements: [
    {
      type: "rating",
      name: "service",
      title: "这次办事您满意吗？",
      isRequired: true,
      autoGenerate: false,
      rateValues: [
        { value: 5, text: "非常满意" },
        { value: 4, text: "满意" },
        { value: 3, text: "基本满意" },
        { value: 2, text: "不满意" },
        { value: 1, text: "非常不满意" },
      ],
    },
    { type: "comment", name: "why", title: "请说说原因", visibleIf: "{service} <= 2", isRequired: true },
  ],
};

/** `rows` × `columns`. */
export const matrix = (rows: number, columns: number) => {
  const list = (what: string, count: number) => Array.from({ length: count }, (_, at) => `${what} ${at + 1}`);
  return { elements: [{ type: "matrix", name: "large", title: "一张大表", rows: list("第", rows), columns: list("列", columns) }] };
};

/** Questions inside questions, and an order. */
export const nested = {
  elements: [
    { type: "ranking", name: "order", title: "哪件事最要紧？", choices: ["加装电梯", "停车位", "儿童乐园"] },
    {
      type: "paneldynamic",
      name: "people",
      title: "需要照料的老人",
      panelAddText: "再加一位",
      templateTitle: "老人",
      templateElements: [{ type: "text", name: "age", inputType: "number", min: 0, title: "年龄" }],
    },
  ],
};
