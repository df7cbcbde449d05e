import { beforeEach, describe, expect, it } from 'vitest';
import { createProviderSignIn, type ProviderSignIn } from './provider-sign-in.js';

let answers: Record<string, () => unknown>;
let calls: Array<[string, unknown]>;
let opened: string[];
let due: Array<() => void>;
let signIn: ProviderSignIn;

const phase = () => signIn.store.getState().phase;
const settle = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};
/** The next look at the gateway. */
const look = async () => {
  due.shift()?.();
  await settle();
};
class GatewayClosedError extends Error {
  override name = 'GatewayClosedError';
}

beforeEach(() => {
  calls = [];
  opened = [];
  due = [];
  answers = {
    start: () => ({ signInId: 's1', url: 'https://vendor.example/auth', expiresAtMs: 300_000 }),
    status: () => ({ state: 'waiting' }),
    cancel: () => ({ ok: true, cancelled: true }),
  };
  signIn = createProviderSignIn({
    gateway: {
      call: async (method: string, params: unknown) => {
        calls.push([method, params]);
        return answers[method.split('.').at(-1) ?? '']?.();
      },
    },
    openLink: (url) => opened.push(url),
    after: (_ms, run) => void due.push(run),
  });
});

describe('signing in to a provider', () => {
  it('opens the page and looks until it is done', async () => {
    await signIn.start('openrouter');
    expect(signIn.store.getState()).toMatchObject({ phase: 'waiting', expiresAtMs: 300_000 });
    expect(opened).toEqual(['https://vendor.example/auth']);
    await look();
    expect(phase()).toBe('waiting');
    answers.status = () => ({ state: 'saving' });
    await look();
    expect(phase()).toBe('saving');
    answers.status = () => ({ state: 'done' });
    await look();
    expect(phase()).toBe('done');
    expect(due).toEqual([]);
  });

  it('says why it failed, and can be started again', async () => {
    const error = { code: 'model.auth', message: 'Refused.', hint: 'Again.' };
    answers.status = () => ({ state: 'failed', error });
    await signIn.start('openrouter');
    await look();
    expect(signIn.store.getState()).toMatchObject({ phase: 'failed', fault: error });
    await signIn.start('openrouter');
    expect(signIn.store.getState()).toMatchObject({ phase: 'waiting' });
    expect(signIn.store.getState().fault).toBeUndefined();
  });

  it('goes on looking when the line was cut, and stops when the gateway forgot it', async () => {
    answers.status = () => {
      throw new GatewayClosedError('cut');
    };
    await signIn.start('openrouter');
    await look();
    expect(phase()).toBe('waiting');
    answers.status = () => {
      throw new Error('unknown signInId');
    };
    await look();
    expect(phase()).toBe('failed');
    expect(due).toEqual([]);
  });

  it('is cancelled here and at the gateway', async () => {
    await signIn.start('openrouter');
    signIn.cancel();
    expect(phase()).toBe('cancelled');
    expect(calls.at(-1)).toEqual(['desktop.models.signIn.cancel', { signInId: 's1' }]);
    answers.status = () => ({ state: 'done' });
    await look();
    expect(phase()).toBe('cancelled');
  });

  it('cancels one that had only been asked for', async () => {
    const started = signIn.start('openrouter');
    signIn.cancel();
    await started;
    await settle();
    expect(opened).toEqual([]);
    expect(calls.map(([method]) => method)).toEqual(['desktop.models.signIn.start', 'desktop.models.signIn.cancel']);
  });

  it('opens the page again only while it is waited for', async () => {
    await signIn.start('openrouter');
    signIn.openAgain();
    expect(opened).toHaveLength(2);
    signIn.cancel();
    signIn.openAgain();
    expect(opened).toHaveLength(2);
  });
});
