// The images and files of a response request: read within their limits; text of files becomes context from outside.
import { invalidRequest } from '../api-error.js';
import type { ChatImage } from '../backends.js';
import type { FetchMedia } from '../media/fetch-media.js';
import { MediaFault, type MediaSource } from '../media/media-types.js';
import { readMedia } from '../media/read-media.js';
import type { ResponsesSettings } from '../settings.js';
import { frameUntrusted } from '../untrusted.js';
import type { ReadInput } from './read-items.js';

export interface AttachmentDeps {
  settings: ResponsesSettings;
  fetchMedia: FetchMedia;
  newId: () => string;
}

export interface ReadAttachments {
  images: ChatImage[];
  /** One framed text per file. */
  context: string[];
}

const TYPES_BY_ENDING: Readonly<Record<string, string>> = {
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  json: 'application/json',
  html: 'text/html',
  pdf: 'application/pdf',
};
const NUL = String.fromCharCode(0);

function withType(source: MediaSource): MediaSource {
  if ('url' in source || source.type) return source;
  const ending = source.filename?.split('.').at(-1)?.toLowerCase() ?? '';
  return { ...source, type: TYPES_BY_ENDING[ending] };
}

function nameOf(source: MediaSource): string {
  if ('url' in source) return source.url;
  return source.filename ?? 'a file of the request';
}

async function readFile(source: MediaSource, { settings, fetchMedia, newId }: AttachmentDeps): Promise<string> {
  const typed = withType(source);
  if (!('url' in typed) && typed.type === 'application/pdf') {
    throw new MediaFault('the text of PDF files cannot be read here yet; send it as text');
  }
  const { bytes } = await readMedia(typed, settings.files, fetchMedia);
  const text = bytes.toString('utf8');
  if (text.includes(NUL)) throw new MediaFault('the file is not text');
  const { maxChars } = settings.files;
  const kept = text.length > maxChars ? `${text.slice(0, maxChars)}\n[the rest of this file was left out]` : text;
  return frameUntrusted({ source: nameOf(source), text: kept, mark: newId() });
}

function checkCount({ images, files }: ReadInput, maxUrlParts: number): void {
  const urls = [...images, ...files].filter((source) => 'url' in source);
  if (urls.length > maxUrlParts) throw new MediaFault(`more than ${maxUrlParts} addresses`);
}

/** Throws ApiError 400 `invalid request`, with the reason as its hint. */
export async function readAttachments(input: ReadInput, deps: AttachmentDeps): Promise<ReadAttachments> {
  const read: ReadAttachments = { images: [], context: [] };
  try {
    checkCount(input, deps.settings.maxUrlParts);
    for (const source of input.images) {
      const { type, bytes } = await readMedia(source, deps.settings.images, deps.fetchMedia);
      read.images.push({ mimeType: type, data: bytes.toString('base64') });
    }
    for (const source of input.files) read.context.push(await readFile(source, deps));
    return read;
  } catch (error) {
    if (error instanceof MediaFault) throw invalidRequest('invalid request', error.message);
    throw error;
  }
}
