import { describe, expect, it } from 'vitest';
import { anyOf, coverage, searchTerms, termsToRank } from './text-query.js';

describe('searchTerms', () => {
  it.each([
    ['How do I install the gateway?', ['install', 'gateway']],
    ['Install install INSTALL', ['install']],
    ['what is this', ['what', 'is', 'this']],
    ['OPENAI_API_KEY', ['openai', 'api', 'key']],
    ['" OR 1=1; NEAR(x*)', ['1', 'near']],
    ['!!!', []],
  ])('reads %j as %j', (question, terms) => {
    expect(searchTerms(question)).toEqual(terms);
  });

  it('keeps the number of terms small', () => {
    expect(searchTerms(Array.from({ length: 50 }, (_, at) => `word${at}`).join(' '))).toHaveLength(12);
  });
});

describe('anyOf', () => {
  it('quotes every term', () => {
    expect(anyOf(['not', 'a"b'])).toBe('"not" OR "ab"');
  });
});

describe('coverage', () => {
  it('weighs rare words more than common ones', () => {
    const matches = new Map([
      ['gateway', 300],
      ['flux', 0],
    ]);
    expect(coverage(new Set(['gateway']), matches, 500)).toBeLessThan(0.2);
    expect(coverage(new Set(['gateway', 'flux']), matches, 500)).toBe(1);
    expect(coverage(new Set(), new Map(), 500)).toBe(0);
  });
});

describe('termsToRank', () => {
  it.each<[string, Array<[string, number]>, string[]]>([
    [
      'rare terms first',
      [
        ['b', 20],
        ['a', 3],
      ],
      ['a', 'b'],
    ],
    [
      'no term that is nowhere',
      [
        ['a', 0],
        ['b', 1],
      ],
      ['b'],
    ],
    [
      'no more matches than can be ranked quickly',
      [
        ['a', 4000],
        ['b', 900],
        ['c', 500],
      ],
      ['c', 'b'],
    ],
    ['one term however common it is', [['a', 9000]], ['a']],
    ['nothing when nothing is there', [['a', 0]], []],
  ])('takes %s', (_name, matches, wanted) => {
    expect(termsToRank(new Map(matches))).toEqual(wanted);
  });
});
