// Print the events of the bridge, one per line: node subscribe.mjs [ENDPOINT [PREFIX ...]]
import { inspect } from "node:util";
import { decode } from "@msgpack/msgpack";
import { Subscriber } from "zeromq";
import { curve } from "./keys.mjs";

const [endpoint = "tcp://127.0.0.1:7501", ...prefixes] = process.argv.slice(2);
const socket = new Subscriber(curve);
socket.connect(endpoint);
socket.subscribe(...(prefixes.length > 0 ? prefixes : [""]));
for await (const [topic, body] of socket) {
  const event = decode(body, { useBigInt64: true }); // ts, in nanoseconds, is larger than 2^53
  console.log(topic.toString(), inspect(event, { depth: null, breakLength: Infinity }));
}
