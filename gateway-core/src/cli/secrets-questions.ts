// The questions of `secrets configure`: providers first, then where each open secret should go.
import {
  isProviderName,
  keychainIdFor,
  type MovableSecret,
  refFault,
  type SecretMove,
  type SecretRef,
  variableFor,
} from '../secrets/index.js';
import { askChoice, askText, askYesNo, type Prompts } from './prompts.js';

type Settings = Record<string, unknown> & { source: string };

/** `secrets.providers` as it will be. */
export interface ProviderDraft {
  /** Those of the config and those that were just added. */
  known: Map<string, Settings>;
  upserts: Record<string, Settings>;
  deletes: string[];
}

export function draftOf(providers: unknown): ProviderDraft {
  const entries = Object.entries((providers ?? {}) as Record<string, Settings>);
  return { known: new Map(entries), upserts: {}, deletes: [] };
}

const nameFault = (name: string) =>
  isProviderName(name) ? undefined : 'Use a-z, 0-9, "_" and "-", first a letter, at most 64.';
const isAbsolute = (file: string) => /^(?:\/|~\/|[A-Za-z]:[\\/])/.test(file);

async function askFileProvider(prompts: Prompts): Promise<Settings> {
  const fault = (text: string) => (isAbsolute(text) ? undefined : 'Type the whole path, beginning with / or ~/.');
  const path = await askText(prompts, 'Path of the file (only you may be able to read it)', { fault });
  const mode = await askChoice(prompts, 'What is in the file?', [
    { label: 'JSON with many secrets', value: 'json' },
    { label: 'one secret and nothing else', value: 'singleValue' },
  ]);
  return { source: 'file', path, mode };
}

async function askExecProvider(prompts: Prompts): Promise<Settings> {
  const fault = (text: string) => (/^(?:\/|[A-Za-z]:[\\/])/.test(text) ? undefined : 'Type the whole path.');
  const command = await askText(prompts, 'Path of the command', { fault });
  const args = await prompts.line('Arguments, separated by spaces (none): ');
  const passEnv = await prompts.line('Variables it needs, separated by spaces (none): ');
  const jsonOnly = await askYesNo(prompts, 'Does it speak the JSON protocol (many secrets at once)?', true);
  const words = (text: string) => text.split(/\s+/).filter(Boolean);
  return {
    source: 'exec',
    command,
    ...(args && { args: words(args) }),
    ...(passEnv && { passEnv: words(passEnv) }),
    ...(!jsonOnly && { jsonOnly }),
  };
}

async function addProvider(prompts: Prompts, draft: ProviderDraft, source: 'file' | 'exec'): Promise<void> {
  const name = await askText(prompts, 'Name of the provider', { fallback: source, fault: nameFault });
  const settings = source === 'file' ? await askFileProvider(prompts) : await askExecProvider(prompts);
  draft.known.set(name, settings);
  draft.upserts[name] = settings;
  draft.deletes = draft.deletes.filter((gone) => gone !== name);
}

async function removeProvider(prompts: Prompts, draft: ProviderDraft, isNew: (name: string) => boolean): Promise<void> {
  const options = [...draft.known.keys()].map((name) => ({ label: name, value: name }));
  const name = await askChoice(prompts, 'Which one goes?', options);
  draft.known.delete(name);
  delete draft.upserts[name];
  if (!isNew(name)) draft.deletes.push(name);
}

/** Changes `draft` until the person is done. */
export async function askProviders(prompts: Prompts, draft: ProviderDraft): Promise<void> {
  const before = new Set(draft.known.keys());
  for (;;) {
    const names = [...draft.known].map(([name, { source }]) => `${name} (${source})`);
    const about = names.length > 0 ? names.join(', ') : 'none besides the environment and the keychain';
    const next = await askChoice(prompts, `Providers of secrets: ${about}.`, [
      { label: 'go on', value: 'done' as const },
      { label: 'add a file', value: 'file' as const },
      { label: 'add a command, such as a password manager', value: 'exec' as const },
      ...(draft.known.size > 0 ? [{ label: 'remove one', value: 'remove' as const }] : []),
    ]);
    if (next === 'done') return;
    if (next === 'remove') await removeProvider(prompts, draft, (name) => !before.has(name));
    else await addProvider(prompts, draft, next);
  }
}

/** The command line reads these itself, and it cannot open the keychain of the desktop app. */
export function isBestKept({ path }: Pick<MovableSecret, 'path'>): boolean {
  return path[0] === 'gateway';
}

/** The keychain entry that a secret gets when nobody is asked. */
export function keychainMove(secret: MovableSecret): SecretMove {
  return { secret, ref: { source: 'keychain', provider: 'keychain', id: keychainIdFor(secret.path) } };
}

function refId(ref: Omit<SecretRef, 'id'>, settings?: Settings): { fallback?: string } {
  return ref.source === 'file' && settings?.mode === 'singleValue' ? { fallback: 'value' } : {};
}

async function askRef(prompts: Prompts, secret: MovableSecret, [name, settings]: [string, Settings]) {
  const source = settings.source as SecretRef['source'];
  const ref = { source, provider: name };
  const fallback = source === 'env' ? { fallback: variableFor(secret.path) } : refId(ref, settings);
  const fault = (id: string) => {
    const wrong = refFault({ ...ref, id });
    return wrong === undefined ? undefined : `${wrong}.`;
  };
  const question = source === 'env' ? 'Name of the variable' : `Id of the secret in "${name}"`;
  return { ...ref, id: await askText(prompts, question, { ...fallback, fault }) };
}

const ENVIRONMENT: [string, Settings] = ['default', { source: 'env' }];

/** Where one secret goes; undefined when it stays. Shows its place and never its value. */
async function askMove(prompts: Prompts, secret: MovableSecret, draft: ProviderDraft): Promise<SecretMove | undefined> {
  const keep = { label: 'leave it in the config', value: 'keep' as const };
  const keychain = { label: 'the keychain of this computer (the value moves there now)', value: 'keychain' as const };
  const others = [...draft.known].filter(([, { source }]) => source !== 'keychain');
  const named = others.map((entry) => ({ label: `the provider "${entry[0]}" (${entry[1].source})`, value: entry }));
  const hasDefault = draft.known.has('default');
  const environment = hasDefault ? [] : [{ label: 'an environment variable', value: ENVIRONMENT }];
  const places = [keychain, ...environment, ...named];
  const question = `Where should ${secret.path.join('.')} come from?`;
  const choice = await askChoice<'keep' | 'keychain' | [string, Settings]>(
    prompts,
    question,
    isBestKept(secret) ? [keep, ...places] : [...places, keep],
  );
  if (choice === 'keep') return undefined;
  return choice === 'keychain' ? keychainMove(secret) : { secret, ref: await askRef(prompts, secret, choice) };
}

/** Asks for every secret in turn. */
export async function askMoves(
  prompts: Prompts,
  secrets: readonly MovableSecret[],
  draft: ProviderDraft,
): Promise<SecretMove[]> {
  const moves: SecretMove[] = [];
  for (const secret of secrets) {
    const move = await askMove(prompts, secret, draft);
    if (move) moves.push(move);
  }
  return moves;
}
