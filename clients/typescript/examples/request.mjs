// Send one request and print the reply: node request.mjs METHOD [PARAMS-AS-JSON [ENDPOINT]]
import { randomUUID } from "node:crypto";
import { inspect } from "node:util";
import { decode, encode } from "@msgpack/msgpack";
import { Request } from "zeromq";
import { client, curve } from "./keys.mjs";

const CHANGES = "placeOrder placeOrders modifyOrder exerciseOptions replaceFA updateConfig resume reload".split(" ");
const [method, params = "{}", endpoint = "tcp://127.0.0.1:7500"] = process.argv.slice(2);
const socket = new Request({ ...curve, linger: 0, sendTimeout: 30_000, receiveTimeout: 30_000, immediate: true });
socket.connect(endpoint);
const request = { v: 1, id: randomUUID(), client, method, params: JSON.parse(params) };
if (CHANGES.includes(method) || request.params.regulatorySnapshot) { // not wanted when we wait no more
  request.expires = BigInt(Date.now() + 28_000) * 1_000_000n;
}
await socket.send(encode(request, { useBigInt64: true }));
const [reply] = await socket.receive();
console.log(inspect(decode(reply, { useBigInt64: true }), { depth: null, breakLength: Infinity }));
