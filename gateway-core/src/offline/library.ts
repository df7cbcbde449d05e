// Keeps the index in step with folders: what changed by size or mtime is read again, in slices.
import { readFile } from 'node:fs/promises';
import type { Logger } from '../shared/logger.js';
import { chunkText } from './chunk-markdown.js';
import { type FindLimits, findFiles, type FoundFile, isAccessProblem } from './find-files.js';
import { breathe, type Hit, openTextIndex, type RowRange, type SearchQuery, type TextIndex } from './text-index.js';
import type { Passage } from './types.js';

/** A folder of texts; `scope` names it inside the index. */
export interface Shelf {
  scope: string;
  source: Passage['source'];
  root: string;
}

interface Known extends RowRange {
  sizeBytes: number;
  mtimeMs: number;
}

const MARKDOWN = ['.md', '.markdown'];
const LIMITS: Record<Passage['source'], FindLimits> = {
  docs: {
    extensions: new Set(MARKDOWN),
    maxFileBytes: 1024 * 1024,
    maxFiles: 2_000,
    maxTotalBytes: 16 * 1024 * 1024,
  },
  workspace: {
    extensions: new Set([...MARKDOWN, '.txt', '.text', '.rst', '.org']),
    maxFileBytes: 256 * 1024,
    maxFiles: 2_000,
    maxTotalBytes: 8 * 1024 * 1024,
    firstFolders: ['memory'],
  },
};

/** Passages per transaction: a few milliseconds, so that the event loop gets its turn. */
const SLICE = 40;

export class Library {
  #index: Promise<TextIndex> | undefined;
  readonly #known = new Map<string, Map<string, Known[]>>();
  readonly #refreshing = new Map<string, Promise<FoundFile[]>>();
  readonly #searches = new Set<Promise<Hit[]>>();
  #isClosed = false;

  constructor(readonly log: Logger) {}

  /** Brings a shelf up to date and returns its files. Callers that come while this runs share the result. */
  refresh(shelf: Shelf): Promise<FoundFile[]> {
    const running = this.#refreshing.get(shelf.scope);
    if (running) return running;
    const refresh = this.#refresh(shelf).finally(() => this.#refreshing.delete(shelf.scope));
    this.#refreshing.set(shelf.scope, refresh);
    return refresh;
  }

  async search(query: SearchQuery): Promise<Hit[]> {
    const index = await this.#open();
    const search = index.search(query);
    this.#searches.add(search);
    return search.finally(() => this.#searches.delete(search));
  }

  #open(): Promise<TextIndex> {
    if (this.#isClosed) throw new Error('the library is closed');
    this.#index ??= openTextIndex();
    return this.#index;
  }

  async #refresh(shelf: Shelf): Promise<FoundFile[]> {
    const index = await this.#open();
    const files = await findFiles(shelf.root, LIMITS[shelf.source]);
    const known = this.#known.get(shelf.scope) ?? new Map<string, Known[]>();
    this.#known.set(shelf.scope, known);
    const present = new Set(files.map(({ file }) => file));
    for (const file of known.keys()) if (!present.has(file)) this.#forget(index, shelf, file);
    let changed = 0;
    for (const file of files) {
      const [before] = known.get(file.file) ?? [];
      if (before?.mtimeMs === file.mtimeMs && before.sizeBytes === file.sizeBytes) continue;
      changed += 1;
      await this.#readFile(index, shelf, file);
      if (this.#isClosed) return [];
    }
    if (changed > 0) this.log.debug('texts indexed', { scope: shelf.scope, changed, files: files.length });
    return files;
  }

  #forget(index: TextIndex, shelf: Shelf, file: string): void {
    const known = this.#known.get(shelf.scope);
    for (const range of known?.get(file) ?? []) index.remove(shelf.scope, range);
    known?.delete(file);
  }

  async #readFile(index: TextIndex, shelf: Shelf, found: FoundFile): Promise<void> {
    const text = await readText(found.fullPath);
    if (this.#isClosed) return;
    this.#forget(index, shelf, found.file);
    const passages = chunkText({ source: shelf.source, file: found.file, text });
    const ranges: Known[] = [];
    this.#known.get(shelf.scope)?.set(found.file, ranges);
    const { sizeBytes, mtimeMs } = found;
    for (let from = 0; from === 0 || from < passages.length; from += SLICE) {
      ranges.push({ ...index.add(shelf.scope, passages.slice(from, from + SLICE)), sizeBytes, mtimeMs });
      await breathe();
      if (this.#isClosed) return;
    }
  }

  /** Ends a refresh that is under way, lets searches finish, and frees the index. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled([...this.#refreshing.values(), ...this.#searches]);
    const [opened] = await Promise.allSettled([this.#index]);
    if (opened.status === 'fulfilled') opened.value?.close();
    this.#index = undefined;
  }
}

/** The text of a file; nothing for one that has gone, cannot be read, or is not text at all. */
async function readText(fullPath: string): Promise<string> {
  try {
    const text = await readFile(fullPath, 'utf8');
    return text.includes('\0') ? '' : text;
  } catch (error) {
    if (isAccessProblem(error)) return '';
    throw error;
  }
}
