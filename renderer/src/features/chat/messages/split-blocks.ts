// Pure: markdown → top-level blocks, so that finished ones need not be read again while more text streams in.

export type MarkdownBlock =
  | { kind: 'text'; text: string; start: number }
  | { kind: 'code'; code: string; language: string; isOpen: boolean; start: number };

export interface SplitResult {
  source: string;
  blocks: readonly MarkdownBlock[];
}

export const NO_BLOCKS: SplitResult = { source: '', blocks: [] };

interface Fence {
  mark: string;
  language: string;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([^\n`]*)$/;
const INDENTED_FENCE = /^[ \t]+(`{3,}|~{3,})/;
const LIST_ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;
/** Link and footnote definitions are valid for the whole text, which then must stay in one piece. */
const DEFINITION = /^ {0,3}\[[^\]\n]+\]:\s/m;

function openingFence(line: string): Fence | undefined {
  const match = FENCE.exec(line);
  if (!match) return undefined;
  const language = (match[2] ?? '').trim().split(/[\s{,]/)[0] ?? '';
  return { mark: match[1] ?? '', language: language.toLowerCase() };
}

function closesFence(line: string, fence: Fence): boolean {
  const trimmed = line.trim();
  return trimmed.length >= fence.mark.length && trimmed === fence.mark.charAt(0).repeat(trimmed.length);
}

/** A blank line ends a block, unless what follows still belongs to a list or is indented. */
function continuesList(block: string, line: string): boolean {
  return LIST_ITEM.test(block) && (LIST_ITEM.test(line) || /^(?: {2,}|\t)/.test(line));
}

class Splitter {
  readonly blocks: MarkdownBlock[] = [];
  #text = '';
  #textStart = 0;
  #isAfterBlank = false;
  #fence: Fence | undefined;
  /** A fence inside a list item: part of the list's text. */
  #nested: Fence | undefined;
  #code: string[] = [];
  #codeStart = 0;

  line(line: string, start: number): void {
    if (this.#fence) return this.#codeLine(line, this.#fence);
    if (this.#nested) return this.#nestedLine(line, this.#nested);
    const nested = LIST_ITEM.test(this.#text) ? INDENTED_FENCE.exec(line) : null;
    if (nested) {
      this.#nested = { mark: nested[1] ?? '', language: '' };
      return this.#append(line);
    }
    const fence = openingFence(line);
    if (fence) {
      this.#endText();
      this.#fence = fence;
      this.#codeStart = start;
      return;
    }
    if (line.trim() === '') {
      this.#isAfterBlank = this.#text !== '';
      if (this.#text !== '') this.#text += '\n';
      return;
    }
    if (this.#isAfterBlank && !continuesList(this.#text, line)) this.#endText();
    if (this.#text === '') this.#textStart = start;
    this.#append(line);
  }

  end(): void {
    if (this.#fence) this.#endCode(this.#fence, true);
    else this.#endText();
  }

  #append(line: string): void {
    this.#text += this.#text === '' || this.#text.endsWith('\n\n') ? line : `\n${line}`;
    this.#isAfterBlank = false;
  }

  #nestedLine(line: string, fence: Fence): void {
    this.#text += `\n${line}`;
    if (closesFence(line, fence)) this.#nested = undefined;
  }

  #codeLine(line: string, fence: Fence): void {
    if (closesFence(line, fence)) this.#endCode(fence, false);
    else this.#code.push(line);
  }

  #endCode(fence: Fence, isOpen: boolean): void {
    this.blocks.push({
      kind: 'code',
      code: this.#code.join('\n'),
      language: fence.language,
      isOpen,
      start: this.#codeStart,
    });
    this.#fence = undefined;
    this.#code = [];
  }

  #endText(): void {
    const text = this.#text.trimEnd();
    if (text !== '') this.blocks.push({ kind: 'text', text, start: this.#textStart });
    this.#text = '';
    this.#isAfterBlank = false;
  }
}

function splitFrom(source: string, from: number): MarkdownBlock[] {
  const splitter = new Splitter();
  let start = from;
  for (const line of source.slice(from).split('\n')) {
    splitter.line(line, start);
    start += line.length + 1;
  }
  splitter.end();
  return splitter.blocks;
}

/** Splits `source`. With the result for a shorter beginning of the same text only the end is read again. */
export function splitBlocks(source: string, previous: SplitResult = NO_BLOCKS): SplitResult {
  if (source === previous.source) return previous;
  if (DEFINITION.test(source)) return { source, blocks: [{ kind: 'text', text: source.trimEnd(), start: 0 }] };
  const last = previous.blocks.at(-1);
  const isContinued = last !== undefined && previous.source !== '' && source.startsWith(previous.source);
  if (!isContinued) return { source, blocks: splitFrom(source, 0) };
  return { source, blocks: [...previous.blocks.slice(0, -1), ...splitFrom(source, last.start)] };
}
