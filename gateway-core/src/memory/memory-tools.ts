// Tools over what an agent wrote down: find a passage, read it in its place.
import * as Type from 'typebox';
import {
  errorResult,
  textResult,
  type Tool,
  type ToolContext,
  type ToolResult,
  type ToolSource,
} from '../tools/index.js';
import { excerpt, isMemoryFile, memoryPath } from './memory-files.js';

export interface FoundMemory {
  /** Relative to the workspace, with forward slashes. */
  file: string;
  /** First line, counted from 1. */
  line: number;
  text: string;
  /** How well it fits, 0…1. */
  coverage: number;
}

export interface MemoryToolsOptions {
  /** Passages of the agent's workspace that fit a question, best first, only of files that `keep` lets through. */
  search: (agentId: string, question: string, keep: (file: string) => boolean) => Promise<FoundMemory[]>;
  /** Reads a file of the agent's workspace on the host; undefined when there is none. */
  read: (workspaceDir: string, file: string) => Promise<string | undefined>;
}

const LIMITS = { results: 6, maxResults: 20, snippet: 700, lines: 120, maxLines: 2000, minScore: 0.3 } as const;

const SearchParams = Type.Object({
  query: Type.String({ minLength: 1 }),
  maxResults: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.maxResults })),
  minScore: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
});

const GetParams = Type.Object({
  path: Type.String({ minLength: 1 }),
  from: Type.Optional(Type.Integer({ minimum: 1 })),
  lines: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.maxLines })),
});

function snippet(text: string): string {
  return text.length > LIMITS.snippet ? `${text.slice(0, LIMITS.snippet)}…` : text;
}

async function search(
  options: MemoryToolsOptions,
  args: Record<string, unknown>,
  { agentId }: ToolContext,
): Promise<ToolResult> {
  const {
    query = '',
    maxResults = LIMITS.results,
    minScore = LIMITS.minScore,
  } = args as {
    query?: string;
    maxResults?: number;
    minScore?: number;
  };
  const found = await options.search(agentId, query, isMemoryFile);
  const results = found
    .filter(({ coverage }) => coverage >= minScore)
    .slice(0, maxResults)
    .map(({ file, line, text, coverage }) => ({
      path: file,
      startLine: line,
      endLine: line + text.split('\n').length - 1,
      score: Math.round(coverage * 100) / 100,
      snippet: snippet(text),
    }));
  if (results.length === 0) return textResult('Nothing in the memory fits.', { results });
  const text = results.map(
    ({ path, startLine, endLine, snippet: said }) => `${path}#L${startLine}-L${endLine}\n${said}`,
  );
  return textResult(text.join('\n\n'), { results });
}

async function get(
  options: MemoryToolsOptions,
  args: Record<string, unknown>,
  context: ToolContext,
): Promise<ToolResult> {
  const { path = '', from = 1, lines = LIMITS.lines } = args as { path?: string; from?: number; lines?: number };
  const file = memoryPath(path);
  const text = await options.read(context.workspaceDir, file);
  if (text === undefined) return errorResult(`There is no memory file ${file}.`);
  const part = excerpt(text, from, lines);
  return textResult(part.text, { path: file, from: part.from, to: part.to, totalLines: part.total });
}

/** `memory_search` and `memory_get` over MEMORY.md and memory/ of the agent's workspace, read-only. */
export function createMemoryTools(options: MemoryToolsOptions): ToolSource {
  const tools: Tool[] = [
    {
      name: 'memory_search',
      label: 'Search the memory',
      group: 'memory',
      description:
        'Search MEMORY.md and memory/*.md. Use it before answering about earlier work, dates, people or wishes.',
      parameters: { ...SearchParams },
      execute: (args, context) => search(options, args, context),
    },
    {
      name: 'memory_get',
      label: 'Read the memory',
      group: 'memory',
      description: 'Read lines of a memory file that memory_search named.',
      parameters: { ...GetParams },
      execute: (args, context) => get(options, args, context),
    },
  ];
  return { tools: () => tools };
}
