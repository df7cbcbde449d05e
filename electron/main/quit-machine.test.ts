import { describe, expect, it } from 'vitest';
import { nextQuitStep, quitQuestion, type QuitEvent, type QuitPhase, type QuitStep } from './quit-machine.js';

const requested = (activeRuns: number, isForced = false): QuitEvent => ({ type: 'requested', activeRuns, isForced });

describe('nextQuitStep', () => {
  it.each<[string, QuitPhase, QuitEvent, QuitStep]>([
    ['stops the processes when nothing runs', 'idle', requested(0), { phase: 'draining', action: 'drain' }],
    ['asks when agents work', 'idle', requested(2), { phase: 'asking', action: 'ask' }],
    ['does not ask twice', 'asking', requested(2), { phase: 'asking', action: 'hold' }],
    ['does not ask when the system goes down', 'idle', requested(2, true), { phase: 'draining', action: 'drain' }],
    [
      'stops waiting for an answer when it is forced',
      'asking',
      requested(2, true),
      { phase: 'draining', action: 'drain' },
    ],
    ['stays when the person declines', 'asking', { type: 'declined' }, { phase: 'idle', action: 'hold' }],
    ['goes on when the person confirms', 'asking', { type: 'confirmed' }, { phase: 'draining', action: 'drain' }],
    [
      'does not drain twice after a late answer',
      'draining',
      { type: 'confirmed' },
      { phase: 'draining', action: 'hold' },
    ],
    ['is not called back by a late answer', 'draining', { type: 'declined' }, { phase: 'draining', action: 'hold' }],
    ['holds while processes stop', 'draining', requested(0), { phase: 'draining', action: 'hold' }],
    ['allows when they are gone', 'draining', { type: 'drained' }, { phase: 'stopped', action: 'allow' }],
    ['keeps allowing', 'stopped', requested(5), { phase: 'stopped', action: 'allow' }],
  ])('%s', (_name, phase, event, expected) => {
    expect(nextQuitStep(phase, event)).toEqual(expected);
  });
});

it('counts the working agents in the question', () => {
  expect(quitQuestion(1).message).toBe('1 agent is working');
  expect(quitQuestion(3).message).toBe('3 agents are working');
});
