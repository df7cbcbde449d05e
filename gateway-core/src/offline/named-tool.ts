// Pure: takes a message apart that begins with the name of a tool.
import type { ModelTool } from '../models/index.js';

export interface KnownTools {
  /** What may be used now. */
  tools: readonly ModelTool[];
  /** Names of tools that exist, whether they may be used or not. */
  names: readonly string[];
}

/** A message that begins with a name, taken apart. */
export interface Named {
  verb: string;
  name: string;
  tool?: ModelTool;
  /** What stands between the name and its arguments. */
  mark: 'colon' | 'json' | 'quoted' | 'blank' | 'end';
  rest: string;
}

const VERB = /^(?:please\s+)?(run|use|call|execute|tool)\s+(?:the\s+)?(?:tool\s+)?(?=\S)/i;
const NAME = /^(`?)([A-Za-z][\w-]{0,63})\1(?:\s+tool(?=\s*[:：{]))?/;
const QUOTED_FIRST =
  /^(?:please\s+)?(?:run|execute)\s+`([^`\n]+)`\s+(?:with|using|in|through|via)\s+(?:the\s+)?(?:tool\s+)?`?([A-Za-z][\w-]{0,63})`?(?:\s+tool)?[.!]?$/i;

function findTool({ tools }: KnownTools, name: string): ModelTool | undefined {
  return (
    tools.find((tool) => tool.name === name) ?? tools.find((tool) => tool.name.toLowerCase() === name.toLowerCase())
  );
}

function markOf(behind: string): Pick<Named, 'mark' | 'rest'> | undefined {
  if (behind.trim() === '') return { mark: 'end', rest: '' };
  const colon = /^[ \t]*[:：][ \t]*(?!:)([\s\S]*)$/.exec(behind);
  if (colon) {
    // A line break in front of it stays: what stands on another line is no argument.
    const rest = (colon[1] ?? '').trimEnd();
    return rest.trim().startsWith('{') ? { mark: 'json', rest: rest.trim() } : { mark: 'colon', rest };
  }
  const rest = behind.trim();
  if (rest.startsWith('{')) return { mark: 'json', rest };
  if (!/^[ \t]/.test(behind)) return undefined;
  const quoted = /^`([^`\n]+)`[.!]?$/.exec(rest)?.[1];
  return quoted === undefined ? { mark: 'blank', rest } : { mark: 'quoted', rest: quoted };
}

/** The message in its parts; undefined when it does not begin with a name. The name need not be one of a tool. */
export function readNamed(text: string, known: KnownTools): Named | undefined {
  const [, command, program] = QUOTED_FIRST.exec(text) ?? [];
  if (command !== undefined && program !== undefined) {
    const tool = findTool(known, program);
    return { verb: 'run', name: tool?.name ?? program, tool, mark: 'quoted', rest: command };
  }
  const lead = VERB.exec(text);
  const starts = [
    ...(lead ? [{ verb: (lead[1] ?? '').toLowerCase(), from: lead[0].length }] : []),
    { verb: '', from: 0 },
  ];
  const readings = starts.flatMap(({ verb, from }): Named[] => {
    const [all = '', , name = ''] = NAME.exec(text.slice(from)) ?? [];
    const parts = name === '' ? undefined : markOf(text.slice(from + all.length));
    const tool = findTool(known, name);
    return parts ? [{ verb, name: tool?.name ?? name, tool, ...parts }] : [];
  });
  // A tool may be called like one of the verbs.
  return readings.find(({ tool }) => tool) ?? readings[0];
}
