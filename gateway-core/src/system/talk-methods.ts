// The wire of speaking and listening (spec/gateway-protocol.md §7.1) of a gateway that has no voice of its own.
import path from 'node:path';
import type { OpenClawConfig } from '../config/index.js';
import { REDACTED, type WholeWireMethods } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Caller, WireBroadcast, WireHandlers } from '../shared/wire.js';
import type { WakeWords } from './wake-words.js';

export interface TalkMethodsOptions {
  config: () => OpenClawConfig;
  env: NodeJS.ProcessEnv;
  stateDir: string;
  wakeWords: WakeWords;
  broadcast: WireBroadcast<'talk.mode' | 'voicewake.changed'>;
  clock: Clock;
}

export type TalkMethodName = Extract<
  keyof WholeWireMethods,
  `talk.${string}` | `tts.${string}` | `voicewake.${string}`
>;

const SECRETS_SCOPE = 'operator.talk.secrets';
const SECRET_KEY = /(api[-_]?key|token|secret|password)$/i;

function noVoice(): never {
  throw new AppError('feature.unavailable', {
    message: 'This version of the gateway cannot turn text into speech.',
    hint: 'Read the answer, or use the voice of the device you are on.',
  });
}

function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      SECRET_KEY.test(key) && item !== undefined ? REDACTED : masked(item),
    ]),
  );
}

/** Pure: what talking devices need to know of the config. */
function talkConfig(config: OpenClawConfig, includeSecrets: boolean): Record<string, unknown> {
  const { talk, session, ui } = config;
  return {
    ...(talk && { talk: includeSecrets ? talk : masked(talk) }),
    ...(session?.mainKey !== undefined && { session: { mainKey: session.mainKey } }),
    ...(ui?.seamColor !== undefined && { ui: { seamColor: ui.seamColor } }),
  };
}

function checkSecretsScope({ scopes }: Caller): void {
  if (scopes.includes('operator.admin') || scopes.includes(SECRETS_SCOPE)) return;
  throw new AppError('request.invalid', { message: `missing scope: ${SECRETS_SCOPE}` });
}

function createTtsMethods({
  env,
  stateDir,
}: TalkMethodsOptions): WireHandlers<Extract<TalkMethodName, `tts.${string}`>> {
  return {
    'tts.status': () => ({
      enabled: false,
      auto: 'off',
      provider: null,
      fallbackProvider: null,
      fallbackProviders: [],
      prefsPath: path.join(stateDir, 'settings', 'tts.json'),
      hasOpenAIKey: Boolean(env.OPENAI_API_KEY),
      hasElevenLabsKey: Boolean(env.ELEVENLABS_API_KEY ?? env.XI_API_KEY),
      microsoftEnabled: false,
    }),
    'tts.providers': () => ({ providers: [], active: null }),
    'tts.enable': noVoice,
    // It is off, so this is done.
    'tts.disable': () => ({ enabled: false }),
    'tts.convert': noVoice,
    'tts.setProvider': noVoice,
  };
}

/** The handlers of `talk.*`, `tts.*` and `voicewake.*`. Refusals are AppError request.invalid, feature.unavailable. */
export function createTalkMethods(options: TalkMethodsOptions): WireHandlers<TalkMethodName> {
  const { config, wakeWords, broadcast, clock } = options;
  return {
    ...createTtsMethods(options),
    'talk.config': ({ includeSecrets = false }, { caller }) => {
      if (includeSecrets) checkSecretsScope(caller);
      return { config: talkConfig(config(), includeSecrets) };
    },
    'talk.speak': noVoice,
    'talk.mode': ({ enabled, phase = null }) => {
      const mode = { enabled, phase, ts: clock.now() };
      broadcast('talk.mode', mode);
      return mode;
    },
    'voicewake.get': () => ({ triggers: [...wakeWords.list()] }),
    'voicewake.set': async ({ triggers }) => {
      const words = await wakeWords.set(triggers, clock.now());
      broadcast('voicewake.changed', { triggers: words });
      return { triggers: words };
    },
  };
}
