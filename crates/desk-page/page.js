// Starts the desk. In one file with the glue, which names `__wbg_init` and `start`; the
// build puts it there.
const base = new URL(".", import.meta.url).href;
const failed = () => document.body.setAttribute("data-failed", "");
__wbg_init({ module_or_path: fetch(base + "desk.wasm") }).then(() => start(base), failed);
