import { describe, expect, it } from 'vitest';
import { createLocalState, createMemoryStore, openStore } from './storage.js';

describe('local state', () => {
  it('keeps values as JSON under a prefix', () => {
    const store = createMemoryStore();
    const state = createLocalState(store);
    expect(state.write('a', { n: 1 })).toBe(true);
    expect(store.getItem('hq.a')).toBe('{"n":1}');
    expect(state.read('a')).toEqual({ n: 1 });
    state.remove('a');
    expect(state.read('a')).toBeUndefined();
  });

  it('reads a damaged value as missing', () => {
    const store = createMemoryStore();
    store.setItem('hq.a', '{oops');
    expect(createLocalState(store).read('a')).toBeUndefined();
  });

  it('says when a value could not be kept', () => {
    const full = {
      ...createMemoryStore(),
      setItem: () => {
        throw new Error('quota');
      },
    };
    expect(createLocalState(full).write('a', 1)).toBe(false);
  });

  it('falls back to memory where the browser forbids storage', () => {
    const store = openStore(() => {
      throw new Error('denied');
    });
    store.setItem('a', 'b');
    expect(store.getItem('a')).toBe('b');
  });
});
