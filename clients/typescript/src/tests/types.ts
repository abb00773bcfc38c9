// What the compiler must refuse, and what it must know. Nothing here runs: a line under `@ts-expect-error` that has no
// error is itself an error of the compiler.

import {
  BridgeClient, BridgeError, extra, limit, stock,
  type ContractDetailsData, type Event, type Methods, type OrderFacts, type StreamEvent, type Subscription,
} from "../index.js";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Fails to compile unless both types are the same. */
function same<A, B>(_: Same<A, B>): void {}

export async function requests(client: BridgeClient): Promise<void> {
  const contract = stock("AAPL");

  // What is right.
  const details = await client.request("reqContractDetails", { contract });
  for (const one of details) if (one.event === "contractDetails") same<typeof one.data, ContractDetailsData>(true);
  same<Methods["status"]["result"], Awaited<ReturnType<typeof client.status>>>(true);
  const ticks = await client.request("reqMktData", { contract });
  const topic: string = ticks.topic;
  const placed = await client.placeOrder({ orderKey: topic, contract, order: limit("BUY", 1, 150) });
  same<typeof placed, OrderFacts>(true);
  const preview = await client.placeOrder({ contract, order: { ...limit("BUY", 1, 150), whatIf: true } });
  if ("orderState" in preview) preview.orderState.initMarginAfter?.toFixed(2);
  const bars = await client.reqHistoricalData({
    contract, endDateTime: "", duration: "1 D", barSizeSetting: "1 hour", whatToShow: "TRADES", useRTH: true, formatDate: 2,
  });
  bars.map((one) => one.event);
  const { ts } = await client.ping();
  same<typeof ts, bigint>(true);
  await client.request("status");
  await client.request("ping", {}, { timeout: 5, signal: AbortSignal.timeout(100) });
  const later: unknown = await client.requestUntyped("reqOfANewerBridge", { field: 1 });
  extra(details, String(later));

  // What is wrong.
  // @ts-expect-error a method that does not exist
  await client.request("reqContractDetail", { contract });
  // @ts-expect-error a method that does not exist
  await client.reqContractDetail({ contract });
  // @ts-expect-error params are required
  await client.request("reqContractDetails");
  // @ts-expect-error a required field is missing
  await client.request("reqContractDetails", {});
  // @ts-expect-error a field that does not exist
  await client.request("reqContractDetails", { contract, contrakt: 1 });
  // @ts-expect-error a field that does not exist, within a record
  await client.request("reqContractDetails", { contract: { simbol: "AAPL" } });
  // @ts-expect-error a field of the wrong type
  await client.request("reqContractDetails", { contract: { conId: "265598" } });
  // @ts-expect-error a side that does not exist
  await client.placeOrder({ contract, order: { action: "HOLD" } });
  // @ts-expect-error a field that does not exist, in sugar
  await client.placeOrder({ contract, order: { limitPrice: 1 } });
  // @ts-expect-error the bridge numbers orders
  await client.placeOrder({ contract, order: { parentId: 7 } });
  // @ts-expect-error nothing to say
  await client.request("ping", { loud: true });
  // @ts-expect-error an option that does not exist
  await client.request("ping", {}, { timeoutMs: 5 });
  // @ts-expect-error a field that the result does not have
  ticks.topics;
  // @ts-expect-error a time in nanoseconds is a bigint
  const wrong: number = ts;
  // @ts-expect-error an answer of the wrong type
  const text: string = await client.status();
  await client.placeOrderUntilKnown({ orderKey: `${wrong}${text}`, contract, order: limit("BUY", "0.5", 1) });
  // @ts-expect-error the key is required here
  await client.placeOrderUntilKnown({ contract, order: limit("BUY", 1, 1) });
}

export async function events(client: BridgeClient): Promise<void> {
  for await (const event of client.subscribe("market.")) {
    same<typeof event, StreamEvent>(true);
    if (event.origin === "gap") {
      event.data.reason.trim();
      continue;
    }
    if (event.event === "tickPrice") {
      event.data.price?.toFixed(2);
      event.data.size?.padStart(5);
      // @ts-expect-error a field of another event
      event.data.execution;
    }
    // @ts-expect-error an event that does not exist
    if (event.event === "tickPrize") continue;
    if (event.event === "stale") event.data.reason.trim();
    const known: Event = event;
    extra(known.data, "fieldOfANewerBridge");
  }
  await using feed = client.orders({ log: "a", n: 1 });
  for await (const event of feed) {
    const { n } = event.position;
    if (event.origin === "log" && event.event === "execDetails") event.data.execution?.shares?.trim();
    // @ts-expect-error a position has no such field
    n === event.position.m;
  }
  // @ts-expect-error a position has both
  client.orders({ log: "a" });
  // @ts-expect-error a client has a name
  new BridgeClient();
  // @ts-expect-error an option that does not exist
  new BridgeClient("a", { endpoint: "tcp://127.0.0.1:7500" });
}

export function errors(error: unknown): void {
  if (!(error instanceof BridgeError)) return;
  if (error.is("rejectedByTws")) error.data.orderKey?.trim();
  if (error.is("notPermitted") && error.data.rule === "halt") error.data.reasons;
  if (error.is("ambiguousContract")) error.data.candidates?.length;
  // @ts-expect-error a code that does not exist
  error.is("rejected");
  // @ts-expect-error a field of another error
  if (error.is("ambiguousContract")) error.data.orderKey;
}

export type { Subscription };
