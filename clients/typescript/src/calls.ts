// The open requests of a client, as bytes. It knows no socket: times are seconds of the caller's clock.
//
// The client sends an unanswered request again with the same id, and the bridge recognizes it as the same request.
// A request that changes something says when it `expires`: the bridge does not carry it out after that, however late it
// arrives. So after an error of the call nothing is executed any more.

import { pack, unpack, type Data } from "./codec.js";
import { BridgeTimeout, errorFrom, type BridgeError } from "./errors.js";
import { EXPIRING } from "./generated.js";

/** The version of the contract. */
export const VERSION = 1;
/** After this many seconds without a reply the client sends the request again. */
export const RESEND = 5;
/** A request that could not leave is tried again after this many seconds. */
export const RETRY = 0.1;
/** The bridge gets this many seconds less than the caller, or this part of the time, so that its reply arrives. */
const GRACE = 1.5;
const GRACE_PART = 0.3;
/** Seconds between keep-alives. The bridge releases the streams of a silent client after its lease, 30 seconds. */
export const KEEP_ALIVE = 10;
/** The most seconds that a request may have (C5.25). */
const MOST_SECONDS = 600;

/** How a request is to be sent. `timeout` is in seconds. */
export interface CallOptions {
  timeout: number;
  id?: string | undefined;
  wait?: boolean | undefined;
  fresh?: boolean | undefined;
}

/** What became of a call: its reply, or the error that the client knows without one. */
export type Outcome = { reply: Data } | { error: unknown };

/** An open request. `body` is the message to send; `resend` is the time at which to send it again. */
export interface Call {
  readonly id: string;
  readonly method: string;
  readonly timeout: number;
  readonly body: Uint8Array;
  readonly deadline: number;
  resend: number;
  /** Whether a socket has taken it. */
  hasLeft: boolean;
  /** Gets the outcome, once. */
  readonly end: (outcome: Outcome) => void;
}

/** The open requests of one client. */
export class Calls {
  readonly client: string;
  readonly instance: string | undefined;
  readonly #run: string;
  readonly #utc: () => bigint;
  readonly #open = new Map<string, Call[]>();
  #count = 0;
  #fenced: BridgeError | undefined;
  #keepAlive: number;

  /** `run`: the beginning of all ids, which no other run of the client has. `utc`: the time in ns since 1970 UTC. */
  constructor(client: string, instance: string | undefined, run: string, now: number, utc = nanoseconds) {
    this.client = client;
    this.#utc = utc;
    this.instance = instance;
    this.#run = run;
    this.#keepAlive = instance === undefined ? now + KEEP_ALIVE : now;
  }

  /** The error with which the bridge fenced this run, or undefined. */
  get fenced(): BridgeError | undefined {
    return this.#fenced;
  }

  /** How many requests are open. */
  get size(): number {
    return this.#open.size;
  }

  /** Opens a request; the caller sends its `body`. `end` gets the outcome, once. */
  make(method: string, params: Data, options: CallOptions, now: number, end: (outcome: Outcome) => void): Call {
    const { timeout } = options;
    if (!(timeout > 0 && timeout <= MOST_SECONDS)) {
      throw new RangeError(`timeout: expected seconds above 0 and at most ${MOST_SECONDS}, not ${timeout}`);
    }
    const id = options.id ?? `${this.#run}-${++this.#count}`;
    const seconds = timeout - Math.min(GRACE, GRACE_PART * timeout);
    const body = pack({
      id, v: VERSION, client: this.client, method, params, timeout: seconds,
      expires: mustExpire(method, params) ? this.#utc() + BigInt(Math.round(seconds * 1e9)) : undefined,
      instance: this.instance, wait: options.wait === false ? false : undefined,
      fresh: options.fresh === true ? true : undefined,
    });
    const call: Call = { id, method, timeout, body, deadline: now + timeout, resend: now, hasLeft: false, end };
    this.#open.set(id, [...(this.#open.get(id) ?? []), call]);
    return call;
  }

  /** Notes whether the socket has taken the request, and when to send it again. */
  onSent(call: Call, hasLeft: boolean, now: number): void {
    call.hasLeft ||= hasLeft;
    call.resend = now + (hasLeft ? RESEND : RETRY);
    if (hasLeft && this.instance === undefined) this.#keepAlive = now + KEEP_ALIVE;
  }

  /** Takes a reply, and ends the calls that it answers. Ignores a reply to a call that is over, and a part of one. */
  onReply(body: Uint8Array): void {
    const reply = unpack(body);
    if ("part" in reply) return;
    const id = String(reply["id"]);
    const calls = this.#open.get(id);
    if (calls === undefined) return;
    this.#open.delete(id);
    if (reply["ok"] !== true && this.instance !== undefined) {
      const error = errorFrom(reply["error"]);
      if (error.code === "fenced") [this.#fenced, this.#keepAlive] = [error, Infinity];
    }
    for (const call of calls) call.end({ reply });
  }

  /** The requests to send now: for the first time, or again. */
  due(now: number): Call[] {
    return this.#all().filter((call) => now >= call.resend);
  }

  /** The socket is connected. What was not sent is due now, and on a new connection (`again`) also what was. */
  onConnected(again: boolean, now: number): void {
    for (const call of this.#all()) if (again || !call.hasLeft) call.resend = now;
  }

  /** Whether somebody waits for the call. */
  isOpen(call: Call): boolean {
    return this.#open.get(call.id)?.includes(call) ?? false;
  }

  /** Ends the calls past their deadline. `cause`: what is known of the reason. */
  expire(now: number, cause: () => string): void {
    for (const call of this.#all()) {
      if (now >= call.deadline) this.end(call, new BridgeTimeout(call.method, call.timeout, cause()));
    }
  }

  /** Ends a call with an error; nothing if it is over. */
  end(call: Call, error: unknown): void {
    if (this.forget(call)) call.end({ error });
  }

  /** Forgets a call for which nobody waits any more. Returns whether it was open. */
  forget(call: Call): boolean {
    const calls = this.#open.get(call.id);
    if (calls === undefined || !calls.includes(call)) return false;
    const others = calls.filter((one) => one !== call);
    if (others.length > 0) this.#open.set(call.id, others);
    else this.#open.delete(call.id);
    return true;
  }

  /** Ends all calls with this error. */
  endAll(error: unknown): void {
    for (const call of this.#all()) this.end(call, error);
  }

  /** The method and params of the keep-alive to send now, or undefined if none is due. `hello` names a newer run. */
  keepAlive(now: number): { method: "ping" | "hello"; params: Data } | undefined {
    if (now < this.#keepAlive) return undefined;
    this.#keepAlive = now + KEEP_ALIVE;
    if (this.instance === undefined) return { method: "ping", params: {} };
    return { method: "hello", params: { instance: this.instance } };
  }

  #all(): Call[] {
    return [...this.#open.values()].flat();
  }
}

/** Whether the request must not be carried out after its caller has given it up. Reads and cancels may be late. */
function mustExpire(method: string, params: Data): boolean {
  return EXPIRING.has(method) || params["regulatorySnapshot"] === true;
}

function nanoseconds(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
