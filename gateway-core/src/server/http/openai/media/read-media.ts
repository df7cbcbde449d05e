// An image or a file of a request: decoded from base64, or fetched.
import { type Media, MediaFault, type MediaLimits, type MediaSource } from './media-types.js';
import type { FetchMedia } from './fetch-media.js';

const DATA_URL = /^data:([^;,]*)((?:;[^;,]*)*),/i;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** A `data:` URL must be base64; any other text is an address. */
export function sourceOfUrl(url: string): MediaSource {
  const trimmed = url.trim();
  if (!/^data:/i.test(trimmed)) return { url: trimmed };
  const head = DATA_URL.exec(trimmed.slice(0, 512));
  if (!head || !/;base64$/i.test(head[2] ?? '')) throw new MediaFault('a data: URL must be base64');
  return { type: head[1] || undefined, base64: trimmed.slice(head[0].length) };
}

function decode(base64: string, maxBytes: number): Buffer {
  const text = /\s/.test(base64) ? base64.replace(/\s+/g, '') : base64;
  if (text.length > Math.ceil(maxBytes / 3) * 4) throw new MediaFault(`more than ${maxBytes} bytes`);
  if (text === '' || text.length % 4 === 1 || !BASE64.test(text)) throw new MediaFault('not valid base64');
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length > maxBytes) throw new MediaFault(`more than ${maxBytes} bytes`);
  return bytes;
}

function plainType(type: string | undefined): string {
  return (type ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Throws MediaFault. */
export async function readMedia(source: MediaSource, limits: MediaLimits, fetchMedia: FetchMedia): Promise<Media> {
  if ('url' in source && !limits.allowUrl) throw new MediaFault('addresses are not allowed here; send base64');
  const media =
    'url' in source
      ? await fetchMedia(source.url, limits)
      : { type: source.type, bytes: decode(source.base64, limits.maxBytes) };
  const type = plainType(media.type);
  if (!limits.allowedTypes.includes(type)) throw new MediaFault(`${type || 'an unknown type'} is not accepted here`);
  return { type, bytes: media.bytes };
}
