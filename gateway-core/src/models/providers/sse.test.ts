import { describe, expect, it } from 'vitest';
import { readSse, type SseEvent, SseParser } from './sse.js';

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function collect(text: string, size: number): Promise<SseEvent[]> {
  const events: SseEvent[] = [];
  for await (const batch of readSse(inPieces(new TextEncoder().encode(text), size))) events.push(...batch);
  return events;
}

const WANTED: SseEvent[] = [
  { event: 'greeting', data: 'Grüße, 世界 🦞' },
  { event: '', data: 'first line\nsecond line' },
  { event: '', data: '' },
  { event: '', data: 'no space' },
  { event: 'bare', data: 'x: y' },
];
const LINES = [
  ': a comment',
  'event: greeting',
  'data: Grüße, 世界 🦞',
  'id: 7',
  'retry: 10',
  '',
  'data: first line',
  'data: second line',
  '',
  'event: without data',
  '',
  'data',
  '',
  'data:no space',
  '',
  'event:bare',
  'data: x: y',
  '',
  '',
];

describe('readSse', () => {
  for (const [name, end] of [
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ] as const) {
    it(`reads the same events for every piece size, lines ending in ${name}`, async () => {
      const text = LINES.join(end);
      for (let size = 1; size <= text.length + 8; size += 1) expect(await collect(text, size)).toEqual(WANTED);
    });
  }

  it('drops a byte order mark', async () => {
    expect(await collect('\uFEFFdata: a\n\n', 1)).toEqual([{ event: '', data: 'a' }]);
  });

  it('completes a last event without an empty line behind it', async () => {
    expect(await collect('data: a\n\ndata: b', 3)).toEqual([
      { event: '', data: 'a' },
      { event: '', data: 'b' },
    ]);
  });

  it('yields nothing for an empty body', async () => {
    expect(await collect('', 1)).toEqual([]);
  });
});

describe('SseParser', () => {
  it('refuses a line that never ends', () => {
    const parser = new SseParser();
    const megabyte = 'x'.repeat(1024 * 1024);
    expect(() => {
      for (let count = 0; count < 40; count += 1) parser.push(megabyte);
    }).toThrow(SyntaxError);
  });
});
