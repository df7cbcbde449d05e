// Pure: keeps what tools give back within what a prompt can carry.
import type { ImagePart, TextPart } from '../protocol/index.js';

export type ToolContent = Array<TextPart | ImagePart>;

export const OUTPUT_LIMITS = { chars: 30_000, imagesPerStep: 8, imageBytes: 5_000_000, detailsChars: 200_000 } as const;

const HEAD_SHARE = 0.6;
const NOTHING = '(no output)';

function isLowSurrogate(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff;
}

/** The beginning and the end of a text, with a line between that says how much is missing. */
export function cutMiddle(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  let head = Math.floor(maxChars * HEAD_SHARE);
  let tail = text.length - (maxChars - head);
  if (isLowSurrogate(text, head)) head -= 1;
  if (isLowSurrogate(text, tail)) tail += 1;
  const left = (tail - head).toLocaleString('en-US');
  return `${text.slice(0, head)}\n[… ${left} characters left out …]\n${text.slice(tail)}`;
}

function decodedBytes(base64: string): number {
  return Math.floor((base64.length * 3) / 4);
}

function note(text: string): TextPart {
  return { type: 'text', text };
}

/** Counts the images of one step over all its results. */
export class ImageAllowance {
  #left: number = OUTPUT_LIMITS.imagesPerStep;

  take(image: ImagePart): ImagePart | TextPart {
    const bytes = decodedBytes(image.data);
    if (bytes > OUTPUT_LIMITS.imageBytes) {
      return note(`[An image was left out: ${bytes} bytes are more than the ${OUTPUT_LIMITS.imageBytes} allowed.]`);
    }
    if (this.#left === 0)
      return note(`[An image was left out: a step carries ${OUTPUT_LIMITS.imagesPerStep} at most.]`);
    this.#left -= 1;
    return image;
  }
}

/** A result as it is stored: one text within `maxChars`, then the images that are allowed. Never empty. */
export function limitContent(content: ToolContent, maxChars: number, images: ImageAllowance): ToolContent {
  const text = content.flatMap((part) => (part.type === 'text' && part.text !== '' ? [part.text] : [])).join('\n');
  const kept = content.flatMap((part) => (part.type === 'image' ? [images.take(part)] : []));
  const cut = cutMiddle(text, maxChars);
  if (cut.trim() !== '') return [note(cut), ...kept];
  return kept.length > 0 ? kept : [note(NOTHING)];
}

/** Details for people, left out when they are no JSON or too much to keep. */
export function limitDetails(details: unknown): unknown {
  if (details === undefined) return undefined;
  const json = JSON.stringify(details) as string | undefined;
  if (json === undefined) return undefined;
  return json.length > OUTPUT_LIMITS.detailsChars ? { leftOut: `${json.length} characters` } : details;
}
