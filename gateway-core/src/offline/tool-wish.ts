// Pure: whether a message names a tool to run, and with which arguments. Nothing but such a message makes a call.
import type { ModelTool } from '../models/index.js';
import { type KnownTools, type Named, readNamed } from './named-tool.js';
import { asks, goesOn, hidesSomething, isSentence } from './sentence.js';
import { type MainParameter, mainParameter, requiredNames } from './tool-schema.js';

export type Unclear = 'json' | 'lines' | 'invisible' | 'missing' | 'several' | 'choice';

export type ToolWish =
  | { kind: 'none' }
  /** Asks which tools there are. */
  | { kind: 'list' }
  /** `tool` is undefined for one that exists and is not among those that may be used. */
  | { kind: 'call'; name: string; tool?: ModelTool; arguments: Record<string, unknown> }
  /** Names a tool, but what to do with it cannot be told. */
  | { kind: 'unclear'; tool: ModelTool; why: Unclear }
  /** Reads like a question; `line` is how to write it, if a call was meant. */
  | { kind: 'maybe'; name: string; line: string };

const NONE: ToolWish = { kind: 'none' };
const LIST =
  /^(?:(?:show|list|tell)(?: me)? )?(?:(?:which|what|the|your|all|my) )*tools(?: (?:do|can|may|could) (?:you|i) (?:have|use|run|call)| are (?:there|available)| have you(?: got)?)?\s*[?.!]*$/;
const MAX_LIST_CHARS = 100;
/** Longer ones are told as JSON. */
const MAX_LINE_CHARS = 4_000;
const isSnake = (name: string): boolean => name.includes('_');

/** Takes the wanted thing out of its quotes; one that only begins or ends with a quote is left as it is. */
function unquoted(text: string): string {
  return /^(["'`])(.+)\1$/s.exec(text)?.[2] ?? text;
}

function parseArguments(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    // What a person typed need not be JSON; the answer says so.
    return undefined;
  }
}

/** The call with a line as its argument, for a message that leaves no doubt that a call is meant. */
function withLine(tool: ModelTool, line: string): ToolWish {
  const unclear = (why: Unclear): ToolWish => ({ kind: 'unclear', tool, why });
  if (line.includes('\n')) return unclear('lines');
  const main = mainParameter(tool);
  if (line === '') {
    return requiredNames(tool).length === 0
      ? { kind: 'call', name: tool.name, tool, arguments: {} }
      : unclear(main ? 'missing' : 'several');
  }
  if (!main) return unclear('several');
  const value = main.kind === 'path' || main.kind === 'url' ? unquoted(line) : line;
  if (main.kind === 'choice' && !main.choices.includes(value)) return unclear('choice');
  return { kind: 'call', name: tool.name, tool, arguments: { [main.name]: value } };
}

const isOrder = ({ verb }: Named): boolean => verb !== '' && verb !== 'use';

/** True when the words behind a name can hardly be anything but the argument. */
function fits(main: MainParameter | undefined, named: Named): boolean {
  const { name, rest } = named;
  if (rest.includes('\n') || goesOn(rest)) return false;
  switch (main?.kind) {
    case 'url':
      return /^["']?https?:\/\/[^\s"']+["']?$/i.test(rest);
    case 'path':
      return /^(["']).+\1$/.test(rest) || (/^[^\s?]*[./\\~][^\s?]*$/.test(rest) && /[\p{L}\p{N}~/]$/u.test(rest));
    case 'choice':
      return isOrder(named) && main.choices.includes(rest);
    case 'text':
      if (isSnake(name)) return true;
      return !isSentence(rest) && (isOrder(named) || /(^|\s)-{1,2}[a-z]/i.test(rest));
    case undefined:
      return false;
  }
}

const MAX_HINT_WORDS = 6;

function behindBlank(tool: ModelTool, named: Named): ToolWish {
  const main = mainParameter(tool);
  const { rest } = named;
  if (fits(main, named)) return withLine(tool, rest);
  const isLong = rest.includes('\n') || rest.split(/\s+/).length > MAX_HINT_WORDS;
  if (isLong || rest.endsWith('?') || (isSentence(rest) && !isOrder(named))) return NONE;
  if (main && (main.kind !== 'choice' || main.choices.includes(rest))) {
    return { kind: 'maybe', name: tool.name, line: `${tool.name}: ${rest}` };
  }
  return isOrder(named) ? { kind: 'unclear', tool, why: main ? 'choice' : 'several' } : NONE;
}

/** A colon leaves little doubt, unless a question stands behind it: people write "topic: question" as well. */
function behindColon(tool: ModelTool, { verb, rest }: Named): ToolWish {
  const main = mainParameter(tool);
  const isTopic = verb === '' && !isSnake(tool.name) && !rest.includes('\n');
  if (isTopic && main?.kind === 'choice' && isSentence(rest)) return NONE;
  if (isTopic && main && asks(rest)) {
    return { kind: 'maybe', name: tool.name, line: `tool ${tool.name} ${JSON.stringify({ [main.name]: rest })}` };
  }
  return withLine(tool, rest);
}

function readCall(tool: ModelTool, named: Named): ToolWish {
  if (named.verb === 'tool' && named.rest.startsWith('[')) return { kind: 'unclear', tool, why: 'json' };
  switch (named.mark) {
    case 'json': {
      const args = parseArguments(named.rest);
      return args ? { kind: 'call', name: tool.name, tool, arguments: args } : { kind: 'unclear', tool, why: 'json' };
    }
    case 'colon':
      return behindColon(tool, named);
    case 'quoted':
      return withLine(tool, named.rest);
    case 'end':
      return named.verb !== '' || isSnake(tool.name) ? withLine(tool, '') : NONE;
    case 'blank':
      return behindBlank(tool, named);
  }
}

/** A tool that may not be used, or that does not exist: asked for, so that the policy says why not. */
function readAbsent({ names }: KnownTools, named: Named): ToolWish {
  const { verb, name, mark, rest } = named;
  const known = names.find((other) => other.toLowerCase() === name.toLowerCase());
  const isMarked = mark === 'json' || mark === 'colon';
  if (known !== undefined) {
    const isAsked = verb !== '' && (rest === '' || (isSnake(name) && !isSentence(rest)));
    const isCall = isMarked || mark === 'quoted' || isAsked;
    return isCall && (mark === 'json' || !rest.includes('\n')) ? { kind: 'call', name: known, arguments: {} } : NONE;
  }
  const isMeant = isMarked && (isOrder(named) || (verb !== '' && isSnake(name)));
  return isMeant && !rest.includes('\n') ? { kind: 'call', name, arguments: {} } : NONE;
}

/**
 * Reads a message of a person. It names a tool only at its very beginning: the name itself, or `run`, `use`, `call`,
 * `execute` or `tool` and the name. A sentence that merely speaks of a tool is `none`, or `maybe`.
 */
export function readToolWish(message: string, known: KnownTools): ToolWish {
  const text = message.trim();
  if (text.length < MAX_LIST_CHARS && LIST.test(text.toLowerCase())) return { kind: 'list' };
  const named = readNamed(text, known);
  if (!named || (named.mark !== 'json' && text.length > MAX_LINE_CHARS)) return NONE;
  const wish = named.tool ? readCall(named.tool, named) : readAbsent(known, named);
  if (wish.kind !== 'call' || !hidesSomething(text)) return wish;
  return wish.tool ? { kind: 'unclear', tool: wish.tool, why: 'invisible' } : NONE;
}
