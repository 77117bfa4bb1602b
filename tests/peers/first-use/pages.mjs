// The host pages and the static server of the first-use comparison. Owns what each peer
// is given: the same question on the same plain page, every file compressed beforehand.

import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

const page = (head, body) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Notice board</title>
<link rel="icon" href="data:,">
${head}
</head>
<body>
<h1>Notice board</h1>
<p>The residents' committee asks every household about the bicycle shed.</p>
${body}
</body>
</html>
`;

/** Our snippet as a webmaster pastes it. `linli` is the address of `linli serve`. */
export const ours = (linli, topic) =>
  page(
    `<script async src="${linli}/v1/loader.js"></script>`,
    `<linli-deliberation topic="${topic}"><a href="${linli}/p/${topic}">Take part</a></linli-deliberation>`
  );

/**
 * SurveyJS as its guide for plain pages has it, with the leaner of its two style sheets
 * (no web font) and the question inline, so that no request is needed for it. English,
 * because any other language is one more file.
 */
export const surveyjs = (assets, question) => {
  const json = {
    elements: [
      {
        type: "radiogroup",
        name: "shed",
        title: question.title,
        isRequired: true,
        choices: question.options.map(([value, text]) => ({ value, text })),
      },
    ],
  };
  return page(
    `<link rel="stylesheet" href="${assets}/survey-core/survey-core.fontless.min.css">
<script src="${assets}/survey-core/survey.core.min.js"></script>
<script src="${assets}/survey-js-ui/survey-js-ui.min.js"></script>`,
    `<div id="survey"></div>
<script>
new Survey.Model(${JSON.stringify(json)}).render(document.getElementById("survey"));
</script>`
  );
};

/** The files of SurveyJS that its page loads. */
export const surveyjsFiles = [
  "survey-core/survey-core.fontless.min.css",
  "survey-core/survey.core.min.js",
  "survey-js-ui/survey-js-ui.min.js",
];

const TYPES = { js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8" };

/** Compressed once, as a careful operator would. */
export const compress = (bytes) =>
  brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });

/** `{ path: { type, body } }` of files under this package's `node_modules`. */
export const load = (files) => {
  const read = (file) => readFileSync(fileURLToPath(new URL(`../node_modules/${file}`, import.meta.url)));
  return Object.fromEntries(
    files.map((file) => [`/${file}`, { type: TYPES[file.split(".").pop()], body: compress(read(file)) }])
  );
};

/**
 * Serves `content` on the loopback, on a free port where none is named. With the header
 * set that `linli serve` gives to its immutable files.
 */
export const serve = async (content, port = 0) => {
  const server = createServer((request, response) => {
    const found = content[request.url];
    if (!found) return response.writeHead(404).end();
    const headers = {
      "content-type": found.type,
      "content-length": found.body.length,
      "cache-control": "public, max-age=31536000, immutable",
      "access-control-allow-origin": "*",
      "cross-origin-resource-policy": "cross-origin",
      "x-content-type-options": "nosniff",
      vary: "accept-encoding",
    };
    if (!found.plain) headers["content-encoding"] = "br";
    response.writeHead(200, headers).end(found.body);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
};

/** A host page as `serve` takes it. */
export const html = (text) => ({ type: "text/html; charset=utf-8", body: Buffer.from(text), plain: true });
