import { describe, expect, it } from 'vitest';
import { onScrolled, type ScrollRule, startFollowing, stopFollowing } from './scroll-rule.js';

const box = (scrollTop: number, scrollHeight = 1000, clientHeight = 200) => ({ scrollTop, scrollHeight, clientHeight });
const rule = (isFollowing: boolean, scrollTop: number, scrollHeight = 1000): ScrollRule => ({
  isFollowing,
  last: box(scrollTop, scrollHeight),
});

describe('scroll rule', () => {
  it.each([
    ['stops when the view moves up, even by a little', rule(true, 800), box(790), false],
    ['stays stopped inside the zone as long as nobody moves down', rule(false, 790), box(790), false],
    ['starts when the view moves down into the zone', rule(false, 700), box(740), true],
    ['does not start above the zone', rule(false, 600), box(700), false],
    ['is not fooled by content that grew under the view', rule(true, 800, 1000), box(800, 1400), true],
    ['is not fooled by content that shrank and moved the view', rule(true, 800, 1000), box(600, 800), true],
    ['does not start because content shrank to the end', rule(false, 700, 1000), box(700, 900), false],
  ])('%s', (_, before, moved, expected) => {
    expect(onScrolled(before, moved).isFollowing).toBe(expected);
  });

  it('stops at the first sign of intent and starts again on request', () => {
    const stopped = stopFollowing(rule(true, 800));
    expect(stopped.isFollowing).toBe(false);
    expect(startFollowing(stopped).isFollowing).toBe(true);
  });
});
