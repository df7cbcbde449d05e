// Pure: `{{path.to[0].field}}` in a text, filled from what a webhook sent.

export interface HookContext {
  payload: unknown;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string>>;
  /** Below the base path, without slashes at its ends. */
  path: string;
  /** ISO time. */
  now: string;
}

const SLOT = /\{\{\s*([^{}]+?)\s*\}\}/g;

function stepsOf(expression: string): string[] {
  return expression
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.')
    .filter((step) => step !== '');
}

function walk(value: unknown, steps: readonly string[]): unknown {
  let at = value;
  for (const step of steps) {
    // Own fields alone: nothing of a prototype may leak into a text.
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return at;
}

function lookUp(expression: string, context: HookContext): unknown {
  const [first = '', ...rest] = stepsOf(expression);
  if (rest.length === 0 && (first === 'path' || first === 'now')) return context[first];
  if (first === 'payload' || first === 'headers' || first === 'query') return walk(context[first], rest);
  return walk(context.payload, [first, ...rest]);
}

function show(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What is missing becomes nothing; objects become JSON. */
export function renderTemplate(template: string, context: HookContext): string {
  return template.replace(SLOT, (_slot, expression: string) => show(lookUp(expression, context)));
}
