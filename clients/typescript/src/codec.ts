// msgpack as the contract wants it (section 2): integers of 64 bits without loss, no key without a value.

import { decode, encode } from "@msgpack/msgpack";

/** A map of the wire. */
export type Data = { [key: string]: unknown };

/** The bytes of a request. A field that is `undefined` is left out. */
export function pack(body: Data): Uint8Array {
  return encode(body, { useBigInt64: true, ignoreUndefined: true });
}

/** The map in a message of the bridge. An integer is a number where a number holds it exactly, and else a bigint. */
export function unpack(body: Uint8Array): Data {
  const found = narrowed(decode(body, { useBigInt64: true }));
  if (!isData(found)) throw new TypeError("a message of the bridge is a map");
  return found;
}

/** Whether the value is a map of the wire. */
export function isData(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** The same value with small bigints as numbers. It changes the maps and lists that it gets. */
function narrowed(value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) value[index] = narrowed(value[index]);
  } else if (isData(value)) {
    for (const key of Object.keys(value)) {
      const inner = value[key];
      if (typeof inner === "bigint" || typeof inner === "object") value[key] = narrowed(inner);
    }
  }
  return value;
}
