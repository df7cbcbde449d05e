// The unified diff that tool cards show: bounded in time and size.

/** Characters of a diff that are kept; what is longer is cut at a line. */
const MAX_CHARS = 20_000;
/** Files longer than this are not compared. */
const MAX_INPUT = 500_000;
const TIMEOUT_MS = 50;

export interface LineDiff {
  text: string;
  added: number;
  removed: number;
  isCut: boolean;
}

function cut(text: string): string {
  return text.slice(0, Math.max(0, text.lastIndexOf('\n', MAX_CHARS)) + 1);
}

/** What changed from `before` to `after` (undefined: no such file); undefined when it takes too long to say. */
export async function lineDiff(
  path: string,
  before: string | undefined,
  after: string | undefined,
): Promise<LineDiff | undefined> {
  if ((before?.length ?? 0) + (after?.length ?? 0) > MAX_INPUT) return undefined;
  const { structuredPatch, formatPatch } = await import('diff');
  const [from, to] = [before === undefined ? '/dev/null' : path, after === undefined ? '/dev/null' : path];
  const limits = { context: 3, timeout: TIMEOUT_MS };
  const patch = structuredPatch(from, to, before ?? '', after ?? '', undefined, undefined, limits);
  if (!patch) return undefined;
  const lines = patch.hunks.flatMap((hunk) => hunk.lines);
  const text = patch.hunks.length === 0 ? '' : formatPatch(patch).replace(/^=+\n/, '');
  return {
    text: text.length > MAX_CHARS ? cut(text) : text,
    added: lines.filter((line) => line.startsWith('+')).length,
    removed: lines.filter((line) => line.startsWith('-')).length,
    isCut: text.length > MAX_CHARS,
  };
}
