// The scroll rule bound to an element: follows the end of a growing text until the person looks at something older.
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import {
  onScrolled,
  type ScrollBox,
  type ScrollRule,
  START_FOLLOWING,
  startFollowing,
  stopFollowing,
} from './scroll-rule.js';

export interface StickToBottom {
  isFollowing: boolean;
  /** Goes to the end and stays there. */
  follow(): void;
}

const UP_KEYS = new Set(['PageUp', 'ArrowUp', 'Home']);

function boxOf(element: HTMLElement): ScrollBox {
  return { scrollTop: element.scrollTop, scrollHeight: element.scrollHeight, clientHeight: element.clientHeight };
}

/** True when the press grabs the scroll bar, which lies outside the client area. */
function grabsScrollBar(event: PointerEvent, element: HTMLElement): boolean {
  return event.target === element && event.offsetX >= element.clientWidth;
}

type Change = (change: (rule: ScrollRule) => ScrollRule) => void;

/** Every way to say "I want to see something older". */
function watchIntent(element: HTMLElement, change: Change): () => void {
  const watch = new AbortController();
  const { signal } = watch;
  const passive = { passive: true, signal };
  let touchY = 0;
  const up = () => change(stopFollowing);
  element.addEventListener('wheel', (event) => event.deltaY < 0 && up(), passive);
  element.addEventListener('keydown', (event) => UP_KEYS.has(event.key) && event.target === element && up(), {
    signal,
  });
  element.addEventListener('touchstart', (event) => (touchY = event.touches[0]?.clientY ?? 0), passive);
  element.addEventListener('touchmove', (event) => (event.touches[0]?.clientY ?? 0) > touchY && up(), passive);
  element.addEventListener('pointerdown', (event) => grabsScrollBar(event, element) && up(), { signal });
  element.addEventListener('scroll', () => change((rule) => onScrolled(rule, boxOf(element))), passive);
  return () => watch.abort();
}

/** `contentSize` changes whenever the content grows or shrinks. */
export function useStickToBottom(ref: RefObject<HTMLElement | null>, contentSize: number): StickToBottom {
  const rule = useRef(START_FOLLOWING);
  const [isFollowing, setFollowing] = useState(true);
  const change = useCallback<Change>((step) => {
    rule.current = step(rule.current);
    setFollowing(rule.current.isFollowing);
  }, []);
  const goToEnd = useCallback(() => {
    const element = ref.current;
    if (!element || !rule.current.isFollowing) return;
    element.scrollTop = element.scrollHeight;
    rule.current = { ...rule.current, last: boxOf(element) };
  }, [ref]);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const off = watchIntent(element, change);
    const resized = new ResizeObserver(goToEnd);
    resized.observe(element);
    return () => {
      off();
      resized.disconnect();
    };
  }, [ref, change, goToEnd]);
  useLayoutEffect(goToEnd, [goToEnd, contentSize]);
  const follow = useCallback(() => {
    change(startFollowing);
    goToEnd();
  }, [change, goToEnd]);
  return { isFollowing, follow };
}
