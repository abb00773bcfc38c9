// The client: requests with retries, keep-alives, the streams that the program holds, and its feeds.

import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import { Calls, RETRY, type Call, type Outcome } from "./calls.js";
import { checkKey, checkKeys, checkOptions } from "./checks.js";
import type { Data } from "./codec.js";
import { disposable } from "./dispose.js";
import { BridgeError, BridgeTimeout, ClosedError, errorFrom } from "./errors.js";
import type { LogPosition } from "./events.js";
import { OrderFeed, Subscription, type Feed, type Host } from "./feed.js";
import { MethodCalls, type Methods, type OrderFacts, type UsualMethods } from "./generated.js";
import { Holds, type Hold } from "./holds.js";
import type { Curve } from "./keys.js";
import { RequestSocket } from "./sockets.js";

/** Milliseconds between two looks at the clock. */
const TICK_MS = 100;
/** After a pause of the process of this many seconds the bridge may have released its streams (C6.32). */
const LONG_PAUSE = 20;
/** Seconds for a call without `timeout`. */
const TIMEOUT = 30;
/** The answers after which the state of an order is not known yet (C7.18). */
const NOT_KNOWN_YET: ReadonlySet<string> = new Set(["queued", "sent", "unknown"]);
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** The endpoints and keys of a client. */
export interface ClientOptions {
  /** The endpoint for requests. Default: `tcp://127.0.0.1:7500`. */
  requests?: string;
  /** The endpoint for events. Default: `tcp://127.0.0.1:7501`. */
  events?: string;
  /** The keys, for a bridge that has a key: see `loadCurve`. */
  curve?: Curve;
  /**
   * The name of this run, which no earlier run has used. A newer run fences the older ones: each later call and
   * iteration of an older run throws a BridgeError with the code `fenced`.
   */
  instance?: string;
}

/** How to send one request. */
export interface RequestOptions {
  /** How many seconds the call lasts at most (default: 30). The bridge gets less, so that its answer can arrive. */
  timeout?: number;
  /** The id of the request. The bridge answers a request with a known id again and does not repeat it. */
  id?: string;
  /** False if the bridge must refuse the request (`paced`) when TWS takes no more messages now. */
  wait?: boolean;
  /** True if the answer must come from TWS, and not from what the bridge has kept of earlier answers. */
  fresh?: boolean;
  /** Ends the call with the reason of the signal. What the bridge has begun goes on there. */
  signal?: AbortSignal;
}

/** The arguments behind the method: params may be left out where none is required. */
export type Arguments<M extends keyof Methods> = Record<string, never> extends Methods[M]["params"]
  ? [params?: Methods[M]["params"], options?: RequestOptions]
  : [params: Methods[M]["params"], options?: RequestOptions];

/**
 * A client of the bridge. Each method of the bridge is a method of the client too.
 *
 * @example
 * await using client = new BridgeClient("momentum");
 * const details = await client.reqContractDetails({ contract: stock("AAPL") });
 * for await (const event of client.subscribe("market.")) console.log(event.topic, event.data);
 */
export class BridgeClient extends MethodCalls<RequestOptions> {
  /** The name of the client. */
  readonly name: string;
  readonly #calls: Calls;
  readonly #socket: RequestSocket;
  readonly #holds = new Holds();
  readonly #feeds = new Set<Feed<unknown>>();
  readonly #host: Host;
  readonly #ticks: NodeJS.Timeout;
  #lastTick = seconds();
  #check: "idle" | "running" | "again" = "idle";
  #isClosed = false;
  #isSending = false;
  /** There was no connection or no room: nothing is sent before this time. */
  #blockedUntil = 0;

  /** Opens the sockets. It does not wait for the bridge. `name`: 1 to 64 of A-Z a-z 0-9 _ -. */
  constructor(name: string, options: ClientOptions = {}) {
    super();
    const { requests = "tcp://127.0.0.1:7500", events = "tcp://127.0.0.1:7501", curve, instance } = options;
    if (!NAME.test(name) || name === "external") {
      throw new RangeError(`name: expected 1 to 64 of A-Z a-z 0-9 _ -, and not external: ${JSON.stringify(name)}`);
    }
    this.name = name;
    this.#calls = new Calls(name, instance, randomBytes(6).toString("hex"), seconds());
    this.#socket = new RequestSocket(requests, curve, {
      message: (frames) => this.#onMessage(frames),
      connected: (again) => this.#onConnected(again),
      refused: () => this.#onRefused(),
      failed: (error) => this.#endAll(error),
    });
    const client = this;
    this.#host = {
      events, curve, now: seconds,
      get fenced() { return client.fenced; },
      ask: (method, params, timeout) => this.#ask(method, params, { timeout }),
      checkHolds: () => void this.#checkHolds(),
      onEnded: (topic, method) => this.#holds.onEnded(topic, method),
      forget: (feed) => this.#feeds.delete(feed),
    };
    void this.#socket.read();
    this.#ticks = setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
  }

  /** The error with which the bridge fenced this run, or undefined if no newer run has fenced it. */
  get fenced(): BridgeError | undefined {
    return this.#calls.fenced;
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return this.#isClosed;
  }

  /** The streams that this client holds, and asks for again if the bridge has lost them. */
  get holds(): readonly Hold[] {
    return this.#holds.all();
  }

  /**
   * Sends a request and waits for its result.
   *
   * Without a reply it sends the same request again every 5 seconds, which the bridge runs once. Throws BridgeError if
   * the bridge answers with an error, BridgeTimeout if it does not answer in time, and BridgeRefusedKey if it refuses
   * the client's key.
   */
  request<M extends keyof UsualMethods>(
    method: M, params: UsualMethods[M]["params"], options?: RequestOptions,
  ): Promise<UsualMethods[M]["result"]>;
  request<M extends keyof Methods>(method: M, ...args: Arguments<M>): Promise<Methods[M]["result"]>;
  request(method: string, params: object = {}, options: RequestOptions = {}): Promise<unknown> {
    return this.requestUntyped(method, params, options);
  }

  /** Sends a request that this version of the client does not know, such as one of a newer bridge. */
  async requestUntyped(method: string, params: object = {}, options: RequestOptions = {}): Promise<unknown> {
    checkOptions(options);
    checkKeys(method, params);
    const sent = { ...params };
    try {
      const reply = await this.#exchange(method, sent, options);
      this.#holds.onReply(method, sent, reply);
      return reply["result"];
    } catch (error) {
      this.#holds.onError(method, sent, error);
      throw error;
    }
  }

  /**
   * Places an order and gives its facts when its state is known: it asks again under the same key while the state is
   * `queued`, `sent` or `unknown`, and after errors that pass. An order that TWS rejects has the state `rejected`.
   * Store the key before the call. `timeout` is that of the whole call. It ends with an error that a retry does not
   * help, with the signal, and when the time is over: then call again with the same key and content.
   */
  async placeOrderUntilKnown(
    params: UsualMethods["placeOrder"]["params"] & { orderKey: string }, options: Pick<RequestOptions, "timeout" | "signal"> = {},
  ): Promise<OrderFacts> {
    checkKey(params.orderKey, "orderKey"); // each try without one would place another order
    const { timeout = TIMEOUT, signal } = options;
    const end = seconds() + timeout;
    for (let left = timeout; ; left = Math.max(0.01, end - seconds())) {
      let pause = 1;
      try {
        const facts = await this.request("placeOrder", params, { ...options, timeout: left });
        if (!NOT_KNOWN_YET.has(facts.state)) return facts;
      } catch (error) {
        if (!(error instanceof BridgeError)) throw error;
        if (error.is("rejectedByTws") && error.data.state !== undefined) return error.data as OrderFacts;
        if (error.retryAfter === undefined || seconds() + error.retryAfter >= end) throw error;
        pause = error.retryAfter;
      }
      if (seconds() + pause >= end) {
        throw new BridgeTimeout("placeOrder", timeout, `it is not known in time how the order ${params.orderKey} stands`);
      }
      await sleep(pause, signal);
    }
  }

  /**
   * Subscribes to all topics that begin with the prefix, or with one of them; to all topics without one.
   *
   * First come the last values, then each event as it arrives. After a loss comes a `gap`, then the values anew. The
   * subscription has its own socket: close it, or leave its loop, when you no longer need it.
   */
  subscribe(prefix: string | readonly string[] = "", options: { signal?: AbortSignal } = {}): Subscription {
    this.#checkOpen();
    const prefixes = typeof prefix === "string" ? [prefix] : prefix;
    if (prefixes.length === 0) throw new RangeError("prefix: expected at least one");
    return this.#added(new Subscription(this.#host, prefixes, options.signal));
  }

  /**
   * Follows the order log of this client. `position` is that of the last event that the program has processed; without
   * one the feed begins with the first event of the log.
   */
  orders(position: LogPosition | null = null, options: { signal?: AbortSignal } = {}): OrderFeed {
    this.#checkOpen();
    return this.#added(new OrderFeed(this.#host, this.name, position, options.signal));
  }

  /** Closes all feeds and sockets. Open calls throw ClosedError. The client cannot be used afterwards. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#ticks);
    for (const feed of this.#feeds) feed.close();
    this.#calls.endAll(new ClosedError("client"));
    this.#socket.close();
  }

  protected override call<M extends keyof Methods>(
    method: M, params: Methods[M]["params"] | undefined, options: RequestOptions | undefined,
  ): Promise<Methods[M]["result"]> {
    return this.requestUntyped(method, params, options) as Promise<Methods[M]["result"]>;
  }

  // Requests

  async #ask(method: string, params: Data, options: RequestOptions): Promise<unknown> {
    return (await this.#exchange(method, params, options))["result"];
  }

  /** Sends a request, and gives the reply to it. */
  async #exchange(method: string, params: Data, options: RequestOptions): Promise<Data> {
    this.#checkOpen();
    const { timeout = TIMEOUT, signal } = options;
    if (this.fenced !== undefined) throw this.fenced;
    signal?.throwIfAborted();
    this.#socket.tryAgain();
    const outcome = await new Promise<Outcome>((resolve) => {
      const call = this.#calls.make(method, params, { ...options, timeout }, seconds(), (told) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        resolve(told);
      });
      const timer = setTimeout(() => this.#calls.expire(call.deadline, () => this.#socket.connection.state()), 1000 * timeout);
      const onAbort = (): void => this.#calls.end(call, signal?.reason);
      signal?.addEventListener("abort", onAbort, { once: true });
      void this.#sendDue();
    });
    if ("error" in outcome) throw outcome.error;
    if (outcome.reply["ok"] !== true) throw errorFrom(outcome.reply["error"]);
    return outcome.reply;
  }

  /** Sends what is due, for the first time or again. If there is no room it stops, and tries again a little later. */
  async #sendDue(): Promise<void> {
    if (this.#isSending || seconds() < this.#blockedUntil) return;
    this.#isSending = true;
    for (let due = this.#calls.due(seconds()); due.length > 0; due = this.#calls.due(seconds())) {
      let hasRoom = true;
      for (const call of due) {
        hasRoom = await this.#send(call);
        if (!hasRoom) break;
      }
      if (!hasRoom) break;
    }
    this.#isSending = false;
  }

  /** Returns whether there may be room for another one. */
  async #send(call: Call): Promise<boolean> {
    if (!this.#calls.isOpen(call)) return true;
    try {
      const hasLeft = await this.#socket.send(call.body);
      this.#calls.onSent(call, hasLeft, seconds());
      if (!hasLeft) this.#blockedUntil = seconds() + RETRY;
      return hasLeft;
    } catch (error) {
      this.#calls.end(call, error);
      return true;
    }
  }

  #onMessage(frames: Buffer[]): void {
    const body = frames.at(-1);
    if (body === undefined) return;
    const wasFenced = this.fenced !== undefined;
    try {
      this.#calls.onReply(body);
    } catch (error) {
      this.#endAll(error); // a reply that cannot be read: nobody knows whose it is
    }
    if (!wasFenced && this.fenced !== undefined) for (const feed of this.#feeds) feed.fail(this.fenced);
  }

  #onConnected(again: boolean): void {
    this.#blockedUntil = 0;
    this.#calls.onConnected(again, seconds());
    void this.#sendDue();
    if (again) void this.#checkHolds();
  }

  #onRefused(): void {
    const { refused } = this.#socket.connection;
    if (refused !== undefined) this.#endAll(refused);
  }

  #endAll(error: unknown): void {
    this.#calls.endAll(error);
  }

  #tick(): void {
    const now = seconds();
    if (now - this.#lastTick > LONG_PAUSE) void this.#checkHolds();
    this.#lastTick = now;
    const sign = this.#calls.keepAlive(now);
    if (sign !== undefined) {
      // An error is no news for the program: its own calls have the same, and `fenced` is noted by the calls.
      this.#ask(sign.method, sign.params, { timeout: 10 }).catch(() => undefined);
    }
    void this.#sendDue();
  }

  // Holds

  /** Asks again for each stream that the program holds and the bridge has lost (C4.31, C6.10). One check at a time. */
  async #checkHolds(): Promise<void> {
    if (this.#check !== "idle") {
      this.#check = "again";
      return;
    }
    do {
      this.#check = "running";
      if (this.#holds.all().length === 0) break;
      const status = await this.#persist("status", {}, () => this.#holds.all().length > 0);
      const missing = status === undefined ? [] : this.#holds.missing(status["result"]);
      await Promise.all(missing.map((hold) => this.#holdAgain(hold)));
    } while (this.#isAgain() && !this.#isClosed);
    this.#check = "idle";
  }

  #isAgain(): boolean {
    return this.#check === "again";
  }

  async #holdAgain(hold: Hold): Promise<void> {
    try {
      const reply = await this.#persist(hold.method, hold.params, () => this.#holds.has(hold));
      if (reply === undefined) return;
      if (this.#holds.has(hold)) this.#holds.onReply(hold.method, hold.params, reply);
      else await this.#ask("release", { stream: hold.topic, method: hold.method }, {}); // the program released it meanwhile
    } catch (error) {
      if (!this.#holds.has(hold)) return;
      this.#holds.drop(hold);
      const covering = [...this.#feeds].filter((feed) => isCovering(feed, hold.topic));
      for (const feed of covering) feed.fail(error);
    }
  }

  /** Asks until there is an answer, or nobody wants one any more. Throws what no retry mends. */
  async #persist(method: string, params: Data, isWanted: () => boolean): Promise<Data | undefined> {
    while (!this.#isClosed && isWanted()) {
      try {
        return await this.#exchange(method, params, { timeout: 10 });
      } catch (error) {
        if (!(error instanceof BridgeError)) return undefined;
        if (error.code !== "refusedKey" && error.retryAfter === undefined) throw error;
        await sleep(error.retryAfter ?? 1);
      }
    }
    return undefined;
  }

  // Feeds

  #added<F extends Feed<unknown>>(feed: F): F {
    this.#feeds.add(feed);
    return feed;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new ClosedError("client");
  }
}

export interface BridgeClient extends AsyncDisposable {}

disposable(BridgeClient);

function isCovering(feed: Feed<unknown>, topic: string): boolean {
  return feed instanceof Subscription && feed.prefixes.some((one) => topic.startsWith(one) || one.startsWith(topic));
}

function seconds(): number {
  return performance.now() / 1000;
}

function sleep(pause: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, 1000 * pause);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
