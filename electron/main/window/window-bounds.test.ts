import { describe, expect, it } from 'vitest';
import { decideBounds } from './window-bounds.js';

const screen = { x: 0, y: 25, width: 1920, height: 1055 };
const second = { x: 1920, y: 0, width: 1280, height: 1024 };

describe('decideBounds', () => {
  it('restores a place that is still on a screen', () => {
    const saved = { x: 2000, y: 100, width: 1100, height: 700 };
    expect(decideBounds(saved, [screen, second])).toEqual(saved);
  });

  it('centres the window when its screen is gone', () => {
    const saved = { x: 2000, y: 100, width: 1100, height: 700 };
    expect(decideBounds(saved, [screen])).toEqual({ width: 1280, height: 820 });
  });

  it('does not restore a window whose title bar is out of reach', () => {
    expect(decideBounds({ x: 10, y: -300, width: 1100, height: 700 }, [screen])).toEqual({ width: 1280, height: 820 });
    expect(decideBounds({ x: 1900, y: 100, width: 1100, height: 700 }, [screen])).toEqual({ width: 1280, height: 820 });
  });

  it('keeps the minimum size, also on a small screen', () => {
    expect(decideBounds({ x: 5, y: 30, width: 300, height: 200 }, [screen])).toMatchObject({ width: 960, height: 640 });
    expect(decideBounds(undefined, [{ x: 0, y: 0, width: 1024, height: 600 }])).toEqual({ width: 1024, height: 640 });
  });
});
