import { describe, expect, it } from 'vitest';
import { createLocalState, createMemoryStore } from '../../../data/storage.js';
import { createDrafts } from './drafts.js';
import { createOutbox, nextToSend, type OutboxItem, readOutbox } from './outbox.js';

const KEY = 'agent:main:main';
const item = (id: string, state: OutboxItem['state'] = 'waiting'): OutboxItem => ({ id, text: id, images: [], state });
const free = { isConnected: true, isBusy: false };

describe('what is sent next', () => {
  it.each([
    ['the first one when everything is free', [item('a'), item('b')], free, 'a'],
    ['nothing while an answer is written', [item('a')], { isConnected: true, isBusy: true }, undefined],
    ['nothing without a gateway', [item('a')], { isConnected: false, isBusy: false }, undefined],
    ['nothing while the first is on its way', [item('a', 'sending'), item('b')], free, undefined],
    ['nothing past an item that is being edited', [item('a', 'held'), item('b')], free, undefined],
    ['nothing from an empty queue', [], free, undefined],
  ])('%s', (_, items, now, expected) => {
    expect(nextToSend(items, now)?.id).toBe(expected);
  });
});

describe('outbox', () => {
  it('keeps order, edits and removals over a reload', () => {
    const state = createLocalState(createMemoryStore());
    const outbox = createOutbox(state, () => undefined);
    for (const id of ['a', 'b', 'c']) outbox.add(KEY, { id, text: id, images: [] });
    outbox.change(KEY, 'b', { text: 'B' });
    expect(outbox.take(KEY, 'c')?.text).toBe('c');
    outbox.change(KEY, 'a', { state: 'sending' });
    const reloaded = createOutbox(state, () => undefined);
    expect(reloaded.items(KEY)).toEqual([item('a'), { ...item('b'), text: 'B' }]);
  });

  it('says when it could not be stored, and keeps the message', () => {
    const said: boolean[] = [];
    const full = {
      ...createMemoryStore(),
      setItem: () => {
        throw new Error('quota');
      },
    };
    const outbox = createOutbox(createLocalState(full), (isUnsaved) => said.push(isUnsaved));
    outbox.add(KEY, { id: 'a', text: 'a', images: [] });
    expect(said).toEqual([true]);
    expect(outbox.items(KEY)).toHaveLength(1);
  });

  it.each([[undefined], [null], ['text'], [{ [KEY]: 'no list' }], [{ [KEY]: [null, { id: 1 }] }]])(
    'reads damaged storage as empty: %o',
    (stored) => {
      expect(readOutbox(stored)).toEqual({});
    },
  );
});

describe('drafts', () => {
  it('are kept per session and gone once empty', () => {
    const store = createMemoryStore();
    const drafts = createDrafts(createLocalState(store));
    drafts.write(KEY, 'half a sen');
    expect(createDrafts(createLocalState(store)).read(KEY)).toBe('half a sen');
    expect(drafts.read('agent:main:other')).toBe('');
    drafts.write(KEY, '');
    expect(store.getItem(`hq.draft.${KEY}`)).toBeNull();
  });
});
