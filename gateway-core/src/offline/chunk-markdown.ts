// Pure: a text file → passages that can be quoted, cut at headings and between paragraphs.
import type { Passage } from './types.js';

export interface TextFile {
  source: Passage['source'];
  file: string;
  text: string;
}

const MAX_PASSAGE_CHARS = 900;
/** A longer line is no heading, whatever it begins with; it also keeps patterns away from hostile lines. */
const MAX_HEADING_CHARS = 300;
const HEADING = /^(#{1,6})\s+(.+?)\s*#*\s*$/;
const FENCE = /^\s*(```+|~~~+)/;

/** The anchor that GitHub gives a heading. */
export function slugify(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

/** Markup of links, emphasis and code taken off. */
export function plainHeading(heading: string): string {
  return heading
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*`]|<[^>]*>/g, '')
    .trim();
}

interface Block {
  line: number;
  text: string;
}

interface Section {
  heading: string;
  slug: string;
  blocks: Block[];
}

/** Gives repeated headings of a page the anchors `x`, `x-1`, `x-2`. */
class Anchors {
  readonly #seen = new Map<string, number>();

  next(heading: string): string {
    const slug = slugify(heading);
    const count = this.#seen.get(slug) ?? 0;
    this.#seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  }
}

/** Reads lines into sections of blocks; a code fence is one block, whatever is in it. */
class SectionReader {
  readonly sections: Section[] = [{ heading: '', slug: '', blocks: [] }];
  title = '';
  readonly #anchors = new Anchors();
  readonly #path: string[] = [];
  #open: Block | undefined;
  #fence: string | undefined;

  line(text: string, line: number): void {
    const fence = FENCE.exec(text)?.[1];
    if (this.#fence !== undefined) {
      this.#append(text, line);
      if (fence?.startsWith(this.#fence)) this.#fence = undefined;
      return;
    }
    const heading = text.length <= MAX_HEADING_CHARS ? HEADING.exec(text) : null;
    if (heading) return this.#heading(heading[1]?.length ?? 1, plainHeading(heading[2] ?? ''));
    if (fence) this.#fence = fence;
    if (text.trim() === '') this.#open = undefined;
    else this.#append(text, line);
  }

  #append(text: string, line: number): void {
    if (this.#open) {
      this.#open.text += `\n${text}`;
      return;
    }
    this.#open = { line, text };
    this.sections.at(-1)?.blocks.push(this.#open);
  }

  #heading(level: number, text: string): void {
    this.#open = undefined;
    if (level === 1 && this.title === '') this.title = text;
    this.#path.length = level - 1;
    this.#path[level - 1] = text;
    // The title stands beside every passage anyway.
    const heading = this.#path.filter((part, at) => part && !(at === 0 && part === this.title)).join(' › ');
    this.sections.push({ heading, slug: this.#anchors.next(text), blocks: [] });
  }
}

/** Cuts a block that is too long at line ends, then anywhere. */
function cutBlock({ line, text }: Block): Block[] {
  if (text.length <= MAX_PASSAGE_CHARS) return [{ line, text }];
  const pieces: Block[] = [];
  let at = line;
  for (const row of text.split('\n')) {
    for (let from = 0; from === 0 || from < row.length; from += MAX_PASSAGE_CHARS) {
      const piece = row.slice(from, from + MAX_PASSAGE_CHARS);
      const last = pieces.at(-1);
      if (last && last.text.length + piece.length < MAX_PASSAGE_CHARS) last.text += `\n${piece}`;
      else pieces.push({ line: at, text: piece });
    }
    at += 1;
  }
  return pieces;
}

function packBlocks(blocks: Block[]): Block[] {
  const packed: Block[] = [];
  for (const block of blocks.flatMap(cutBlock)) {
    const last = packed.at(-1);
    if (last && last.text.length + block.text.length + 2 <= MAX_PASSAGE_CHARS) last.text += `\n\n${block.text}`;
    else packed.push({ ...block });
  }
  return packed;
}

/** Front matter is settings, not text; lines keep their numbers. */
function frontMatterEnd(lines: string[]): number {
  if (lines[0]?.trim() !== '---') return 0;
  const end = lines.findIndex((line, at) => at > 0 && line.trim() === '---');
  return end < 0 ? 0 : end + 1;
}

const withoutExtension = (file: string): string => file.replace(/\.[^./]+$/, '');

/** The passages of a file in reading order. Every passage is literal text of the file, up to blank lines. */
export function chunkText({ source, file, text }: TextFile): Passage[] {
  const lines = text.split(/\r\n|\r|\n/);
  const reader = new SectionReader();
  for (let at = frontMatterEnd(lines); at < lines.length; at += 1) reader.line(lines[at] ?? '', at + 1);
  const title = reader.title || withoutExtension(file.split('/').at(-1) ?? file);
  return reader.sections.flatMap(({ heading, slug, blocks }) =>
    packBlocks(blocks).map(({ line, text: body }) => ({ source, file, title, heading, slug, line, text: body })),
  );
}

/** Where a passage is, as clients open it: `docs:<page>#<heading>` or `workspace:<file>#L<line>`. */
export function passageUri({ source, file, slug, line }: Passage): string {
  if (source === 'workspace') return `workspace:${file}#L${line}`;
  return `docs:${withoutExtension(file)}${slug ? `#${slug}` : ''}`;
}
