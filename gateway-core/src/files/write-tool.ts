// The tool `write`: a whole file at once.
import { errorResult, textResult, type Tool, type ToolContext, type ToolResult } from '../tools/index.js';
import { textOf } from './arguments.js';
import { lineDiff } from './line-diff.js';
import { MAX_FILE_BYTES } from './read-tool.js';
import { readText } from './text-file.js';
import { type FileToolsBase, lockNames, readOnlyRefusal } from './tool-options.js';

const PARAMETERS = {
  type: 'object',
  properties: { path: { type: 'string' }, content: { type: 'string' } },
  required: ['path', 'content'],
};

/** The text that is replaced, for the diff; a diff is not worth failing a write for. */
async function textBefore(context: ToolContext, path: string, bytes: number): Promise<string | undefined> {
  if (bytes > MAX_FILE_BYTES) return undefined;
  const { files } = await context.workplace();
  const file = readText(await files.read(path, { maxBytes: MAX_FILE_BYTES, signal: context.signal }));
  return file.kind === 'text' ? file.text : undefined;
}

async function writeFile(context: ToolContext, path: string, content: string): Promise<ToolResult> {
  const { files } = await context.workplace();
  const facts = await files.stat(path);
  if (facts && facts.kind !== 'file') return errorResult(`${path} is not a file, so it cannot be written.`);
  const before = facts && (await textBefore(context, path, facts.size));
  const data = Buffer.from(content, 'utf8');
  await files.write(path, data, { signal: context.signal });
  const diff = facts && before === undefined ? undefined : await lineDiff(path, before, content);
  const verb = facts ? 'Overwrote' : 'Created';
  return textResult(`${verb} ${path} (${data.length} bytes).`, {
    path,
    action: facts ? 'overwritten' : 'created',
    bytes: data.length,
    ...(diff && { diff }),
  });
}

/** Makes the tool. It throws AppError tool.path_outside. */
export function createWriteTool({ locks }: FileToolsBase): Tool {
  return {
    name: 'write',
    label: 'Write',
    group: 'fs',
    description: 'Create a file or replace all of it. Makes missing folders.',
    parameters: PARAMETERS,
    async execute(args, context) {
      const path = textOf(args, 'path') ?? '';
      if (path.trim() === '') return errorResult('`path` is empty.');
      const workplace = await context.workplace();
      const readOnly = readOnlyRefusal(workplace);
      if (readOnly) return errorResult(readOnly);
      const resolved = await workplace.files.resolve(path, 'write');
      return locks.hold(lockNames(workplace, [resolved]), () =>
        writeFile(context, path, textOf(args, 'content') ?? ''),
      );
    },
  };
}
