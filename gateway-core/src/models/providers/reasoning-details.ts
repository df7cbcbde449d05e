// Pure: reasoning of chat completions as OpenRouter passes it on: blocks that go back as they came, signatures and all.
import { asArray, asObject, asText, type JsonObject } from './adapter.js';

const FIELD = 'reasoning_details';
/** Fields whose text arrives in pieces. */
const GROWING = ['text', 'summary', 'data'] as const;

/** Collects the blocks of one answer. */
export class ReasoningDetails {
  readonly #blocks: JsonObject[] = [];

  add(pieces: unknown): void {
    for (const piece of asArray(pieces)) {
      const block = asObject(piece);
      if (!block) continue;
      const last = this.#blocks.at(-1);
      const continues = last && last.type === block.type && last.index === block.index && block.index !== undefined;
      if (continues) this.#join(last, block);
      else this.#blocks.push({ ...block });
    }
  }

  #join(block: JsonObject, piece: JsonObject): void {
    const grown = GROWING.filter((field) => asText(piece[field]) !== '').map((field) => [
      field,
      asText(block[field]) + asText(piece[field]),
    ]);
    const given = Object.entries(piece).filter(([, value]) => value !== null && value !== undefined);
    Object.assign(block, Object.fromEntries(given), Object.fromEntries(grown));
  }

  /** To be kept as the signature of the reasoning; undefined when nothing is signed or sealed. */
  get signature(): string | undefined {
    const isSealed = this.#blocks.some(({ signature, data }) => asText(signature) !== '' || asText(data) !== '');
    return isSealed ? JSON.stringify({ [FIELD]: this.#blocks }) : undefined;
  }
}

/** The blocks in a signature, as a field of the message they go back with; nothing when there are none. */
export function detailsField(signature: string | undefined): JsonObject | undefined {
  if (!signature?.startsWith(`{"${FIELD}"`)) return undefined;
  return asObject(JSON.parse(signature));
}

/** What of it people may read. */
export function readableDetails(pieces: unknown): string {
  return asArray(pieces)
    .map((piece) => asText(asObject(piece)?.text) || asText(asObject(piece)?.summary))
    .join('');
}
