// A workplace over a temporary folder, for the tests of this room.
import { cp, mkdir, mkdtemp, open, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError } from '../../shared/app-error.js';
import type { FileFacts, Tool, ToolContext, ToolResult, Workplace, WorkplaceFiles } from '../../tools/index.js';

export interface FolderWorkplace extends Workplace {
  remove(): Promise<void>;
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean }): FileFacts['kind'] {
  if (entry.isFile()) return 'file';
  return entry.isDirectory() ? 'folder' : 'other';
}

function folderFiles(workdir: string): WorkplaceFiles {
  const at = (target: string) => path.resolve(workdir, target);
  return {
    resolve: async (target) => at(target),
    async read(target, { maxBytes = Infinity, signal } = {}) {
      if ((await stat(at(target))).size > maxBytes) throw new AppError('tool.file_too_large');
      return readFile(at(target), { signal });
    },
    async write(target, data, { signal } = {}) {
      signal?.throwIfAborted();
      await mkdir(path.dirname(at(target)), { recursive: true });
      const handle = await open(at(target), 'w');
      await handle.writeFile(data);
      await handle.close();
    },
    async stat(target) {
      const facts = await stat(at(target)).catch(() => undefined);
      return facts && { kind: kindOf(facts), size: facts.size, mtimeMs: facts.mtimeMs };
    },
    async list(target) {
      const entries = await readdir(at(target), { withFileTypes: true });
      return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
    },
    remove: (target) => rm(at(target)),
    async move(from, to) {
      await mkdir(path.dirname(at(to)), { recursive: true });
      await cp(at(from), at(to));
      await rm(at(from));
    },
  };
}

/** `files` replaces single operations, to make them fail or to look on. */
export async function folderWorkplace(files: Partial<WorkplaceFiles> = {}): Promise<FolderWorkplace> {
  const workdir = await realpath(await mkdtemp(path.join(tmpdir(), 'openclaw-files-')));
  return {
    kind: 'host',
    workdir,
    isWritable: true,
    command: () => Promise.reject(new Error('these tests run no commands')),
    files: { ...folderFiles(workdir), ...files },
    remove: () => rm(workdir, { recursive: true, force: true }),
  };
}

export const SCOPE = {
  agentId: 'main',
  sessionKey: 'agent:main:main',
  sessionId: 's1',
  runId: 'r1',
  workspaceDir: '/nowhere',
  isMain: true,
  subagentDepth: 0,
};

/** What a call of a tool is given. */
export function callContext(workplace: Workplace, signal: AbortSignal = new AbortController().signal): ToolContext {
  return { ...SCOPE, toolCallId: 'c1', signal, onUpdate: () => undefined, workplace: async () => workplace };
}

/** Text parts of a result in one. */
export function resultText({ content }: ToolResult): string {
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

/** The tool of a name; throws when it is not there. */
export function pick(tools: readonly Tool[], name: string): Tool {
  const tool = tools.find((each) => each.name === name);
  if (!tool) throw new Error(`no tool ${name}`);
  return tool;
}
