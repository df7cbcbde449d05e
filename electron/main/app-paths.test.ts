import path from 'node:path';
import { expect, it } from 'vitest';
import { decideUserData } from './app-paths.js';

const facts = (env: NodeJS.ProcessEnv) => ({ env, appData: '/data', appName: 'OpenClaw HQ' });

it.each<[string, NodeJS.ProcessEnv, string]>([
  ['the default', {}, '/data/OpenClaw HQ'],
  ['a profile', { OPENCLAW_PROFILE: 'work' }, '/data/OpenClaw HQ (work)'],
  ['the default profile by name', { OPENCLAW_PROFILE: 'default' }, '/data/OpenClaw HQ'],
  ['a profile that would leave the folder', { OPENCLAW_PROFILE: '../x' }, '/data/OpenClaw HQ'],
  ['an override', { OPENCLAW_HQ_USER_DATA: '/tmp/ud', OPENCLAW_PROFILE: 'work' }, '/tmp/ud'],
])('keeps user data apart: %s', (_name, env, expected) => {
  expect(path.normalize(decideUserData(facts(env)))).toBe(path.normalize(expected));
});
