// Small things that Node.js 18 and the types leave open.

import { isData } from "./codec.js";

/** Lets `await using` close the objects of a class. Older releases of Node.js 18 have no `Symbol.asyncDispose`. */
export function disposable(of: { prototype: { close(): unknown } }): void {
  if (Symbol.asyncDispose === undefined) return;
  Object.defineProperty(of.prototype, Symbol.asyncDispose, {
    async value(this: { close(): unknown }): Promise<void> {
      await this.close();
    },
  });
}

/** A field that this version of the client does not declare, such as one of a newer bridge; undefined if it is absent. */
export function extra(of: object, name: string): unknown {
  return isData(of) ? of[name] : undefined;
}
