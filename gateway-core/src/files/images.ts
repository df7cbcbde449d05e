// Pictures by their first bytes: what they are and how large, without decoding them.

export interface ImageFacts {
  mimeType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  /** Pixels; absent where the header could not be read. */
  width?: number;
  height?: number;
}

/** Providers take 5 MiB of base64, which is this much of a file. */
export const MAX_IMAGE_BYTES = 3_932_160;
/** Providers refuse pictures that are longer on one side, in pixels. */
export const MAX_IMAGE_SIDE = 8000;

type Size = Pick<ImageFacts, 'width' | 'height'>;

function pngSize(data: Buffer): Size {
  return data.length < 24 ? {} : { width: data.readUInt32BE(16), height: data.readUInt32BE(20) };
}

function gifSize(data: Buffer): Size {
  return data.length < 10 ? {} : { width: data.readUInt16LE(6), height: data.readUInt16LE(8) };
}

/** Walks the segments to the frame header. */
function jpegSize(data: Buffer): Size {
  let at = 2;
  while (at + 9 < data.length && data[at] === 0xff) {
    const marker = data[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: data.readUInt16BE(at + 5), width: data.readUInt16BE(at + 7) };
    at += marker === 0xff ? 1 : 2 + data.readUInt16BE(at + 2);
  }
  return {};
}

function webpSize(data: Buffer): Size {
  if (data.length < 30) return {};
  const chunk = data.toString('latin1', 12, 16);
  if (chunk === 'VP8X') return { width: data.readUIntLE(24, 3) + 1, height: data.readUIntLE(27, 3) + 1 };
  if (chunk === 'VP8 ') return { width: data.readUInt16LE(26) & 0x3fff, height: data.readUInt16LE(28) & 0x3fff };
  if (chunk !== 'VP8L') return {};
  const bits = data.readUInt32LE(21);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}

/** What picture this is; undefined when it is none that models take. The file's name plays no part. */
export function imageFacts(data: Buffer): ImageFacts | undefined {
  const head = data.toString('latin1', 0, 12);
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return { mimeType: 'image/png', ...pngSize(data) };
  if (head.startsWith('\xff\xd8\xff')) return { mimeType: 'image/jpeg', ...jpegSize(data) };
  if (/^GIF8[79]a/.test(head)) return { mimeType: 'image/gif', ...gifSize(data) };
  if (head.startsWith('RIFF') && head.slice(8) === 'WEBP') return { mimeType: 'image/webp', ...webpSize(data) };
  return undefined;
}

/** Why a picture cannot go to a model; undefined when it can. */
export function imageRefusal(facts: ImageFacts, bytes: number): string | undefined {
  const { width = 0, height = 0 } = facts;
  const hint = 'Make a smaller copy first, for example with ImageMagick: `convert in.png -resize 1568x1568 out.png`.';
  if (bytes > MAX_IMAGE_BYTES) {
    return `The picture has ${bytes} bytes; models take up to ${MAX_IMAGE_BYTES}. ${hint}`;
  }
  if (Math.max(width, height) > MAX_IMAGE_SIDE) {
    return `The picture is ${width} x ${height} pixels; models take up to ${MAX_IMAGE_SIDE} a side. ${hint}`;
  }
  return undefined;
}
