// What a program without a compiler gets wrong in a request: an error at once, which names the value.

/** For each method, the param that is the key of what it does once. */
const KEYS: Readonly<Record<string, string>> = {
  placeOrder: "orderKey", modifyOrder: "orderKey", exerciseOptions: "orderKey", awaitOrder: "orderKey",
  replaceFA: "onceKey", updateConfig: "onceKey", reqMktData: "onceKey",
};
/** The type of each option of a request. */
const OPTIONS: Readonly<Record<string, string>> = {
  timeout: "number", id: "string", wait: "boolean", fresh: "boolean", signal: "object",
};

/** Throws TypeError for a key that is no text: without a key, each call would place an order of its own. */
export function checkKey(key: unknown, path: string): void {
  if (typeof key !== "string" || key === "") {
    throw new TypeError(`${path}: expected a text that is not empty and that the program chooses, not ${shown(key)}`);
  }
}

/** Throws TypeError for a key in the params that is no text. A key that is left out is the id of the request. */
export function checkKeys(method: string, params: object): void {
  const name = KEYS[method];
  if (name !== undefined && name in params) checkKey((params as Record<string, unknown>)[name], name);
  const orders = (params as { orders?: unknown }).orders;
  if (method !== "placeOrders" || !Array.isArray(orders)) return;
  orders.forEach((one, place) => {
    if (typeof one === "object" && one !== null) checkKey((one as { orderKey?: unknown }).orderKey, `orders.${place}.orderKey`);
  });
}

/** Throws TypeError for an option that a request does not have, or that has a wrong type. */
export function checkOptions(options: object): void {
  if (typeof options !== "object" || options === null) throw new TypeError(`options: expected an object, not ${shown(options)}`);
  for (const [name, value] of Object.entries(options)) {
    const type = OPTIONS[name];
    if (type === undefined) throw new TypeError(`options: a request has no ${name}; expected ${Object.keys(OPTIONS).join(", ")}`);
    if (value !== undefined && (typeof value !== type || value === null || value === "")) {
      throw new TypeError(`options.${name}: expected a ${type}, not ${shown(value)}`);
    }
  }
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
