// What a process wrote: its last 200,000 characters, and what nobody has fetched yet (spec/gateway-config.md §6).

export const MAX_OUTPUT_CHARS = 200_000;
export const MAX_PENDING_CHARS = 30_000;

export type StreamName = 'stdout' | 'stderr';

/** The end of a text, without half a character in front: those who read JSON strictly refuse one. */
export function endOf(text: string, maxChars: number): string {
  return text.length > maxChars ? text.slice(-maxChars).replace(/^[\uDC00-\uDFFF]/, '') : text;
}

/** Keeps the end of a text without copying it for every piece that comes. */
class TextTail {
  readonly #max: number;
  #pieces: string[] = [];
  #chars = 0;
  /** Something at the beginning is gone. */
  isCut = false;

  constructor(max: number) {
    this.#max = max;
  }

  add(text: string): void {
    this.#pieces.push(text);
    this.#chars += text.length;
    while (this.#chars - (this.#pieces[0]?.length ?? 0) >= this.#max) {
      this.#chars -= this.#pieces.shift()?.length ?? 0;
      this.isCut = true;
    }
  }

  read(): string {
    const whole = this.#pieces.join('');
    const text = endOf(whole, this.#max);
    this.isCut ||= whole.length > this.#max;
    this.#pieces = text === '' ? [] : [text];
    this.#chars = text.length;
    return text;
  }

  clear(): void {
    this.#pieces = [];
    this.#chars = 0;
    this.isCut = false;
  }
}

export class OutputBuffer {
  readonly #all = new TextTail(MAX_OUTPUT_CHARS);
  readonly #pending = { stdout: new TextTail(MAX_PENDING_CHARS), stderr: new TextTail(MAX_PENDING_CHARS) };
  #totalChars = 0;

  add(stream: StreamName, text: string): void {
    this.#totalChars += text.length;
    this.#all.add(text);
    this.#pending[stream].add(text);
  }

  /** Everything ever written, counted. */
  get totalChars(): number {
    return this.#totalChars;
  }

  /** True when the beginning is gone. */
  get isCut(): boolean {
    return this.#totalChars > MAX_OUTPUT_CHARS;
  }

  text(): string {
    return this.#all.read();
  }

  tail(maxChars: number): string {
    return endOf(this.#all.read(), maxChars);
  }

  /** What came since the last drain; both streams, each cut to its newest part. */
  drain(): string {
    const parts = [this.#pending.stdout, this.#pending.stderr].map((pending) => {
      const text = pending.read();
      const note = pending.isCut ? '[older output is left out]\n' : '';
      pending.clear();
      return text === '' ? '' : note + text;
    });
    return parts.filter((part) => part !== '').join(parts[0]?.endsWith('\n') ? '' : '\n');
  }

  /** Nothing of it waits to be fetched any more: it was shown as a whole. */
  markShown(): void {
    this.#pending.stdout.clear();
    this.#pending.stderr.clear();
  }
}
