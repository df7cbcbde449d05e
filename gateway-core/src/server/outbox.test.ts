import { once } from 'node:events';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Outbox } from './outbox.js';

/** Keeps what each write to the system would be. */
class Recorder extends Writable {
  readonly writes: string[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.writes.push(chunk.toString());
    done();
  }

  override _writev(chunks: Array<{ chunk: Buffer }>, done: () => void): void {
    this.writes.push(chunks.map(({ chunk }) => chunk.toString()).join(''));
    done();
  }
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('what is sent in one turn of the event loop', () => {
  it('is one write for each stream, in order', async () => {
    const outbox = new Outbox();
    const [a, b] = [new Recorder(), new Recorder()];
    for (const [stream, text] of [
      [a, 'one '],
      [b, 'uno'],
      [a, 'two '],
    ] as const) {
      outbox.gather(stream);
      stream.write(text);
    }
    await Promise.resolve();
    outbox.gather(a);
    a.write('three');
    expect(a.writes).toEqual([]);
    await nextTurn();
    expect(a.writes).toEqual(['one two three']);
    expect(b.writes).toEqual(['uno']);
    outbox.gather(a);
    a.write('later');
    await nextTurn();
    expect(a.writes).toEqual(['one two three', 'later']);
  });

  it('goes out when the stream ends in that turn, and harms none that is gone', async () => {
    const outbox = new Outbox();
    const [ending, gone] = [new Recorder(), new Recorder()];
    for (const stream of [ending, gone]) {
      outbox.gather(stream);
      stream.write('last words');
    }
    ending.end();
    gone.destroy();
    await once(ending, 'finish');
    await nextTurn();
    expect(ending.writes).toEqual(['last words']);
    expect(gone.writes).toEqual([]);
  });
});
