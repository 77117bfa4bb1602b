// Where things are. `cargo xtask test` sets the variables; the defaults fit a run by hand
// after `cargo xtask dist`, `cargo xtask dist --test-build` and `cargo build -p linli`.

import path from "node:path";

const target = process.env.CARGO_TARGET_DIR;

export const root = path.resolve(__dirname, "../../..");
const inTarget = (name: string) => path.resolve(target ?? path.join(root, "target"), name);

export const linliBin = process.env.LINLI_BIN ?? inTarget("debug/linli");
export const yewHost = process.env.LINLI_YEW_HOST ?? inTarget("yew-host/site");
/** What `cargo xtask dev-page` made. */
export const devPage = process.env.LINLI_DEV_PAGE ?? inTarget("dev-page");
export const demoSite = path.join(root, "demo-site");
export const template = inTarget("e2e-template");
/** What residents get, and the same with open shadow roots for tests that look inside. */
export const dist = {
  closed: process.env.LINLI_DIST ?? path.join(root, "dist"),
  open: process.env.LINLI_DIST_OPEN ?? inTarget("dist-test"),
};
