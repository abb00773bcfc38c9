// The errors of a call.

import { isData, type Data } from "./codec.js";
import type { ErrorCode, ErrorDetails, OtherText } from "./generated.js";

/** The codes of the bridge, and of this client: `noBridge` (no answer) and `refusedKey` (no connection). */
export type KnownCode = ErrorCode | "noBridge" | "refusedKey";

/** A code. A newer bridge may have others. */
export type Code = KnownCode | OtherText;

/** What `data` of an error with the code `C` has. */
export type DetailsOf<C extends string> = C extends keyof ErrorDetails ? ErrorDetails[C] : object;

/** The same request may pass later (C9.4 to C9.33). */
const PASSES_LATER: ReadonlySet<string> = new Set([
  "notConnected", "connectionLost", "noResponse", "streamConflict", "notTradable", "ledgerFailed", "changePending",
  "orderUnknown", "paced", "linesExhausted", "limitReached", "noBridge",
]);
/** The rules of `notPermitted` that pass (C9.10). */
const RULES_THAT_PASS: ReadonlySet<unknown> = new Set(["halt", "max_open_orders", "max_orders_per_minute", "max_lines"]);

/** The bridge answered with an error, or the client knows without an answer why there is none. */
export class BridgeError extends Error {
  override readonly name: string = "BridgeError";
  /** A code of the error reference, such as `rejectedByTws`; or `noBridge` or `refusedKey`. */
  readonly code: Code;
  /** The error code of TWS; undefined if the error is not from TWS. */
  readonly twsCode: number | undefined;
  /** Further facts, by name. `is` tells their type; `extra` reads any of them. */
  readonly data: object;
  readonly #data: Data;

  constructor(error: { code: string; message: string; twsCode?: number | undefined; data?: Data | undefined }) {
    const tws = error.twsCode === undefined ? "" : ` (TWS ${error.twsCode})`;
    super(`${error.code}${tws}: ${error.message}`);
    this.code = error.code;
    this.twsCode = error.twsCode;
    this.data = this.#data = error.data ?? {};
  }

  /** Whether the error has this code. Then the compiler knows the fields of `data`. */
  is<C extends KnownCode>(code: C): this is BridgeError & { code: C; data: Partial<DetailsOf<C>> } {
    return this.code === code;
  }

  /** After how many seconds the same request may pass; undefined if a retry does not help. */
  get retryAfter(): number | undefined {
    if (this.code === "notPermitted" && RULES_THAT_PASS.has(this.#data["rule"])) {
      const wait = this.#data["wait"];
      return Math.max(1, typeof wait === "number" ? wait : 1);
    }
    return PASSES_LATER.has(this.code) ? 1 : undefined;
  }
}

/** The bridge did not answer in time. `code` is `noBridge`; the message says what the client knows of the cause. */
export class BridgeTimeout extends BridgeError {
  override readonly name = "BridgeTimeout";

  constructor(method: string, seconds: number, cause: string) {
    super({ code: "noBridge", message: `no answer to ${method} in ${Number(seconds.toFixed(3))} s: ${cause}` });
  }
}

/** The bridge refused the connection because of the client's key. `code` is `refusedKey`. The next call tries again. */
export class BridgeRefusedKey extends BridgeError {
  override readonly name = "BridgeRefusedKey";

  constructor(endpoint: string, reason: string) {
    super({ code: "refusedKey", message: `${endpoint} refused the connection: ${reason}`, data: { endpoint } });
  }
}

/** The client, the subscription or the feed is closed. */
export class ClosedError extends Error {
  override readonly name = "ClosedError";

  constructor(what: string) {
    super(`the ${what} is closed`);
  }
}

/** The error in a reply of the bridge. */
export function errorFrom(told: unknown): BridgeError {
  const error = isData(told) ? told : {};
  const { code, message, twsCode, data } = error;
  return new BridgeError({
    code: typeof code === "string" ? code : "unreadable",
    message: typeof message === "string" ? message : "the bridge answered with an error that cannot be read",
    twsCode: typeof twsCode === "number" ? twsCode : undefined,
    data: isData(data) ? data : undefined,
  });
}

/** Whether a request that was answered with this error never succeeds, so that there is no point in repeating it. */
export function isWrong(error: unknown): error is BridgeError {
  return error instanceof BridgeError && (error.code === "invalidParams" || error.code === "notPermitted");
}
