// Where the settings stand in the text of the config. Reads half-written text too: it is used while somebody types.
import type { Path } from './config-values.js';

export interface TextNode {
  path: Path;
  kind: 'object' | 'array' | 'scalar';
  /** Where its key begins; for items of lists and the whole, where the value begins. */
  keyStart: number;
  start: number;
  /** Behind the last character. */
  end: number;
  /** False for a container whose closing bracket is missing. */
  isClosed: boolean;
}

const PLAIN_END = /[\s,{}[\]"'/:]/;

class Reader {
  readonly nodes: TextNode[] = [];
  #at = 0;

  constructor(private readonly text: string) {}

  read(): TextNode[] {
    this.#skip();
    if (this.#at < this.text.length) this.#value([], this.#at);
    return this.nodes;
  }

  #peek(): string {
    return this.text[this.#at] ?? '';
  }

  /** Over blanks and comments. */
  #skip(): void {
    const blank = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))*/y;
    blank.lastIndex = this.#at;
    blank.exec(this.text);
    this.#at = Math.max(this.#at, blank.lastIndex);
  }

  #value(path: Path, keyStart: number): void {
    const start = this.#at;
    const sign = this.#peek();
    const node: TextNode = { path, kind: 'scalar', keyStart, start, end: start, isClosed: true };
    this.nodes.push(node);
    if (sign === '{' || sign === '[') {
      node.kind = sign === '{' ? 'object' : 'array';
      this.#at++;
      node.isClosed = sign === '{' ? this.#members(path) : this.#items(path);
    } else if (sign === '"' || sign === "'") this.#string();
    else this.#plain();
    node.end = this.#at;
  }

  #members(path: Path): boolean {
    for (;;) {
      this.#skip();
      const sign = this.#peek();
      if (sign === '') return false;
      if (sign === '}') return this.#step();
      const keyStart = this.#at;
      const key = this.#key();
      if (key === undefined) {
        this.#at++;
        continue;
      }
      this.#skip();
      if (this.#peek() !== ':') continue;
      this.#at++;
      this.#skip();
      if (/[,}]|^$/.test(this.#peek())) continue;
      this.#value([...path, key], keyStart);
    }
  }

  #items(path: Path): boolean {
    for (let index = 0; ;) {
      this.#skip();
      const sign = this.#peek();
      if (sign === '' || sign === '}') return false;
      if (sign === ']') return this.#step();
      if (sign === ',' || sign === ':') {
        this.#at++;
        continue;
      }
      this.#value([...path, String(index++)], this.#at);
    }
  }

  #step(): true {
    this.#at++;
    return true;
  }

  #key(): string | undefined {
    const start = this.#at;
    const sign = this.#peek();
    if (sign === '"' || sign === "'") {
      this.#string();
      return this.text.slice(start + 1, this.#at - 1);
    }
    this.#plain();
    return this.#at > start ? this.text.slice(start, this.#at) : undefined;
  }

  #string(): void {
    const quote = this.#peek();
    for (this.#at++; this.#at < this.text.length; this.#at++) {
      const sign = this.#peek();
      if (sign === '\n') return;
      if (sign === '\\') this.#at++;
      else if (sign === quote) {
        this.#at++;
        return;
      }
    }
  }

  #plain(): void {
    const start = this.#at;
    while (this.#at < this.text.length && !PLAIN_END.test(this.#peek())) this.#at++;
    // A stray sign must not hold the reader up.
    if (this.#at === start && /[/:]/.test(this.#peek())) this.#at++;
  }
}

/** Every value of the text with its path and place, outer before inner. */
export function readNodes(text: string): TextNode[] {
  return new Reader(text).read();
}

export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** `agents.list[0].id` and `agents.list.0.id` → its steps. */
export function parsePath(path: string): string[] {
  return path.split(/[.[\]]/).filter((step) => step !== '' && step !== '<root>');
}

/** The line (from 1) where a setting, or the nearest thing around it, stands. */
export function lineOfPath(text: string, path: string): number {
  const steps = parsePath(path);
  const fits = (node: TextNode) =>
    node.path.length <= steps.length && node.path.every((step, at) => step === steps[at]);
  const nearest = readNodes(text)
    .filter(fits)
    .reduce<TextNode | undefined>(
      (best, node) => (!best || node.path.length > best.path.length ? node : best),
      undefined,
    );
  return nearest ? lineAt(text, nearest.keyStart) : 1;
}

/** Line and column (from 1) that the JSON5 parser names in its message. */
export function placeInMessage(message: string): { line: number; column: number } | undefined {
  const found = /\b(\d+):(\d+)\b/.exec(message);
  return found ? { line: Number(found[1]), column: Number(found[2]) } : undefined;
}
