// Server-sent events out of bytes that arrive in arbitrary pieces.

export interface SseEvent {
  /** The `event:` field; empty when the server names none. */
  event: string;
  data: string;
}

/** More than this without a line end is not an event stream. */
const MAX_PENDING_CHARS = 32 * 1024 * 1024;

/** Pull parser: `push` takes text and returns the events it completes. Lines may end in LF, CRLF or CR. */
export class SseParser {
  #pending = '';
  #event = '';
  #data: string[] = [];
  #isFirst = true;

  push(text: string): SseEvent[] {
    const events: SseEvent[] = [];
    let buffer = this.#pending + text;
    if (this.#isFirst && buffer.length > 0) {
      this.#isFirst = false;
      if (buffer.charCodeAt(0) === 0xfeff) buffer = buffer.slice(1);
    }
    let from = 0;
    let nextCr = buffer.indexOf('\r');
    for (;;) {
      const lf = buffer.indexOf('\n', from);
      if (nextCr !== -1 && nextCr < from) nextCr = buffer.indexOf('\r', from);
      const isCr = nextCr !== -1 && (lf === -1 || nextCr < lf);
      const end = isCr ? nextCr : lf;
      // A CR at the very end may be the first half of a CRLF: wait for what follows.
      if (end === -1 || (isCr && end === buffer.length - 1)) break;
      this.#line(buffer.slice(from, end), events);
      from = isCr && buffer.charCodeAt(end + 1) === 10 ? end + 2 : end + 1;
    }
    this.#pending = buffer.slice(from);
    if (this.#pending.length > MAX_PENDING_CHARS) throw new SyntaxError('a line of the event stream does not end');
    return events;
  }

  /** Completes an event that the server did not close with an empty line. */
  end(): SseEvent[] {
    const events: SseEvent[] = [];
    if (this.#pending) this.#line(this.#pending.replace(/\r$/, ''), events);
    this.#pending = '';
    this.#line('', events);
    return events;
  }

  #line(line: string, events: SseEvent[]): void {
    if (line === '') {
      if (this.#data.length > 0) events.push({ event: this.#event, data: this.#data.join('\n') });
      this.#event = '';
      this.#data = [];
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1);
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#event = value;
  }
}

/**
 * The events of a response body, one array per piece that arrived. Characters that are split between two pieces
 * come out whole. Throws a SyntaxError when the body has no line ends.
 */
export async function* readSse(body: AsyncIterable<Uint8Array>): AsyncGenerator<SseEvent[], void, undefined> {
  const decoder = new TextDecoder();
  const parser = new SseParser();
  for await (const bytes of body) {
    const events = parser.push(decoder.decode(bytes, { stream: true }));
    if (events.length > 0) yield events;
  }
  const rest = [...parser.push(decoder.decode()), ...parser.end()];
  if (rest.length > 0) yield rest;
}
