// What may be sent along, or fetched for a request.

export interface MediaLimits {
  allowUrl: boolean;
  /** Hosts, or `*.host`; empty means any public host. */
  urlAllowlist: readonly string[];
  /** Lower-case media types. */
  allowedTypes: readonly string[];
  maxBytes: number;
  maxRedirects: number;
  timeoutMs: number;
}

export interface Media {
  /** Lower case, without parameters. */
  type: string;
  bytes: Buffer;
}

/** Where an image or a file is. */
export type MediaSource = { url: string } | { type: string | undefined; base64: string; filename?: string };

/** Something sent along that cannot be taken; says why in words for the caller. */
export class MediaFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MediaFault';
  }
}
