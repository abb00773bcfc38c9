// A small client of the bridge, written to be read. It keeps the duties that section 11 of the wire contract lists
// (docs/reference/contract.md); a comment such as "C4.5" names the sentence. conform.mjs proves it.

import { randomUUID } from "node:crypto";
import { setTimeout as timer } from "node:timers/promises";
import { decode, encode } from "@msgpack/msgpack";
import { Dealer, Subscriber } from "zeromq";

const SOCKET = { heartbeatInterval: 5_000, heartbeatTimeout: 15_000, linger: 0 }; // C1.19, in milliseconds
const RETRY_LATER = new Set(["notConnected", "connectionLost", "noResponse", "streamConflict", "notTradable",
  "ledgerFailed", "changePending", "orderUnknown", "paced", "linesExhausted", "noBridge"]);
const RULES_THAT_PASS = new Set(["halt", "max_open_orders", "max_orders_per_minute", "max_lines"]); // C9.10
const NOT_KNOWN_YET = new Set(["queued", "sent", "unknown"]); // C7.18

const sleep = (milliseconds) => timer(milliseconds, undefined, { ref: false }); // no process stays alive for it
const unpack = (body) => decode(body, { useBigInt64: true }); // C2.2: `ts` is above 2^53
const numbers = (map) => new Map(Object.entries(map).map(([key, value]) => [key, Number(value)]));

/** The bridge refused a request, or (code `noBridge`) did not answer it. */
export class BridgeError extends Error {
  constructor({ code, message, twsCode, data }) {
    super(`${code}: ${message}`);
    Object.assign(this, { code, twsCode, data });
  }

  /** After how many seconds the same request may pass; undefined if a retry does not mend it (C9.4 to C9.33). */
  get retryAfter() {
    if (this.code === "notPermitted" && RULES_THAT_PASS.has(this.data?.rule)) return Math.max(1, this.data.wait ?? 1);
    return RETRY_LATER.has(this.code) ? 1 : undefined;
  }
}

/** Requests over one DEALER socket, with any number of them under way. */
export class BridgeClient {
  #run = randomUUID().slice(0, 13); // C5.21: the ids of this run are those of no other run
  #count = 0;
  #waiting = new Map(); // by id: what to call with the reply
  #sending = Promise.resolve();
  #dealer; #pings;

  constructor(name, { requests = "tcp://127.0.0.1:7500", events = "tcp://127.0.0.1:7501", keys = {} } = {}) {
    this.name = name;
    this.events = events;
    this.options = { ...SOCKET, ...keys };
    this.#dealer = new Dealer({ ...this.options, sendTimeout: 0 });
    this.#dealer.connect(requests);
    this.#read();
    this.#pings = setInterval(() => this.request("ping", {}, 5).catch(unlessRetryHelps), 8_000); // C6.17
  }

  /** Asks once. Without a reply it sends the same request again, which the bridge runs once (C5.22). */
  async request(method, params = {}, timeout = 30) {
    const id = `${this.#run}-${++this.#count}`;
    const body = encode({ id, v: 1, client: this.name, method, timeout, params });
    const replied = new Promise((resolve) => this.#waiting.set(id, resolve));
    const end = Date.now() + 1_000 * (timeout + 2); // C5.23
    try {
      for (let left = end - Date.now(); left > 0; left = end - Date.now()) {
        await this.#send(body);
        const reply = await Promise.race([replied, sleep(Math.min(5_000, left))]);
        if (reply?.ok) return reply.result;
        if (reply) throw new BridgeError(reply.error);
      }
    } finally {
      this.#waiting.delete(id);
    }
    throw new BridgeError({ code: "noBridge", message: "no reply: does the bridge run, and is the key right?" });
  }

  /** Asks until the result is the one that is wanted, with a new id for each try (C9.2). Throws what no retry mends. */
  async persist(method, params = {}, isWanted = () => true) {
    for (;;) {
      const result = await this.request(method, params).catch(unlessRetryHelps);
      if (!(result instanceof BridgeError) && isWanted(result)) return result;
      await sleep(1_000 * (result.retryAfter ?? 1));
    }
  }

  /** Places an order and gives its facts when its state is known. The key must be stored before the call (C7.1). */
  async placeOrder(params) {
    if (!params.orderKey) throw new TypeError("an order needs an orderKey");
    try {
      return await this.persist("placeOrder", params, (facts) => !NOT_KNOWN_YET.has(facts.state));
    } catch (error) {
      if (error.code === "rejectedByTws" && error.data?.state) return error.data; // C7.17
      throw error;
    }
  }

  close() {
    clearInterval(this.#pings);
    this.#dealer.close();
  }

  async #read() {
    for await (const frames of this.#dealer) {
      const reply = unpack(frames.at(-1));
      this.#waiting.get(reply.id)?.(reply);
    }
  }

  /** The library takes one message at a time. A full queue drops it: without a reply it is sent again. */
  #send(body) {
    this.#sending = this.#sending.then(() => this.#dealer.send(body)).catch((error) => {
      if (error.code !== "EAGAIN") throw error;
    });
    return this.#sending;
  }
}

/** Throws an error that no retry mends, and returns the others. */
function unlessRetryHelps(error) {
  if (error.retryAfter === undefined) throw error;
  return error;
}

/** A SUB socket. `hear(topic, event)` gets each event, `again()` is called when the socket has connected anew. */
function listen(client, prefixes, hear, again) {
  const socket = new Subscriber({ ...client.options, receiveHighWaterMark: 100_000 }); // C1.17
  let connections = 0;
  socket.events.on("handshake", () => connections++ > 0 && again());
  socket.connect(client.events);
  socket.subscribe(...prefixes);
  (async () => {
    for await (const [topic, body] of socket) {
      const event = unpack(body);
      if (event.v !== 1) throw new Error("the bridge speaks another version of the contract"); // C12.4
      hear(topic.toString(), { ...event, seq: Number(event.seq) });
    }
  })();
  return socket;
}

/**
 * Follows one stream without an unseen loss, and subscribes again where it must. It calls
 *   on.event(topic, event)  for each last value of a snapshot (where `event.stale` may be true), and each live event,
 *   on.forget(prefix)       before it takes a new snapshot: what it said may not hold,
 *   on.stale(prefix)        when TWS does not serve the stream, or the bridge is not heard,
 *   on.fresh(prefix)        when that is over.
 */
export class Stream {
  #client; #on; #method; #params; #prefix; #socket;
  #joining = null; // while a snapshot is under way: the marker, and the events that wait for it
  #epoch; #numbers; #floors;
  #stale = new Set(); // the prefixes that on.stale told
  #heartbeat = null;
  #heard = Date.now(); // when the last heartbeat came
  #uncertain = false;

  /** Subscribes with a method such as reqMktData, and joins. */
  async start(client, method, params, on) {
    [this.#client, this.#method, this.#params, this.#on] = [client, method, params, on];
    this.#prefix = (await this.#client.persist(this.#method, this.#params)).topic;
    this.#connect();
    await this.#join();
    setInterval(() => this.#compare().catch(unlessRetryHelps), 5_000); // C4.22
    setInterval(() => this.#watch().catch(unlessRetryHelps), 1_000);
  }

  #connect() {
    this.#socket?.close();
    this.#heard = Date.now();
    this.#heartbeat = null;
    const hear = (topic, event) => this.#hear(topic, event);
    this.#socket = listen(this.#client, [this.#prefix, "system.heartbeat"], hear, () => this.#lost()); // C4.30
  }

  #hear(topic, event) {
    if (topic === "system.heartbeat") this.#beat(event);
    else if (topic === `sync.${this.#joining?.nonce}`) this.#joining.mark();
    else if (!topic.startsWith(this.#prefix)) return; // a marker that came late
    else if (this.#joining) this.#joining.kept.push([topic, event]); // C4.4
    else this.#take(topic, event);
  }

  /** C4.14 to C4.19: drop what the snapshot has, notice holes and a new epoch. */
  #take(topic, event) {
    const last = this.#last(topic);
    if (event.epoch !== this.#epoch || event.seq > last + 1) return this.#lost();
    if (event.seq <= last) return;
    this.#numbers.set(topic, event.seq);
    this.#on.event(topic, event);
    if (event.event === "stale") this.#setStale(event.data.topic);
    if (event.event === "fresh") this.#setFresh(event.data.topic);
    if (event.event === "fresh" || event.event === "ended") this.#lost(); // C6.38, C6.33
  }

  /** The number of the topic's last event; of a topic that the snapshot does not have, its floor (C4.16). */
  #last(topic) {
    return this.#numbers.get(topic) ?? this.#floors.get(topic.split(".")[0]) ?? 0;
  }

  #setStale(prefix) {
    this.#stale.add(prefix);
    this.#on.stale(prefix);
  }

  #setFresh(prefix) {
    if (this.#stale.delete(prefix)) this.#on.fresh(prefix);
  }

  /** What was said may be wrong: join anew, then look whether the stream is still held (C4.31). */
  async #lost() {
    this.#on.forget(this.#prefix);
    if (!(await this.#join())) return; // a newer loss has begun another join
    const { streams } = await this.#client.persist("status");
    if (streams.some((one) => one.topic === this.#prefix && one.method === this.#method && one.held)) return;
    await this.#client.persist(this.#method, this.#params);
    this.#on.forget(this.#prefix);
    await this.#join();
  }

  /** C4.1 to C4.6. Gives true when the snapshot was told, and false if another join has begun meanwhile. */
  async #join() {
    const joining = (this.#joining = { nonce: randomUUID(), kept: [] });
    const marker = new Promise((resolve) => (joining.mark = () => resolve(true)));
    const socket = this.#socket;
    socket.subscribe(`sync.${joining.nonce}`);
    let snapshot;
    do {
      // It gives up after 3 s, before it would send the same again: only the reply to the newest request counts.
      const asked = this.#client.request("snapshot", { prefix: this.#prefix, nonce: joining.nonce }, 1);
      const told = await asked.catch(unlessRetryHelps);
      const isMarked = await Promise.race([marker, sleep(200)]);
      if (isMarked && !(told instanceof BridgeError)) snapshot = told;
    } while (!snapshot && this.#joining === joining);
    if (!socket.closed) socket.unsubscribe(`sync.${joining.nonce}`);
    if (this.#joining !== joining) return false;
    this.#joining = null;
    this.#tell(snapshot);
    for (const [topic, event] of joining.kept) {
      if (event.epoch === this.#epoch && !this.#joining) this.#take(topic, event); // C4.21
    }
    return !this.#joining;
  }

  #tell(snapshot) {
    this.#epoch = snapshot.epoch;
    this.#numbers = numbers(snapshot.sequences);
    this.#floors = numbers(snapshot.floors);
    for (const prefix of this.#stale) if (!snapshot.gaps.some((gap) => gap.topic === prefix)) this.#setFresh(prefix);
    for (const gap of snapshot.gaps) this.#setStale(gap.topic);
    for (const event of snapshot.events) this.#on.event(event.topic, event);
  }

  /** C4.20, C4.23: the numbers show a bridge that started anew, forgotten numbers, and the loss of a last event. */
  async #compare() {
    const told = await this.#client.request("sequences", { prefix: this.#prefix }, 3);
    const [newest, floors] = [numbers(told.sequences), numbers(told.floors)];
    const isBehind = () => [...newest].some(([topic, seq]) => seq > this.#last(topic));
    if (this.#joining) return;
    const sameFloors = floors.size === this.#floors.size && [...floors].every(([k, v]) => this.#floors.get(k) === v);
    if (told.epoch !== this.#epoch || !sameFloors) return this.#lost();
    if (isBehind()) await sleep(1_000);
    if (!this.#joining && isBehind()) await this.#lost();
  }

  /** C4.26: a hole among the heartbeats is a hole in everything. */
  #beat({ epoch, seq }) {
    const before = this.#heartbeat;
    this.#heartbeat = { epoch, seq };
    this.#heard = Date.now();
    if (this.#uncertain || (before && (epoch !== before.epoch || seq !== before.seq + 1))) this.#lost();
    this.#uncertain = false;
  }

  /** C4.28, C4.29: without heartbeats nothing is certain. */
  async #watch() {
    const silence = Date.now() - this.#heard;
    if (silence > 5_000 && !this.#uncertain) {
      this.#uncertain = true;
      this.#setStale(this.#prefix);
    }
    if (silence < 20_000) return;
    await this.#client.request("ping", {}, 5);
    if (Date.now() - this.#heard < 20_000) return;
    this.#connect();
    await this.#lost();
  }
}

/**
 * Follows the client's own order log. `position` is {log, n}, or null for the beginning. `apply(events, position)` must
 * store the position with what it makes of the events, in one transaction, before it returns (C8.8).
 * `gap(reason)` says that events may be lost.
 */
export class OrderLog {
  #client; #position; #apply; #gap; #epoch;
  #reading = false;
  #again = false;

  async start(client, position, apply, gap) {
    [this.#client, this.#position, this.#apply, this.#gap] = [client, position, apply, gap];
    const hear = (topic, event) => this.#hear(topic, event);
    listen(client, [`order.${client.name}.`], hear, () => this.#read()); // C8.11
    await this.#read();
  }

  #hear(topic, { event, epoch, data, n, ...envelope }) {
    const { log, n: last } = this.#position ?? {};
    const isHead = event === "head" && n === undefined;
    if (isHead ? data.log === log && Number(data.head) === last : n === undefined || Number(n) <= last) return; // C8.10
    const isNext = Number(n) === last + 1 && epoch === this.#epoch && !this.#reading;
    if (isNext) this.#store(log, [{ ...envelope, topic, event, data, n: Number(n) }], Number(n)); // C8.9
    else this.#read(); // C8.11
  }

  #store(log, events, n) {
    this.#position = { log, n };
    this.#apply(events, this.#position);
  }

  /** Reads up to the head. Only one reading runs at a time, so that an old answer is never taken for a log set back. */
  async #read() {
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    while (this.#again) {
      this.#again = false;
      const after = this.#position?.n ?? 0;
      const { epoch, log, head, events } = await this.#client.persist("orderLog", { after, limit: 1_000 });
      const isAnother = this.#position !== null && this.#position.log !== log;
      this.#epoch = epoch;
      if (isAnother) this.#gap("another log: the bridge's ledger was lost"); // C8.12
      else if (Number(head) < after) this.#gap("the log was set back"); // C8.13
      if (isAnother) this.#store(log, [], 0);
      else this.#store(log, events, events.length ? Number(events.at(-1).n) : Math.min(after, Number(head)));
      this.#again ||= this.#position.n < Number(head);
    }
    this.#reading = false;
  }
}
