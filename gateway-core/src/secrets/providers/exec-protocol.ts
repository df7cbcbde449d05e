// What a secret command is asked and how its answer is read (protocol 1, spec/gateway-config.md §7).
import { isRecord } from '../json-value.js';
import { failed, found, type Outcome } from '../outcome.js';

export const EXEC_PROTOCOL_VERSION = 1;

export function writeRequest(provider: string, ids: readonly string[]): string {
  return JSON.stringify({ protocolVersion: EXEC_PROTOCOL_VERSION, provider, ids });
}

/** Splits ids so that each request stays within `maxBytes`; an id that is alone too large gets a batch of its own. */
export function splitBatches(provider: string, ids: readonly string[], maxBytes: number): string[][] {
  const batches: string[][] = [];
  let batch: string[] = [];
  for (const id of ids) {
    if (batch.length > 0 && Buffer.byteLength(writeRequest(provider, [...batch, id])) > maxBytes) {
      batches.push(batch);
      batch = [];
    }
    batch.push(id);
  }
  return batch.length > 0 ? [...batches, batch] : batches;
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function errorText(errors: unknown, id: string): string | undefined {
  if (!isRecord(errors) || !Object.hasOwn(errors, id)) return undefined;
  const error = errors[id];
  const message = isRecord(error) && typeof error.message === 'string' ? error.message.trim() : '';
  return message === '' ? 'no reason was given' : message.slice(0, 500);
}

function answerFor(answer: Record<string, unknown>, id: string): Outcome<unknown> {
  const error = errorText(answer.errors, id);
  if (error !== undefined) return failed(`the command refused "${id}": ${error}`);
  const values = answer.values;
  if (!isRecord(values) || !Object.hasOwn(values, id)) return failed(`the command gave no value for "${id}"`);
  return found(values[id]);
}

/**
 * The answer per id. Without `jsonOnly`, output that is not an answer of the protocol is the value of the
 * one id that was asked for. `reason` is the end of a sentence and never quotes the output.
 */
export function readAnswer(
  output: string,
  ids: readonly string[],
  options: { jsonOnly: boolean },
): Map<string, Outcome<unknown>> {
  const all = (outcome: Outcome<unknown>) => new Map(ids.map((id) => [id, outcome]));
  const text = output.trim();
  if (text === '') return all(failed('the command printed nothing'));
  const parsed = parse(text);
  const answer = isRecord(parsed?.value) && 'protocolVersion' in parsed.value ? parsed.value : undefined;
  if (!answer && !options.jsonOnly) {
    return all(ids.length === 1 ? found(text) : failed('the command printed plain text, which can answer one id only'));
  }
  if (!parsed) return all(failed('the command did not print JSON'));
  if (!answer) return all(failed('the command did not print an answer with protocolVersion'));
  if (answer.protocolVersion !== EXEC_PROTOCOL_VERSION) {
    return all(failed(`the command answered with a protocolVersion that is not ${EXEC_PROTOCOL_VERSION}`));
  }
  if (!isRecord(answer.values) && !isRecord(answer.errors)) return all(failed('the command answered without values'));
  return new Map(ids.map((id) => [id, answerFor(answer, id)]));
}
