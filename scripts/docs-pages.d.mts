/** A short word for the type of one property of a JSON Schema. */
export function typeWord(schema: Record<string, unknown>): string;

/** The keys of an object schema with their types; optional keys carry a question mark. */
export function describeParams(schema: Record<string, unknown>): string;

/** What a whole payload may be: keys, a list of things with keys, or one of several. */
export function describeSchema(schema: Record<string, unknown>): string;

/** The page about the wire, from the exports of the protocol. */
export function protocolPage(protocol: Record<string, unknown>): string;

/** The page about errors, from the rows of the register. */
export function errorsPage(rows: Array<Record<string, unknown>>): string;
