import { expect, it } from 'vitest';
import type { ApprovalRequest } from '../protocol/index.js';
import type { Clock } from '../shared/clock.js';
import { PendingApprovals } from './pending-approvals.js';

it('waits no longer than a timer can: one that is set for longer goes off at once', () => {
  const delays: number[] = [];
  const timer = { cancel: () => undefined };
  const after = (delayMs: number) => {
    delays.push(delayMs);
    return timer;
  };
  const clock: Clock = { now: () => 1_000, every: () => timer, after };
  const approval = new PendingApprovals(clock).open('a', {} as ApprovalRequest, 9_000_000_000);
  expect(delays).toEqual([2_147_483_647]);
  expect(approval?.expiresAtMs).toBe(2_147_484_647);
});
