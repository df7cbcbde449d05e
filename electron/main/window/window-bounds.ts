// Pure: where the window opens, given where it was and which screens there are now.

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const MIN_SIZE = { width: 960, height: 640 } as const;
export const DEFAULT_SIZE = { width: 1280, height: 820 } as const;

/** How much of a remembered window must be on a screen, so that it can be grabbed. */
const GRAB = { width: 120, height: 48 };

function overlap(startA: number, lengthA: number, startB: number, lengthB: number): number {
  return Math.min(startA + lengthA, startB + lengthB) - Math.max(startA, startB);
}

function isReachable(bounds: Rectangle, screen: Rectangle): boolean {
  const isTitleVisible = bounds.y >= screen.y && bounds.y + GRAB.height <= screen.y + screen.height;
  return isTitleVisible && overlap(bounds.x, bounds.width, screen.x, screen.width) >= GRAB.width;
}

function atLeastMinimum({ width, height }: { width: number; height: number }) {
  return { width: Math.max(MIN_SIZE.width, Math.round(width)), height: Math.max(MIN_SIZE.height, Math.round(height)) };
}

/** The remembered bounds when they are still on a screen; else a size that fits, centred by the system. */
export function decideBounds(
  saved: Rectangle | undefined,
  workAreas: readonly Rectangle[],
): Partial<Pick<Rectangle, 'x' | 'y'>> & Pick<Rectangle, 'width' | 'height'> {
  if (saved && workAreas.some((area) => isReachable(saved, area))) {
    return { x: Math.round(saved.x), y: Math.round(saved.y), ...atLeastMinimum(saved) };
  }
  const area = workAreas[0] ?? { ...DEFAULT_SIZE };
  return atLeastMinimum({
    width: Math.min(DEFAULT_SIZE.width, area.width),
    height: Math.min(DEFAULT_SIZE.height, area.height),
  });
}
