import { describe, expect, it } from 'vitest';
import { imageFacts, imageRefusal, MAX_IMAGE_BYTES } from './images.js';
import { MAX_OUTPUT_BYTES, pageNote, textPage } from './read-text.js';
import { readText, writeText } from './text-file.js';

const numbered = (count: number) => Array.from({ length: count }, (_value, index) => `line ${index + 1}\n`).join('');

describe('pages of a text', () => {
  it('shows a short text whole, without a note', () => {
    const page = textPage('a\nb\n');
    expect(page).toMatchObject({ text: 'a\nb', totalLines: 2, isCut: false });
    expect(pageNote(page)).toBe('');
  });

  it('stops at 2000 lines and says how to go on', () => {
    const page = textPage(numbered(2500));
    expect(page.last).toBe(2000);
    expect(pageNote(page)).toBe('(Lines 1-2000 of 2500. Go on with offset=2001.)');
    expect(textPage(numbered(2500), 2001)).toMatchObject({ first: 2001, last: 2500, isCut: false });
  });

  it('stops at whole lines before 50 kB', () => {
    const page = textPage(`${'x'.repeat(999)}\n`.repeat(100));
    expect(Buffer.byteLength(page.text)).toBeLessThanOrEqual(MAX_OUTPUT_BYTES);
    expect(page).toMatchObject({ last: 51, totalLines: 100, isCut: true });
  });

  it('cuts a line that is longer than a page without breaking a character', () => {
    const page = textPage(`a${'ü'.repeat(MAX_OUTPUT_BYTES)}\nnext\n`);
    expect(page.text.endsWith('ü')).toBe(true);
    expect(pageNote(page)).toContain('offset=2');
  });

  it.each([
    ['an empty file', textPage(''), '(The file is empty.)'],
    ['a place after the end', textPage('a\n', 9), '(The file has 1 lines; there is no line 9.)'],
    ['the last part', textPage('a\nb\n', 2), '(Lines 2-2 of 2; this is the end.)'],
  ])('has a note about %s', (_name, page, note) => {
    expect(pageNote(page)).toBe(note);
  });
});

describe('text and other files', () => {
  it.each<[string, Buffer, string, string]>([
    ['UTF-8', Buffer.from('grün'), 'utf-8', 'grün'],
    ['UTF-8 with a mark', Buffer.from('\uFEFFgrün'), 'utf-8', 'grün'],
    ['UTF-16 little endian', Buffer.from('\uFEFFgrün', 'utf16le'), 'utf-16le', 'grün'],
    ['UTF-16 big endian', Buffer.from('\uFEFFgrün', 'utf16le').swap16(), 'utf-16be', 'grün'],
    ['Windows-1252', Buffer.from('gr\xfcn', 'latin1'), 'windows-1252', 'grün'],
  ])('reads %s', (_name, data, encoding, text) => {
    const file = readText(data);
    expect(file).toMatchObject({ kind: 'text', encoding, text });
    const back = file.kind === 'text' ? writeText(file.text, file) : undefined;
    expect(back).toEqual(encoding === 'windows-1252' ? undefined : data);
  });

  it.each([
    ['a PDF', Buffer.from('%PDF-1.7\n\0\x01\x02'), 'PDF document'],
    ['an archive', Buffer.from('PK\x03\x04\0\0'), 'ZIP archive or Office document'],
    ['something unknown', Buffer.from([1, 2, 3, 4, 0, 5, 6]), undefined],
  ])('takes %s for binary', (_name, data, format) => {
    expect(readText(data)).toEqual({ kind: 'binary', format });
  });
});

const webp = (chunk: string, rest: number[]): Buffer =>
  Buffer.concat([Buffer.from(`RIFF\0\0\0\0WEBP${chunk}`, 'latin1'), Buffer.from(rest)]);

describe('pictures', () => {
  it.each<[string, Buffer, object | undefined]>([
    [
      'PNG',
      Buffer.from('89504e470d0a1a0a0000000d494844520000000a00000014', 'hex'),
      { mimeType: 'image/png', width: 10, height: 20 },
    ],
    ['GIF', Buffer.from('GIF89a\x0a\0\x14\0', 'latin1'), { mimeType: 'image/gif', width: 10, height: 20 }],
    [
      'JPEG',
      Buffer.from('ffd8ffe000040000ffc0001108001400 0a0300000000'.replaceAll(' ', ''), 'hex'),
      { mimeType: 'image/jpeg', width: 10, height: 20 },
    ],
    [
      'WebP, extended',
      webp('VP8X', [0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 19, 0, 0]),
      { mimeType: 'image/webp', width: 10, height: 20 },
    ],
    [
      'WebP, lossy',
      webp('VP8 ', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 20, 0]),
      { mimeType: 'image/webp', width: 10, height: 20 },
    ],
    [
      'WebP, lossless',
      webp('VP8L', [0, 0, 0, 0, 0x2f, 9, 0xc0, 4, 0, 0, 0, 0, 0, 0]),
      { mimeType: 'image/webp', width: 10, height: 20 },
    ],
    ['a header that is cut off', Buffer.from('ffd8ff', 'hex'), { mimeType: 'image/jpeg' }],
    ['SVG', Buffer.from('<svg/>'), undefined],
    ['nothing', Buffer.alloc(0), undefined],
  ])('recognises %s by its bytes', (_name, data, facts) => {
    expect(imageFacts(data)).toEqual(facts);
  });

  it('refuses what models do not take, with a hint', () => {
    const png = { mimeType: 'image/png' } as const;
    expect(imageRefusal({ ...png, width: 100, height: 100 }, 1000)).toBeUndefined();
    expect(imageRefusal({ ...png, width: 9000, height: 10 }, 1000)).toMatch(/9000 x 10 pixels.*convert/);
    expect(imageRefusal(png, MAX_IMAGE_BYTES + 1)).toMatch(/3932161 bytes/);
  });
});
