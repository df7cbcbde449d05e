// Pure: tool calls of chat completions, put together from their pieces.
import { asObject, asText, type JsonObject, type OpenCall } from './adapter.js';

interface Slot {
  /** Its place, as the server counts. */
  at: number;
  call: OpenCall;
}

/** Mostly text; some servers send the object itself. */
function argumentsText(value: unknown): string {
  const object = asObject(value);
  return object ? JSON.stringify(object) : asText(value);
}

export class CallPieces {
  readonly #slots: Slot[] = [];

  /** The calls so far, in the order in which the server counts them. */
  get calls(): OpenCall[] {
    return this.#slots.toSorted((a, b) => a.at - b.at).map(({ call }) => call);
  }

  add(piece: JsonObject): void {
    const id = asText(piece.id);
    const details = asObject(piece.function) ?? {};
    const name = asText(details.name);
    const call = this.#callOf(piece.index, id, name);
    call.id ||= id;
    call.name ||= name;
    call.json += argumentsText(details.arguments);
  }

  #callOf(index: unknown, id: string, name: string): OpenCall {
    const isCounted = typeof index === 'number';
    const known = this.#slots.findLast(({ at }) => !isCounted || at === index)?.call;
    const isOther = id !== '' && known !== undefined && known.id !== id;
    // Without an index a new id opens a call. Some servers give every call the same index, but a name only once.
    const isNew = isOther && (isCounted ? known.id !== '' && name !== '' : true);
    if (known && !isNew) return known;
    const call: OpenCall = { id: '', name: '', json: '' };
    this.#slots.push({ at: isCounted ? index : this.#slots.length, call });
    return call;
  }
}
