import { describe, expect, it } from 'vitest';
import { fewAtOnce, HookLines } from './hook-lines.js';

/** Work that ends when it is told to. */
function heldWork() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => (): Promise<void> => {
    started.push(name);
    return new Promise((resolve) => ends.set(name, resolve));
  };
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { started, work, end };
}

describe('a line', () => {
  it('takes so many and no more, and tells once what was missed', async () => {
    const said: unknown[] = [];
    const lines = new HookLines({
      maxWaiting: 3,
      onFull: (name) => said.push(name),
      onCaughtUp: (name, missed) => said.push([name, missed]),
    });
    const done: number[] = [];
    for (let index = 0; index < 10; index += 1) lines.add('a', async () => void done.push(index));
    lines.add('b', async () => void done.push(99));
    expect(said).toEqual(['a']);
    await lines.settled();
    expect(done.filter((index) => index !== 99)).toEqual([0, 1, 2]);
    expect(done).toContain(99);
    expect(said).toEqual(['a', ['a', 7]]);
    lines.add('a', async () => void done.push(100));
    await lines.settled();
    expect(done.at(-1)).toBe(100);
    expect(said).toHaveLength(2);
  });

  it('does one thing after the other, and waits for no other line', async () => {
    const { started, work, end } = heldWork();
    const lines = new HookLines({ onFull: () => undefined, onCaughtUp: () => undefined });
    lines.add('a', work('a1'));
    lines.add('a', work('a2'));
    lines.add('b', work('b1'));
    await end('none');
    expect(started).toEqual(['a1', 'b1']);
    await end('a1');
    expect(started).toEqual(['a1', 'b1', 'a2']);
    await end('b1');
    await end('a2');
    await lines.settled();
  });
});

describe('few at once', () => {
  it('lets the next one in when one ends, in order, also when it fails', async () => {
    const { started, work, end } = heldWork();
    const oneOfTwo = fewAtOnce(2);
    const all = ['a', 'b', 'c', 'd'].map((name) => oneOfTwo(work(name)));
    const failing = oneOfTwo(() => Promise.reject(new Error('no'))).then(
      () => 'fine',
      (error: Error) => error.message,
    );
    const last = oneOfTwo(work('last'));
    expect(started).toEqual(['a', 'b']);
    await end('b');
    expect(started).toEqual(['a', 'b', 'c']);
    for (const name of ['a', 'c', 'd']) await end(name);
    expect(await failing).toBe('no');
    await Promise.all(all);
    await end('last');
    expect(started).toEqual(['a', 'b', 'c', 'd', 'last']);
    await last;
  });
});
