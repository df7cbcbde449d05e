import { act, render, screen } from '@testing-library/react';
import { createElement, Fragment, useRef } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useStickToBottom } from './use-stick-to-bottom.js';

let height = 1000;

function Probe({ size }: { size: number }) {
  const ref = useRef<HTMLDivElement>(null);
  const { isFollowing, follow } = useStickToBottom(ref, size);
  return createElement(
    Fragment,
    null,
    createElement('div', { ref, 'data-testid': 'scroller', tabIndex: 0 }),
    createElement('output', null, isFollowing ? 'following' : 'free'),
    createElement('button', { onClick: follow }, 'end'),
  );
}

/** A browser without layout: the three measures are given by hand. */
function measure(element: HTMLElement): void {
  let top = 0;
  Object.defineProperties(element, {
    clientHeight: { get: () => 200 },
    scrollHeight: { get: () => height },
    scrollTop: {
      get: () => top,
      set(value: number) {
        top = Math.max(0, Math.min(value, height - 200));
      },
    },
  });
}

function setUp() {
  const view = render(createElement(Probe, { size: height }));
  const scroller = screen.getByTestId('scroller');
  measure(scroller);
  const grow = (by: number) => {
    height += by;
    view.rerender(createElement(Probe, { size: height }));
  };
  const scrollTo = (top: number) =>
    act(() => {
      scroller.scrollTop = top;
      scroller.dispatchEvent(new Event('scroll'));
    });
  grow(0.1);
  return { scroller, grow, scrollTo, state: () => screen.getByRole('status').textContent };
}

beforeEach(() => {
  height = 1000;
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      disconnect() {}
    },
  );
});

afterEach(() => {
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

describe('conversation that sticks to its end', () => {
  it('follows growing text', () => {
    const { scroller, grow, state } = setUp();
    grow(500);
    expect(scroller.scrollTop).toBe(height - 200);
    expect(state()).toBe('following');
  });

  it('stops at once when the wheel turns up, before anything has moved', () => {
    const { scroller, grow, state } = setUp();
    act(() => void scroller.dispatchEvent(new WheelEvent('wheel', { deltaY: -5 })));
    expect(state()).toBe('free');
    const before = scroller.scrollTop;
    grow(500);
    expect(scroller.scrollTop).toBe(before);
  });

  it.each(['PageUp', 'ArrowUp', 'Home'])('stops for the key %s', (key) => {
    const { scroller, state } = setUp();
    act(() => void scroller.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })));
    expect(state()).toBe('free');
  });

  it('does not stop for a wheel that turns down', () => {
    const { scroller, state } = setUp();
    act(() => void scroller.dispatchEvent(new WheelEvent('wheel', { deltaY: 5 })));
    expect(state()).toBe('following');
  });

  it('follows again within 64 px of the end, and not before', () => {
    const { scrollTo, state } = setUp();
    scrollTo(300);
    expect(state()).toBe('free');
    scrollTo(700);
    expect(state()).toBe('free');
    scrollTo(height - 200 - 60);
    expect(state()).toBe('following');
  });

  it('returns to the end on request', () => {
    const { scroller, scrollTo, state } = setUp();
    scrollTo(100);
    act(() => screen.getByText('end').click());
    expect(state()).toBe('following');
    expect(scroller.scrollTop).toBe(height - 200);
  });
});
