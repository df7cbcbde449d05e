import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import json5 from 'json5';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerConfig, type MemoryConfig } from '../../../testing/config-answers.js';
import { brokenRules, openPage } from '../../../testing/OpenPage.js';
import { createTestWindow, type TestWindow } from '../../../testing/window-services.js';
import { decideTool, obstacleOf, readHours, readNames } from './agent-settings.js';

const FILE = `{
  agents: {
    defaults: { model: 'openai/gpt' },
    // who is here
    list: [
      { id: 'main' }, // the first one
      { id: 'ops', name: 'Ops', tools: { deny: ['exec'] } },
    ],
  },
}
`;
const tool = (name: string, isAllowed: boolean) => ({
  name,
  label: name,
  group: name === 'exec' ? 'runtime' : 'fs',
  description: '',
  isAllowed,
  reason: isAllowed ? 'No setting refuses it.' : 'agents.list[ops].tools.deny refuses "exec".',
});

let made: TestWindow;
let file: MemoryConfig;

const ok = (payload: unknown) => () => ({ payload });
const saved = () => json5.parse<{ agents: { list: Array<Record<string, unknown>> } }>(file.raw).agents.list;

beforeEach(() => {
  made = createTestWindow();
  file = answerConfig(made.far, FILE);
  const agents = [
    { id: 'main', name: 'Claw' },
    { id: 'ops', name: 'Ops' },
  ];
  made.far.answers['agents.list'] = ok({ defaultId: 'main', mainKey: 'main', scope: 'per-sender', agents });
  made.far.answers['models.list'] = ok({ models: [{ id: 'gpt', name: 'GPT', provider: 'openai' }] });
  made.far.answers['last-heartbeat'] = ok({ ts: Date.now() - 120_000, status: 'ok-token' });
  made.far.answers['desktop.tools.explain'] = ({ agentId }) => {
    const deny = saved().find((entry) => entry.id === agentId)?.tools as { deny?: string[] } | undefined;
    const isAllowed = (name: string) => !deny?.deny?.includes(name);
    const tools = ['read', 'exec'].map((name) => tool(name, isAllowed(name)));
    return { payload: { agentId, profile: 'full', tools } };
  };
});
afterEach(() => {
  cleanup();
  made.stop();
});

async function openAgents() {
  const view = await openPage(made, '/settings/agents');
  await screen.findByRole('combobox', { name: 'Model' });
  await screen.findByRole('table', { name: 'Tools' });
  return view;
}

const decision = (name: string) => document.querySelector(`[data-tool="${name}"]`) as HTMLElement;

describe('the settings of an agent', () => {
  it('keep the rules of accessibility', async () => {
    const { container } = await openAgents();
    expect(await brokenRules(container)).toEqual([]);
  });

  it('name what counts for every agent, and are saved for one, with the comments of the file kept', async () => {
    await openAgents();
    expect(screen.getByRole('combobox', { name: 'Model' }).textContent).toContain('As for every agent: GPT');
    fireEvent.change(screen.getByRole('combobox', { name: 'Thinking' }), { target: { value: 'high' } });
    await waitFor(() => expect(saved()[0]).toEqual({ id: 'main', thinkingDefault: 'high' }));
    expect(file.raw).toContain('// who is here');
    expect(file.raw).toContain('// the first one');
    fireEvent.change(screen.getByRole('combobox', { name: 'Sandbox' }), { target: { value: 'all' } });
    await waitFor(() => expect(saved()[0]).toMatchObject({ sandbox: { mode: 'all' } }));
    await screen.findByText(/Nothing this agent does reaches/);
  });

  it('belong to the agent that is chosen', async () => {
    await openAgents();
    fireEvent.change(screen.getByRole('combobox', { name: 'Agent' }), { target: { value: 'ops' } });
    await waitFor(() => expect(decision('exec').textContent).toContain('Refused'));
    expect(screen.getByDisplayValue('exec')).toBeTruthy();
    fireEvent.change(screen.getByRole('combobox', { name: 'Heartbeat' }), { target: { value: '1h' } });
    await waitFor(() => expect(saved()[1]).toMatchObject({ id: 'ops', name: 'Ops', heartbeat: { every: '1h' } }));
    await screen.findByText(/agents without one have none/);
  });

  it('are those of the agent that a link names', async () => {
    await openPage(made, '/settings/agents?agent=ops&row=agent-tools');
    await waitFor(() => expect(screen.getByRole<HTMLSelectElement>('combobox', { name: 'Agent' }).value).toBe('ops'));
  });

  it('say which setting decides about a tool, and follow a change of it', async () => {
    await openAgents();
    expect(decision('exec').textContent).toContain('No setting refuses it.');
    fireEvent.click(within(decision('exec')).getByRole('button', { name: 'Refuse exec' }));
    await waitFor(() => expect(decision('exec').textContent).toContain('Refused'));
    expect(saved()[0]).toEqual({ id: 'main', tools: { deny: ['exec'] } });
    fireEvent.click(within(decision('exec')).getByRole('button', { name: 'Allow exec' }));
    await waitFor(() => expect(decision('exec').textContent).toContain('Allowed'));
    expect(saved()[0]).toMatchObject({ tools: { alsoAllow: ['exec'] } });
  });

  it('keep what was typed in view with the reason when it was not saved', async () => {
    await openAgents();
    made.far.answers['config.set'] = () => ({ error: { code: 'INVALID_REQUEST', message: 'no such tool' } });
    const never = screen.getByRole('textbox', { name: /Never these/ });
    fireEvent.change(never, { target: { value: 'nothing' } });
    fireEvent.keyDown(never, { key: 'Enter' });
    await screen.findByText('Not saved: no such tool');
  });

  it('take active hours only as a pair', async () => {
    await openAgents();
    fireEvent.change(screen.getByLabelText('From'), { target: { value: '08:00' } });
    fireEvent.blur(screen.getByLabelText('From'));
    await screen.findByText('Give both times.');
    expect(made.far.sent('config.set')).toEqual([]);
    fireEvent.change(screen.getByLabelText('to'), { target: { value: '22:00' } });
    fireEvent.blur(screen.getByLabelText('to'));
    await waitFor(() =>
      expect(saved()[0]).toMatchObject({ heartbeat: { activeHours: { start: '08:00', end: '22:00' } } }),
    );
  });
});

describe('what stands in the way of a tool', () => {
  const own = 'agents.list[ops].tools';

  it.each([
    ['a profile that does not list it', `${own}.profile`, [], 'none'],
    ['the profile of every agent', 'tools.profile', [], 'none'],
    ['its own short list', `${own}.allow`, [], 'none'],
    ['its own name on its own list', `${own}.deny`, ['exec'], 'none'],
    ['its group on its own list', `${own}.deny`, ['group:runtime'], 'ownGroup'],
    ['the list of every agent', 'tools.deny', [], 'elsewhere'],
    ['the sandbox', 'tools.sandbox.tools.deny', [], 'elsewhere'],
  ])('%s', (_, key, deny, expected) => {
    expect(obstacleOf({ name: 'exec', key }, 'ops', deny)).toBe(expected);
  });

  it('is said instead of a button that would change nothing', async () => {
    made.far.answers['desktop.tools.explain'] = ({ agentId }) => ({
      payload: { agentId, profile: 'full', tools: [{ ...tool('exec', false), key: 'tools.deny' }] },
    });
    await openAgents();
    expect(within(decision('exec')).queryByRole('button')).toBeNull();
    expect(within(decision('exec')).getByRole('link', { name: 'Decided in the config file' })).toBeTruthy();
  });
});

describe('lists of tools', () => {
  it('are read as people type them', () => {
    expect(readNames(' exec, group:fs  exec ,')).toEqual(['exec', 'group:fs']);
  });

  it('move a tool from one to the other', () => {
    expect(decideTool({ alsoAllow: ['a'], deny: ['b'] }, 'a', false)).toEqual({ alsoAllow: [], deny: ['b', 'a'] });
    expect(decideTool({ alsoAllow: [], deny: ['b'] }, 'b', true)).toEqual({ alsoAllow: ['b'], deny: [] });
  });

  it.each([undefined, {}, { start: '8', end: '22:00' }, { start: '08:00' }])('%j are no hours', (value) => {
    expect(readHours(value)).toBeUndefined();
  });
});
