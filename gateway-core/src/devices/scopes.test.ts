import { describe, expect, it } from 'vitest';
import { effectiveScopes, normalizeScopes, scopesCover, uniqueScopes } from './scopes.js';

describe('scopes', () => {
  it('are kept once, in order, without blanks', () => {
    expect(uniqueScopes([' b ', 'a', 'b', ''])).toEqual(['b', 'a']);
  });

  it.each([
    [['operator.admin'], ['operator.admin', 'operator.read', 'operator.write']],
    [['operator.write'], ['operator.read', 'operator.write']],
    [
      ['operator.pairing', 'operator.approvals'],
      ['operator.approvals', 'operator.pairing'],
    ],
    [[], []],
  ])('%j is stored as %j', (given, stored) => {
    expect(normalizeScopes(given)).toEqual(stored);
  });

  it('admin stands for every operator scope', () => {
    expect(effectiveScopes(['operator.admin'])).toEqual([
      'operator.admin',
      'operator.approvals',
      'operator.pairing',
      'operator.read',
      'operator.write',
    ]);
    expect(effectiveScopes(['operator.write'])).toEqual(['operator.read', 'operator.write']);
  });

  it.each([
    ['operator', ['operator.admin'], ['operator.pairing', 'operator.talk.secrets'], true],
    ['operator', ['operator.admin'], ['node.exec'], false],
    ['operator', ['operator.write'], ['operator.read'], true],
    ['operator', ['operator.read'], ['operator.write'], false],
    ['operator', ['operator.read'], [], true],
    ['node', [], [], true],
    ['node', ['a'], ['a'], true],
    ['node', ['operator.admin'], ['operator.read'], false],
  ])('role %s with %j covers %j: %s', (role, allowed, requested, covered) => {
    expect(scopesCover(role, allowed, requested)).toBe(covered);
  });
});
