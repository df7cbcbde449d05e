// Pure: what the config says about the OpenAI endpoints, with defaults (spec/gateway-http.md §3, §4).
import type { OpenClawConfig } from '../../../config/index.js';
import type { MediaLimits } from './media/media-types.js';

const MIB = 1024 * 1024;
const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/heic', 'image/heif'];
const FILE_TYPES = ['text/plain', 'text/markdown', 'text/html', 'text/csv', 'application/json'];

export interface ChatSettings {
  enabled: boolean;
  maxBodyBytes: number;
  maxImageParts: number;
  maxTotalImageBytes: number;
  images: MediaLimits;
}

export interface ResponsesSettings {
  enabled: boolean;
  maxBodyBytes: number;
  maxUrlParts: number;
  images: MediaLimits;
  files: MediaLimits & { maxChars: number };
}

type Endpoints = NonNullable<NonNullable<NonNullable<OpenClawConfig['gateway']>['http']>['endpoints']>;
type FetchedMedia = NonNullable<NonNullable<Endpoints['chatCompletions']>['images']>;

function mediaLimits(written: FetchedMedia | undefined, defaults: MediaLimits): MediaLimits {
  return {
    allowUrl: written?.allowUrl ?? defaults.allowUrl,
    urlAllowlist: written?.urlAllowlist ?? defaults.urlAllowlist,
    allowedTypes: written?.allowedMimes?.map((type) => type.toLowerCase()) ?? defaults.allowedTypes,
    maxBytes: written?.maxBytes ?? defaults.maxBytes,
    maxRedirects: written?.maxRedirects ?? defaults.maxRedirects,
    timeoutMs: written?.timeoutMs ?? defaults.timeoutMs,
  };
}

const FETCH = { urlAllowlist: [], maxRedirects: 3, timeoutMs: 10_000 };
const IMAGES: MediaLimits = { ...FETCH, allowUrl: true, allowedTypes: IMAGE_TYPES, maxBytes: 10 * MIB };
const FILES: MediaLimits = { ...FETCH, allowUrl: true, allowedTypes: FILE_TYPES, maxBytes: 5 * MIB };

function endpoints(config: OpenClawConfig): Endpoints {
  return config.gateway?.http?.endpoints ?? {};
}

export function chatSettings(config: OpenClawConfig): ChatSettings {
  const written = endpoints(config).chatCompletions;
  return {
    enabled: written?.enabled ?? false,
    maxBodyBytes: written?.maxBodyBytes ?? 20 * MIB,
    maxImageParts: written?.maxImageParts ?? 8,
    maxTotalImageBytes: written?.maxTotalImageBytes ?? 20 * MIB,
    images: mediaLimits(written?.images, { ...IMAGES, allowUrl: false }),
  };
}

export function responsesSettings(config: OpenClawConfig): ResponsesSettings {
  const written = endpoints(config).responses;
  const images = mediaLimits(written?.images, IMAGES);
  const files = { ...mediaLimits(written?.files, FILES), maxChars: written?.files?.maxChars ?? 200_000 };
  return {
    enabled: written?.enabled ?? false,
    maxBodyBytes: written?.maxBodyBytes ?? Math.max(20 * MIB, 2 * files.maxBytes, 2 * images.maxBytes),
    maxUrlParts: written?.maxUrlParts ?? 8,
    images,
    files,
  };
}

/** `/v1/models` and `/v1/embeddings` come on with either of the two. */
export function isAnyEndpointEnabled(config: OpenClawConfig): boolean {
  const { chatCompletions, responses } = endpoints(config);
  return Boolean(chatCompletions?.enabled || responses?.enabled);
}
