import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { type CommandListFacts, listCommands } from './command-list.js';
import { parseCommand, RESET_TRIGGERS } from './commands.js';
import { Bench, says } from './testing/bench.js';

const facts: CommandListFacts = {
  triggers: RESET_TRIGGERS,
  hasConfig: true,
  models: [
    { provider: 'fake', id: 'fake-1', name: 'Fake One' },
    { provider: 'fake', id: 'fake-2', name: 'Fake Two' },
  ],
};
const listed = listCommands(facts, true);

describe('the list of commands', () => {
  it('names every spelling of a command, and no other', () => {
    for (const { name, textAliases } of listed) {
      for (const spelling of textAliases) expect(parseCommand(spelling)?.name).toBe(name);
    }
    // Every word that the parser is written with is tried: an alias must be among them.
    const source = readFileSync(new URL('commands.ts', import.meta.url), 'utf8').toLowerCase();
    const known = [...new Set(source.match(/[a-z]+/g))].map((word) => `/${word}`).filter((text) => parseCommand(text));
    const spelled = listed.flatMap(({ textAliases }) => textAliases);
    expect(known.toSorted()).toEqual(spelled.toSorted());
    expect(known.length).toBeGreaterThan(15);
  });

  it('offers nothing behind a command that the command does not take', () => {
    for (const { name, textAliases, args = [], acceptsArgs } of listed) {
      expect(acceptsArgs).toBe(args.length > 0);
      const [first] = textAliases;
      if (args.length === 0 && name !== 'stop') expect(parseCommand(`${first} word`)).toBeUndefined();
      for (const { value } of args[0]?.choices ?? []) {
        expect(parseCommand(`${first} ${value}`)).toMatchObject({ name });
      }
    }
  });

  it('knows the models and their providers', () => {
    const choices = (name: string) => listed.find((row) => row.name === name)?.args?.[0]?.choices;
    expect(choices('model')).toEqual([
      { value: 'fake/fake-1', label: 'Fake One' },
      { value: 'fake/fake-2', label: 'Fake Two' },
      { value: 'default', label: 'as usual' },
    ]);
    expect(choices('models')).toEqual([{ value: 'fake', label: 'fake' }]);
  });

  it('leaves out what the config switches off or spells otherwise', () => {
    const rows = listCommands({ ...facts, triggers: ['/fresh'], hasConfig: false }, false);
    const names = rows.map(({ name }) => name);
    expect(rows[0]).toMatchObject({ name: 'new', textAliases: ['/fresh'] });
    expect(names).not.toContain('reset');
    expect(names).not.toContain('config');
    expect(rows.some((row) => row.args !== undefined)).toBe(false);
    expect(rows.find(({ name }) => name === 'think')?.acceptsArgs).toBe(true);
  });
});

describe('commands.list', () => {
  let bench: Bench | undefined;
  afterEach(async () => {
    await bench?.remove();
  });
  const names = async (params: { agentId?: string; scope?: 'native' }) => {
    const answer = await bench?.call('commands.list', params);
    return answer?.commands.map(({ name }) => name);
  };

  it('follows the config, and knows the agents', async () => {
    bench = await Bench.open({ script: says('x'), config: { commands: { config: false } } });
    expect(await names({ agentId: 'main' })).toContain('think');
    expect(await names({})).not.toContain('config');
    expect(await names({ scope: 'native' })).toEqual([]);
    await expect(names({ agentId: 'nobody' })).rejects.toThrow('unknown agent id "nobody"');
  });

  it('says what may stand behind each unless it is told not to', async () => {
    bench = await Bench.open({ script: says('x') });
    const think = async (includeArgs?: boolean) =>
      (await bench?.call('commands.list', { includeArgs }))?.commands.find(({ name }) => name === 'think');
    expect((await think())?.args?.[0]?.choices).toContainEqual({ value: 'high', label: 'high' });
    expect(await think(false)).toMatchObject({ acceptsArgs: true });
    expect((await think(false))?.args).toBeUndefined();
  });
});
