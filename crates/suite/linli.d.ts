// Linli's promise to host pages. Everything here stays as it is within a major version;
// what is not here may change at any time.

/** Settings of the page, for every element on it. Attributes of an element win. */
export interface Configuration {
  /** Origin of the HTTP API. Default: where loader.js came from. */
  api?: string;
  /** Who answers. Default: `host` or `webhook` where one is configured, else `http`. */
  backend?: "http" | "host" | "webhook";
  /** The page's own backend. */
  host?: HostAdapter;
  /** Address that ballots are posted to. Consultations only; it gives no receipts. */
  webhook?: string;
  /** Topic's name → its JSON (`Topic` or `TopicView` of the HTTP API), for a webhook and
   *  for a `host` without `topic`. */
  topics?: Record<string, unknown>;
  /** Who is signed in to this page: a token for the topic, made by the page's server, or
   *  nothing. With the HTTP API. */
  token?: (topic: string) => string | null | undefined | Promise<string | null | undefined>;
  /** BCP 47. Default: the nearest `lang` attribute, then the browser's languages. */
  lang?: string;
  /** Larger text and targets. */
  elder?: boolean;
  /** Default `light`. `auto` follows the device. */
  theme?: "light" | "dark" | "auto";
}

/** An element of the suite. Properties mirror attributes. */
export interface LinliElement extends HTMLElement {
  elder: boolean;
  theme: string | null;
  backend: string | null;
  api: string | null;
  webhook: string | null;
  /** Address of the same task on a page of its own. */
  page: string | null;
}

/** `<linli-deliberation topic="…">` */
export interface LinliDeliberationElement extends LinliElement {
  topic: string | null;
}

/** Never a choice, never a person. */
export interface LinliEventMap {
  /** The first usable content is on screen. */
  "linli-ready": CustomEvent<Record<string, never>>;
  /** A command was settled well. `recorded` is false where the backend gives no receipts. */
  "linli-submitted": CustomEvent<{ subject: string; recorded: boolean }>;
  /** A command was refused; `code` is stable. */
  "linli-refused": CustomEvent<{ code: string }>;
  /** `load`: blocked, missing or tampered file, or no WebAssembly. `panic`: the suite
   *  stopped. `attribute`: a changed attribute makes no sense. `fault`: the backend failed. */
  "linli-error": CustomEvent<{
    reason: "load" | "panic" | "attribute" | "fault";
    message?: string;
    incident?: string;
  }>;
}

/**
 * A backend of the page's own. Bodies are those of the HTTP API (`/api/v1/openapi.json`).
 * A rejection whose value has a `code` is a refusal; any other rejection, and no answer,
 * leaves it unknown whether the command had an effect: it is sent again with the same key.
 */
export interface HostAdapter {
  [method: string]: unknown;
}

export interface Linli {
  /** Version of the loader that serves the page. */
  readonly version: string;
  /** Changes the page's settings; elements take them over at once. */
  configure(configuration: Configuration): void;
  /** The same; `(window.linli = window.linli || []).push({…})` works before loading too. */
  push(configuration: Configuration): void;
}

declare global {
  interface Window {
    linli: Linli;
  }
  interface HTMLElementTagNameMap {
    "linli-deliberation": LinliDeliberationElement;
  }
  interface HTMLElementEventMap extends LinliEventMap {}
}
