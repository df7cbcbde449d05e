// The tool `read`: text in pages, pictures, and what a folder holds.
import { AppError } from '../shared/app-error.js';
import { errorResult, textResult, type Tool, type ToolResult, type Workplace } from '../tools/index.js';
import { countOf, textOf } from './arguments.js';
import { imageFacts, type ImageFacts, imageRefusal } from './images.js';
import { DEFAULT_LINES, MAX_OUTPUT_BYTES, pageNote, textPage } from './read-text.js';
import { readText } from './text-file.js';

/** Larger files are for commands such as grep and tail. */
export const MAX_FILE_BYTES = 26_214_400;
const MAX_ENTRIES = 500;

const PARAMETERS = {
  type: 'object',
  properties: {
    path: { type: 'string' },
    offset: { type: 'integer', minimum: 1, description: 'First line, from 1' },
    limit: { type: 'integer', minimum: 1, description: 'Number of lines' },
  },
  required: ['path'],
};

interface Place {
  path: string;
  workplace: Workplace;
}

/** Says what is missing and, when only the letter case differs, what is there. */
export async function missingFile({ path, workplace }: Place): Promise<AppError> {
  const cut = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  const folder = cut < 0 ? '.' : path.slice(0, cut) || '/';
  const name = path.slice(cut + 1).toLowerCase();
  const siblings = (await workplace.files.stat(folder))?.kind === 'folder' ? await workplace.files.list(folder) : [];
  const similar = siblings.find((entry) => entry.name.toLowerCase() === name);
  return new AppError('tool.file_missing', {
    message: `There is no file ${path}.`,
    ...(similar && { hint: `There is ${path.slice(0, cut + 1)}${similar.name}.` }),
  });
}

async function listFolder({ path, workplace }: Place): Promise<ToolResult> {
  const entries = (await workplace.files.list(path)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const shown = entries.slice(0, MAX_ENTRIES).map(({ name, kind }) => (kind === 'folder' ? `${name}/` : name));
  const more = entries.length > shown.length ? [`(${entries.length - shown.length} more)`] : [];
  const text =
    entries.length === 0 ? `${path} is an empty folder.` : [`${path} is a folder:`, ...shown, ...more].join('\n');
  return textResult(text, { path, kind: 'folder', entries: entries.length });
}

/** A picture as the model sees it, or why it cannot. */
export function imageResult(data: Buffer, facts: ImageFacts, source: string): ToolResult {
  const { mimeType, width, height } = facts;
  const refusal = imageRefusal(facts, data.length);
  if (refusal) return errorResult(refusal);
  const size = width && height ? `, ${width} x ${height} pixels` : '';
  return {
    content: [
      { type: 'text', text: `${source} (${mimeType}${size}, ${data.length} bytes)` },
      { type: 'image', data: data.toString('base64'), mimeType },
    ],
    details: { path: source, kind: 'image', mimeType, width, height, bytes: data.length },
  };
}

function textPart(path: string, data: Buffer, args: Record<string, unknown>): ToolResult {
  const file = readText(data);
  if (file.kind === 'binary') {
    const what = file.format === undefined ? 'a binary file' : `a ${file.format}`;
    return errorResult(`${path} is ${what} of ${data.length} bytes, not text. Use a command that knows its format.`);
  }
  const page = textPage(file.text, countOf(args, 'offset'), countOf(args, 'limit'));
  const foreign = file.encoding === 'utf-8' ? '' : `(The file is encoded as ${file.encoding}.)`;
  const text = [page.text, foreign, pageNote(page)].filter((part) => part !== '').join('\n\n');
  const { first, last, totalLines, isCut } = page;
  return textResult(text, { path, kind: 'text', bytes: data.length, first, last, totalLines, isCut });
}

async function readPath(place: Place, args: Record<string, unknown>, signal: AbortSignal): Promise<ToolResult> {
  const { path, workplace } = place;
  const facts = await workplace.files.stat(path);
  if (!facts) throw await missingFile(place);
  if (facts.kind === 'folder') return listFolder(place);
  if (facts.kind === 'other') return errorResult(`${path} is neither a file nor a folder.`);
  const data = await workplace.files.read(path, { maxBytes: MAX_FILE_BYTES, signal });
  const image = imageFacts(data);
  return image ? imageResult(data, image, path) : textPart(path, data, args);
}

/** Makes the tool. It throws AppError tool.file_missing, tool.file_too_large and tool.path_outside. */
export function createReadTool(): Tool {
  return {
    name: 'read',
    label: 'Read',
    group: 'fs',
    description: `Read a file (text or picture) or list a folder. Shows up to ${DEFAULT_LINES} lines or ${MAX_OUTPUT_BYTES / 1024} kB; go on with offset.`,
    parameters: PARAMETERS,
    async execute(args, context) {
      const path = textOf(args, 'path') ?? '';
      if (path.trim() === '') return errorResult('`path` is empty.');
      const workplace = await context.workplace();
      return readPath({ path, workplace }, args, context.signal);
    },
  };
}
