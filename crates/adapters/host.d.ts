// The backend that a page provides itself: `linli.configure({ host })`.
//
// Bodies are the JSON of wire v1, as in `/api/v1/openapi.json`. Readers ignore fields
// that they do not know.

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type UtcMs = number;
/** 1–64 characters of `a-z`, `0-9` and `-`, not starting with `-`. */
export type Slug = string;
/** 32 lowercase hexadecimal digits. */
export type Hex128 = string;

export type Proof =
  | { type: "device"; device: Hex128 }
  | { type: "household_code"; code: string }
  | { type: "one_time_password"; contact: string; code: string }
  | { type: "host_token"; token: string };

export type Choice =
  | { type: "motion"; stance: "yes" | "no" | "abstain" }
  | { type: "options"; options: Slug[] };

export interface PollOption {
  id: Slug;
  text: string;
  detail?: string;
}

export type PollKind =
  | { type: "motion" }
  | { type: "single_choice"; options: PollOption[] }
  | { type: "multiple_choice"; options: PollOption[]; min: number; max: number };

export interface Poll {
  id: Slug;
  question?: string;
  kind: PollKind;
  /** A formal poll never runs inside a host page. */
  nature: "consultation" | "formal";
  electorate: "households" | "devices";
  credential: "device" | "otp" | "host_token" | "household_code";
  secrecy: "recorded" | "secret";
  changes: "until_closing" | "never";
  results: "after_closing" | "live";
  opens_at_ms: UtcMs;
  closes_at_ms: UtcMs;
}

export interface Topic {
  id: Slug;
  community: { id: Slug; name: string; time_zone: string };
  place: { id: Slug; name: string };
  lang: string;
  title: string;
  summary?: string;
  poll: Poll;
}

export interface Turnout {
  cast: number;
  eligible?: number;
}

export type Outcome =
  | { type: "no_ballots" }
  | { type: "leading"; option: Slug }
  | { type: "tied"; options: Slug[] }
  | { type: "carried" }
  | { type: "lost" };

export interface PollResult {
  rule: string;
  counts: { option: Slug; votes: number }[];
  turnout: Turnout;
  outcome: Outcome;
  places?: { place: { id: Slug; name: string }; turnout: Turnout }[];
  is_final: boolean;
}

export interface TopicView {
  topic: Topic;
  phase: "upcoming" | "open" | "closed";
  turnout: Turnout;
  result?: PollResult;
}

export interface CastReply {
  receipt: {
    version: 1;
    code: string;
    community: Slug;
    topic: Slug;
    poll: Slug;
    secrecy: "recorded" | "secret";
    revision: number;
    commitment: string;
    /** Absent in secret polls. */
    cast_at_ms?: UtcMs;
    key_id: string;
    signature: string;
  };
  /** `choice` is the one that was cast; its options may be in the poll's order. */
  opening: { choice: Choice; nonce: string };
}

export interface Standing {
  voted: boolean;
  reply?: CastReply;
}

export interface Grant {
  /** 1–512 visible ASCII characters, opaque to the widget. */
  token: string;
  poll: Slug;
  voter?: string;
  expires_at_ms: UtcMs;
  standing: Standing;
}

export interface CastCommand {
  /** The same command may arrive more than once: same key, same effect, same reply. */
  key: Hex128;
  topic: Slug;
  poll: Slug;
  grant: string;
  /** `secret` is there in secret polls, and only there. */
  ballot: { choice: Choice; secret?: Hex128 };
}

/**
 * The object. Methods are called on it, and may be async or not.
 *
 * - **Resolve** when it is done.
 * - **Reject with `{ code, … }`** of a refusal (`closed`, `already_voted`, …, see
 *   `Refusal` in the OpenAPI document, with the fields it has there) when nothing was
 *   done: the person is told why. `{ code: "fault", incident }` is a failure of yours.
 * - **Any other rejection** (a network error, an unknown code), and no answer in 20
 *   seconds, leaves it unknown whether the command had an effect: `cast` is called again
 *   later with the same `key`.
 *
 * A resolved value of another form is a fault; `cast` is then called again too.
 */
export interface HostAdapter {
  /** `false` when `cast` yields no receipts: the page then says 已送出, not 已入账, and
   *  what `cast` resolves with is not looked at. */
  receipts?: boolean;
  /** Absent: the page gives the topic to the element. */
  topic?(argument: { topic: Slug }): Promise<TopicView> | TopicView;
  identify(argument: { topic: Slug; proof: Proof }): Promise<Grant> | Grant;
  cast(command: CastCommand): Promise<CastReply | void> | CastReply | void;
  /** Absent: the widget does not ask where a voter stands. */
  standing?(argument: {
    topic: Slug;
    grant: string;
    secret?: Hex128;
  }): Promise<Standing> | Standing;
}
