import { expect, it } from 'vitest';
import { childEnv } from './child-env.js';

it('passes on what the user set and drops what would change the runtime', () => {
  const env = {
    PATH: '/bin',
    OPENAI_API_KEY: 'k',
    OPENCLAW_PROFILE: 'work',
    NODE_OPTIONS: '-r x',
    ELECTRON_RUN_AS_NODE: '1',
    EMPTY: undefined,
  };
  expect(childEnv(env)).toEqual({ PATH: '/bin', OPENAI_API_KEY: 'k', OPENCLAW_PROFILE: 'work' });
});
