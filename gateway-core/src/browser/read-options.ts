// Pure: reads the options of a command from what a model or a program sent; what is not understood is left out.
import type { ActKind, FillField, PageOptions } from './messages.js';

export type Args = Readonly<Record<string, unknown>>;

export const ACT_KINDS = [
  'click',
  'type',
  'press',
  'hover',
  'select',
  'fill',
  'drag',
  'scroll',
  'wait',
  'evaluate',
] as const satisfies readonly ActKind[];

export const isArgs = (value: unknown): value is Args =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A text that is not blank. */
export function textOf(args: Args, name: string): string | undefined {
  const value = args[name];
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** A number; programs send those of a query as text. */
export function numberOf(args: Args, name: string): number | undefined {
  const value = typeof args[name] === 'string' && args[name] !== '' ? Number(args[name]) : args[name];
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.floor(value) : undefined;
}

export function flagOf(args: Args, name: string): boolean | undefined {
  const value = args[name];
  if (value === 'true' || value === 'false') return value === 'true';
  return typeof value === 'boolean' ? value : undefined;
}

export function textsOf(args: Args, name: string): string[] {
  const value = args[name];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

function fieldOf(value: unknown): FillField[] {
  if (!isArgs(value)) return [];
  const ref = textOf(value, 'ref');
  if (ref === undefined) return [];
  const given = value.checked ?? value.value ?? value.text;
  if (typeof given === 'boolean') return [{ ref, checked: given }];
  return [{ ref, text: typeof given === 'string' || typeof given === 'number' ? String(given) : '' }];
}

const oneOf = <T extends string>(value: unknown, choices: readonly T[]): T | undefined =>
  choices.find((choice) => choice === value);

/** An own text may be blank: that is how a field is emptied. */
const plain = (args: Args, name: string): string | undefined =>
  typeof args[name] === 'string' ? args[name] : undefined;

function place(args: Args): PageOptions {
  const url = textOf(args, 'url')?.trim();
  const history = oneOf(url, ['back', 'forward', 'reload']);
  return { targetId: textOf(args, 'targetId'), ...(history === undefined ? { url } : { history }) };
}

/** Everything a page command can be told. */
export function readPageOptions(args: Args): PageOptions {
  const options: PageOptions = {
    ...place(args),
    ref: textOf(args, 'ref'),
    toRef: textOf(args, 'toRef') ?? textOf(args, 'endRef'),
    kind: oneOf(args.kind, ACT_KINDS),
    text: plain(args, 'text'),
    textGone: textOf(args, 'textGone'),
    key: textOf(args, 'key'),
    submit: flagOf(args, 'submit'),
    doubleClick: flagOf(args, 'doubleClick'),
    button: oneOf(args.button, ['left', 'right', 'middle']),
    values: textsOf(args, 'values'),
    fields: Array.isArray(args.fields) ? args.fields.flatMap(fieldOf) : undefined,
    script: textOf(args, 'script') ?? textOf(args, 'fn'),
    waitMs: numberOf(args, 'waitMs') ?? numberOf(args, 'timeMs'),
    depth: numberOf(args, 'depth'),
    maxChars: numberOf(args, 'maxChars'),
    fullPage: flagOf(args, 'fullPage'),
    accept: flagOf(args, 'accept'),
    promptText: plain(args, 'promptText'),
    limit: numberOf(args, 'limit'),
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as PageOptions;
}
