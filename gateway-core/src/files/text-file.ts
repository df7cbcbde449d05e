// Bytes of a file as text and back: encodings, byte order mark, line ends.

export type LineEnd = '\n' | '\r\n';

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

export interface TextFile {
  kind: 'text';
  /** Without byte order mark. */
  text: string;
  encoding: TextEncoding;
  hasBom: boolean;
}

export interface BinaryFile {
  kind: 'binary';
  /** What the first bytes say it is, for people: `PDF document`. */
  format: string | undefined;
}

const BOMS: Array<{ bytes: number[]; encoding: TextEncoding }> = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
];

const FORMATS: Array<[name: string, magic: string]> = [
  ['PDF document', '%PDF-'],
  ['ZIP archive or Office document', 'PK\x03\x04'],
  ['gzip archive', '\x1f\x8b'],
  ['Linux program', '\x7fELF'],
  ['Windows program', 'MZ'],
  ['SQLite database', 'SQLite format 3\0'],
  ['7-Zip archive', '7z\xbc\xaf\x27\x1c'],
  ['XZ archive', '\xfd7zXZ\0'],
  ['Zstandard archive', '\x28\xb5\x2f\xfd'],
  ['bzip2 archive', 'BZh'],
  ['Ogg audio', 'OggS'],
  ['FLAC audio', 'fLaC'],
  ['MP3 audio', 'ID3'],
];

/** How much of a file is looked at to tell text from other things. */
const SNIFF_BYTES = 8192;

function startsWith(data: Buffer, magic: string): boolean {
  return data.subarray(0, magic.length).equals(Buffer.from(magic, 'latin1'));
}

function decode(data: Buffer, encoding: TextEncoding, fatal: boolean): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal, ignoreBOM: true }).decode(data);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Bytes that no text has: control codes besides tab, line ends, form feed, backspace and escape. */
function looksBinary(data: Buffer): boolean {
  const sample = data.subarray(0, SNIFF_BYTES);
  const odd = sample.filter((byte) => byte < 8 || byte === 11 || (byte > 13 && byte < 27) || (byte > 27 && byte < 32));
  return sample.includes(0) || odd.length > sample.length / 50;
}

/** Tells text from other things. Text that is not UTF-8 is shown as Windows-1252 and cannot be written back. */
export function readText(data: Buffer): TextFile | BinaryFile {
  const bom = BOMS.find(({ bytes }) => bytes.every((byte, index) => data[index] === byte));
  if (bom) {
    const text = decode(data.subarray(bom.bytes.length), bom.encoding, true);
    if (text !== undefined) return { kind: 'text', text, encoding: bom.encoding, hasBom: true };
  }
  if (looksBinary(data)) {
    return { kind: 'binary', format: FORMATS.find(([, magic]) => startsWith(data, magic))?.[0] };
  }
  const utf8 = decode(data, 'utf-8', true);
  if (utf8 !== undefined) return { kind: 'text', text: utf8, encoding: 'utf-8', hasBom: false };
  return { kind: 'text', text: decode(data, 'windows-1252', false) ?? '', encoding: 'windows-1252', hasBom: false };
}

/** The bytes of a text that `readText` read; undefined for an encoding that is only read. */
export function writeText(
  text: string,
  { encoding, hasBom }: Pick<TextFile, 'encoding' | 'hasBom'>,
): Buffer | undefined {
  const bom = Buffer.from(hasBom ? (BOMS.find((row) => row.encoding === encoding)?.bytes ?? []) : []);
  if (encoding === 'utf-8') return Buffer.concat([bom, Buffer.from(text, 'utf8')]);
  if (encoding === 'utf-16le') return Buffer.concat([bom, Buffer.from(text, 'utf16le')]);
  if (encoding === 'utf-16be') return Buffer.concat([bom, Buffer.from(text, 'utf16le').swap16()]);
  return undefined;
}

/** The line end that most lines of a text have; `\n` for a text of one line. */
export function mainLineEnd(text: string): LineEnd {
  let windows = 0;
  let all = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    all += 1;
    if (text[at - 1] === '\r') windows += 1;
  }
  return windows > all / 2 ? '\r\n' : '\n';
}

/** The text with one kind of line end. */
export function withLineEnd(text: string, end: LineEnd): string {
  const unix = text.replaceAll('\r\n', '\n');
  return end === '\n' ? unix : unix.replaceAll('\n', '\r\n');
}
