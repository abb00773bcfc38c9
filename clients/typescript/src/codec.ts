// msgpack as the contract wants it (section 2): integers of 64 bits without loss, no key without a value.

import { decode, encode } from "@msgpack/msgpack";

/** A map of the wire. */
export type Data = { [key: string]: unknown };

/**
 * The bytes of a request. A field that is `undefined` is left out. Throws RangeError or TypeError, which begins with the
 * path of the field, for what the wire does not have: an integer above 64 bits would be another one there.
 */
export function pack(body: Data): Uint8Array {
  checkValue(body, "");
  return encode(body, { useBigInt64: true, ignoreUndefined: true });
}

/** Throws where msgpack would carry another value than this one, or none. */
function checkValue(value: unknown, path: string): void {
  switch (typeof value) {
    case "bigint":
      if (value < -(2n ** 63n) || value >= 2n ** 64n) throw new RangeError(`${path}: ${value} has more than 64 bits`);
      return;
    case "string":
      if (/\p{Surrogate}/u.test(value)) throw new TypeError(`${path}: ${JSON.stringify(value)} is no valid Unicode text`);
      return;
    case "function":
    case "symbol":
      throw new TypeError(`${path}: expected a value of the wire, not a ${typeof value}`);
    case "object":
      if (value !== null) checkParts(value, path);
  }
}

function checkParts(value: object, path: string): void {
  if (value instanceof Uint8Array) return;
  if (OTHERS.some((one) => value instanceof one) || ArrayBuffer.isView(value)) {
    throw new TypeError(`${path}: expected a plain object or a list, not a ${value.constructor.name}`);
  }
  for (const [name, one] of Object.entries(value)) {
    if (typeof one !== "number" && typeof one !== "boolean") checkValue(one, path === "" ? name : `${path}.${name}`);
  }
}

/** Objects whose content is in no fields of theirs: msgpack would carry an empty map, or what the bridge cannot read. */
const OTHERS = [Date, Map, Set, WeakMap, WeakSet, Promise, RegExp, ArrayBuffer, Number, String, Boolean];

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
