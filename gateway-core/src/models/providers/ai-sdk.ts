// Google and Bedrock through the provider packages of the AI SDK, loaded with the first call.
import type { LanguageModelV3, LanguageModelV3StreamPart } from '@ai-sdk/provider';
import { isAppError } from '../../shared/app-error.js';
import type { ModelEvent, ModelRequest, ModelTarget } from '../types.js';
import { asObject, asText } from './adapter.js';
import { type AiSdkApi, AiSdkReader, callOptions } from './ai-sdk-prompt.js';
import type { CallDeps } from './call-provider.js';
import { connectError, cutError, httpError, modelError } from './provider-errors.js';

export interface AiSdkDeps extends CallDeps {
  /** Region and credentials of Bedrock come from the environment. */
  env: Readonly<Record<string, string | undefined>>;
}

const DEFAULT_REGION = 'us-east-1';

async function openModel(api: AiSdkApi, target: ModelTarget, { fetch, env }: AiSdkDeps): Promise<LanguageModelV3> {
  // A redirect is an answer, not a path to follow: it could carry the key to another host.
  const staying: typeof fetch = (input, init) => fetch(input, { ...init, redirect: 'manual' });
  const common = { fetch: staying, headers: target.headers, ...(target.baseUrl !== '' && { baseURL: target.baseUrl }) };
  if (api === 'google-generative-ai') {
    const { createGoogleGenerativeAI } = await import('@ai-sdk/google');
    return createGoogleGenerativeAI({ ...common, apiKey: target.apiKey ?? '' })(target.model);
  }
  const { createAmazonBedrock } = await import('@ai-sdk/amazon-bedrock');
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? DEFAULT_REGION;
  const signing = {
    accessKeyId: env.AWS_ACCESS_KEY_ID,
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
    sessionToken: env.AWS_SESSION_TOKEN,
  };
  // A key of the config wins over the environment's signature.
  const credentials = target.apiKey ? { apiKey: target.apiKey } : signing;
  return createAmazonBedrock({ ...common, region, ...credentials })(target.model);
}

/** What went wrong, in the words of our other adapters. */
function translate(error: unknown, target: ModelTarget, { clock }: AiSdkDeps, hasBegun: boolean): Error {
  if (isAppError(error)) return error;
  const { statusCode, responseHeaders, responseBody, message } = asObject(error) ?? {};
  const said = asText(message) || (error instanceof Error ? error.message : '');
  if (typeof statusCode === 'number') {
    const headers = new Headers(
      Object.entries(asObject(responseHeaders) ?? {}).map(([name, value]) => [name, String(value)]),
    );
    return httpError(target, { status: statusCode, headers, body: asText(responseBody) || said }, clock.now());
  }
  if (error instanceof SyntaxError) return modelError('model.bad_response', target, { said, cause: error });
  if (error instanceof Error && /^AI_(?:Load|NoSuch|InvalidArgument|UnsupportedFunctionality)/.test(error.name)) {
    const code = error.name.startsWith('AI_Load') ? 'model.auth' : 'model.bad_request';
    return modelError(code, target, { said, cause: error });
  }
  if (hasBegun) return cutError(target, error);
  return connectError(target, error instanceof Error && error.cause !== undefined ? error.cause : error);
}

async function* parts(
  stream: ReadableStream<LanguageModelV3StreamPart>,
  onFirst: () => void,
): AsyncGenerator<LanguageModelV3StreamPart> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (value.type !== 'stream-start') onFirst();
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/**
 * Streams one call. Throws AppError `model.*`, or the reason of `signal` when that fires; either way, and also when
 * the caller stops iterating, the provider's socket is closed.
 */
export async function* callAiSdk(
  api: AiSdkApi,
  call: { target: ModelTarget; request: ModelRequest; signal: AbortSignal },
  deps: AiSdkDeps,
): AsyncGenerator<ModelEvent, void, undefined> {
  const { target, request, signal } = call;
  signal.throwIfAborted();
  const life = new AbortController();
  const onAbort = (): void => life.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const late = modelError('model.timeout', target, {
    said: `no answer within ${Math.round(deps.firstByteTimeoutMs / 1000)} seconds`,
  });
  const timer = deps.clock.after(deps.firstByteTimeoutMs, () => life.abort(late));
  const reader = new AiSdkReader(target, api);
  let hasBegun = false;
  try {
    const model = await openModel(api, target, deps);
    const { stream } = await model.doStream({ ...callOptions(target, request, api), abortSignal: life.signal });
    const began = (): void => {
      hasBegun = true;
      timer.cancel();
    };
    for await (const part of parts(stream, began)) yield* reader.read(part);
    if (!reader.isFinished)
      throw modelError('model.stream_cut', target, { said: 'the answer ended without a stop reason' });
  } catch (error) {
    signal.throwIfAborted();
    throw life.signal.reason === late ? late : translate(error, target, deps, hasBegun);
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', onAbort);
    life.abort();
  }
}
