// Pure: what an answer is, and its bytes as text.

export type ContentKind = 'html' | 'json' | 'text' | 'image' | 'pdf' | 'other';

export interface ContentType {
  kind: ContentKind;
  /** Without parameters, lower case; empty when the answer does not say. */
  mimeType: string;
  charset: string | undefined;
}

/** The type of a picture that models take, by its first bytes; what the server calls it does not count. */
export function imageType(data: Buffer): string | undefined {
  const head = data.toString('latin1', 0, 12);
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'image/gif';
  return head.startsWith('RIFF') && head.slice(8) === 'WEBP' ? 'image/webp' : undefined;
}

function kindOfText(mimeType: string): ContentKind | undefined {
  if (mimeType === 'text/html' || mimeType === 'application/xhtml+xml') return 'html';
  if (/^application\/([\w.-]+\+)?json$|^text\/json$/.test(mimeType)) return 'json';
  if (mimeType.startsWith('text/')) return 'text';
  if (/^application\/([\w.-]+\+)?(xml|yaml|x-yaml|javascript|ecmascript|toml|x-ndjson|sql)$/.test(mimeType))
    return 'text';
  return undefined;
}

function kindOfBytes(data: Buffer): ContentKind {
  const head = data.subarray(0, 1024);
  if (head.includes(0)) return 'other';
  return /^\s*<(!doctype html|html|head|body)/i.test(head.toString('latin1')) ? 'html' : 'text';
}

/** Reads the header; looks at the bytes where it says nothing useful. */
export function contentType(header: string | undefined, data: Buffer): ContentType {
  const [name = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim());
  const mimeType = name.toLowerCase();
  const charset = parameters.map((each) => /^charset\s*=\s*"?([^"]+)"?$/i.exec(each)?.[1]).find(Boolean);
  const known = { mimeType, charset };
  const image = imageType(data);
  if (image) return { kind: 'image', mimeType: image, charset: undefined };
  if (mimeType === 'application/pdf' || data.toString('latin1', 0, 5) === '%PDF-') return { ...known, kind: 'pdf' };
  const kind = kindOfText(mimeType);
  if (kind) return { ...known, kind };
  const isUnsaid = mimeType === '' || mimeType === 'application/octet-stream';
  return { ...known, kind: isUnsaid ? kindOfBytes(data) : 'other' };
}

const BOMS: Array<[charset: string, bytes: number[]]> = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** The charset that a page names in its own head. */
function charsetInPage(data: Buffer): string | undefined {
  const head = data.toString('latin1', 0, 2048);
  return /<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]{2,40})/i.exec(head)?.[1];
}

function decoder(label: string): InstanceType<typeof TextDecoder> | undefined {
  try {
    return new TextDecoder(label.trim());
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The bytes as text: by mark, by header, by what an HTML page says, else UTF-8. Never throws. */
export function decodeText(data: Buffer, { charset, kind }: Pick<ContentType, 'charset' | 'kind'>): string {
  const bom = BOMS.find(([, bytes]) => bytes.every((byte, index) => data[index] === byte))?.[0];
  const named = [bom, charset, kind === 'html' ? charsetInPage(data) : undefined];
  for (const label of named) {
    const found = label === undefined ? undefined : decoder(label);
    if (found) return found.decode(data);
  }
  return new TextDecoder().decode(data);
}
