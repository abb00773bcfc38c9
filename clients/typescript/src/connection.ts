// What ZeroMQ reports about the connection of one socket: whether it is up, and why it is not. It knows no socket.

import { BridgeRefusedKey } from "./errors.js";

/** The reports of a socket monitor that count. */
export type Report =
  | "connect" | "connect:retry" | "disconnect" | "handshake"
  | "handshake:error:auth" | "handshake:error:protocol" | "handshake:error:other";

/** All of them. */
export const REPORTS: readonly Report[] = [
  "connect", "connect:retry", "disconnect", "handshake",
  "handshake:error:auth", "handshake:error:protocol", "handshake:error:other",
];

const NO_KEY = "this bridge lets in clients with a key only: give the client its keys";
/** A peer that closes the connection in the handshake may have been stopped just then. It is wrong if it does it again. */
const SURE = 3;

/** The state of one connection. */
export class Connection {
  readonly endpoint: string;
  readonly #hasKey: boolean;
  #isUp = false;
  #isOpen = false;
  #wasUp = false;
  #broken = 0;
  /** The error for the caller if the bridge refuses the connection. ZeroMQ does not try again by itself then. */
  refused: BridgeRefusedKey | undefined;

  constructor(endpoint: string, hasKey: boolean) {
    this.endpoint = endpoint;
    this.#hasKey = hasKey;
  }

  /** Takes a report. Returns `up` for the first connection, `again` for each later one. */
  take(report: Report): "up" | "again" | undefined {
    switch (report) {
      case "connect":
        this.#isOpen = true;
        return undefined;
      case "handshake": {
        const which = this.#wasUp ? "again" : "up";
        this.#isUp = this.#isOpen = this.#wasUp = true;
        this.forgive();
        return which;
      }
      case "disconnect":
      case "connect:retry":
        this.#isUp = this.#isOpen = false;
        return undefined;
      case "handshake:error:auth":
        this.#refuse("the bridge does not know this key: its configuration must name the client's public key");
        return undefined;
      case "handshake:error:protocol":
        this.#refuse(this.#hasKey ? "this bridge has no keys: connect without one" : NO_KEY);
        return undefined;
      case "handshake:error:other":
        if (++this.#broken !== SURE) return undefined;
        this.#refuse(
          this.#hasKey
            ? "the handshake fails: does the bridge have keys, and is the server key its public key?"
            : `${NO_KEY} (or this is no endpoint of a bridge)`,
        );
        return undefined;
    }
  }

  /** Forgets that the bridge refused the connection: its configuration may have changed. */
  forgive(): void {
    this.refused = undefined;
    this.#broken = 0;
  }

  /** Why there is no answer, as far as the connection shows it. */
  state(): string {
    if (this.#isUp) return `${this.endpoint} is connected, but silent: the bridge is stopped or overloaded`;
    if (this.#isOpen) {
      return `${this.endpoint} accepts the connection, but does not answer: the bridge is stopped or overloaded, or ` +
        "another program listens there";
    }
    return `nothing listens on ${this.endpoint}: does the bridge run?`;
  }

  #refuse(reason: string): void {
    this.refused = new BridgeRefusedKey(this.endpoint, reason);
  }
}
