// The endless asynchronous iterators of a client: a subscription and the order feed. Each has its own SUB socket.

import { unpack } from "./codec.js";
import { VERSION } from "./calls.js";
import { disposable } from "./dispose.js";
import { isWrong, BridgeError } from "./errors.js";
import type { Command, Envelope, LogEvent, LogPosition, Machine, StreamEvent } from "./events.js";
import { Follower } from "./follow.js";
import type { Curve } from "./keys.js";
import { LogFollower } from "./orderlog.js";
import { EventSocket } from "./sockets.js";

/** How many events a feed buffers. Further ones wait in the receive queue of the socket. */
const MOST_READY = 10_000;
/** The longest and the shortest time between two looks at the clock, in milliseconds. */
const TICK_MS = 100;
const SHORTEST_MS = 10;
/** Seconds for a request of the feed. */
const TIMEOUT = 5;

/** What a feed uses of its client. */
export interface Host {
  readonly events: string;
  readonly curve: Curve | undefined;
  readonly fenced: BridgeError | undefined;
  now(): number;
  ask(method: string, params: { [key: string]: unknown }, timeout: number): Promise<unknown>;
  checkHolds(): void;
  onEnded(topic: string, method: string): void;
  forget(feed: Feed<unknown>): void;
}

interface Waiter<E> {
  resolve(result: IteratorResult<E, undefined>): void;
  reject(error: unknown): void;
}

/**
 * An endless iterator of events: use it with `for await`. It ends when it is closed, and when the loop is left with
 * `break`, `return` or an exception. `next` may throw a BridgeError: `fenced`, `refusedKey`, or `invalidParams` and
 * `notPermitted` if the bridge refuses the subscription.
 */
export class Feed<E> implements AsyncIterableIterator<E> {
  protected readonly machine: Machine<E>;
  readonly #host: Host;
  readonly #socket: EventSocket;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.fail(this.#signal?.reason, true);
  #ready: E[] = [];
  #waiters: Waiter<E>[] = [];
  #resume: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failure: { error: unknown } | undefined;
  /** After an error nothing is asked until the program calls `next` again. */
  #isHalted = false;
  #isOver = false;
  /** How many messages were taken from the socket. */
  #taken = 0;

  constructor(host: Host, machine: Machine<E>, signal: AbortSignal | undefined) {
    signal?.throwIfAborted();
    this.#host = host;
    this.machine = machine;
    this.#signal = signal;
    this.#socket = new EventSocket(host.events, host.curve, {
      message: (frames) => this.#take(frames),
      connected: (again) => this.#turn((now) => again && machine.onReconnect(now)),
      refused: () => this.fail(this.#socket.connection.refused),
      failed: (error) => this.fail(error, true),
    });
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#turn((now) => machine.start(now));
    void this.#socket.read();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Waits for the next event. `done` is true when the feed is closed. */
  next(): Promise<IteratorResult<E, undefined>> {
    const { fenced } = this.#host;
    if (fenced !== undefined) return Promise.reject(fenced);
    const event = this.#ready.shift();
    if (event !== undefined) {
      if (this.#ready.length === 0) this.#goOn();
      return Promise.resolve({ done: false, value: event });
    }
    if (this.#failure !== undefined) return Promise.reject(this.#takeFailure());
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    this.#isHalted = false;
    this.#goOn();
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Closes the feed. `for await` calls it when the loop is left. */
  return(): Promise<IteratorResult<E, undefined>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Closes the socket. Whoever waits in `next` gets `done`. A second call does nothing. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#socket.close();
    this.#host.forget(this);
    this.#resume?.();
    for (const waiter of this.#waiters.splice(0)) waiter.resolve({ done: true, value: undefined });
  }

  /** Makes `next` throw the error, once. With `isLast` the feed is closed. */
  fail(error: unknown, isLast = false): void {
    if (this.#isOver) return;
    this.#isHalted = true;
    if (this.#waiters.length > 0) for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#retried(error));
    else this.#failure = { error };
    if (isLast) this.close();
  }

  #takeFailure(): unknown {
    const error = this.#failure?.error;
    this.#failure = undefined;
    return this.#retried(error);
  }

  /** The error; the caller knows of it now, so the socket may try again. */
  #retried(error: unknown): unknown {
    this.#socket.tryAgain();
    return error;
  }

  #take(frames: Buffer[]): void | Promise<void> {
    const [topic, body] = frames;
    if (topic === undefined || body === undefined) return undefined;
    this.#taken += 1;
    const envelope = this.#read(body);
    if (envelope === undefined) return undefined;
    if (envelope["v"] !== VERSION) {
      this.fail(new Error(`the bridge speaks version ${String(envelope["v"])} of the contract, not ${VERSION}`), true);
      return undefined;
    }
    this.#turn((now) => this.machine.onEvent(topic.toString("latin1"), envelope, now));
    if (this.#ready.length < MOST_READY) return undefined;
    return new Promise((resolve) => (this.#resume = resolve)); // until the program has taken the buffered events
  }

  /** The event; undefined if it cannot be read. The next number on its topic shows the loss. */
  #read(body: Buffer): Envelope | undefined {
    try {
      return unpack(body) as Envelope;
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  #goOn(): void {
    this.#resume?.();
    this.#resume = undefined;
  }

  /** One input to the state machine, and what follows from it. */
  #turn(input: (now: number) => unknown): void {
    if (this.#isOver) return;
    input(this.#host.now());
    for (const event of this.machine.events()) this.#deliver(event);
    for (const command of this.machine.commands()) this.#run(command);
    this.#schedule();
  }

  #deliver(event: E): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#ready.push(event);
    else waiter.resolve({ done: false, value: event });
  }

  #run(command: Command): void {
    switch (command.kind) {
      case "subscribe":
      case "unsubscribe":
        return this.#socket.apply(command.kind, command.topic);
      case "checkHolds":
        return this.#host.checkHolds();
      case "ended":
        return this.#host.onEnded(command.topic, command.method);
      case "ask":
        void this.#ask(command.token, command.method, command.params);
    }
  }

  async #ask(token: number, method: string, params: { [key: string]: unknown }): Promise<void> {
    let result: unknown;
    try {
      result = await this.#host.ask(method, params, TIMEOUT);
    } catch (error) {
      if (isWrong(error) || (error instanceof BridgeError && error.code === "refusedKey")) this.fail(error);
    }
    this.#turn((now) => this.machine.onReply(token, result, now));
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#isOver) return;
    const wait = 1000 * (this.machine.nextTimer() - this.#host.now());
    this.#timer = setTimeout(() => {
      const taken = this.#taken;
      // In two turns of the event loop the socket gives a message, if it has one.
      setImmediate(() => setImmediate(() => this.#onTimer(taken)));
    }, Math.max(SHORTEST_MS, Math.min(TICK_MS, wait)));
  }

  /** `taken`: how many messages were taken two turns ago. */
  #onTimer(taken: number): void {
    this.#timer = undefined;
    const isBehind = this.#taken !== taken && this.machine.isPatient();
    const isPaused = this.#resume !== undefined || this.#isHalted;
    this.#turn((now) => isBehind || isPaused || this.machine.onTimer(now));
  }
}

export interface Feed<E> extends AsyncDisposable {}

disposable(Feed);

/** An endless iterator of the events below some prefixes. `BridgeClient.subscribe` makes it. */
export class Subscription extends Feed<StreamEvent> {
  readonly prefixes: readonly string[];
  readonly #follower: Follower;

  constructor(host: Host, prefixes: readonly string[], signal: AbortSignal | undefined) {
    const follower = new Follower(prefixes);
    super(host, follower, signal);
    this.prefixes = prefixes;
    this.#follower = follower;
  }

  /** Whether the values are complete. False before the first snapshot, and while it waits for another after a gap. */
  get isLive(): boolean {
    return this.#follower.isLive;
  }
}

/**
 * An endless iterator of the order log of this client. `BridgeClient.orders` makes it. Store `event.position` in one
 * transaction with the effects of the event, and pass it to `orders` at the next start: each event then takes effect
 * exactly once.
 */
export class OrderFeed extends Feed<LogEvent> {
  constructor(host: Host, owner: string, position: LogPosition | null, signal: AbortSignal | undefined) {
    super(host, new LogFollower(owner, position), signal);
  }
}
