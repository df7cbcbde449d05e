// Pure: which files of a workspace are memory, and lines of them.
import { AppError } from '../shared/app-error.js';

/** True for MEMORY.md and everything below memory/ that is text. */
export function isMemoryFile(file: string): boolean {
  return /^MEMORY\.md$/i.test(file) || /^memory\/(?!\.)(?!.*\/\.).+\.(md|markdown|txt)$/i.test(file);
}

/** The path as the workspace knows it. Throws AppError tool.path_outside for anything that is no memory. */
export function memoryPath(written: string): string {
  const file = written
    .trim()
    .replace(/\\/g, '/')
    .replace(/^(\.\/)+/, '');
  const hasDots = file.split('/').some((part) => part === '..' || part === '.' || part === '');
  if (hasDots || !isMemoryFile(file)) {
    throw new AppError('tool.path_outside', {
      message: `"${written}" is not a memory file.`,
      hint: 'Use MEMORY.md or a file below memory/, as memory_search names them.',
    });
  }
  return file;
}

export interface Excerpt {
  text: string;
  /** Counted from 1. */
  from: number;
  to: number;
  total: number;
}

/** Lines `from` … `from + count - 1` of a text. */
export function excerpt(text: string, from: number, count: number): Excerpt {
  const lines = text.split(/\r?\n/);
  const first = Math.min(Math.max(1, from), lines.length);
  const to = Math.min(lines.length, first + Math.max(1, count) - 1);
  return { text: lines.slice(first - 1, to).join('\n'), from: first, to, total: lines.length };
}
