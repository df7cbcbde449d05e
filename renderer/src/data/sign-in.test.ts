import { describe, expect, it } from 'vitest';
import {
  credentialsFromFragment,
  credentialsFromPaste,
  gatewayUrlOf,
  keepCredentials,
  readCredentials,
  takeFragment,
} from './sign-in.js';
import { createMemoryStore } from './storage.js';

describe('sign-in by fragment', () => {
  it.each([
    ['#token=abc', { token: 'abc' }],
    ['#/?token=abc', { token: 'abc' }],
    ['#a=1&token=a%2Bb', { token: 'a+b' }],
    ['#password=p', { password: 'p' }],
    ['#token=', undefined],
    ['#/chat/agent%3Amain%3Amain', undefined],
    ['', undefined],
  ])('reads %s', (hash, expected) => {
    expect(credentialsFromFragment(hash)).toEqual(expected);
  });

  it('takes the secret out of the address and keeps it for the tab', () => {
    const calls: string[] = [];
    const store = createMemoryStore();
    const page = {
      location: { hash: '#token=abc', pathname: '/openclaw/', search: '?x=1' },
      history: {
        state: null,
        replaceState: (_: unknown, __: string, url?: string | URL | null) => void calls.push(String(url)),
      },
    };
    expect(takeFragment(page, store)).toEqual({ token: 'abc' });
    expect(calls).toEqual(['/openclaw/?x=1']);
    expect(readCredentials(store)).toEqual({ token: 'abc' });
  });

  it('leaves the address alone when there is no secret in it', () => {
    const page = {
      location: { hash: '#/chat', pathname: '/', search: '' },
      history: { state: null, replaceState: () => expect.unreachable() },
    };
    expect(takeFragment(page, createMemoryStore())).toBeUndefined();
  });

  it.each([
    ['  abc  ', { token: 'abc' }],
    ['http://127.0.0.1:18789/openclaw/#token=abc', { token: 'abc' }],
    ['http://127.0.0.1:18789/openclaw/', undefined],
    ['two words', undefined],
    ['', undefined],
  ])('understands what was pasted: %s', (text, expected) => {
    expect(credentialsFromPaste(text)).toEqual(expected);
  });

  it('forgets on sign-out', () => {
    const store = createMemoryStore();
    keepCredentials(store, { token: 'a&b' });
    expect(readCredentials(store)).toEqual({ token: 'a&b' });
    keepCredentials(store, undefined);
    expect(readCredentials(store)).toBeUndefined();
  });

  it('finds the gateway behind the page', () => {
    expect(gatewayUrlOf({ protocol: 'http:', host: '127.0.0.1:18789' })).toBe('ws://127.0.0.1:18789/');
    expect(gatewayUrlOf({ protocol: 'https:', host: 'hq.example' })).toBe('wss://hq.example/');
  });
});
