// Speaking and listening: talk mode, wake words, text to speech (spec/gateway-protocol.md §7.1).
import * as Type from 'typebox';
import { event, method } from './define.js';

const text = Type.String();
const nonEmpty = Type.String({ minLength: 1 });
const optionalText = Type.Optional(text);
const orNull = Type.Union([text, Type.Null()]);
const strict = { additionalProperties: false } as const;
const nothing = Type.Object({}, strict);

const TalkMode = Type.Object({ enabled: Type.Boolean(), phase: orNull, ts: Type.Integer({ minimum: 0 }) });
const Triggers = Type.Object({ triggers: Type.Array(text) });

const Speech = Type.Object({
  audioPath: optionalText,
  audioBase64: optionalText,
  provider: text,
  outputFormat: optionalText,
  voiceCompatible: Type.Optional(Type.Boolean()),
});

const ttsMethods = {
  'tts.status': method({
    params: nothing,
    result: Type.Object({
      enabled: Type.Boolean(),
      auto: text,
      provider: orNull,
      fallbackProvider: orNull,
      fallbackProviders: Type.Array(text),
      prefsPath: text,
      hasOpenAIKey: Type.Boolean(),
      hasElevenLabsKey: Type.Boolean(),
      microsoftEnabled: Type.Boolean(),
    }),
    scope: 'operator.read',
  }),
  'tts.providers': method({
    params: nothing,
    result: Type.Object({
      providers: Type.Array(
        Type.Object({
          id: text,
          name: text,
          configured: Type.Boolean(),
          models: Type.Array(text),
          voices: Type.Array(text),
        }),
      ),
      active: orNull,
    }),
    scope: 'operator.read',
  }),
  'tts.enable': method({
    params: nothing,
    result: Type.Object({ enabled: Type.Boolean() }),
    scope: 'operator.write',
    mutates: true,
  }),
  'tts.disable': method({
    params: nothing,
    result: Type.Object({ enabled: Type.Boolean() }),
    scope: 'operator.write',
    mutates: true,
  }),
  'tts.convert': method({
    params: Type.Object({ text: nonEmpty, channel: optionalText }, strict),
    result: Speech,
    scope: 'operator.write',
  }),
  'tts.setProvider': method({
    params: Type.Object({ provider: nonEmpty }, strict),
    result: Type.Object({ provider: text }),
    scope: 'operator.write',
    mutates: true,
  }),
};

export const talkMethods = {
  ...ttsMethods,
  'talk.config': method({
    params: Type.Object({ includeSecrets: Type.Optional(Type.Boolean()) }, strict),
    result: Type.Object({ config: Type.Record(text, Type.Unknown()) }),
    scope: 'operator.read',
  }),
  'talk.speak': method({
    params: Type.Object(
      {
        text: nonEmpty,
        voiceId: optionalText,
        modelId: optionalText,
        outputFormat: optionalText,
        speed: Type.Optional(Type.Number()),
        stability: Type.Optional(Type.Number()),
        similarity: Type.Optional(Type.Number()),
        style: Type.Optional(Type.Number()),
        speakerBoost: Type.Optional(Type.Boolean()),
        seed: Type.Optional(Type.Integer({ minimum: 0 })),
        normalize: optionalText,
        language: optionalText,
      },
      strict,
    ),
    result: Speech,
    scope: 'operator.write',
  }),
  'talk.mode': method({
    params: Type.Object({ enabled: Type.Boolean(), phase: Type.Optional(text) }, strict),
    result: TalkMode,
    scope: 'operator.write',
    mutates: true,
  }),
  'voicewake.get': method({ params: nothing, result: Triggers, scope: 'operator.read' }),
  'voicewake.set': method({
    params: Type.Object({ triggers: Type.Array(text) }, strict),
    result: Triggers,
    scope: 'operator.write',
    mutates: true,
  }),
};

export const talkEvents = {
  'talk.mode': event({ payload: TalkMode }),
  'voicewake.changed': event({ payload: Triggers }),
};
