import { describe, expect, it } from 'vitest';
import { decidePairing, type PairingQuestion } from './pairing-decision.js';
import type { PairedDevice } from './records.js';

const paired: PairedDevice = {
  deviceId: 'd',
  publicKey: 'key',
  platform: 'Linux ',
  role: 'operator',
  roles: ['operator'],
  scopes: ['operator.write'],
  tokens: {},
  createdAtMs: 1,
  approvedAtMs: 1,
};
const claim = { publicKey: 'key', role: 'operator', scopes: ['operator.read'], platform: 'linux' };
const local = { isLocal: true, hasOrigin: false, isBrowserUi: false };
const page = { isLocal: true, hasOrigin: true, isBrowserUi: true };
const foreignPage = { isLocal: true, hasOrigin: true, isBrowserUi: false };
const remote = { isLocal: false, hasOrigin: false, isBrowserUi: true };

const rows: Array<[string, PairingQuestion, object]> = [
  ['a paired device that asks for what it has', { paired, claim, ...remote }, { kind: 'paired' }],
  ['an unknown device here', { paired: undefined, claim, ...local }, { kind: 'approve', reason: 'not-paired' }],
  ['an unknown page here', { paired: undefined, claim, ...page }, { kind: 'approve', reason: 'not-paired' }],
  [
    'an unknown client with an Origin that is no page of ours',
    { paired: undefined, claim, ...foreignPage },
    { kind: 'ask', reason: 'not-paired' },
  ],
  ['an unknown device elsewhere', { paired: undefined, claim, ...remote }, { kind: 'ask', reason: 'not-paired' }],
  [
    'a known id with another key',
    { paired: { ...paired, publicKey: 'other' }, claim, ...local },
    { kind: 'approve', reason: 'not-paired' },
  ],
  [
    'more scopes here',
    { paired, claim: { ...claim, scopes: ['operator.admin'] }, ...local },
    { kind: 'approve', reason: 'scope-upgrade' },
  ],
  [
    'more scopes elsewhere',
    { paired, claim: { ...claim, scopes: ['operator.admin'] }, ...remote },
    { kind: 'ask', reason: 'scope-upgrade' },
  ],
  [
    'another role',
    { paired, claim: { ...claim, role: 'node', scopes: [] }, ...local },
    { kind: 'ask', reason: 'role-upgrade' },
  ],
  [
    'another platform',
    { paired, claim: { ...claim, platform: 'darwin' }, ...local },
    { kind: 'ask', reason: 'metadata-upgrade' },
  ],
  [
    'a platform left out',
    { paired, claim: { ...claim, platform: undefined }, ...local },
    { kind: 'ask', reason: 'metadata-upgrade' },
  ],
  [
    'a device family told for the first time',
    { paired, claim: { ...claim, deviceFamily: 'Mac' }, ...local },
    { kind: 'paired' },
  ],
  [
    'another device family',
    { paired: { ...paired, deviceFamily: 'Mac' }, claim: { ...claim, deviceFamily: 'iPhone' }, ...local },
    { kind: 'ask', reason: 'metadata-upgrade' },
  ],
];

describe('decidePairing', () => {
  it.each(rows)('%s', (_name, question, decision) => {
    expect(decidePairing(question)).toEqual(decision);
  });
});
