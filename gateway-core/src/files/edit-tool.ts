// The tool `edit`: replaces passages of a text file.
import { errorResult, textResult, type Tool, type ToolContext, type ToolResult } from '../tools/index.js';
import { textOf } from './arguments.js';
import { type Edit, planEdits } from './edit-plan.js';
import { lineDiff } from './line-diff.js';
import { missingFile } from './read-tool.js';
import { readText, type TextFile, writeText } from './text-file.js';
import { type FileToolsBase, lockNames, readOnlyRefusal } from './tool-options.js';

/** Larger files are for commands such as sed. */
const MAX_FILE_BYTES = 5_242_880;

const EDIT_FIELDS = {
  oldText: { type: 'string' },
  newText: { type: 'string' },
  replaceAll: { type: 'boolean' },
};

const PARAMETERS = {
  type: 'object',
  properties: {
    path: { type: 'string' },
    ...EDIT_FIELDS,
    edits: {
      type: 'array',
      description: 'Several at once; all or none',
      items: { type: 'object', properties: EDIT_FIELDS, required: ['oldText', 'newText'] },
    },
  },
  required: ['path'],
};

function editOf(args: Record<string, unknown>): Edit[] {
  const [oldText, newText] = [textOf(args, 'oldText'), textOf(args, 'newText')];
  if (oldText === undefined || newText === undefined) return [];
  return [{ oldText, newText, replaceAll: args.replaceAll === true }];
}

function editsOf(args: Record<string, unknown>): Edit[] {
  const list = Array.isArray(args.edits) ? (args.edits as Array<Record<string, unknown>>) : [];
  return [...editOf(args), ...list.flatMap(editOf)];
}

async function load(context: ToolContext, path: string): Promise<TextFile | string> {
  const workplace = await context.workplace();
  const facts = await workplace.files.stat(path);
  if (!facts) throw await missingFile({ path, workplace });
  if (facts.kind !== 'file') return `${path} is not a file.`;
  const file = readText(await workplace.files.read(path, { maxBytes: MAX_FILE_BYTES, signal: context.signal }));
  if (file.kind === 'binary') return `${path} is a binary file. Only text can be edited.`;
  if (file.encoding === 'windows-1252') return `${path} is not UTF-8, so an edit could damage it. Convert it first.`;
  return file;
}

async function editFile(context: ToolContext, path: string, edits: Edit[]): Promise<ToolResult> {
  const file = await load(context, path);
  if (typeof file === 'string') return errorResult(file);
  const outcome = planEdits(file.text, edits);
  if (!outcome.ok) return errorResult(outcome.reason, { path });
  const { text, places, isLoose } = outcome.edited;
  const data = writeText(text, file);
  if (!data) return errorResult(`${path} has an encoding that cannot be written.`);
  const workplace = await context.workplace();
  await workplace.files.write(path, data, { signal: context.signal });
  const diff = await lineDiff(path, file.text, text);
  const loose = isLoose ? ' The text differed in spaces or look-alike characters; see the diff.' : '';
  const where = places === 1 ? '1 place' : `${places} places`;
  const shown = isLoose && diff ? `\n${diff.text}` : '';
  return textResult(`Edited ${path} in ${where}.${loose}${shown}`, { path, places, isLoose, ...(diff && { diff }) });
}

/** Makes the tool. It throws AppError tool.file_missing, tool.file_too_large and tool.path_outside. */
export function createEditTool({ locks }: FileToolsBase): Tool {
  return {
    name: 'edit',
    label: 'Edit',
    group: 'fs',
    description: 'Replace text in a file. oldText must be there once, exactly as in the file.',
    parameters: PARAMETERS,
    async execute(args, context) {
      const path = textOf(args, 'path') ?? '';
      if (path.trim() === '') return errorResult('`path` is empty.');
      const workplace = await context.workplace();
      const readOnly = readOnlyRefusal(workplace);
      if (readOnly) return errorResult(readOnly);
      const resolved = await workplace.files.resolve(path, 'write');
      return locks.hold(lockNames(workplace, [resolved]), () => editFile(context, path, editsOf(args)));
    },
  };
}
