// Contracts and orders as plain objects, for the fields that most programs need.

import type { ContractInput, DecimalInput, OrderInput } from "./generated.js";

/** The side of an order. */
export type Action = NonNullable<OrderInput["action"]>;

/** An order that is placed: `whatIf` would only ask for margin and fees. */
export type PlainOrder = Omit<OrderInput, "whatIf"> & { whatIf?: false };

/** A stock or an ETF: `stock("AAPL")`. By default at SMART, in US dollars. */
export function stock(symbol: string, more: ContractInput = {}): ContractInput {
  return { symbol, secType: "STK", exchange: "SMART", currency: "USD", ...more };
}

/** An option: `option("AAPL", "20270115", 200, "C")`. By default at SMART, in US dollars, of 100 shares. */
export function option(
  symbol: string, expiry: string, strike: number, right: "C" | "P", more: ContractInput = {},
): ContractInput {
  const contract = { symbol, secType: "OPT", lastTradeDateOrContractMonth: expiry, strike, right } as const;
  return { ...contract, multiplier: "100", exchange: "SMART", currency: "USD", ...more };
}

/** A future: `future("ES", "202703", "CME")`. By default in US dollars. */
export function future(symbol: string, expiry: string, exchange: string, more: ContractInput = {}): ContractInput {
  return { symbol, secType: "FUT", lastTradeDateOrContractMonth: expiry, exchange, currency: "USD", ...more };
}

/** A pair of currencies: `forex("EUR", "USD")`, or `forex("EURUSD")`. By default at IDEALPRO. */
export function forex(base: string, quote?: string, more: ContractInput = {}): ContractInput {
  const [symbol, currency] = quote === undefined ? [base.slice(0, 3), base.slice(3).replace(/^[./]/, "")] : [base, quote];
  if (!/^[A-Z]{3}$/.test(symbol) || !/^[A-Z]{3}$/.test(currency)) {
    throw new RangeError(`forex: expected two currencies such as EUR and USD, not ${JSON.stringify([base, quote])}`);
  }
  return { symbol, secType: "CASH", exchange: "IDEALPRO", currency, ...more };
}

/** An order at market: `market("BUY", 10)`. */
export function market(action: Action, totalQuantity: DecimalInput, more: PlainOrder = {}): PlainOrder {
  return { action, orderType: "MKT", totalQuantity, ...more };
}

/** An order with a limit: `limit("BUY", 10, 187.5)`. */
export function limit(action: Action, totalQuantity: DecimalInput, price: number, more: PlainOrder = {}): PlainOrder {
  return { action, orderType: "LMT", totalQuantity, lmtPrice: price, ...more };
}

/** A stop order: `stop("SELL", 10, 180)`. */
export function stop(action: Action, totalQuantity: DecimalInput, price: number, more: PlainOrder = {}): PlainOrder {
  return { action, orderType: "STP", totalQuantity, auxPrice: price, ...more };
}
