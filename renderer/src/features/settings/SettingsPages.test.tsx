import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerConfig, type MemoryConfig, unknownMethod } from '../../testing/config-answers.js';
import { brokenRules, openPage } from '../../testing/OpenPage.js';
import { createTestWindow, type TestWindow } from '../../testing/window-services.js';

const FILE = "{\n  gateway: { port: 18789 },\n  agents: { defaults: { model: 'openai/gpt' } },\n}\n";
const MODELS = [
  { id: 'assistant', name: 'Offline', provider: 'offline' },
  { id: 'gpt', name: 'GPT', provider: 'openai' },
];

let made: TestWindow;
let file: MemoryConfig;

const ok = (payload: unknown) => () => ({ payload });
const pending = {
  requestId: 'r1',
  deviceId: 'd9',
  publicKey: '',
  displayName: 'My phone',
  platform: 'ios',
  role: 'operator',
  scopes: ['operator.read', 'operator.admin'],
  ts: Date.now(),
};
const paired = {
  deviceId: 'd1',
  publicKey: '',
  displayName: 'Tablet',
  roles: ['operator'],
  createdAtMs: 1,
  approvedAtMs: 1,
  tokens: [{ role: 'operator', scopes: [], createdAtMs: 1, lastUsedAtMs: Date.now() - 7_200_000 }],
};

beforeEach(() => {
  made = createTestWindow();
  file = answerConfig(made.far, FILE);
  made.far.answers['models.list'] = ok({ models: MODELS });
  made.far.answers['desktop.models.detect'] = ok({ found: [] });
  made.far.answers['device.pair.list'] = ok({ pending: [pending], paired: [paired] });
  made.far.answers['config.schema'] = ok({ schema: {}, uiHints: {}, version: '1', generatedAt: '' });
});

afterEach(() => {
  cleanup();
  made.stop();
});

describe('settings', () => {
  it.each(['appearance', 'models', 'devices', 'gateway', 'advanced'])(
    '%s keeps the rules of accessibility',
    async (page) => {
      const { container } = await openPage(made, `/settings/${page}`);
      await screen.findByRole('heading', { level: 1 });
      await waitFor(() => expect(container.querySelector('[id^="row-"]')).not.toBeNull());
      if (page === 'devices') await screen.findByText('Tablet');
      expect(await brokenRules(container)).toEqual([]);
    },
  );

  it('are found by search, and a link opens the row', async () => {
    const { router } = await openPage(made, '/settings/appearance');
    fireEvent.change(await screen.findByRole('searchbox'), { target: { value: 'port' } });
    fireEvent.keyDown(screen.getByRole('searchbox'), { key: 'Enter' });
    await waitFor(() => expect(router.state.location.href).toBe('/settings/gateway?row=gateway-port'));
    await waitFor(() => expect(document.activeElement?.id).toBe('row-gateway-port'));
  });

  it('go from the address of a row to its page', async () => {
    const { router } = await openPage(made, '/settings/gateway-bind');
    await waitFor(() => expect(router.state.location.href).toBe('/settings/gateway?row=gateway-bind'));
  });
});

describe('the gateway page', () => {
  it('collects changes that need a restart and restarts once, when asked', async () => {
    await openPage(made, '/settings/gateway');
    const port = await screen.findByRole('textbox', { name: 'Port' });
    fireEvent.change(port, { target: { value: '19000' } });
    fireEvent.blur(port);
    fireEvent.change(screen.getByRole('combobox', { name: 'Reachable from' }), { target: { value: 'lan' } });
    const bar = await screen.findByRole('region', { name: 'Changes that wait for a restart' });
    expect(bar.textContent).toContain('Restart the gateway to apply 2 changes');
    expect(file.restarts).toBe(0);
    fireEvent.click(within(bar).getByRole('button', { name: 'Restart gateway' }));
    await waitFor(() => expect(file.restarts).toBe(1));
    expect(made.far.sent('config.patch')).toHaveLength(1);
  });

  it('asks before it interrupts agents, and shows how long the gateway takes no restart', async () => {
    made.services.sessions.runStarted('agent:main:main', 'run');
    file.limited = 1;
    await openPage(made, '/settings/gateway');
    made.services.sessions.runStarted('agent:main:main', 'run');
    fireEvent.change(await screen.findByRole('combobox', { name: 'Reachable from' }), { target: { value: 'lan' } });
    await screen.findByText(/1 agent is working/);
    fireEvent.click(screen.getByRole('button', { name: 'Restart gateway' }));
    const dialog = await screen.findByRole('dialog', { name: 'Restart the gateway now?' });
    expect(file.restarts).toBe(0);
    fireEvent.click(within(dialog).getByRole('button', { name: 'Restart gateway' }));
    await screen.findByText(/Ready again in 4[12] s/);
    expect(screen.getByRole('button', { name: 'Restart gateway' }).hasAttribute('disabled')).toBe(true);
  });

  it('refuses a port that is none, in place', async () => {
    await openPage(made, '/settings/gateway');
    const port = await screen.findByRole('textbox', { name: 'Port' });
    fireEvent.change(port, { target: { value: '99999' } });
    fireEvent.blur(port);
    await screen.findByText('A port is a number from 1 to 65535.');
    expect(made.services.config.store.getState().pending).toEqual([]);
  });
});

describe('the models page', () => {
  it('saves a choice at once and says so', async () => {
    await openPage(made, '/settings/models');
    const select = await screen.findByRole('combobox', { name: 'Default model' });
    fireEvent.change(select, { target: { value: 'offline/assistant' } });
    await screen.findByText('Saved');
    expect(file.raw).toBe(FILE.replace("'openai/gpt'", '"offline/assistant"'));
  });

  it('adds a provider by its key after a live test, to the config of an older gateway', async () => {
    made.far.answers['desktop.models.setKey'] = unknownMethod('desktop.models.setKey');
    made.far.answers['desktop.models.test'] = ok({ ok: true, latencyMs: 420, models: ['a', 'b', 'c'] });
    await openPage(made, '/settings/models');
    fireEvent.click(await screen.findByRole('button', { name: 'Add a provider' }));
    const dialog = await screen.findByRole('dialog', { name: 'Add a provider' });
    expect(await brokenRules(dialog)).toEqual([]);
    fireEvent.click(within(dialog).getByRole('button', { name: 'Add provider' }));
    within(dialog).getByText('Paste the key of this provider.');
    fireEvent.change(within(dialog).getByLabelText('Key'), { target: { value: 'sk-1' } });
    fireEvent.click(within(dialog).getByRole('button', { name: 'Test' }));
    await within(dialog).findByText('It works: 3 models found, 420 ms.');
    expect(made.far.sent('desktop.models.test')).toEqual([{ provider: 'openai', apiKey: 'sk-1' }]);
    fireEvent.click(within(dialog).getByRole('button', { name: 'Add provider' }));
    await waitFor(() => expect(file.raw).toContain('apiKey: "sk-1"'));
  });

  async function addOpenAi() {
    await openPage(made, '/settings/models');
    fireEvent.click(await screen.findByRole('button', { name: 'Add a provider' }));
    const dialog = await screen.findByRole('dialog', { name: 'Add a provider' });
    fireEvent.change(within(dialog).getByLabelText('Key'), { target: { value: ' sk-1 ' } });
    fireEvent.click(within(dialog).getByRole('button', { name: 'Add provider' }));
    return dialog;
  }

  it('lets the gateway keep the key, and says where it is', async () => {
    made.far.answers['desktop.models.setKey'] = () => {
      const apiKey = "{ source: 'keychain', provider: 'keychain', id: 'models.providers.openai.apiKey' }";
      file.raw = `{ models: { providers: { openai: { apiKey: ${apiKey} } } } }`;
      return { payload: { ok: true, kept: 'keychain' } };
    };
    await addOpenAi();
    await screen.findByText(/key kept in the keychain/);
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(made.far.sent('desktop.models.setKey')).toEqual([{ provider: 'openai', key: 'sk-1' }]);
    expect(made.far.sent('config.set')).toEqual([]);
  });

  it('stays open when the key was not kept, and writes it nowhere else', async () => {
    made.far.answers['desktop.models.setKey'] = () => ({
      error: { code: 'UNAVAILABLE', message: 'The keychain cannot be read.' },
    });
    const dialog = await addOpenAi();
    await within(dialog).findByText('The keychain cannot be read.');
    expect(made.far.sent('config.set')).toEqual([]);
  });

  it('sends what belongs to a new provider along with its key', async () => {
    made.far.answers['desktop.models.setKey'] = ok({ ok: true, kept: 'keychain' });
    made.far.answers['desktop.models.test'] = ok({ ok: true, latencyMs: 1, models: ['a'] });
    await openPage(made, '/settings/models');
    fireEvent.click(await screen.findByRole('button', { name: 'Add a provider' }));
    const dialog = await screen.findByRole('dialog', { name: 'Add a provider' });
    fireEvent.change(within(dialog).getByLabelText('Provider'), { target: { value: 'other' } });
    const fields = { Name: 'House', Address: 'https://llm.example/v1', Key: 'sk-1' };
    for (const [name, value] of Object.entries(fields)) {
      fireEvent.change(within(dialog).getByLabelText(name), { target: { value } });
    }
    fireEvent.click(within(dialog).getByRole('button', { name: 'Test' }));
    await within(dialog).findByText(/It works/);
    fireEvent.click(within(dialog).getByRole('button', { name: 'Add provider' }));
    const settings = { baseUrl: 'https://llm.example/v1', api: 'openai-completions', models: [{ id: 'a' }] };
    await waitFor(() =>
      expect(made.far.sent('desktop.models.setKey')).toEqual([{ provider: 'house', key: 'sk-1', settings }]),
    );
  });

  it('removes a kept key before its provider', async () => {
    file.raw =
      "{ models: { providers: { openai: { apiKey: { source: 'keychain', provider: 'keychain', id: 'x' } } } } }";
    made.far.answers['desktop.models.removeKey'] = () => {
      file.raw = '{ models: { providers: { openai: {} } } }';
      return { payload: { ok: true, removed: true } };
    };
    await openPage(made, '/settings/models');
    fireEvent.click(await screen.findByRole('button', { name: 'Remove OpenAI' }));
    const dialog = await screen.findByRole('dialog', { name: 'Remove OpenAI?' });
    fireEvent.click(within(dialog).getByRole('button', { name: 'Remove provider' }));
    await waitFor(() => expect(file.raw).not.toContain('openai'));
    expect(made.far.sent('desktop.models.removeKey')).toEqual([{ provider: 'openai' }]);
  });

  it('removes a provider from an older gateway as before', async () => {
    file.raw =
      "{ models: { providers: { openai: { apiKey: { source: 'keychain', provider: 'keychain', id: 'x' } } } } }";
    made.far.answers['desktop.models.removeKey'] = unknownMethod('desktop.models.removeKey');
    await openPage(made, '/settings/models');
    fireEvent.click(await screen.findByRole('button', { name: 'Remove OpenAI' }));
    const dialog = await screen.findByRole('dialog', { name: 'Remove OpenAI?' });
    fireEvent.click(within(dialog).getByRole('button', { name: 'Remove provider' }));
    await waitFor(() => expect(file.raw).not.toContain('openai'));
  });

  async function openSignIn() {
    await openPage(made, '/settings/models');
    fireEvent.click(await screen.findByRole('button', { name: 'Add a provider' }));
    const dialog = await screen.findByRole('dialog', { name: 'Add a provider' });
    fireEvent.change(within(dialog).getByLabelText('Provider'), { target: { value: 'openrouter' } });
    fireEvent.click(within(dialog).getByRole('button', { name: 'Sign in with OpenRouter' }));
    return dialog;
  }

  it('adds a provider by signing in, in the browser', async () => {
    const opened: string[] = [];
    made.services.openLink = (url) => void opened.push(url);
    made.far.answers['desktop.models.signIn.start'] = ok({
      signInId: 's1',
      url: 'https://openrouter.ai/auth?x',
      expiresAtMs: Date.now() + 300_000,
    });
    made.far.answers['desktop.models.signIn.status'] = ok({ state: 'waiting' });
    const dialog = await openSignIn();
    await within(dialog).findByText(/A page of OpenRouter is open in your browser/);
    expect(await brokenRules(dialog)).toEqual([]);
    expect(opened).toEqual(['https://openrouter.ai/auth?x']);
    fireEvent.click(within(dialog).getByRole('button', { name: 'Open the page again' }));
    expect(opened).toHaveLength(2);
    file.raw = '{ models: { providers: { openrouter: { apiKey: "k" } } } }';
    made.far.answers['desktop.models.signIn.status'] = ok({ state: 'done' });
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull(), { timeout: 10_000 });
    await screen.findByRole('button', { name: 'Test OpenRouter' });
  });

  it('says why a sign-in failed, and that a key is another way', async () => {
    made.far.answers['desktop.models.signIn.start'] = ok({ signInId: 's1', url: 'https://x.example', expiresAtMs: 1 });
    const error = { code: 'model.auth', message: 'OpenRouter refused the sign-in.', hint: 'Sign in again.' };
    made.far.answers['desktop.models.signIn.status'] = ok({ state: 'failed', error });
    const dialog = await openSignIn();
    await within(dialog).findByText('OpenRouter refused the sign-in.', undefined, { timeout: 10_000 });
    within(dialog).getByRole('button', { name: 'Sign in with OpenRouter' });
    within(dialog).getByLabelText('Key');
  });

  it('cancels a sign-in by its button and by closing the dialog', async () => {
    made.far.answers['desktop.models.signIn.start'] = ok({ signInId: 's1', url: 'https://x.example', expiresAtMs: 1 });
    made.far.answers['desktop.models.signIn.status'] = ok({ state: 'waiting' });
    made.far.answers['desktop.models.signIn.cancel'] = ok({ ok: true, cancelled: true });
    const dialog = await openSignIn();
    fireEvent.click(await within(dialog).findByRole('button', { name: 'Cancel sign-in' }));
    within(dialog).getByText('The sign-in was cancelled. Nothing was changed.');
    await waitFor(() => expect(made.far.sent('desktop.models.signIn.cancel')).toHaveLength(1));
    fireEvent.click(within(dialog).getByRole('button', { name: 'Sign in with OpenRouter' }));
    await within(dialog).findByRole('button', { name: 'Cancel sign-in' });
    fireEvent.click(within(dialog).getByRole('button', { name: 'Cancel' }));
    await waitFor(() => expect(made.far.sent('desktop.models.signIn.cancel')).toHaveLength(2));
  });

  it('says that an older gateway cannot sign in', async () => {
    made.far.answers['desktop.models.signIn.start'] = unknownMethod('desktop.models.signIn.start');
    const dialog = await openSignIn();
    await within(dialog).findByText(/too old to sign in/);
  });

  it('says plainly what an older gateway cannot do', async () => {
    for (const name of ['desktop.models.detect', 'desktop.models.test']) made.far.answers[name] = unknownMethod(name);
    await openPage(made, '/settings/models');
    await screen.findByText(/too old to look for servers by itself/);
    fireEvent.click(await screen.findByRole('button', { name: 'Test OpenAI' }));
    await screen.findByText(/too old to test a provider/);
    made.far.answers['config.set'] = unknownMethod('config.set');
    fireEvent.change(screen.getByRole('combobox', { name: 'Default model' }), {
      target: { value: 'offline/assistant' },
    });
    await screen.findByText(/Not saved: This gateway is too old for that/);
  });
});

describe('the devices page', () => {
  it('shows what a device asks for, and lets it in', async () => {
    made.far.answers['device.pair.approve'] = ok({ requestId: 'r1', device: paired });
    await openPage(made, '/settings/devices');
    const request = await screen.findByTestId('pair-request');
    expect(request.textContent).toContain('change every setting, and everything else');
    expect(request.textContent).toContain('With this it can do all that you can do.');
    made.far.answers['device.pair.list'] = ok({ pending: [], paired: [paired] });
    fireEvent.click(within(request).getByRole('button', { name: 'Allow My phone' }));
    await screen.findByText('Nobody asks to come in.');
    expect(made.far.sent('device.pair.approve')).toEqual([{ requestId: 'r1' }]);
  });

  it('hears of new requests', async () => {
    made.far.answers['device.pair.list'] = ok({ pending: [], paired: [] });
    await openPage(made, '/settings/devices');
    await screen.findByText('Nobody asks to come in.');
    made.far.answers['device.pair.list'] = ok({ pending: [pending], paired: [] });
    made.far.emit('device.pair.requested', pending);
    await screen.findByText('Allow My phone to use this gateway?');
  });

  it('renames a device', async () => {
    made.far.answers['desktop.devices.rename'] = ok({ deviceId: 'd1', displayName: 'Kitchen' });
    await openPage(made, '/settings/devices');
    const open = async () => {
      const menu = await screen.findByRole('button', { name: /^More about/ });
      fireEvent.pointerDown(menu, { button: 0, ctrlKey: false });
      fireEvent.click(await screen.findByRole('menuitem', { name: 'Rename…' }));
      return await screen.findByRole('dialog', { name: /^Rename/ });
    };
    const dialog = await open();
    expect(await brokenRules(dialog)).toEqual([]);
    const field = within(dialog).getByLabelText<HTMLInputElement>('Name');
    expect(field.value).toBe('Tablet');
    fireEvent.change(field, { target: { value: ' Kitchen ' } });
    made.far.answers['device.pair.list'] = ok({ pending: [], paired: [{ ...paired, displayName: 'Kitchen' }] });
    fireEvent.click(within(dialog).getByRole('button', { name: 'Rename' }));
    await screen.findByText('Kitchen');
    expect(made.far.sent('desktop.devices.rename')).toEqual([{ deviceId: 'd1', displayName: 'Kitchen' }]);
    made.far.answers['desktop.devices.rename'] = unknownMethod('desktop.devices.rename');
    const again = await open();
    fireEvent.click(within(again).getByRole('button', { name: 'Rename' }));
    await within(again).findByText(/too old to rename devices/);
  });

  it('draws a setup code and the same code for typing', async () => {
    made.far.answers['desktop.setupCode'] = ok({
      setupCode: 'abcDEF123',
      url: 'ws://192.168.1.10:18789',
      expiresAtMs: Date.now() + 600_000,
    });
    await openPage(made, '/settings/devices');
    fireEvent.click(await screen.findByRole('button', { name: 'Show code' }));
    await screen.findByText('abcDEF123');
    await waitFor(() => expect(screen.getByTestId('setup-qr').querySelector('path')?.getAttribute('d')).toMatch(/^M/));
    screen.getByText(/New code in (9:59|10:00)/);
    expect(made.far.sent('desktop.setupCode')).toHaveLength(1);
  });

  it('says why there is no code, and what an older gateway cannot do', async () => {
    made.far.answers['device.pair.list'] = unknownMethod('device.pair.list');
    await openPage(made, '/settings/devices');
    await screen.findByText(/too old to show its devices here/);
  });
});

describe('the config file page', () => {
  it('shows a refusal at its line, and saves after a look at the difference', async () => {
    await openPage(made, '/settings/advanced');
    const field = await screen.findByTestId<HTMLTextAreaElement>('raw-config');
    expect(field.value).toBe(FILE);
    fireEvent.change(field, { target: { value: FILE.replace('18789 }', '') } });
    await screen.findByText(/^Line \d/);
    fireEvent.change(field, { target: { value: FILE.replace('openai/gpt', 'a/b') } });
    await waitFor(() => expect(screen.queryByText(/^Line/)).toBeNull());
    const review = () => fireEvent.click(screen.getByRole('button', { name: 'Review and save…' }));
    const set = made.far.answers['config.set'];
    made.far.answers['config.set'] = () => ({
      error: {
        code: 'INVALID_REQUEST',
        message: 'invalid config',
        details: { issues: [{ path: 'agents.defaults.model', message: 'is not known' }] },
      },
    });
    review();
    fireEvent.click(await screen.findByRole('button', { name: 'Save' }));
    await screen.findByText('agents.defaults.model: is not known');
    if (set) made.far.answers['config.set'] = set;
    review();
    const dialog = await screen.findByRole('dialog');
    expect(dialog.textContent).toContain('Lines added: 1, removed: 1.');
    await waitFor(() =>
      expect(within(dialog).getByRole('button', { name: 'Save' }).hasAttribute('disabled')).toBe(false),
    );
    fireEvent.click(within(dialog).getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(file.raw).toContain('a/b'));
  });

  it('notices that the file was changed outside, and keeps what was typed', async () => {
    await openPage(made, '/settings/advanced');
    const field = await screen.findByTestId<HTMLTextAreaElement>('raw-config');
    fireEvent.change(field, { target: { value: FILE.replace('18789', '1') } });
    file.raw = FILE.replace('18789', '2');
    fireEvent.focus(window);
    await screen.findByText(/changed outside of this window/);
    expect(screen.getByRole('button', { name: 'Review and save…' }).hasAttribute('disabled')).toBe(true);
    fireEvent.click(screen.getByRole('button', { name: 'Keep my text' }));
    expect(field.value).toContain('port: 1 ');
    await waitFor(() =>
      expect(screen.getByRole('button', { name: 'Review and save…' }).hasAttribute('disabled')).toBe(false),
    );
  });
});
