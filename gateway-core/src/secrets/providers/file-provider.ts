// Secrets in a file: one value, or a JSON document that refs point into.
import path from 'node:path';
import { expandHome } from '../../config/index.js';
import { isRecord } from '../json-value.js';
import { failed, found, type Outcome } from '../outcome.js';
import { SINGLE_VALUE_ID } from '../secret-ref.js';
import { readGuardedFile } from './guarded-path.js';
import { resolvePointer } from './json-pointer.js';
import type { FileProvider } from './provider-settings.js';
import { type ResolverContext, withDeadline } from './resolver-context.js';

function parseDocument(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's own words quote the text, which is secret.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function valueIn(document: unknown, file: string, id: string): Outcome<unknown> {
  const value = resolvePointer(document, id);
  return value === undefined ? failed(`The secret file ${file} has nothing at ${id}.`) : found(value);
}

function valuesOf(text: string, file: string, ids: readonly string[]): Map<string, Outcome<unknown>> {
  const document = parseDocument(text);
  if (!isRecord(document)) {
    return new Map(ids.map((id) => [id, failed(`The secret file ${file} does not hold a JSON object.`)]));
  }
  return new Map(
    ids.map((id) => [
      id,
      id === SINGLE_VALUE_ID
        ? failed(`The secret file ${file} holds JSON; name a value in it by a pointer such as "/openai/apiKey".`)
        : valueIn(document, file, id),
    ]),
  );
}

function singleValue(text: string, file: string, ids: readonly string[]): Map<string, Outcome<unknown>> {
  const value = text.replace(/\r?\n$/, '');
  const one = failed(`The secret file ${file} holds a single value; its id is "${SINGLE_VALUE_ID}".`);
  return new Map(ids.map((id) => [id, id === SINGLE_VALUE_ID ? found<unknown>(value) : one]));
}

/** Reads the file once and answers every id. */
export async function readFromFile(
  settings: FileProvider,
  ids: readonly string[],
  context: ResolverContext,
): Promise<Map<string, Outcome<unknown>>> {
  const fails = (reason: string) => new Map(ids.map((id) => [id, failed(reason)]));
  const isHomePath = /^~(?:$|[\\/])/.test(settings.path);
  if (!isHomePath && !path.isAbsolute(settings.path)) {
    return fails(`The path of the secret file must be absolute or begin with ~/: ${settings.path}.`);
  }
  const file = expandHome(settings.path, context.home);
  const text = await withDeadline(
    readGuardedFile(file, context.account, settings),
    settings.timeoutMs,
    context.clock,
    failed(`it could not be read within ${settings.timeoutMs} ms`),
  );
  if (!text.ok) return fails(`The secret file ${file} was not used: ${text.reason}.`);
  return settings.mode === 'json' ? valuesOf(text.value, file, ids) : singleValue(text.value, file, ids);
}
