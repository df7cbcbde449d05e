// Pure: when a conversation follows its end (design §3, row 5).

/** Within this distance of the end the view counts as being at the end. */
export const END_ZONE_PX = 64;

export interface ScrollBox {
  scrollTop: number;
  scrollHeight: number;
  clientHeight: number;
}

export interface ScrollRule {
  isFollowing: boolean;
  last: ScrollBox;
}

export const START_FOLLOWING: ScrollRule = {
  isFollowing: true,
  last: { scrollTop: 0, scrollHeight: 0, clientHeight: 0 },
};

export function distanceFromEnd(box: ScrollBox): number {
  return box.scrollHeight - box.scrollTop - box.clientHeight;
}

/** A wheel, key or finger that asks for older text: stop at once, before anything has moved. */
export function stopFollowing(rule: ScrollRule): ScrollRule {
  return rule.isFollowing ? { ...rule, isFollowing: false } : rule;
}

/** Own message sent, or the button pressed: back to the end. */
export function startFollowing(rule: ScrollRule): ScrollRule {
  return rule.isFollowing ? rule : { ...rule, isFollowing: true };
}

/**
 * The view has moved. Moving down into the zone at the end starts following; moving up stops it. When the content
 * changed its height at the same time the movement says nothing about what the person wants.
 */
export function onScrolled(rule: ScrollRule, box: ScrollBox): ScrollRule {
  const sameContent = box.scrollHeight === rule.last.scrollHeight && box.clientHeight === rule.last.clientHeight;
  const moved = box.scrollTop - rule.last.scrollTop;
  const next = { ...rule, last: box };
  if (!sameContent) return next;
  if (moved < 0) return { ...next, isFollowing: false };
  if (moved > 0 && distanceFromEnd(box) <= END_ZONE_PX) return { ...next, isFollowing: true };
  return next;
}
