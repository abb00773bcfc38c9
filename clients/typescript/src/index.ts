export { BridgeClient, type Arguments, type ClientOptions, type RequestOptions } from "./client.js";
export { extra } from "./dispose.js";
export { BridgeError, BridgeRefusedKey, BridgeTimeout, ClosedError, type Code, type DetailsOf, type KnownCode } from "./errors.js";
export { forex, future, limit, market, option, stock, stop, type Action, type PlainOrder } from "./builders.js";
export { loadCurve, KeyFileError, type Curve } from "./keys.js";
export type { Hold } from "./holds.js";
export type { OrderFeed, Subscription } from "./feed.js";
export type {
  BridgeEvent, Gap, LogEvent, LogPosition, OrderEvent, OrderLogGap, Origin, StreamEvent,
} from "./events.js";
export type * from "./generated.js";
