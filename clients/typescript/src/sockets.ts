// The sockets of a client: one DEALER for requests, and one SUB for each subscription, because ZeroMQ bounds the queue
// of each connection: a flood on one subscription does not make another lose events.

import { Dealer, Subscriber } from "zeromq";
import { Connection, REPORTS } from "./connection.js";
import type { Curve } from "./keys.js";

const QUEUE = 100_000;
const HEARTBEAT_MS = 5_000;

/** Calls of a socket's owner. */
export interface Listener {
  /** A message has arrived. It is read on when the promise is over. */
  message(frames: Buffer[]): void | Promise<void>;
  /** The socket is connected, for the first time or `again`. */
  connected(again: boolean): void;
  /** The bridge refuses the connection: `connection.refused` says why. */
  refused(): void;
  /** The socket cannot be read any more. */
  failed(error: unknown): void;
}

function options(endpoint: string, curve: Curve | undefined): object {
  const keys = curve && {
    curvePublicKey: curve.publicKey, curveSecretKey: curve.secretKey, curveServerKey: curve.serverKey,
  };
  return {
    linger: 0, ipv6: endpoint.includes("["), receiveHighWaterMark: QUEUE,
    heartbeatInterval: HEARTBEAT_MS, heartbeatTimeout: 3 * HEARTBEAT_MS, ...keys,
  };
}

abstract class Watched<S extends Dealer | Subscriber> {
  readonly connection: Connection;
  protected readonly socket: S;
  readonly #listener: Listener;
  #isClosed = false;

  constructor(socket: S, endpoint: string, curve: Curve | undefined, listener: Listener) {
    this.socket = socket;
    this.connection = new Connection(endpoint, curve !== undefined);
    this.#listener = listener;
    for (const report of REPORTS) socket.events.on(report, () => this.#take(report));
    socket.connect(endpoint);
  }

  get closed(): boolean {
    return this.#isClosed;
  }

  /** Reads until the socket is closed. */
  async read(): Promise<void> {
    try {
      while (!this.#isClosed) {
        const waits = this.#listener.message(await this.socket.receive());
        if (waits !== undefined) await waits;
      }
    } catch (error) {
      if (!this.#isClosed) this.#listener.failed(error);
    }
  }

  /** Connects again if the bridge has refused the connection: its configuration may have changed. */
  tryAgain(): void {
    if (this.connection.refused === undefined || this.#isClosed) return;
    this.connection.forgive();
    this.socket.disconnect(this.connection.endpoint);
    this.socket.connect(this.connection.endpoint);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.socket.close();
  }

  #take(report: (typeof REPORTS)[number]): void {
    if (this.#isClosed) return;
    const change = this.connection.take(report);
    if (change !== undefined) this.#listener.connected(change === "again");
    if (this.connection.refused !== undefined) this.#listener.refused();
  }
}

/** A DEALER socket, and what is known of its connection. */
export class RequestSocket extends Watched<Dealer> {
  #sending: Promise<unknown> = Promise.resolve();

  /** `immediate`: ZeroMQ keeps no request for a bridge that is not there, so none arrives after its call is over. */
  constructor(endpoint: string, curve: Curve | undefined, listener: Listener) {
    super(new Dealer({ ...options(endpoint, curve), immediate: true, sendTimeout: 0 }), endpoint, curve, listener);
  }

  /** Sends a request. Gives false if there is no connection or no room; the client sends it again. */
  send(body: Uint8Array): Promise<boolean> {
    const sent = this.#sending.then(async () => {
      if (this.closed) return false;
      try {
        await this.socket.send(body);
        return true;
      } catch (error) {
        if (this.closed || isFull(error)) return false;
        throw error;
      }
    });
    this.#sending = sent.catch(() => undefined);
    return sent;
  }
}

/** A SUB socket, and what is known of its connection. */
export class EventSocket extends Watched<Subscriber> {
  constructor(endpoint: string, curve: Curve | undefined, listener: Listener) {
    super(new Subscriber(options(endpoint, curve)), endpoint, curve, listener);
  }

  /** Subscribes to a prefix, or unsubscribes from it. */
  apply(kind: "subscribe" | "unsubscribe", topic: string): void {
    if (!this.closed) this.socket[kind](topic);
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EAGAIN" || error.code === "EHOSTUNREACH");
}
